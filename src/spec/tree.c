/* Nodes are shared by all trees that hold them, so a tree is changed by a copy of the way to the change. */
#include "tree.h"

#include <string.h>

/* A copy with room for `extra` more entries. */
static struct node *copy_with_room(struct arena *arena, const struct node *node, int extra) {
    struct node *copy = node_new(arena, node->kind, &node->pos);
    struct entry *entries =
        arena_alloc(arena, (size_t)node->count + (size_t)extra, sizeof *entries);
    if (!copy || !entries)
        return NULL;
    if (node->count > 0)
        memcpy(entries, node->entries, (size_t)node->count * sizeof *entries);
    copy->entries = entries;
    copy->count = node->count;
    return copy;
}

struct node *tree_copy(struct arena *arena, const struct node *node) {
    return copy_with_room(arena, node, 0);
}

const struct node *tree_with(struct arena *arena, const struct node *map, struct entry entry) {
    struct node *copy = copy_with_room(arena, map, 1);
    if (!copy)
        return NULL;
    for (int i = 0; i < copy->count; i++) {
        if (!strcmp(copy->entries[i].key, entry.key)) {
            copy->entries[i] = entry;
            return copy;
        }
    }
    copy->entries[copy->count++] = entry;
    return copy;
}

static bool is_among(const char *key, const char *const *keys) {
    for (; *keys; keys++)
        if (!strcmp(key, *keys))
            return true;
    return false;
}

const struct node *tree_without(struct arena *arena, const struct node *map,
                                const char *const *keys) {
    struct node *copy = tree_copy(arena, map);
    if (!copy)
        return NULL;
    copy->count = 0;
    for (int i = 0; i < map->count; i++)
        if (!is_among(map->entries[i].key, keys))
            copy->entries[copy->count++] = map->entries[i];
    return copy;
}

const struct node *tree_over(struct arena *arena, const struct node *over,
                             const struct node *under) {
    struct node *both = copy_with_room(arena, over, under->count);
    if (!both)
        return NULL;
    for (int i = 0; i < under->count; i++)
        if (!node_get(over, under->entries[i].key))
            both->entries[both->count++] = under->entries[i];
    return both;
}

static bool same_entries(const struct node *a, const struct node *b) {
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++) {
        const struct entry *one = &a->entries[i], *other = &b->entries[i];
        if ((one->key && strcmp(one->key, other->key) != 0) || !tree_same(one->value, other->value))
            return false;
    }
    return true;
}

bool tree_same(const struct node *a, const struct node *b) {
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case NODE_NULL:
        return true;
    case NODE_BOOL:
        return a->boolean == b->boolean;
    case NODE_INT:
        return a->integer == b->integer;
    case NODE_FLOAT:
        return a->real == b->real;
    case NODE_STRING:
        return !strcmp(a->string, b->string);
    default:
        return same_entries(a, b);
    }
}

const struct node *tree_empty(struct arena *arena, const struct pos *pos) {
    return node_new(arena, NODE_MAP, pos);
}

const struct node *tree_single(struct arena *arena, const char *key, const struct node *value) {
    const struct node *map = tree_empty(arena, &value->pos);
    return map ? tree_with(arena, map, (struct entry){key, value->pos, value}) : NULL;
}
