/* pad_channels: zero channels before and after those of the input, `to` in all (the parameter-free shortcut
 * of He et al. 2015, option A). */
#include "copy.h"

struct pad_channels {
    int to, before;
};

static const struct attr attrs[] = {
    {"to", "channels of the output", ATTR_INT, offsetof(struct pad_channels, to), .min = 1,
     .required = true},
    {"before", "how many of the zero channels come first", ATTR_INT,
     offsetof(struct pad_channels, before), .min = 0, .max = INT32_MAX},
};

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    const struct pad_channels *pad = config;
    struct shape in = info->in[0];
    if (pad->to < in.channels)
        return report_at(report, pos, "pad_channels: its input has %d channels, more than to: %d",
                         in.channels, pad->to);
    if (pad->before > pad->to - in.channels)
        return report_at(report, pos,
                         "pad_channels: before: %d and the %d channels of its input are more than "
                         "to: %d",
                         pad->before, in.channels, pad->to);
    if (in.rank == 1)
        return layer_gives_vector("pad_channels", info, pad->to, pos, report);
    return layer_gives_map("pad_channels", info, pad->to, in.height, in.width, pos, report);
}

/* An image is cleared in one run and then written to while it is in the nearest caches. */
static void forward_slice(const struct layer_call *call, struct slice slice) {
    const struct pad_channels *pad = call->config;
    for (int n = slice.first; n < slice.first + slice.count; n++) {
        struct tensor x = tensor_images(call->x[0], n, 1), y = tensor_images(call->y, n, 1);
        layer_clear(y);
        PER_ISA(copy_values)(x, tensor_channels(y, pad->before, x.channels), false);
    }
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    const struct pad_channels *pad = call->config;
    struct tensor dx = tensor_images(call->dx[0], slice.first, slice.count);
    struct tensor dy = tensor_images(call->dy, slice.first, slice.count);
    PER_ISA(copy_values)(tensor_channels(dy, pad->before, dx.channels), dx, call->dx_add[0]);
}

static void backward(const struct layer_call *call) {
    if (call->dx[0].data)
        layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_pad_channels) = {
    .name = "pad_channels",
    .summary = "zero channels before and after those of the input",
    .example = "pad_channels: {to: 32}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct pad_channels),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
