/* Winograd's F(5x5, 3x3): 49 products for a tile of 5x5 outputs, for maps whose sides are a multiple of 5 or
 * little less. Its points are 0, 1, -1, 1/2, -1/2, 3 and infinity: of small fractions, those whose rounding errors
 * are least, tried out, among which are two pairs that share their sums.
 *
 *        | -3/4  1/4 15/4  -5/4  -3    1   0 |       | -4/3    0     0    |
 *        |   0   3/4  1/2 -13/4  -2    1   0 |       | -1/3  -1/3  -1/3   |
 *        |   0  -3/4   1   11/4  -4    1   0 |       | -1/6   1/6  -1/6   |
 *   B' = |   0   3/2  5/2  -5/2 -5/2   1   0 |   G = | 16/15  8/15  4/15  |
 *        |   0  -3/2  7/2   1/2 -7/2   1   0 |       | 16/21 -8/21  4/21  |
 *        |   0   1/4   0   -5/4   0    1   0 |       | 1/210  1/70  3/70  |
 *        |   0  -3/4  1/4  15/4 -5/4  -3   1 |       |   0     0     1    |
 *
 *        | 1  1  1   1     1    1  0 |
 *        | 0  1 -1  1/2  -1/2   3  0 |
 *   A' = | 0  1  1  1/4   1/4   9  0 |
 *        | 0  1 -1  1/8  -1/8  27  0 |
 *        | 0  1  1  1/16  1/16 81  1 | */
#include "winograd.h"

#define INLINE static inline __attribute__((always_inline))
enum { TILE = 5, PATCH = 7 };

/* Every polynomial but that of the point 3 has the factor x - 3, which is taken out first. */
INLINE void input_row(const vector d[PATCH], vector t[PATCH]) {
    vector r[PATCH - 1];
    for (int i = 0; i < PATCH - 1; i++)
        r[i] = d[i + 1] - 3 * d[i];
    vector a = r[3] - 0.25f * r[1], b = r[4] - 0.25f * r[2], c = r[3] - r[1], e = r[4] - r[2];
    t[0] = r[4] - 1.25f * r[2] + 0.25f * r[0];
    t[1] = b + a;
    t[2] = b - a;
    t[3] = e + 0.5f * c;
    t[4] = e - 0.5f * c;
    t[5] = d[5] - 1.25f * d[3] + 0.25f * d[1];
    t[6] = r[5] - 1.25f * r[3] + 0.25f * r[1];
}

INLINE void output_row(const vector m[PATCH], vector y[TILE]) {
    vector s = m[1] + m[2], d = m[1] - m[2], e = m[3] + m[4], f = m[3] - m[4];
    y[0] = m[0] + s + e + m[5];
    y[1] = d + 0.5f * f + 3 * m[5];
    y[2] = s + 0.25f * e + 9 * m[5];
    y[3] = d + 0.125f * f + 27 * m[5];
    y[4] = s + 0.0625f * e + 81 * m[5] + m[6];
}

INLINE void gradient_row(const vector y[TILE], vector t[PATCH]) {
    vector even = y[0] + y[2] + y[4], odd = y[1] + y[3];
    vector near_even = y[0] + 0.25f * y[2] + 0.0625f * y[4], near_odd = 0.5f * y[1] + 0.125f * y[3];
    t[0] = y[0];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = near_even + near_odd;
    t[4] = near_even - near_odd;
    t[5] = y[0] + 3 * y[1] + 9 * y[2] + 27 * y[3] + 81 * y[4];
    t[6] = y[4];
}

INLINE void filter_row(const vector g[3], vector u[PATCH]) {
    vector even = g[0] + g[2], near_even = g[0] + 0.25f * g[2], near_odd = 0.5f * g[1];
    u[0] = g[0] * (-4 / 3.0f);
    u[1] = (even + g[1]) * (-1 / 3.0f);
    u[2] = (even - g[1]) * (-1 / 6.0f);
    u[3] = (near_even + near_odd) * (16 / 15.0f);
    u[4] = (near_even - near_odd) * (16 / 21.0f);
    u[5] = (g[0] + 3 * g[1] + 9 * g[2]) * (1 / 210.0f);
    u[6] = g[2];
}

INLINE void filter_gradient_row(const vector m[PATCH], vector g[3]) {
    vector one = m[1] * (-1 / 3.0f), minus = m[2] * (-1 / 6.0f), three = m[5] * (1 / 210.0f);
    vector half = m[3] * (16 / 15.0f), minus_half = m[4] * (16 / 21.0f);
    vector s = one + minus, e = half + minus_half;
    g[0] = m[0] * (-4 / 3.0f) + s + e + three;
    g[1] = one - minus + 0.5f * (half - minus_half) + 3 * three;
    g[2] = s + 0.25f * e + 9 * three + m[6];
}

#define PATCH_PAIRS(pair) pair(1, 2) pair(3, 4) pair(0, 6) pair(5, 5)
#define TILE_PAIRS(pair) pair(0, 2) pair(1, 3) pair(4, 4)
#include "winograd_transforms.h"

const struct winograd_transforms PER_ISA(winograd5) = WINOGRAD_TRANSFORMS;
