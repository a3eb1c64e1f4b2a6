/* From a call to the kernels of the way that infer has chosen, and to their passes. */
#include "convolution.h"

const struct convolution_kernels *PER_ISA(convolution_kernels_of)(const struct layer_call *call) {
    static const struct convolution_kernels *const ways[CONVOLUTION_WAYS] = {
        [CONVOLUTION_COLUMNS] = &PER_ISA(convolution_columns),
        [CONVOLUTION_WINOGRAD] = &PER_ISA(convolution_winograd),
    };
    return ways[((const struct convolution_config *)call->config)->way];
}

struct convolution_pass PER_ISA(convolution_pass_of)(const struct convolution *shape,
                                                     const struct layer_call *call,
                                                     struct slice slice, struct tensor image,
                                                     struct tensor places) {
    return (struct convolution_pass){.shape = shape,
                                     .image = tensor_images(image, slice.first, slice.count),
                                     .places = tensor_images(places, slice.first, slice.count),
                                     .packed = layer_shared_scratch(call),
                                     .scratch = layer_worker_scratch(call, slice)};
}
