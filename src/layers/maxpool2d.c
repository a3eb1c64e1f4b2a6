/* maxpool2d: the largest value under each window, as torch.nn.MaxPool2d.
 *
 * Of equal values the first in row order wins; a NaN wins over every value, the last NaN over the others; the
 * padding never wins. Forward leaves the winner's tap for each output, all that backward needs. */
#include "pooling.h"

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    const struct pooling *pooling = config;
    struct attr_size kernel = pooling->kernel;
    if (!pooling_infer(config, "maxpool2d", info, pos, report))
        return false;
    if ((int64_t)kernel.height * kernel.width > UINT16_MAX)
        return report_at(report, pos, "maxpool2d: %s has more than %d pixels",
                         kernel_text(kernel.height, kernel.width).text, UINT16_MAX);
    info->saved_per_image = shape_size(info->out) * sizeof(uint16_t);
    return true;
}

/* The winners' taps at one place; in scratch memory where no backward will ask for them. */
static uint16_t *taps_of(const struct layer_call *call, const struct field *field) {
    uint16_t *saved = layer_saved(call, 0);
    return saved ? saved + (field->before + field->place) * (size_t)call->info->out.channels
                 : field->scratch;
}

static void start(const float *restrict x, float *restrict y, uint16_t *restrict taps, uint16_t tap,
                  size_t channels) {
    for (size_t c = 0; c < channels; c++) {
        y[c] = x[c];
        taps[c] = tap;
    }
}

static void take_larger(const float *restrict x, float *restrict y, uint16_t *restrict taps,
                        uint16_t tap, size_t channels) {
    for (size_t c = 0; c < channels; c++) {
        bool wins = x[c] > y[c] || x[c] != x[c];
        y[c] = wins ? x[c] : y[c];
        taps[c] = wins ? tap : taps[c];
    }
}

static void forward_place(const struct layer_call *call, const struct window *window,
                          const struct field *field) {
    size_t channels = (size_t)call->y.channels;
    float *y = layer_pixel(field->places, field->place);
    uint16_t *taps = taps_of(call, field);
    for (int row = field->down.first; row < field->down.end; row++)
        for (int column = field->across.first; column < field->across.end; column++) {
            bool first = row == field->down.first && column == field->across.first;
            (first ? start : take_larger)(field_pixel(field, row, column), y, taps,
                                          (uint16_t)(row * window->columns.kernel + column),
                                          channels);
        }
}

static void forward_slice(const struct layer_call *call, struct slice slice) {
    pooling_forward(call, slice, forward_place);
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

/* Adds dy where this tap won. Windows with many taps would be better off following the winners, but the
 * usual ones have four or nine, and this needs no scatter. */
static void give_back(const float *restrict dy, const uint16_t *restrict taps, uint16_t tap,
                      float *restrict dx, size_t channels) {
    for (size_t c = 0; c < channels; c++)
        dx[c] += taps[c] == tap ? dy[c] : 0;
}

static void backward_place(const struct layer_call *call, const struct window *window,
                           const struct field *field) {
    const float *dy = layer_pixel(field->places, field->place);
    const uint16_t *taps = taps_of(call, field);
    for (int row = field->down.first; row < field->down.end; row++)
        for (int column = field->across.first; column < field->across.end; column++)
            give_back(dy, taps, (uint16_t)(row * window->columns.kernel + column),
                      field_pixel(field, row, column), (size_t)call->dy.channels);
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    pooling_backward(call, slice, backward_place);
}

static void backward(const struct layer_call *call) {
    if (call->dx[0].data)
        layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_maxpool2d) = {
    .name = "maxpool2d",
    .summary = "the largest value under each window",
    .example = "maxpool2d: {kernel: 2}",
    .attrs = pooling_attrs,
    .attr_count = POOLING_ATTRS,
    .config_size = sizeof(struct pooling),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
