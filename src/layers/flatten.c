/* flatten: a map becomes the vector of its values in PyTorch's order (channels, rows, columns), whatever the
 * order in memory; a vector stays what it is. */
#include "layer.h"

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    (void)config;
    return layer_gives_vector("flatten", info, (int64_t)shape_size(info->in[0]), pos, report);
}

static void forward_slice(const struct layer_call *call, struct slice slice) {
    for (int n = slice.first; n < slice.first + slice.count; n++)
        tensor_to_nchw(tensor_images(call->x[0], n, 1), layer_pixel(call->y, (size_t)n));
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void add_from_nchw(const float *from, struct tensor to) {
    size_t pixels = tensor_pixels(to);
    for (int c = 0; c < to.channels; c++)
        for (size_t p = 0; p < pixels; p++)
            layer_pixel(to, p)[c] += *from++;
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    for (int n = slice.first; n < slice.first + slice.count; n++) {
        const float *dy = layer_pixel(call->dy, (size_t)n);
        struct tensor dx = tensor_images(call->dx[0], n, 1);
        if (call->dx_add[0])
            add_from_nchw(dy, dx);
        else
            tensor_from_nchw(dy, dx);
    }
}

static void backward(const struct layer_call *call) {
    if (call->dx[0].data)
        layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_flatten) = {
    .name = "flatten",
    .summary = "a map as a vector: channel by channel, row by row",
    .example = "flatten",
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
