/* sample.h: one image on its way from a source to a batch.
 *
 * It is 8-bit until an augmentation that works on floats comes, or the end: then its pixels are divided by
 * 255, as PyTorch's ToTensor does, into their place in the batch. */
#ifndef DATA_SAMPLE_H
#define DATA_SAMPLE_H

#include "netrun/data.h"

struct sample {
    struct shape shape;
    uint8_t *pixels;      /* height x width x channels */
    int32_t *mask;        /* height x width labels; NULL: the image has one label */
    struct tensor values; /* one image in the batch */
    struct random *random;
    /* For sample_move: where each pixel comes from, and memory for as many pixels and labels. */
    int32_t *from;
    uint8_t *spare_pixels;
    int32_t *spare_mask;
};

/* Bytes of memory that one sample of this shape needs beside its place in the batch. */
size_t sample_bytes(struct shape shape, bool masks);

/* Gives `sample` its shape and cuts `memory` (sample_bytes, aligned as malloc's) into its buffers. */
void sample_place(struct sample *sample, struct shape shape, bool masks, void *memory);

/* Rearranges the pixels, and the mask with them: the new pixel i is the old pixel from[i], or black and
 * label 0 where from[i] is negative. */
void sample_move(struct sample *sample);

/* Mixes two images as Pillow does: spare_pixels where the factor is 0, pixels where it is 1; beyond, away from
 * spare_pixels. */
void sample_blend(struct sample *sample, double factor);

/* values = pixels / 255. */
void sample_to_floats(struct sample *sample);

#endif
