/* tree.h: trees of nodes that differ in one place. Nodes never change, so each function makes a new one that
 * shares the rest. NULL from any of them: out of memory. */
#ifndef SPEC_TREE_H
#define SPEC_TREE_H

#include "netrun/conf.h"

/* A copy of a list or map with entries of its own. */
struct node *tree_copy(struct arena *arena, const struct node *node);

/* The map with this entry in place of the one with its key, or at the end. */
const struct node *tree_with(struct arena *arena, const struct node *map, struct entry entry);

/* The map without the keys of a NULL-terminated list. */
const struct node *tree_without(struct arena *arena, const struct node *map,
                                const char *const *keys);

/* The entries of `over`, then those of `under` that `over` lacks. */
const struct node *tree_over(struct arena *arena, const struct node *over,
                             const struct node *under);

/* Do both hold the same values, wherever they were written? */
bool tree_same(const struct node *a, const struct node *b);

/* An empty map. */
const struct node *tree_empty(struct arena *arena, const struct pos *pos);

/* A map with the one entry key: value, both at the place of the value. */
const struct node *tree_single(struct arena *arena, const char *key, const struct node *value);

#endif
