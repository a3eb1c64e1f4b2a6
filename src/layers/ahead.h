/* ahead.h: memory that is needed soon, asked for bit by bit while something else is computed, so that nobody
 * waits for it later. */
#ifndef LAYERS_AHEAD_H
#define LAYERS_AHEAD_H

#include "layer.h"

enum { AHEAD_MOST = 4, AHEAD_LINE = 64 };

struct ahead_range {
    const char *next;
    size_t lines;
    bool write;
};

struct ahead {
    struct ahead_range ranges[AHEAD_MOST]; /* the last is asked for first */
    int count;
    size_t step; /* lines at a time */
};

/* Pixels first .. first + count - 1, as far as the tensor has them. */
static inline void ahead_add(struct ahead *ahead, struct tensor tensor, size_t first, size_t count,
                             bool write) {
    size_t pixels = tensor_pixels(tensor), pitch = (size_t)tensor.pitch;
    size_t end = first + count < pixels ? first + count : pixels;
    if (!tensor.data || first >= end)
        return;
    ahead->ranges[ahead->count++] =
        (struct ahead_range){.next = (const char *)(tensor.data + first * pitch),
                             .lines = (end - first) * pitch * sizeof(float) / AHEAD_LINE,
                             .write = write};
}

/* So many lines at a time that all are asked for in `steps` steps. */
static inline void ahead_spread(struct ahead *ahead, size_t steps) {
    size_t lines = 0;
    for (int i = 0; i < ahead->count; i++)
        lines += ahead->ranges[i].lines;
    ahead->step = (lines + steps - 1) / steps;
}

static inline void ahead_step(struct ahead *ahead) {
    for (size_t left = ahead->step; left > 0 && ahead->count > 0;) {
        struct ahead_range *range = &ahead->ranges[ahead->count - 1];
        size_t lines = range->lines < left ? range->lines : left;
        for (size_t i = 0; i < lines; i++, range->next += AHEAD_LINE)
            if (range->write)
                __builtin_prefetch(range->next, 1, 2);
            else
                __builtin_prefetch(range->next, 0, 2);
        range->lines -= lines;
        left -= lines;
        ahead->count -= range->lines == 0;
    }
}

#endif
