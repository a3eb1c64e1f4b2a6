/* A list or a map while it is read, and the merge key of YAML 1.1 (yaml.org/type/merge.html). */
#ifndef CONF_PARTS_H
#define CONF_PARTS_H

#include "key_tree.h"
#include "netrun/conf.h"

struct parts {
    struct entry *entries; /* in written order, without `<<` */
    int count, capacity;
    struct key_tree *keys;                /* of a map; the values are the nodes of the keys */
    const struct node *merge_key, *merge; /* `<<` and what it names, or NULL */
    int merge_at;                         /* entries written before it */
};

/* False: out of memory. */
bool parts_append(struct arena *arena, struct parts *parts, const struct entry *entry);

/* A map, or a list of maps? */
bool parts_can_merge(const struct node *value);

/* Puts the entries that `<<` names where it was written; explicit keys win, then earlier maps of the list.
 * Entries keep the positions where they were written. `scratch` holds the keys. False: out of memory. */
bool parts_merge(struct arena *arena, struct arena *scratch, struct parts *parts);

#endif
