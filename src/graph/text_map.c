/* Open addressing with linear probing, at most half full, so that a search always ends at a free slot. */
#include "text_map.h"

#include <string.h>

static uint32_t hash_bytes(const char *key, size_t length) {
    uint32_t hash = 2166136261u; /* FNV-1a, as hash_text */
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)key[i]) * 16777619u;
    return hash;
}

/* The slot that holds the key, or the free one where it belongs. */
static struct text_slot *slot_of(const struct text_map *map, const char *key, size_t length,
                                 uint32_t hash) {
    uint32_t mask = (uint32_t)map->capacity - 1;
    for (uint32_t i = hash & mask;; i = (i + 1) & mask) {
        struct text_slot *slot = &map->slots[i];
        if (!slot->key)
            return slot;
        if (slot->hash == hash && !strncmp(slot->key, key, length) && !slot->key[length])
            return slot;
    }
}

static bool make_room(struct arena *arena, struct text_map *map) {
    if (map->count * 2 < map->capacity)
        return true;
    struct text_map larger = {.capacity = map->capacity ? map->capacity * 2 : 8};
    larger.slots = arena_alloc(arena, (size_t)larger.capacity, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (int i = 0; i < map->capacity; i++) {
        struct text_slot *old = &map->slots[i];
        if (old->key)
            *slot_of(&larger, old->key, strlen(old->key), old->hash) = *old;
    }
    larger.count = map->count;
    *map = larger;
    return true;
}

int *text_map_put(struct arena *arena, struct text_map *map, const char *key) {
    if (!make_room(arena, map))
        return NULL;
    size_t length = strlen(key);
    uint32_t hash = hash_bytes(key, length);
    struct text_slot *slot = slot_of(map, key, length, hash);
    if (!slot->key) {
        *slot = (struct text_slot){.key = key, .hash = hash};
        map->count++;
    }
    return &slot->value;
}

const int *text_map_get(const struct text_map *map, const char *key, size_t length) {
    if (map->count == 0)
        return NULL;
    const struct text_slot *slot = slot_of(map, key, length, hash_bytes(key, length));
    return slot->key ? &slot->value : NULL;
}
