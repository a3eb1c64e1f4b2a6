/* product.h: products of matrices that lie in the caches, thousands of small ones. */
#ifndef LAYERS_PRODUCT_H
#define LAYERS_PRODUCT_H

#include "ahead.h"
#include "vector.h"

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

/* Packed, B lies panel after panel: floats of a row of a panel (b_row; b_panel is that times the depth), and of
 * all panels. */
static inline size_t product_panel(size_t columns) {
    return columns <= VECTOR_MOST_FLOATS ? VECTOR_MOST_FLOATS : PRODUCT_PANEL;
}

static inline size_t product_packed(size_t depth, size_t columns) {
    size_t panel = product_panel(columns);
    return depth * ((columns + panel - 1) / panel * panel);
}

/* Where B[k][j] lies in them. */
static inline size_t product_place(size_t depth, size_t columns, size_t k, size_t j) {
    size_t panel = product_panel(columns);
    return (j / panel * depth + k) * panel + j % panel;
}

#ifdef ISA
/* Steps that a product takes at least of what is asked for ahead: a small square takes half as many again. */
size_t PER_ISA(product_steps)(size_t rows, size_t columns);

void PER_ISA(product_run)(const struct product *product, struct ahead *ahead);
#endif

#endif
