/* avgpool2d: the mean of each window, as torch.nn.AvgPool2d: the padding counts as zeros.
 * global_avgpool2d: the same with one window that is the whole map, as torch.nn.AdaptiveAvgPool2d(1). */
#include "pooling.h"

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    return pooling_infer(config, "avgpool2d", info, pos, report);
}

static bool infer_global(void *config, struct layer_info *info, const struct pos *pos,
                         struct report *report) {
    struct pooling *pooling = config;
    pooling->kernel = (struct attr_size){info->in[0].height, info->in[0].width};
    return pooling_infer(config, "global_avgpool2d", info, pos, report);
}

static double share(const struct window *window) {
    return 1 / ((double)window->rows.kernel * window->columns.kernel);
}

static void add(const float *restrict x, double *restrict sums, size_t channels) {
    for (size_t c = 0; c < channels; c++)
        sums[c] += (double)x[c];
}

/* In double, for windows of many pixels. */
static void forward_place(const struct layer_call *call, const struct window *window,
                          const struct field *field) {
    size_t channels = (size_t)call->y.channels;
    double *sums = field->scratch, factor = share(window);
    memset(sums, 0, channels * sizeof *sums);
    for (int row = field->down.first; row < field->down.end; row++)
        for (int column = field->across.first; column < field->across.end; column++)
            add(field_pixel(field, row, column), sums, channels);
    float *y = layer_pixel(field->places, field->place);
    for (size_t c = 0; c < channels; c++)
        y[c] = (float)(sums[c] * factor);
}

static void forward_slice(const struct layer_call *call, struct slice slice) {
    pooling_forward(call, slice, forward_place);
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void add_share(const float *restrict dy, float factor, float *restrict dx, size_t channels) {
    for (size_t c = 0; c < channels; c++)
        dx[c] += dy[c] * factor;
}

static void backward_place(const struct layer_call *call, const struct window *window,
                           const struct field *field) {
    const float *dy = layer_pixel(field->places, field->place);
    for (int row = field->down.first; row < field->down.end; row++)
        for (int column = field->across.first; column < field->across.end; column++)
            add_share(dy, (float)share(window), field_pixel(field, row, column),
                      (size_t)call->dy.channels);
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    pooling_backward(call, slice, backward_place);
}

static void backward(const struct layer_call *call) {
    if (call->dx[0].data)
        layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_avgpool2d) = {
    .name = "avgpool2d",
    .summary = "the mean of each window",
    .example = "avgpool2d: {kernel: 2}",
    .attrs = pooling_attrs,
    .attr_count = POOLING_ATTRS,
    .config_size = sizeof(struct pooling),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};

const struct layer_ops PER_ISA(layer_global_avgpool2d) = {
    .name = "global_avgpool2d",
    .summary = "the mean of each channel over the whole map",
    .example = "global_avgpool2d",
    .config_size = sizeof(struct pooling),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer_global,
    .forward = forward,
    .backward = backward,
};
