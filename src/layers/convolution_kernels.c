/* From a call to the kernels of the way that infer has chosen, and to their passes. */
#include "convolution.h"

const struct convolution_kernels *PER_ISA(convolution_kernels_of)(const struct layer_call *call) {
    static const struct convolution_kernels *const ways[CONVOLUTION_WAYS] = {
        [CONVOLUTION_COLUMNS] = &PER_ISA(convolution_columns),
        [CONVOLUTION_DIRECT] = &PER_ISA(convolution_direct),
        [CONVOLUTION_DEPTHWISE] = &PER_ISA(convolution_depthwise),
        [CONVOLUTION_WINOGRAD4] = &PER_ISA(convolution_chunks),
        [CONVOLUTION_WINOGRAD5] = &PER_ISA(convolution_chunks),
        [CONVOLUTION_PLANES] = &PER_ISA(convolution_planes),
    };
    return ways[((const struct convolution_config *)call->config)->way];
}

/* The images of a slice; where nothing is stored, a shape only. */
static struct convolution_map map_of(struct convolution_map map, struct slice slice) {
    if (map.tensor.data)
        map.tensor = tensor_images(map.tensor, slice.first, slice.count);
    map.tensor.images = slice.count;
    return map;
}

struct convolution_pass PER_ISA(convolution_pass_of)(const struct convolution_batch *batch,
                                                     struct slice slice) {
    return (struct convolution_pass){.shape = batch->shape,
                                     .slice = slice,
                                     .image = map_of(batch->image, slice),
                                     .places = map_of(batch->places, slice),
                                     .packed = batch->call->packed,
                                     .scratch = layer_worker_scratch(batch->call, slice)};
}
