/* place.h: offsets for pieces of memory that exist for some time. */
#ifndef PLAN_PLACE_H
#define PLAN_PLACE_H

#include "netrun/base.h"

/* Bytes that must exist from one moment to another, both included. */
struct piece {
    size_t bytes;
    int from, to;
    size_t offset; /* the result */
};

/* Gives every piece an offset such that no two which exist at the same moment overlap; sizes that are
 * multiples of PLAN_ALIGN give offsets that are. `end`: the bytes that all need. False: out of memory. */
bool place_pieces(struct arena *scratch, struct piece *pieces, int count, size_t *end);

/* The most bytes that exist at one moment, of moments `first` to `last`: no placement can need less.
 * False: out of memory. */
bool place_bound(struct arena *scratch, const struct piece *pieces, int count, int first, int last,
                 size_t *bound);

#endif
