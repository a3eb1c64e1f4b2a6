/* The passes of dropout and dropout2d over a batch, image by image. */
#include "copy.h"
#include "dropout.h"
#include "rows.h"

/* `call` comes first, so that a slice's body, which is given the call, finds the job. */
struct job {
    struct layer_call call;
    dropout_image *image;
    struct tensor from, to;
    bool add;
};

void PER_ISA(dropout_scale)(const float *from, const float *factors, float *to, size_t n,
                            bool add) {
    if (add) {
        ROWS_INDEPENDENT
        for (size_t i = 0; i < n; i++)
            to[i] += from[i] * factors[i];
    } else {
        ROWS_INDEPENDENT
        for (size_t i = 0; i < n; i++)
            to[i] = from[i] * factors[i];
    }
}

static void drop_slice(const struct layer_call *call, struct slice slice) {
    const struct job *job = (const struct job *)call;
    for (int n = slice.first; n < slice.first + slice.count; n++) {
        struct mask mask = mask_of(call, n);
        job->image(call, &mask, slice, tensor_images(job->from, n, 1), tensor_images(job->to, n, 1),
                   job->add);
    }
}

static void copy_slice(const struct layer_call *call, struct slice slice) {
    const struct job *job = (const struct job *)call;
    PER_ISA(copy_values)
    (tensor_images(job->from, slice.first, slice.count),
     tensor_images(job->to, slice.first, slice.count), job->add);
}

void PER_ISA(dropout_forward)(const struct layer_call *call, dropout_image *image) {
    struct job job = {*call, image, call->x[0], call->y, false};
    layer_slices(&job.call, call->training ? drop_slice : copy_slice);
}

void PER_ISA(dropout_backward)(const struct layer_call *call, dropout_image *image) {
    struct job job = {*call, image, call->dy, call->dx[0], call->dx_add[0]};
    if (call->dx[0].data)
        layer_slices(&job.call, call->training ? drop_slice : copy_slice);
}
