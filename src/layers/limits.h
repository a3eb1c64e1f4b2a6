/* limits.h: the loops whose speed is measured, compiled for every instruction set. */
#ifndef LAYERS_LIMITS_H
#define LAYERS_LIMITS_H

#include "netrun/layers.h"

struct limit_loops {
    /* So many rounds of multiply-adds between registers; returns floating-point operations, a multiply-add is
     * two. */
    double (*products)(int rounds);
    /* to = from + by / 2 */
    void (*triad)(float *restrict to, const float *from, const float *by, size_t floats);
};
extern const struct limit_loops limit_loops_baseline, limit_loops_avx2, limit_loops_avx512;

#endif
