/* How fast this machine is at most: multiply-adds between registers, and arrays that pass through memory.
 *
 * Memory is measured by the triad of STREAM (McCalpin, "Memory bandwidth and machine balance in current high
 * performance computers", 1995). STREAM's arrays are far larger than any cache; these are as large as the
 * values of a training step, because caches help a step as much as they help here. The best of several tries
 * counts: a limit is what nothing has disturbed. */
#include "limits.h"

#include <string.h>

enum {
    TRIES = 40,       /* short ones: some pass undisturbed also where others work */
    ROUNDS = 1000000, /* some 3 ms */
    TASKS = 64        /* of the triad */
};

static const struct limit_loops *loops(void) {
    static const struct limit_loops *const of_isa[ISA_COUNT] = {
        [ISA_BASELINE] = &limit_loops_baseline,
#if defined(__x86_64__)
        [ISA_AVX2] = &limit_loops_avx2,
        [ISA_AVX512] = &limit_loops_avx512,
#endif
    };
    return of_isa[isa_chosen()];
}

static void products_task(void *context, int task, int worker) {
    (void)worker;
    double *done = context;
    double operations = loops()->products(ROUNDS);
    if (task == 0)
        *done = operations;
}

static double products_per_second(struct pool *pool) {
    double start = clock_seconds(), done = 0;
    pool_run(pool, pool_threads(pool), products_task, &done);
    return done * pool_threads(pool) / (clock_seconds() - start);
}

static void triad_task(void *context, int task, int worker) {
    (void)worker;
    size_t array = LIMITS_FLOATS / 3, part = array / TASKS;
    float *to = (float *)context + (size_t)task * part;
    loops()->triad(to, to + array, to + 2 * array, part);
}

static double bytes_per_second(struct pool *pool, float *memory) {
    double start = clock_seconds();
    pool_run(pool, TASKS, triad_task, memory);
    return (double)LIMITS_FLOATS * sizeof(float) / (clock_seconds() - start);
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

struct layer_limits layer_measure_limits(struct pool *pool, float *memory) {
    struct layer_limits best = {0};
    /* Pages that were never written are all one page of zeros, and in the cache. */
    memset(memory, 0, LIMITS_FLOATS * sizeof *memory);
    for (int i = 0; i < TRIES; i++)
        best.operations = larger(best.operations, products_per_second(pool));
    for (int i = 0; i < TRIES; i++)
        best.bytes = larger(best.bytes, bytes_per_second(pool, memory));
    return best;
}
