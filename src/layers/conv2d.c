/* conv2d: a kernel slides over the map (cross-correlation), as torch.nn.Conv2d.
 *
 * The input is the image of convolution.h, the output its places. */
#include "convolution.h"

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    struct convolution_config *conv = config;
    struct window window =
        window_over(info->in[0], conv->kernel, conv->stride, conv->padding, conv->dilation);
    if (!layer_takes_map("conv2d", info, 0, pos, report) ||
        !convolution_groups(conv, "conv2d", info, pos, report) ||
        !window_fit(&window, "conv2d", info, conv->out, pos, report))
        return false;
    struct convolution shape = convolution_of(conv, info->in[0], info->out);
    return convolution_infer(&shape, conv, "conv2d", info, pos, report);
}

static struct convolution shape_of(const struct layer_call *call) {
    return convolution_of(call->config, call->info->in[0], call->info->out);
}

static void forward(const struct layer_call *call) {
    struct convolution shape = shape_of(call);
    struct convolution_batch batch = {&shape, call, convolution_x(call), convolution_y(call)};
    PER_ISA(convolution_to_places)(&batch, convolution_bias(call), false);
}

static void backward(const struct layer_call *call) {
    struct convolution shape = shape_of(call);
    struct convolution_map dy = convolution_dy(call);
    struct convolution_batch weights = {&shape, call, convolution_x(call), dy};
    struct convolution_batch data = {&shape, call, convolution_dx(call), dy};
    PER_ISA(convolution_gradients)(&weights, call->dx[0].data ? &data : NULL, false);
}

const struct layer_ops PER_ISA(layer_conv2d) = {
    .name = "conv2d",
    .summary = "convolution: a kernel of weights slides over the map",
    .example = "conv2d: {out: 16, kernel: 3, padding: 1}",
    .attrs = convolution_attrs,
    .attr_count = CONV2D_ATTRS,
    .config_size = sizeof(struct convolution_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_READS_X,
    .algorithms = convolution_algorithms,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
