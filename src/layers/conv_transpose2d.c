/* conv_transpose2d: each pixel lays a weighted kernel on the map; overlaps add up. torch.nn.ConvTranspose2d.
 *
 * It is the data gradient of a convolution: the input is the places of convolution.h, the output the image. */
#include "convolution.h"

/* Length of the output along one axis; the convolution that goes back over it has at least `in` places. */
struct extent {
    int in, kernel, stride, padding, dilation, extra;
};

static int64_t extent_out(struct extent e) {
    return (int64_t)(e.in - 1) * e.stride - 2 * (int64_t)e.padding +
           (int64_t)e.dilation * (e.kernel - 1) + e.extra + 1;
}

static bool check_extent(struct extent e, const char *name, const struct pos *pos,
                         struct report *report) {
    if (e.extra >= e.stride && e.extra >= e.dilation)
        return report_at(report, pos,
                         "conv_transpose2d: output_padding %d must be less than stride %d or "
                         "dilation %d",
                         e.extra, e.stride, e.dilation);
    if (extent_out(e) >= 1)
        return true;
    return report_at(report, pos,
                     "conv_transpose2d: its output has no %s left: (%d - 1) x stride %d - 2 x "
                     "padding %d + dilation %d x (kernel %d - 1) + output_padding %d + 1 = %lld",
                     name, e.in, e.stride, e.padding, e.dilation, e.kernel, e.extra,
                     (long long)extent_out(e));
}

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    struct convolution_config *conv = config;
    if (!layer_takes_map("conv_transpose2d", info, 0, pos, report) ||
        !convolution_groups(conv, "conv_transpose2d", info, pos, report))
        return false;
    struct extent height = {info->in[0].height,    conv->kernel.height,
                            conv->stride.height,   conv->padding.height,
                            conv->dilation.height, conv->output_padding.height};
    struct extent width = {info->in[0].width,   conv->kernel.width,   conv->stride.width,
                           conv->padding.width, conv->dilation.width, conv->output_padding.width};
    if (!check_extent(height, "height", pos, report) ||
        !check_extent(width, "width", pos, report) ||
        !layer_gives_map("conv_transpose2d", info, conv->out, extent_out(height), extent_out(width),
                         pos, report))
        return false;
    struct convolution shape = convolution_of(conv, info->out, info->in[0]);
    if (!convolution_infer(&shape, conv, "conv_transpose2d", info, pos, report))
        return false;
    /* The gradient of its bias is a pass over dy of its own. */
    info->reads_made = info->reads_once = false;
    return true;
}

static struct convolution shape_of(const struct layer_call *call) {
    return convolution_of(call->config, call->info->out, call->info->in[0]);
}

static void forward(const struct layer_call *call) {
    struct convolution shape = shape_of(call);
    struct convolution_batch batch = {&shape, call, convolution_y(call), convolution_x(call)};
    PER_ISA(convolution_to_image)(&batch, convolution_bias(call), false);
}

static void backward(const struct layer_call *call) {
    struct convolution shape = shape_of(call);
    struct convolution_map dy = convolution_dy(call);
    struct convolution_batch weights = {&shape, call, dy, convolution_x(call)};
    struct convolution_batch data = {&shape, call, dy, convolution_dx(call)};
    PER_ISA(convolution_gradients)(&weights, NULL, true);
    if (call->dx[0].data)
        PER_ISA(convolution_to_places)(&data, NULL, call->dx_add[0]);
}

const struct layer_ops PER_ISA(layer_conv_transpose2d) = {
    .name = "conv_transpose2d",
    .summary = "transposed convolution: each pixel lays its weighted kernel on a larger map",
    .example = "conv_transpose2d: {out: 16, kernel: 2, stride: 2}",
    .attrs = convolution_attrs,
    .attr_count = CONV_TRANSPOSE2D_ATTRS,
    .config_size = sizeof(struct convolution_config),
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_READS_X,
    .algorithms = convolution_algorithms,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
