/* concat: the channels of the inputs, one input after the other. */
#include "copy.h"

static bool check_input(const struct layer_info *info, int index, const struct pos *pos,
                        struct report *report) {
    struct shape a = info->in[0], b = info->in[index];
    if (a.rank == b.rank && a.height == b.height && a.width == b.width)
        return true;
    return report_at(report, pos, "concat: its inputs differ in more than channels: %s and %s",
                     shape_text(a).text, shape_text(b).text);
}

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    (void)config;
    int64_t channels = info->in[0].channels;
    for (int i = 1; i < info->inputs; i++) {
        if (!check_input(info, i, pos, report))
            return false;
        channels += info->in[i].channels;
    }
    if (info->in[0].rank == 1)
        return layer_gives_vector("concat", info, channels, pos, report);
    return layer_gives_map("concat", info, channels, info->in[0].height, info->in[0].width, pos,
                           report);
}

static void forward_slice(const struct layer_call *call, struct slice slice) {
    struct tensor y = tensor_images(call->y, slice.first, slice.count);
    for (int i = 0, channel = 0; i < call->info->inputs; i++) {
        int channels = call->info->in[i].channels;
        PER_ISA(copy_values)
        (tensor_images(call->x[i], slice.first, slice.count), tensor_channels(y, channel, channels),
         false);
        channel += channels;
    }
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    struct tensor dy = tensor_images(call->dy, slice.first, slice.count);
    for (int i = 0, channel = 0; i < call->info->inputs; i++) {
        int channels = call->info->in[i].channels;
        if (call->dx[i].data)
            PER_ISA(copy_values)
        (tensor_channels(dy, channel, channels),
         tensor_images(call->dx[i], slice.first, slice.count), call->dx_add[i]);
        channel += channels;
    }
}

static void backward(const struct layer_call *call) {
    layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_concat) = {
    .name = "concat",
    .summary = "the channels of 2 to 16 inputs, one input after the other",
    .example = "concat: {from: [left, right]}",
    .min_inputs = 2,
    .max_inputs = LAYER_MOST_INPUTS,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
