/* leaky_relu: y = x where x > 0, else negative_slope x. Because that slope is not negative, y has the sign of
 * x, and backward can go by y alone. */
#include "pointwise.h"

#include <math.h>

struct leaky_relu {
    double negative_slope;
};

static const struct attr attrs[] = {
    {"negative_slope", "slope where x is negative", ATTR_FLOAT,
     offsetof(struct leaky_relu, negative_slope), .fallback = .01, .min = 0, .max = HUGE_VAL},
};

static float negative_slope(const void *config) {
    return (float)((const struct leaky_relu *)config)->negative_slope;
}

static void map(const void *config, const float *x, float *y, size_t n) {
    float below = negative_slope(config);
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] > 0 ? x[i] : below * x[i];
}

static void slope(const void *config, const float *y, const float *dy, float *dx, size_t n) {
    float below = negative_slope(config);
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        dx[i] = y[i] > 0 ? dy[i] : below * dy[i];
}

static const struct layer_pointwise pointwise = {.map = map, .slope = slope};

static void forward(const struct layer_call *call) {
    PER_ISA(pointwise_forward)(call, &pointwise);
}

static void backward(const struct layer_call *call) {
    PER_ISA(pointwise_backward)(call, &pointwise);
}

const struct layer_ops PER_ISA(layer_leaky_relu) = {
    .name = "leaky_relu",
    .summary = "x where x > 0, else negative_slope x, element by element",
    .example = "leaky_relu: {negative_slope: 0.1}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct leaky_relu),
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_READS_Y,
    .pointwise = &pointwise,
    .infer = layer_same_shape,
    .forward = forward,
    .backward = backward,
};
