/* Entries under way: they grow one by one; `<<` is resolved when the map is complete, since keys that are
 * written behind it win too. */
#include "parts.h"

bool parts_append(struct arena *arena, struct parts *parts, const struct entry *entry) {
    struct entry *grown =
        arena_grow(arena, parts->entries, parts->count, &parts->capacity, sizeof *entry);
    if (!grown)
        return false;
    parts->entries = grown;
    grown[parts->count++] = *entry;
    return true;
}

bool parts_can_merge(const struct node *value) {
    if (value->kind != NODE_LIST)
        return value->kind == NODE_MAP;
    for (int i = 0; i < value->count; i++)
        if (value->entries[i].value->kind != NODE_MAP)
            return false;
    return true;
}

static bool append_range(struct arena *arena, struct parts *to, const struct parts *from, int begin,
                         int end) {
    for (int i = begin; i < end; i++)
        if (!parts_append(arena, to, &from->entries[i]))
            return false;
    return true;
}

/* Appends the entries whose keys are not there yet. */
static bool append_new(struct arena *arena, struct arena *scratch, struct parts *to,
                       const struct node *map) {
    for (int i = 0; i < map->count; i++) {
        const struct entry *entry = &map->entries[i];
        if (key_tree_find(to->keys, entry->key))
            continue;
        if (!parts_append(arena, to, entry) ||
            !key_tree_add(scratch, &to->keys, entry->key, entry->value))
            return false;
    }
    return true;
}

static bool append_merged(struct arena *arena, struct arena *scratch, struct parts *to,
                          const struct node *merge) {
    if (merge->kind == NODE_MAP)
        return append_new(arena, scratch, to, merge);
    for (int i = 0; i < merge->count; i++)
        if (!append_new(arena, scratch, to, merge->entries[i].value))
            return false;
    return true;
}

bool parts_merge(struct arena *arena, struct arena *scratch, struct parts *parts) {
    struct parts whole = {.keys = parts->keys};
    bool fine = append_range(arena, &whole, parts, 0, parts->merge_at) &&
                append_merged(arena, scratch, &whole, parts->merge) &&
                append_range(arena, &whole, parts, parts->merge_at, parts->count);
    *parts = whole;
    return fine;
}
