/* Elementwise kinds: their common loops. In place or not, each value is read before it is written. */
#include "pointwise.h"

/* `call` comes first, so that a slice's body, which is given the call, finds the job. */
struct job {
    struct layer_call call;
    const struct layer_pointwise *pointwise;
};

static void forward_slice(const struct layer_call *call, struct slice slice) {
    const struct layer_pointwise *pointwise = ((const struct job *)call)->pointwise;
    struct tensor x = tensor_images(call->x[0], slice.first, slice.count);
    struct tensor y = tensor_images(call->y, slice.first, slice.count);
    struct rows rows = rows_of(x, tensor_dense(x) && tensor_dense(y));
    for (size_t r = 0; r < rows.count; r++)
        pointwise->map(call->config, layer_pixel(x, r), layer_pixel(y, r), rows.length);
}

void PER_ISA(pointwise_forward)(const struct layer_call *call,
                                const struct layer_pointwise *pointwise) {
    struct job job = {*call, pointwise};
    layer_slices(&job.call, forward_slice);
}

/* dx += slope, in pieces that stay in the nearest cache. */
static void add_slope(const struct job *job, const float *value, const float *dy, float *dx,
                      size_t count) {
    enum { PIECE = 256 };
    float piece[PIECE];
    for (size_t first = 0; first < count; first += PIECE) {
        size_t n = count - first < PIECE ? count - first : PIECE;
        job->pointwise->slope(job->call.config, value + first, dy + first, piece, n);
        for (size_t i = 0; i < n; i++)
            dx[first + i] += piece[i];
    }
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    const struct job *job = (const struct job *)call;
    struct tensor value = job->pointwise->reads_x ? call->x[0] : call->y;
    value = tensor_images(value, slice.first, slice.count);
    struct tensor dy = tensor_images(call->dy, slice.first, slice.count);
    struct tensor dx = tensor_images(call->dx[0], slice.first, slice.count);
    bool dense = tensor_dense(value) && tensor_dense(dy) && tensor_dense(dx);
    struct rows rows = rows_of(value, dense);
    for (size_t r = 0; r < rows.count; r++) {
        const float *v = layer_pixel(value, r), *d = layer_pixel(dy, r);
        if (call->dx_add[0])
            add_slope(job, v, d, layer_pixel(dx, r), rows.length);
        else
            job->pointwise->slope(call->config, v, d, layer_pixel(dx, r), rows.length);
    }
}

void PER_ISA(pointwise_backward)(const struct layer_call *call,
                                 const struct layer_pointwise *pointwise) {
    if (!call->dx[0].data)
        return;
    struct job job = {*call, pointwise};
    layer_slices(&job.call, backward_slice);
}
