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

enum { MASK_READY = 256 };

/* The mask of one image, drawn factor after factor. */
struct mask {
    struct random random; /* its stream: factor i stems from number i */
    uint32_t dropped;     /* numbers below this one mean: dropped */
    float kept;           /* the factor of what is kept: 1 / (1 - p), 0 where p is 1 */
    float ready
        [MASK_READY]; /* factors drawn in advance, of which the last `left` are not given out */
    size_t left;
};

struct mask mask_of(const struct layer_call *call, int image);

#ifdef ISA
/* The next `count` factors: 0 or mask->kept. */
void PER_ISA(mask_draw)(struct mask *mask, float *factors, size_t count);
#endif

#endif
