/* sigmoid: y = 1 / (1 + e^-x), dx = dy y (1 - y). */
#include "pointwise.h"
#include "transcendental.h"

static void map(const void *config, const float *x, float *y, size_t n) {
    (void)config;
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = float_logistic(x[i]);
}

static void slope(const void *config, const float *y, const float *dy, float *dx, size_t n) {
    (void)config;
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (y[i] * (1 - y[i]));
}

static const struct layer_pointwise pointwise = {.map = map, .slope = slope};

static void forward(const struct layer_call *call) {
    PER_ISA(pointwise_forward)(call, &pointwise);
}

static void backward(const struct layer_call *call) {
    PER_ISA(pointwise_backward)(call, &pointwise);
}

const struct layer_ops PER_ISA(layer_sigmoid) = {
    .name = "sigmoid",
    .summary = "1 / (1 + e^-x), element by element",
    .example = "sigmoid",
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_READS_Y,
    .pointwise = &pointwise,
    .infer = layer_same_shape,
    .forward = forward,
    .backward = backward,
};
