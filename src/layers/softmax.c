/* softmax: y_c = e^(x_c - m) / sum of e^(x_k - m) over the channels of a pixel, m their maximum;
 * dx_c = y_c (dy_c - sum of y_k dy_k). The sums are taken in double. */
#include "rows.h"
#include "transcendental.h"

static float maximum(const float *x, int channels) {
    float most = x[0];
    for (int c = 1; c < channels; c++)
        most = x[c] > most ? x[c] : most;
    return most;
}

static void softmax(const float *x, float *y, int channels) {
    float most = maximum(x, channels);
    ROWS_INDEPENDENT
    for (int c = 0; c < channels; c++)
        y[c] = float_exp(x[c] - most);
    double sum = 0;
    for (int c = 0; c < channels; c++)
        sum += (double)y[c];
    float scale = (float)(1 / sum);
    for (int c = 0; c < channels; c++)
        y[c] *= scale;
}

static void forward_slice(const struct layer_call *call, struct slice slice) {
    struct tensor x = tensor_images(call->x[0], slice.first, slice.count);
    struct tensor y = tensor_images(call->y, slice.first, slice.count);
    size_t pixels = tensor_pixels(x);
    for (size_t p = 0; p < pixels; p++)
        softmax(layer_pixel(x, p), layer_pixel(y, p), x.channels);
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void gradient(const float *y, const float *dy, float *dx, int channels, bool add) {
    double sum = 0;
    for (int c = 0; c < channels; c++)
        sum += (double)y[c] * (double)dy[c];
    float mean = (float)sum;
    for (int c = 0; c < channels; c++)
        dx[c] = y[c] * (dy[c] - mean) + (add ? dx[c] : 0);
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    struct tensor y = tensor_images(call->y, slice.first, slice.count);
    struct tensor dy = tensor_images(call->dy, slice.first, slice.count);
    struct tensor dx = tensor_images(call->dx[0], slice.first, slice.count);
    size_t pixels = tensor_pixels(y);
    for (size_t p = 0; p < pixels; p++)
        gradient(layer_pixel(y, p), layer_pixel(dy, p), layer_pixel(dx, p), y.channels,
                 call->dx_add[0]);
}

static void backward(const struct layer_call *call) {
    if (call->dx[0].data)
        layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_softmax) = {
    .name = "softmax",
    .summary = "e^x over its sum, over the channels of each pixel",
    .example = "softmax",
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_READS_Y,
    .infer = layer_same_shape,
    .forward = forward,
    .backward = backward,
};
