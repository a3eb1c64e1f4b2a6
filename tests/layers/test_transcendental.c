/* exp, tanh, the logistic function and erf against libm in double, over the whole range of floats: every
 * 1009th bit pattern, which takes in infinities, NaNs and numbers below the normal range; on every
 * instruction set that this machine has. */
#include "check.h"
#include "netrun/layers.h"

#include <math.h>

#include "../../src/layers/transcendental.h"

enum { STEP = 1009, PIECE = 4096 };

static double logistic(double x) {
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

/* The distance between neighbouring floats at a number. */
static double spacing(double number) {
    int exponent;
    frexp(number, &exponent);
    return ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
}

static void check_value(float x, float y, double wanted, double units) {
    bool fine = isnan(x) ? isnan(y) : fabs((double)y - wanted) <= units * spacing(wanted);
    if (!isnan(x) &&
        wanted > 0x1.ffffffp127) /* over the middle of the largest float and the next */
        fine = isinf(y);
    if (!fine)
        fail_msg("f(%a) is %a, not %a", (double)x, (double)y, wanted);
}

/* Every STEP-th float from `first` on, PIECE of them. */
static void fill(uint64_t first, float *x) {
    for (uint64_t i = 0; i < PIECE; i++)
        x[i] = (union float_bits){.bits = (uint32_t)(first + i * STEP)}.value;
}

static void sweep(void (*map)(const float *x, float *y, size_t n), double (*f)(double x),
                  double units) {
    float x[PIECE], y[PIECE];
    for (uint64_t first = 0; first < (uint64_t)1 << 32; first += (uint64_t)PIECE * STEP) {
        fill(first, x);
        map(x, y, PIECE);
        for (int i = 0; i < PIECE; i++)
            check_value(x[i], y[i], f((double)x[i]), units);
    }
}

static void map_exp(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = float_exp(x[i]);
}

static void map_erf(const float *x, float *y, size_t n) {
    for (size_t i = 0; i < n; i++)
        y[i] = float_erf(x[i]);
}

static void map_tanh(const float *x, float *y, size_t n) {
    layer_find("tanh")->pointwise->map(NULL, x, y, n);
}

static void map_sigmoid(const float *x, float *y, size_t n) {
    layer_find("sigmoid")->pointwise->map(NULL, x, y, n);
}

static void exponential(void **state) {
    (void)state;
    sweep(map_exp, exp, 1.5);
}

static void error_function(void **state) {
    (void)state;
    sweep(map_erf, erf, 1.5);
}

static void hyperbolic_tangent(void **state) {
    (void)state;
    sweep(map_tanh, tanh, 2.5);
}

static void logistic_function(void **state) {
    (void)state;
    sweep(map_sigmoid, logistic, 2.5);
}

static void zeros_keep_their_sign(void **state) {
    (void)state;
    assert_true(signbit(float_tanh(-0.0f)) && !signbit(float_tanh(0.0f)));
    assert_true(signbit(float_erf(-0.0f)) && !signbit(float_erf(0.0f)));
}

static int on(void **state, const char *isa) {
    (void)state;
    return setenv("NETRUN_ISA", isa, 1);
}

static int on_baseline(void **state) {
    return on(state, "baseline");
}

static int on_avx2(void **state) {
    return on(state, "avx2");
}

static int on_avx512(void **state) {
    return on(state, "avx512");
}

#define ON(isa, test) cmocka_unit_test_setup(test, on_##isa)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential),
        cmocka_unit_test(error_function),
        ON(baseline, hyperbolic_tangent),
        ON(avx2, hyperbolic_tangent),
        ON(avx512, hyperbolic_tangent),
        ON(baseline, logistic_function),
        ON(avx2, logistic_function),
        ON(avx512, logistic_function),
        cmocka_unit_test(zeros_keep_their_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
