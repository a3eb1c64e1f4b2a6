/* add: y = x[0] + x[1] + ..., from left to right. Backward hands dy to every input. */
#include "copy.h"
#include "rows.h"

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    (void)config;
    info->out = info->in[0];
    for (int i = 1; i < info->inputs; i++)
        if (!shape_equal(info->in[i], info->out))
            return report_at(report, pos, "add: its inputs differ: %s and %s",
                             shape_text(info->out).text, shape_text(info->in[i]).text);
    return true;
}

/* Pieces of the sum are complete before they are stored, because y may lie where an input lies. */
static void sum_row(const float *const *inputs, int count, float *y, size_t length) {
    enum { PIECE = 256 };
    float sum[PIECE];
    for (size_t first = 0; first < length; first += PIECE) {
        size_t n = length - first < PIECE ? length - first : PIECE;
        memcpy(sum, inputs[0] + first, n * sizeof *sum);
        for (int i = 1; i < count; i++)
            for (size_t j = 0; j < n; j++)
                sum[j] += inputs[i][first + j];
        memcpy(y + first, sum, n * sizeof *sum);
    }
}

static void forward_slice(const struct layer_call *call, struct slice slice) {
    struct tensor x[LAYER_MOST_INPUTS], y = tensor_images(call->y, slice.first, slice.count);
    const float *inputs[LAYER_MOST_INPUTS];
    bool dense = tensor_dense(y);
    int count = call->info->inputs;
    for (int i = 0; i < count; i++) {
        x[i] = tensor_images(call->x[i], slice.first, slice.count);
        dense = dense && tensor_dense(x[i]);
    }
    struct rows rows = rows_of(y, dense);
    for (size_t r = 0; r < rows.count; r++) {
        for (int i = 0; i < count; i++)
            inputs[i] = layer_pixel(x[i], r);
        sum_row(inputs, count, layer_pixel(y, r), rows.length);
    }
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    struct tensor dy = tensor_images(call->dy, slice.first, slice.count);
    for (int i = 0; i < call->info->inputs; i++)
        if (call->dx[i].data)
            PER_ISA(copy_values)
    (dy, tensor_images(call->dx[i], slice.first, slice.count), call->dx_add[i]);
}

static void backward(const struct layer_call *call) {
    layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_add) = {
    .name = "add",
    .summary = "sum of 2 to 16 inputs of one shape, element by element",
    .example = "add: {from: [left, right]}",
    .min_inputs = 2,
    .max_inputs = LAYER_MOST_INPUTS,
    .traits = LAYER_IN_PLACE | LAYER_SUM,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
