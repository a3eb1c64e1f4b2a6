/* Masks of dropout: who is dropped.
 *
 * A mask is a stream of random numbers named by seed, step, layer and image, so nothing is saved: backward
 * draws it again, and it depends neither on threads nor on where values lie. */
#ifndef LAYERS_MASK_H
#define LAYERS_MASK_H

#include "layer.h"

/* The attributes of dropout and dropout2d. */
struct dropout {
    double p;
};

enum { DROPOUT_ATTRS = 1 };
extern const struct attr dropout_attrs[DROPOUT_ATTRS];

/* The mask of one image, drawn number after number. */
struct mask {
    struct random random;
    uint64_t dropped; /* of all 2^32 random numbers, those below this one mean: dropped */
    float kept;       /* what a kept value is multiplied by: 1 / (1 - p) */
};

struct mask mask_of(const struct layer_call *call, int image);

/* The next `count` factors: 0 or mask->kept. */
void mask_draw(struct mask *mask, float *factors, size_t count);

#endif
