/* The measured limits of the machine, against what OpenBLAS and memcpy reach on it. */
#include "check.h"
#include "netrun/layers.h"

#include <stdlib.h>

enum { SIDE = 512 };

static double seconds_of_product(const float *a, const float *b, float *c) {
    double start = clock_seconds();
    gemm_run(&(struct gemm){.m = SIDE,
                            .n = SIDE,
                            .k = SIDE,
                            .a = a,
                            .b = b,
                            .c = c,
                            .a_stride = SIDE,
                            .b_stride = SIDE,
                            .c_stride = SIDE});
    return clock_seconds() - start;
}

/* OpenBLAS comes near the peak of the CPU, but never over it; with a lower instruction set it may. */
static void products(const float *memory, float *c, struct layer_limits limits) {
    double best = 1;
    for (int i = 0; i < 5; i++) {
        double seconds = seconds_of_product(memory, memory, c);
        best = seconds < best ? seconds : best;
    }
    double operations = 2.0 * SIDE * SIDE * SIDE / best;
    assert_true(limits.operations > 0.1 * operations);
    assert_true(limits.operations < 20 * operations);
}

/* A copy reads and writes. */
static void bytes(float *memory, struct layer_limits limits) {
    size_t half = LIMITS_FLOATS / 2 * sizeof(float);
    double start = clock_seconds();
    memcpy(memory, memory + LIMITS_FLOATS / 2, half);
    double copied = 2 * (double)half / (clock_seconds() - start);
    assert_true(limits.bytes > 0.1 * copied);
    assert_true(limits.bytes < 50 * copied);
}

static void near_what_others_reach(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct pool *pool = pool_new(1);
    float *memory = arena_alloc(arena, LIMITS_FLOATS, sizeof *memory);
    float *c = arena_alloc(arena, SIDE * SIDE, sizeof *c);
    assert_non_null(memory);
    assert_non_null(c);
    struct layer_limits limits = layer_measure_limits(pool, memory);
    products(memory, c, limits);
    bytes(memory, limits);
    pool_free(pool);
    arena_free(arena);
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(near_what_others_reach)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
