/* relu: y = max(x, 0). The slope at 0 is 0; a NaN stays one in both directions, as in PyTorch. */
#include "pointwise.h"

static void map(const void *config, const float *x, float *y, size_t n) {
    (void)config;
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] < 0 ? 0 : x[i];
}

static void slope(const void *config, const float *y, const float *dy, float *dx, size_t n) {
    (void)config;
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] <= 0 ? 0 : dy[i];
}

static const struct layer_pointwise pointwise = {.map = map, .slope = slope, .rectifies = true};

static void forward(const struct layer_call *call) {
    PER_ISA(pointwise_forward)(call, &pointwise);
}

static void backward(const struct layer_call *call) {
    PER_ISA(pointwise_backward)(call, &pointwise);
}

const struct layer_ops PER_ISA(layer_relu) = {
    .name = "relu",
    .summary = "max(x, 0), element by element",
    .example = "relu",
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_READS_Y,
    .pointwise = &pointwise,
    .infer = layer_same_shape,
    .forward = forward,
    .backward = backward,
};
