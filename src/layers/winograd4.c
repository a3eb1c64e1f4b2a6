/* Winograd's F(4x4, 3x3): 36 products for a tile of 4x4 outputs. Its points are 0, 1, -1, 2, -2 and infinity.
 *
 *        | 4  0 -5  0  1  0 |       | 1/4    0    0   |        | 1  1  1  1  1  0 |
 *        | 0 -4 -4  1  1  0 |       |-1/6 -1/6 -1/6   |   A' = | 0  1 -1  2 -2  0 |
 *   B' = | 0  4 -4 -1  1  0 |   G = |-1/6  1/6 -1/6   |        | 0  1  1  4  4  0 |
 *        | 0 -2 -1  2  1  0 |       | 1/24 1/12  1/6  |        | 0  1 -1  8 -8  1 |
 *        | 0  2 -1 -2  1  0 |       | 1/24 -1/12 1/6  |
 *        | 0  4  0 -5  0  1 |       |  0    0    1    | */
#include "winograd.h"

#define INLINE static inline __attribute__((always_inline))
enum { TILE = 4, PATCH = 6 };

INLINE void input_row(const vector d[PATCH], vector t[PATCH]) {
    vector a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
    t[0] = d[4] - 5 * d[2] + 4 * d[0];
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = d[5] - 5 * d[3] + 4 * d[1];
}

INLINE void output_row(const vector m[PATCH], vector y[TILE]) {
    vector s = m[1] + m[2], d = m[1] - m[2], e = m[3] + m[4], f = m[3] - m[4];
    y[0] = m[0] + s + e;
    y[1] = d + 2 * f;
    y[2] = s + 4 * e;
    y[3] = d + 8 * f + m[5];
}

INLINE void gradient_row(const vector y[TILE], vector t[PATCH]) {
    vector even = y[0] + y[2], odd = y[1] + y[3];
    vector far_even = y[0] + 4 * y[2], far_odd = 2 * y[1] + 8 * y[3];
    t[0] = y[0];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = far_even + far_odd;
    t[4] = far_even - far_odd;
    t[5] = y[3];
}

INLINE void filter_row(const vector g[3], vector u[PATCH]) {
    vector even = (g[0] + g[2]) * (-1 / 6.0f), odd = g[1] * (1 / 6.0f);
    vector far_even = g[0] * (1 / 24.0f) + g[2] * (1 / 6.0f), far_odd = g[1] * (1 / 12.0f);
    u[0] = g[0] * 0.25f;
    u[1] = even - odd;
    u[2] = even + odd;
    u[3] = far_even + far_odd;
    u[4] = far_even - far_odd;
    u[5] = g[2];
}

INLINE void filter_gradient_row(const vector m[PATCH], vector g[3]) {
    vector s = m[1] + m[2], d = m[2] - m[1], e = m[3] + m[4], f = m[3] - m[4];
    g[0] = m[0] * 0.25f - s * (1 / 6.0f) + e * (1 / 24.0f);
    g[1] = d * (1 / 6.0f) + f * (1 / 12.0f);
    g[2] = (e - s) * (1 / 6.0f) + m[5];
}

#define PATCH_PAIRS(pair) pair(1, 2) pair(3, 4) pair(0, 5)
#define TILE_PAIRS(pair) pair(0, 2) pair(1, 3)
#include "winograd_transforms.h"

const struct winograd_transforms PER_ISA(winograd4) = WINOGRAD_TRANSFORMS;
