/* identity: y = x. The planner gives y the memory of x, and then nothing is copied. */
#include "copy.h"
#include "rows.h"

static void forward_slice(const struct layer_call *call, struct slice slice) {
    PER_ISA(copy_values)
    (tensor_images(call->x[0], slice.first, slice.count),
     tensor_images(call->y, slice.first, slice.count), false);
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    PER_ISA(copy_values)
    (tensor_images(call->dy, slice.first, slice.count),
     tensor_images(call->dx[0], slice.first, slice.count), call->dx_add[0]);
}

static void backward(const struct layer_call *call) {
    if (call->dx[0].data)
        layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_identity) = {
    .name = "identity",
    .summary = "the input, unchanged",
    .example = "identity",
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_IN_PLACE | LAYER_RENAMES,
    .infer = layer_same_shape,
    .forward = forward,
    .backward = backward,
};
