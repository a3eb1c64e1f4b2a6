/* text_map.h: texts to integers, for paths and names.
 *
 * A zeroed struct is an empty map. Keys are not copied: they must live as long as the map. */
#ifndef GRAPH_TEXT_MAP_H
#define GRAPH_TEXT_MAP_H

#include "netrun/base.h"

struct text_slot {
    const char *key; /* NULL: free */
    uint32_t hash;
    int value;
};

struct text_map {
    struct text_slot *slots;
    int count, capacity; /* capacity is a power of two, or 0 */
};

/* The value of a key, 0 when it is new. NULL: out of memory. Valid until the next call. */
int *text_map_put(struct arena *arena, struct text_map *map, const char *key);

/* The value of the key that is the first `length` bytes of `key`, or NULL. */
const int *text_map_get(const struct text_map *map, const char *key, size_t length);

#endif
