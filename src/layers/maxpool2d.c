/* maxpool2d: the largest value under each window, as torch.nn.MaxPool2d.
 *
 * Of equal values the first in row order wins; a NaN wins over every value, the last NaN over the others; the
 * padding never wins. Forward leaves the winner's tap for each output, all that backward needs. */
#include "pooling.h"
#include "vector.h"

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

/* ---- a vector of channels ------------------------------------------------------------------------
 * Or the `count` that are left. */

#define INLINE static inline __attribute__((always_inline))

typedef uint16_t vector_taps __attribute__((vector_size(VECTOR_FLOATS * sizeof(uint16_t))));

INLINE vector_where taps_load(const uint16_t *from, int count) {
    vector_taps taps = {0};
    memcpy(&taps, from, (size_t)count * sizeof *from);
    return __builtin_convertvector(taps, vector_where);
}

INLINE void taps_store(uint16_t *to, vector_where v, int count) {
    vector_taps taps = __builtin_convertvector(v, vector_taps);
    memcpy(to, &taps, (size_t)count * sizeof *to);
}

INLINE vector_where choose(vector_where where, vector_where then, vector_where other) {
    return (then & where) | (other & ~where);
}

/* The tap (row, column) of a window, counted through its rows. */
static int tap_at(const struct window *window, int row, int column) {
    return row * window->columns.kernel + column;
}

INLINE void vector_forward(const struct window *window, const struct field *field, size_t c,
                           int count, float *y, uint16_t *taps) {
    const float *first = field_pixel(field, field->down.first, field->across.first) + c;
    vector best = vector_load_some(first, count);
    vector_where which = (vector_where){0} + tap_at(window, field->down.first, field->across.first);
    for (int row = field->down.first; row < field->down.end; row++)
        for (int column = field->across.first; column < field->across.end; column++) {
            vector x = vector_load_some(field_pixel(field, row, column) + c, count);
            vector_where wins = (x > best) | (x != x);
            best = (vector)choose(wins, (vector_where)x, (vector_where)best);
            which = choose(wins, (vector_where){0} + tap_at(window, row, column), which);
        }
    vector_store_some(y + c, best, count);
    taps_store(taps + c, which, count);
}

/* Adds dy where a tap won. Windows with many taps would be better off following the winners, but the usual
 * ones have four or nine, and this needs no scatter. */
INLINE void vector_backward(const struct window *window, const struct field *field, size_t c,
                            int count, const float *dy, const uint16_t *taps) {
    vector gradient = vector_load_some(dy + c, count);
    vector_where which = taps_load(taps + c, count);
    for (int row = field->down.first; row < field->down.end; row++)
        for (int column = field->across.first; column < field->across.end; column++) {
            float *dx = field_pixel(field, row, column) + c;
            vector won = vector_drop(gradient, which != tap_at(window, row, column));
            vector_store_some(dx, vector_load_some(dx, count) + won, count);
        }
}

/* ---- all ------------------------------------------------------------------------------------------- */

static void forward_place(const struct layer_call *call, const struct window *window,
                          const struct field *field) {
    size_t channels = (size_t)call->y.channels, c = 0;
    float *y = layer_pixel(field->places, field->place);
    uint16_t *taps = taps_of(call, field);
    for (; c < vector_whole(channels); c += VECTOR_FLOATS)
        vector_forward(window, field, c, VECTOR_FLOATS, y, taps);
    if (c < channels)
        vector_forward(window, field, c, (int)(channels - c), y, taps);
}

static void forward_slice(const struct layer_call *call, struct slice slice) {
    pooling_forward(call, slice, forward_place);
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void backward_place(const struct layer_call *call, const struct window *window,
                           const struct field *field) {
    size_t channels = (size_t)call->dy.channels, c = 0;
    const float *dy = layer_pixel(field->places, field->place);
    const uint16_t *taps = taps_of(call, field);
    for (; c < vector_whole(channels); c += VECTOR_FLOATS)
        vector_backward(window, field, c, VECTOR_FLOATS, dy, taps);
    if (c < channels)
        vector_backward(window, field, c, (int)(channels - c), dy, taps);
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
