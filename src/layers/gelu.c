/* gelu: y = x P(x), where P is the distribution function of the standard normal, P(x) = (1 + erf(x / sqrt 2))
 * / 2 (Hendrycks and Gimpel 2016, "Gaussian error linear units"; the exact form, not the tanh one).
 * dy/dx = P(x) + x p(x) with the density p(x) = e^(-x^2 / 2) / sqrt(2 pi). */
#include "pointwise.h"
#include "transcendental.h"

static const float inverse_sqrt_2 = 0x1.6a09e6p-1f, inverse_sqrt_2_pi = 0x1.988454p-2f;

static inline float distribution(float x) {
    return .5f + .5f * float_erf(x * inverse_sqrt_2);
}

static inline float density(float x) {
    return inverse_sqrt_2_pi * float_exp(-.5f * x * x);
}

static void map(const void *config, const float *x, float *y, size_t n) {
    (void)config;
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * distribution(x[i]);
}

static void slope(const void *config, const float *x, const float *dy, float *dx, size_t n) {
    (void)config;
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (distribution(x[i]) + x[i] * density(x[i]));
}

static const struct layer_pointwise pointwise = {.map = map, .slope = slope, .reads_x = true};

static void forward(const struct layer_call *call) {
    PER_ISA(pointwise_forward)(call, &pointwise);
}

static void backward(const struct layer_call *call) {
    PER_ISA(pointwise_backward)(call, &pointwise);
}

const struct layer_ops PER_ISA(layer_gelu) = {
    .name = "gelu",
    .summary = "x times the normal distribution function of x, element by element",
    .example = "gelu",
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_READS_X,
    .pointwise = &pointwise,
    .infer = layer_same_shape,
    .forward = forward,
    .backward = backward,
};
