/* Products of matrices that lie in the caches, for those who call for thousands of small ones: nothing is
 * packed or copied on the way, as sgemm of a library does beyond some size, and few channels do not leave
 * registers idle.
 *
 * A block of rows by at most two vectors of columns is summed up in registers over the whole depth: each step
 * takes one row of B and one float of each row of A. Blocks are cut as evenly as can be, and each height has
 * a loop of its own, so that no sum waits for the one before it. Each element is summed up in the order of the
 * depth, whatever the cut. */
#include "product.h"

#include "vector.h"

#define INLINE static inline __attribute__((always_inline))

/* With two vectors of columns their sums fill the registers but for what is multiplied. */
#if defined(__AVX512F__)
enum { MOST_ROWS = 12 };
#else
enum { MOST_ROWS = 6 };
#endif

/* One block: its first row and column in each matrix. */
struct block {
    const float *a, *b;
    float *c;
};

/* Rows of A that are not transposed go by a few pointers, three rows to each, which is as far as an address
 * can reach by one register: twelve would not fit beside the rest. */
enum { REACH = 3 };

INLINE float left(const float *const rows[], size_t pitch, int i, const bool transposed) {
    return transposed ? rows[0][i] : rows[i / REACH][(size_t)(i % REACH) * pitch];
}

INLINE void block_run(const struct product *p, struct block block, const int rows, const int width,
                      const bool transposed) {
    const float *a[MOST_ROWS / REACH], *b = block.b;
    const size_t pitch = p->a_pitch, step = transposed ? pitch : 1, b_row = p->b_row;
    vector sums[MOST_ROWS][2];
    const int pointers = transposed ? 1 : (rows + REACH - 1) / REACH;
    for (int i = 0; i < pointers; i++)
        a[i] = block.a + (size_t)(i * REACH) * pitch;
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < width; j++)
            sums[i][j] =
                p->add ? vector_load(block.c + (size_t)i * p->c_row + (size_t)(j * VECTOR_FLOATS))
                       : (vector){0};
    for (size_t k = p->depth; k > 0; k--, b += b_row) {
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < width; j++)
                sums[i][j] += left(a, pitch, i, transposed) * vector_load(b + j * VECTOR_FLOATS);
        for (int i = 0; i < pointers; i++)
            a[i] += step;
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < width; j++)
            vector_store(block.c + (size_t)i * p->c_row + (size_t)(j * VECTOR_FLOATS), sums[i][j]);
}

#define BLOCK(rows)                                                                                \
    case rows:                                                                                     \
        block_run(p, block, rows, width, transposed);                                              \
        break;

INLINE void block_of(const struct product *p, struct block block, size_t rows, const int width,
                     const bool transposed) {
    switch (rows) {
        BLOCK(1)
        BLOCK(2)
        BLOCK(3)
        BLOCK(4)
        BLOCK(5)
        BLOCK(6)
#if defined(__AVX512F__)
        BLOCK(7)
        BLOCK(8)
        BLOCK(9)
        BLOCK(10)
        BLOCK(11)
        BLOCK(12)
#endif
    }
}

static size_t blocks_of(size_t rows) {
    return (rows + MOST_ROWS - 1) / MOST_ROWS;
}

/* All rows of one or two vectors of columns. */
INLINE void columns_run(const struct product *p, struct block block, struct ahead *ahead,
                        const int width, const bool transposed) {
    size_t blocks = blocks_of(p->rows);
    size_t rows = p->rows / blocks, higher = p->rows % blocks;
    for (size_t i = 0; i < blocks; i++) {
        size_t count = rows + (i < higher);
        ahead_step(ahead);
        block_of(p, block, count, width, transposed);
        block.a += transposed ? count : count * p->a_pitch;
        block.c += count * p->c_row;
    }
}

/* Each combination once, out of line. */
static void two(const struct product *p, struct block block, struct ahead *ahead) {
    columns_run(p, block, ahead, 2, false);
}

static void one(const struct product *p, struct block block, struct ahead *ahead) {
    columns_run(p, block, ahead, 1, false);
}

static void two_transposed(const struct product *p, struct block block, struct ahead *ahead) {
    columns_run(p, block, ahead, 2, true);
}

static void one_transposed(const struct product *p, struct block block, struct ahead *ahead) {
    columns_run(p, block, ahead, 1, true);
}

size_t PER_ISA(product_steps)(size_t rows, size_t columns) {
    return blocks_of(rows) * ((columns + 2 * VECTOR_FLOATS - 1) / (2 * VECTOR_FLOATS));
}

void PER_ISA(product_run)(const struct product *p, struct ahead *ahead) {
    for (size_t j = 0; j < p->columns;) {
        const float *panel = p->b + j / PRODUCT_PANEL * p->b_panel;
        struct block block = {p->a, panel + j % PRODUCT_PANEL, p->c + j};
        bool wide = j + VECTOR_FLOATS < p->columns;
        if (wide)
            (p->transpose_a ? two_transposed : two)(p, block, ahead);
        else
            (p->transpose_a ? one_transposed : one)(p, block, ahead);
        j += wide ? 2 * VECTOR_FLOATS : VECTOR_FLOATS;
    }
}
