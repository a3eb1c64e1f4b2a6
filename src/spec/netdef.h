/* netdef.h: netdefs from trees. */
#ifndef SPEC_NETDEF_H
#define SPEC_NETDEF_H

#include "netrun/spec.h"

/* What a netdef is built from. */
struct netdef_text {
    const struct node *map;
    const char *path; /* of its file, against circles; NULL: it stands in an experiment */
    const char *name; /* for one that has no name, not even by extends; NULL: it must have one */
    const struct node *set; /* values of parameters from the command line, a map; or NULL */
};

/* NULL: see the report. */
const struct netdef *netdef_build(struct arena *arena, const struct netdef_text *text,
                                  struct report *report);

/* The netdef as one map that needs no other file. NULL: out of memory. */
const struct node *netdef_tree(struct arena *arena, const struct netdef *netdef);

#endif
