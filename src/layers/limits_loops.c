/* What a core does at most. Chains of y = y a + b do not wait for one another: twelve of them hide the latency
 * of a multiply-add (4 cycles, two a cycle) and fit into the sixteen registers of the older instruction
 * sets. */
#include "limits.h"
#include "vector.h"

enum { CHAINS = 12 };

static double products(int rounds) {
    vector chains[CHAINS], a = vector_all(0.999f), b = vector_all(0.001f);
    for (int i = 0; i < CHAINS; i++)
        chains[i] = vector_all((float)i);
    for (int r = 0; r < rounds; r++)
        for (int i = 0; i < CHAINS; i++)
            chains[i] = chains[i] * a + b;
    for (int i = 1; i < CHAINS; i++)
        chains[0] += chains[i];
    volatile float sink = chains[0][0]; /* without it the compiler leaves the work out */
    (void)sink;
    return (double)rounds * 2 * CHAINS * VECTOR_FLOATS;
}

static void triad(float *restrict to, const float *from, const float *by, size_t floats) {
    for (size_t i = 0; i < floats; i++)
        to[i] = from[i] + 0.5f * by[i];
}

const struct limit_loops PER_ISA(limit_loops) = {.products = products, .triad = triad};
