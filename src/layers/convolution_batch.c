/* The passes of a convolution over a batch: slice by slice, or, by ways that can, all images at once. */
#include "convolution.h"

struct job {
    const struct convolution_batch *batch;
    void (*pass)(const struct convolution_pass *pass, const float *bias, bool add);
    const float *bias;
    bool add;
};

static void run_slice(void *context, struct slice slice) {
    const struct job *job = context;
    struct convolution_pass pass = PER_ISA(convolution_pass_of)(job->batch, slice);
    job->pass(&pass, job->bias, job->add);
}

static void run_slices(struct job job) {
    layer_each_slice(job.batch->call, run_slice, &job);
}

void PER_ISA(convolution_to_places)(const struct convolution_batch *batch, const float *bias,
                                    bool add) {
    const struct convolution_kernels *kernels = PER_ISA(convolution_kernels_of)(batch->call);
    if (!batch->call->is_packed)
        kernels->pack_to_places(batch->shape, batch->call);
    if (kernels->whole)
        kernels->whole->to_places(batch, bias, add);
    else
        run_slices((struct job){batch, kernels->to_places, bias, add});
}

void PER_ISA(convolution_to_image)(const struct convolution_batch *batch, const float *bias,
                                   bool add) {
    const struct convolution_kernels *kernels = PER_ISA(convolution_kernels_of)(batch->call);
    if (!batch->call->is_packed)
        kernels->pack_to_image(batch->shape, batch->call);
    if (kernels->whole)
        kernels->whole->to_image(batch, bias, add);
    else
        run_slices((struct job){batch, kernels->to_image, bias, add});
}
