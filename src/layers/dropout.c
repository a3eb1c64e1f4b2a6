/* dropout: in training each value is 0 with probability p, else x / (1 - p); in evaluation y = x
 * (Srivastava et al. 2014). p = 1 drops all. The mask goes pixel by pixel, channels innermost. */
#include "dropout.h"
#include "rows.h"

static void drop_row(struct mask *mask, const float *from, float *to, size_t length, bool add) {
    enum { PIECE = 256 };
    float factors[PIECE];
    for (size_t first = 0; first < length; first += PIECE) {
        size_t n = length - first < PIECE ? length - first : PIECE;
        PER_ISA(mask_draw)(mask, factors, n);
        PER_ISA(dropout_scale)(from + first, factors, to + first, n, add);
    }
}

static void drop_image(const struct layer_call *call, struct mask *mask, struct slice worker,
                       struct tensor from, struct tensor to, bool add) {
    (void)call, (void)worker;
    struct rows rows = rows_of(from, tensor_dense(from) && tensor_dense(to));
    for (size_t r = 0; r < rows.count; r++)
        drop_row(mask, layer_pixel(from, r), layer_pixel(to, r), rows.length, add);
}

static void forward(const struct layer_call *call) {
    PER_ISA(dropout_forward)(call, drop_image);
}

static void backward(const struct layer_call *call) {
    PER_ISA(dropout_backward)(call, drop_image);
}

const struct layer_ops PER_ISA(layer_dropout) = {
    .name = "dropout",
    .summary = "in training each value is 0 with probability p, the others grow by 1 / (1 - p)",
    .example = "dropout: {p: 0.2}",
    .attrs = dropout_attrs,
    .attr_count = DROPOUT_ATTRS,
    .config_size = sizeof(struct dropout),
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_ONLY_TRAINING,
    .infer = layer_same_shape,
    .forward = forward,
    .backward = backward,
};
