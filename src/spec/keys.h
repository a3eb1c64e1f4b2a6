/* keys.h: what every map of this room's files asks of its keys, and of names that become paths. */
#ifndef SPEC_KEYS_H
#define SPEC_KEYS_H

#include "netrun/conf.h"

enum { NAME_MOST = 100 }; /* characters */

/* Refuses keys that are not among `keys` (a NULL-terminated list), and those without a value. */
bool keys_fit(const struct node *map, const char *const *keys, const char *owner,
              struct report *report);

/* Refuses those of `keys` that have no value; all others are left to whoever reads them. */
bool keys_have_values(const struct node *map, const char *const *keys, struct report *report);

/* The value of a key; NULL also where it has none, which keys_fit reports. */
const struct node *keys_value(const struct node *map, const char *key);

/* The text of a key like `summary`, into *text; NULL where the key is not there. */
bool keys_text(const struct node *map, const char *key, const char **text, struct report *report);

/* Refuses names of `what` ("a netdef") that are not [a-z0-9_-]+. */
bool name_fits(const char *name, const struct pos *pos, const char *what, struct report *report);

/* The name that a node holds, or NULL: see the report. */
const char *name_read(const struct node *node, const char *what, struct report *report);

#endif
