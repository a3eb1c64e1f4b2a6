/* dropout2d: dropout of whole channels of an image (Tompson et al. 2015): neighbouring pixels say much the
 * same, so dropping single ones hides little. */
#include "dropout.h"

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    (void)config;
    info->out = info->in[0];
    info->worker_scratch = layer_bytes((size_t)info->out.channels);
    return layer_takes_map("dropout2d", info, 0, pos, report);
}

static void drop_image(const struct layer_call *call, struct mask *mask, struct slice worker,
                       struct tensor from, struct tensor to, bool add) {
    float *factors = layer_worker_scratch(call, worker);
    size_t channels = (size_t)from.channels, pixels = tensor_pixels(from);
    PER_ISA(mask_draw)(mask, factors, channels);
    for (size_t p = 0; p < pixels; p++)
        PER_ISA(dropout_scale)(layer_pixel(from, p), factors, layer_pixel(to, p), channels, add);
}

static void forward(const struct layer_call *call) {
    PER_ISA(dropout_forward)(call, drop_image);
}

static void backward(const struct layer_call *call) {
    PER_ISA(dropout_backward)(call, drop_image);
}

const struct layer_ops PER_ISA(layer_dropout2d) = {
    .name = "dropout2d",
    .summary = "in training each channel is 0 with probability p, the others grow by 1 / (1 - p)",
    .example = "dropout2d: {p: 0.2}",
    .attrs = dropout_attrs,
    .attr_count = DROPOUT_ATTRS,
    .config_size = sizeof(struct dropout),
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_ONLY_TRAINING,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
