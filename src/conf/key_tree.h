/* Names to things while a text is read: the keys of a map, the anchors of a file.
 *
 * A digital search tree (Knuth, The Art of Computer Programming 3, section 6.3): every node holds a name, and
 * the bits of the sought name, two at a time, say which way to go on. There is nothing to rehash and no bad
 * case that a text could bring about: at most four steps for each byte of the name. */
#ifndef CONF_KEY_TREE_H
#define CONF_KEY_TREE_H

#include "netrun/base.h"

struct key_tree {
    struct key_tree *branch[4];
    const char *key;
    const void *value; /* the owner's */
};

/* The node with this name, or NULL. An empty tree is NULL. */
struct key_tree *key_tree_find(struct key_tree *tree, const char *key);

/* Adds a name that is not there; it is not copied. False: out of memory. */
bool key_tree_add(struct arena *arena, struct key_tree **tree, const char *key, const void *value);

#endif
