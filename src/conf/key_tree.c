/* A digital search tree; see key_tree.h. */
#include "key_tree.h"

#include <string.h>

/* Where the name is, or where it would be hung. Two names on one path agree in all bits used so far, so the
 * bits never run past the NUL of the shorter one. */
static struct key_tree **place_of(struct key_tree **tree, const char *key) {
    for (size_t step = 0; *tree && strcmp((*tree)->key, key) != 0; step++) {
        unsigned char byte = (unsigned char)key[step / 4];
        tree = &(*tree)->branch[byte >> (6 - 2 * (step % 4)) & 3];
    }
    return tree;
}

struct key_tree *key_tree_find(struct key_tree *tree, const char *key) {
    return *place_of(&tree, key);
}

bool key_tree_add(struct arena *arena, struct key_tree **tree, const char *key, const void *value) {
    struct key_tree *added = arena_alloc(arena, 1, sizeof *added);
    if (!added)
        return false;
    added->key = key;
    added->value = value;
    *place_of(tree, key) = added;
    return true;
}
