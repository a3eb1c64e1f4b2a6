/* strip.h: the rows of pixels under a row of windows or tiles, with the padding around them, so that what works on
 * them knows no borders.
 *
 * Neighbouring rows of windows overlap. A strip is a ring of rows, which keeps what the next one reads again;
 * pixels are copied, or made (struct layer_maker), once. */
#ifndef LAYERS_STRIP_H
#define LAYERS_STRIP_H

#include "convolution.h"
#include "vector.h"

enum { STRIP_MOST_ROWS = 8 };

/* The memory of a strip, in floats. */
static inline size_t strip_floats(int rows, int columns, size_t pixel) {
    return vector_round((size_t)rows * (size_t)columns * pixel);
}

#ifdef ISA
struct strip {
    struct convolution_map from; /* the images of a slice */
    size_t before;               /* pixels of the batch before them */
    float *memory;
    int above, left;                   /* rows and columns of padding */
    int rows, columns;                 /* pixels, padding included */
    size_t pixel;                      /* floats of a pixel: channels, then zeros */
    int image, top;                    /* what it holds; image -1: nothing */
    const float *row[STRIP_MOST_ROWS]; /* where its rows begin, column -left first */
};

/* Over the images of a slice; holds nothing yet, and the caller says what it is to hold. */
static inline struct strip strip_over(struct convolution_map from, struct slice slice,
                                      float *memory) {
    size_t image = (size_t)from.tensor.height * (size_t)from.tensor.width;
    return (struct strip){
        .from = from, .before = (size_t)slice.first * image, .memory = memory, .image = -1};
}

/* Row 0 becomes row top - above of the image; within an image `top` never falls. */
void PER_ISA(strip_load)(struct strip *strip, int image, int top);
#endif

#endif
