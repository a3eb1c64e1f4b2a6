/* strip.h: the rows of pixels under a row of tiles, with the padding around them, so that what works on tiles
 * knows no borders.
 *
 * Rows of tiles overlap: each begins STRIP_STEP rows below the last and shares the others with it. A strip is a
 * ring of rows, which keeps what the next row of tiles reads again; pixels are copied, or made (struct
 * layer_maker), once. */
#ifndef LAYERS_STRIP_H
#define LAYERS_STRIP_H

#include "convolution.h"

enum { STRIP_ROWS = 6, STRIP_STEP = 4 };

/* The memory of a strip, in floats. */
static inline size_t strip_floats(int columns, size_t pixel) {
    return STRIP_ROWS * (size_t)columns * pixel;
}

#ifdef ISA
struct strip {
    struct convolution_map from; /* the images of a slice */
    size_t before;               /* pixels of the batch before them */
    float *memory;
    int above, left; /* rows and columns of padding */
    int columns;     /* pixels of a row, padding included */
    size_t pixel;    /* floats of a pixel: channels, then zeros */
    int image, top;  /* what it holds */
};

/* Rows top - above, top - above + 1, ... of an image, `top` a multiple of STRIP_STEP: where each begins, column
 * -left first. */
void PER_ISA(strip_load)(struct strip *strip, int image, int top, const float *rows[STRIP_ROWS]);
#endif

#endif
