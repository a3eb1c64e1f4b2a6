/* ahead.h: memory that is needed soon, asked for bit by bit while something else is computed, so that nobody
 * waits for it later.
 *
 * Evenly, line by line: many at once would keep those waiting who read from the nearer caches meanwhile. */
#ifndef LAYERS_AHEAD_H
#define LAYERS_AHEAD_H

#include "layer.h"

enum { AHEAD_MOST = 4, AHEAD_LINE = 64 };

struct ahead_range {
    const char *next;
    size_t lines;
};

struct ahead {
    struct ahead_range ranges[AHEAD_MOST]; /* the last is asked for first */
    int count;
    size_t step; /* lines at a time */
};

/* Pixels first .. first + count - 1, as far as the tensor has them. */
static inline void ahead_add(struct ahead *ahead, struct tensor tensor, size_t first,
                             size_t count) {
    size_t pixels = tensor_pixels(tensor), pitch = (size_t)tensor.pitch;
    size_t end = first + count < pixels ? first + count : pixels;
    if (!tensor.data || first >= end)
        return;
    ahead->ranges[ahead->count++] =
        (struct ahead_range){.next = (const char *)(tensor.data + first * pitch),
                             .lines = (end - first) * pitch * sizeof(float) / AHEAD_LINE};
}

/* So many lines at a time that all are asked for in `steps` steps. */
static inline void ahead_spread(struct ahead *ahead, size_t steps) {
    size_t lines = 0;
    for (int i = 0; i < ahead->count; i++)
        lines += ahead->ranges[i].lines;
    ahead->step = (lines + steps - 1) / steps;
}

/* A part of it: what is asked for next, and how many bytes further each time. */
struct ahead_part {
    const char *next;
    size_t step;
};

static inline void ahead_ask(struct ahead_part *part) {
    __builtin_prefetch(part->next, 0, 2);
    part->next += part->step;
}

/* Asks for lines of a range, of which `most` are left to be asked for by the caller. */
static inline struct ahead_part ahead_cut(struct ahead_range *range, size_t lines, size_t most) {
    struct ahead_part part = {range->next, lines < most ? lines * AHEAD_LINE / most : AHEAD_LINE};
    for (size_t i = most; i < lines; i++)
        ahead_ask(&part);
    range->next += lines * AHEAD_LINE;
    range->lines -= lines;
    return part;
}

/* The lines of a step, to be asked for `times` times; where nothing is left, one that is there. */
static inline struct ahead_part ahead_take(struct ahead *ahead, size_t times) {
    if (ahead->count == 0)
        return (struct ahead_part){(const char *)ahead, 0};
    struct ahead_range *range = &ahead->ranges[ahead->count - 1];
    size_t lines = range->lines < ahead->step ? range->lines : ahead->step;
    struct ahead_part part = ahead_cut(range, lines, times);
    ahead->count -= range->lines == 0;
    return part;
}

#endif
