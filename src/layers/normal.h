/* normal.h: the arithmetic of batch normalisation on pixels that lie side by side in a cache.
 *
 * Channel by channel, with constants that a whole batch shares:
 *     y  = (x - mean) scale + bias
 *     dx = scale (dy - level - (x - mean) slope)
 * Rectified, y is max(y, 0), and dx the gradient of that. Each has one loop only, so that a pixel has the same
 * bits whoever asks for it. Pixels may lie in memory with any pitch. Sums are taken in float over a run of
 * pixels, then added in double. */
#ifndef LAYERS_NORMAL_H
#define LAYERS_NORMAL_H

#include "netrun/tensor.h"

/* Of `channels` channels; what a loop does not need may be NULL (the gradients' need bias if rectified). */
struct normal {
    const float *mean, *scale, *bias, *level, *slope;
    size_t channels;
    bool rectified;
};

/* Pixels: `pitch` floats from one to the next. */
struct pixels {
    const float *data;
    size_t pitch;
};

/* Two sums per channel. */
struct sums {
    double *first, *second;
};

/* `plus`, unless its data is NULL, is added to y before that is rectified. y may lie where x or plus lies. */
void PER_ISA(normal_values)(const struct normal *normal, struct pixels x, struct pixels plus,
                            size_t count, float *y, size_t pitch);

/* dx may lie where dy lies. `add`: to what is there. */
void PER_ISA(normal_gradients)(const struct normal *normal, struct pixels x, struct pixels dy,
                               size_t count, float *dx, size_t pitch, bool add);

/* Adds the sums of x - mean and (x - mean)^2. */
void PER_ISA(normal_sum_values)(const struct normal *normal, struct pixels x, size_t count,
                                struct sums sums);

/* Adds the sums of dy and dy (x - mean); rectified, of the dy that pass. */
void PER_ISA(normal_sum_gradients)(const struct normal *normal, struct pixels x, struct pixels dy,
                                   size_t count, struct sums sums);

#endif
