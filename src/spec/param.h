/* param.h: declarations of parameters, from a map to values. */
#ifndef SPEC_PARAM_H
#define SPEC_PARAM_H

#include "netrun/spec.h"

enum { PARAM_MOST = 256 }; /* in one map */

/* Adds a parameter, or puts it in the place of the one with its name. */
bool params_put(struct arena *arena, struct params *params, const struct param *param,
                struct report *report);

/* Reads `params: {out: int, stride: 1}` and puts them into `params`. */
bool params_read(struct arena *arena, const struct node *map, struct params *params,
                 struct report *report);

struct param *params_find(const struct params *params, const char *name);

/* Gives every string whose default is the name of a layer kind or of a block of the netdef the type layer:
 * what stands for one name can stand for any entry. */
void params_find_layers(struct params *params, const struct netdef *netdef);

/* Gives every parameter of a netdef its value, in order: the one in `set` (a map), or its default. Both may
 * use parameters before it. */
bool params_settle(struct arena *arena, struct params *params, const struct node *set,
                   const char *owner, struct report *report);

#endif
