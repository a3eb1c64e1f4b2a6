/* product.h: products of matrices that lie in the caches, thousands of small ones. */
#ifndef LAYERS_PRODUCT_H
#define LAYERS_PRODUCT_H

#include "ahead.h"

enum { PRODUCT_PANEL = 32 };

/* C (rows x columns) = A (rows x depth) B (depth x columns), or C += A B; the columns fill whole vectors.
 *     A[i][k] at a[i * a_pitch + k], or transposed at a[k * a_pitch + i]
 *     B[k][j] at b[j / PRODUCT_PANEL * b_panel + k * b_row + j % PRODUCT_PANEL]
 *     C[i][j] at c[i * c_row + j] */
struct product {
    size_t rows, columns, depth;
    const float *a, *b;
    float *c;
    size_t a_pitch, b_row, b_panel, c_row;
    bool transpose_a, add;
};

#ifdef ISA
/* Steps that a product takes of what is asked for ahead. */
size_t PER_ISA(product_steps)(size_t rows, size_t columns);

void PER_ISA(product_run)(const struct product *product, struct ahead *ahead);
#endif

#endif
