/* silu: y = x s(x) with the logistic function s(x) = 1 / (1 + e^-x) (Elfwing, Uchibe and Doya 2017);
 * dy/dx = s (1 + x (1 - s)). */
#include "pointwise.h"
#include "transcendental.h"

static void map(const void *config, const float *x, float *y, size_t n) {
    (void)config;
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * float_logistic(x[i]);
}

static inline float derivative(float x) {
    float s = float_logistic(x);
    return s * (1 + x * (1 - s));
}

static void slope(const void *config, const float *x, const float *dy, float *dx, size_t n) {
    (void)config;
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * derivative(x[i]);
}

static const struct layer_pointwise pointwise = {.map = map, .slope = slope, .reads_x = true};

static void forward(const struct layer_call *call) {
    PER_ISA(pointwise_forward)(call, &pointwise);
}

static void backward(const struct layer_call *call) {
    PER_ISA(pointwise_backward)(call, &pointwise);
}

const struct layer_ops PER_ISA(layer_silu) = {
    .name = "silu",
    .summary = "x / (1 + e^-x), element by element",
    .example = "silu",
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_READS_X,
    .pointwise = &pointwise,
    .infer = layer_same_shape,
    .forward = forward,
    .backward = backward,
};
