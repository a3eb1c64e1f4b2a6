/* Products of matrices that lie in the caches, for those who call for thousands of small ones: nothing is
 * packed or copied on the way, as sgemm of a library does beyond some size, and few channels do not leave
 * registers idle.
 *
 * A block of rows by at most two vectors of columns is summed up in registers over the whole depth: each step
 * takes one row of B and one float of each row of A. Blocks are cut as evenly as can be, and each height has
 * a loop of its own, so that no sum waits for the one before it. Each element is summed up in the order of the
 * depth, whatever the cut; where A is transposed, what is added to comes last, so that long sums, made piece by
 * piece, round less. */
#include "product.h"

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

/* How A lies, known when the loops are compiled. Rows that are not transposed go by a few pointers, three rows
 * to each, which is as far as an address can reach by one register: twelve would not fit beside the rest. Of a
 * single vector's channels the pitch is known, and all rows go by one pointer. */
enum layout { ROWS, NARROW_ROWS, TRANSPOSED };
enum { REACH = 3, NARROW = VECTOR_MOST_FLOATS };

INLINE float left(const float *const rows[], size_t pitch, int i, const enum layout layout) {
    if (layout == TRANSPOSED)
        return rows[0][i];
    if (layout == NARROW_ROWS)
        return rows[0][i * NARROW];
    return rows[i / REACH][(size_t)(i % REACH) * pitch];
}

INLINE void block_run(const struct product *p, struct block block, struct ahead *ahead,
                      const int rows, const int width, const enum layout layout) {
    struct ahead_part soon = ahead_take(ahead, p->depth);
    const float *a[MOST_ROWS / REACH], *b = block.b;
    const size_t pitch = p->a_pitch, step = layout == TRANSPOSED ? pitch : 1, b_row = p->b_row;
    const size_t c_row = p->c_row;
    float *c = block.c;
    const bool late = layout == TRANSPOSED;
    const int pointers = layout == ROWS ? (rows + REACH - 1) / REACH : 1;
    for (int i = 0; i < pointers; i++)
        a[i] = block.a + (size_t)(i * REACH) * pitch;
    vector sums[MOST_ROWS][2];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < width; j++)
            sums[i][j] = p->add && !late ? vector_load(c + (size_t)i * c_row + j * VECTOR_FLOATS)
                                         : (vector){0};
    for (size_t k = p->depth; k > 0; k--, b += b_row) {
        ahead_ask(&soon);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < width; j++)
                sums[i][j] += left(a, pitch, i, layout) * vector_load(b + j * VECTOR_FLOATS);
        for (int i = 0; i < pointers; i++)
            a[i] += step;
    }
    for (int i = 0; p->add && late && i < rows; i++)
        for (int j = 0; j < width; j++)
            sums[i][j] += vector_load(c + (size_t)i * c_row + j * VECTOR_FLOATS);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < width; j++)
            vector_store(c + (size_t)i * c_row + j * VECTOR_FLOATS, sums[i][j]);
}

#define BLOCK(rows)                                                                                \
    case rows:                                                                                     \
        block_run(p, block, ahead, rows, width, layout);                                           \
        break;

INLINE void block_of(const struct product *p, struct block block, struct ahead *ahead, size_t rows,
                     const int width, const enum layout layout) {
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
                        const int width, const enum layout layout) {
    size_t blocks = blocks_of(p->rows);
    size_t rows = p->rows / blocks, higher = p->rows % blocks;
    for (size_t i = 0; i < blocks; i++) {
        size_t count = rows + (i < higher);
        block_of(p, block, ahead, count, width, layout);
        block.a += layout == TRANSPOSED ? count : count * p->a_pitch;
        block.c += count * p->c_row;
    }
}

/* Each combination once, out of line. */
#define RUN(name, width, layout)                                                                   \
    static void name(const struct product *p, struct block block, struct ahead *ahead) {           \
        columns_run(p, block, ahead, width, layout);                                               \
    }
RUN(one, 1, ROWS)
RUN(two, 2, ROWS)
RUN(one_narrow, 1, NARROW_ROWS)
RUN(two_narrow, 2, NARROW_ROWS)
RUN(one_transposed, 1, TRANSPOSED)
RUN(two_transposed, 2, TRANSPOSED)

/* ---- a small square ------------------------------------------------------------------------------
 * Of a vector's channels by as many fills half of 32 registers, and stays there while the rows go by: so few at a
 * time as keep two units busy whose sums take four steps, for there are often eight tiles in a row. */
enum { HOLDS = (int)VECTOR_FLOATS == (int)NARROW, HELD_ROWS = 8 };

INLINE void held_rows(const vector b[NARROW], struct block block, size_t c_row,
                      struct ahead *ahead) {
    struct ahead_part soon = ahead_take(ahead, NARROW);
    vector sums[HELD_ROWS] = {{0}};
    for (int k = 0; k < NARROW; k++) {
        ahead_ask(&soon);
        for (int i = 0; i < HELD_ROWS; i++)
            sums[i] += block.a[i * NARROW + k] * b[k];
    }
    for (int i = 0; i < HELD_ROWS; i++)
        vector_store(block.c + (size_t)i * c_row, sums[i]);
}

static void one_square(const struct product *p, struct block block, struct ahead *ahead) {
    vector b[NARROW];
    for (size_t k = 0; k < NARROW; k++)
        b[k] = vector_load(block.b + k * p->b_row);
    struct product rest = *p;
    for (; rest.rows >= HELD_ROWS; rest.rows -= HELD_ROWS) {
        held_rows(b, block, p->c_row, ahead);
        block.a += HELD_ROWS * NARROW;
        block.c += HELD_ROWS * p->c_row;
    }
    if (rest.rows > 0)
        one_narrow(&rest, block, ahead);
}

static bool is_square(const struct product *p, bool wide) {
    return HOLDS && !wide && p->a_pitch == NARROW && p->depth == NARROW && !p->add;
}

/* ---- the product --------------------------------------------------------------------------------- */

static void columns_of(const struct product *p, struct block block, struct ahead *ahead,
                       bool wide) {
    if (p->transpose_a)
        (wide ? two_transposed : one_transposed)(p, block, ahead);
    else if (is_square(p, wide))
        one_square(p, block, ahead);
    else if (p->a_pitch == NARROW)
        (wide ? two_narrow : one_narrow)(p, block, ahead);
    else
        (wide ? two : one)(p, block, ahead);
}

size_t PER_ISA(product_steps)(size_t rows, size_t columns) {
    return blocks_of(rows) * ((columns + 2 * VECTOR_FLOATS - 1) / (2 * VECTOR_FLOATS));
}

void PER_ISA(product_run)(const struct product *p, struct ahead *ahead) {
    for (size_t j = 0; j < p->columns;) {
        const float *panel = p->b + j / PRODUCT_PANEL * p->b_panel;
        struct block block = {p->a, panel + j % PRODUCT_PANEL, p->c + j};
        bool wide = j + VECTOR_FLOATS < p->columns;
        columns_of(p, block, ahead, wide);
        j += wide ? 2 * VECTOR_FLOATS : VECTOR_FLOATS;
    }
}
