/* The gradients of the parameters of convolutions: what every slice gives, and their sum; or what a way gives
 * that takes all images at once.
 *
 * A slice leaves the gradient of the weights as a matrix for each group, (tap, channel of the image) x (channel
 * of places); PyTorch's order is channel of places, channel of the image, tap. */
#include "convolution.h"

/* ---- gradients ----------------------------------------------------------------------------------- */

/* What a slice leaves in its scratch memory. */
struct partial {
    float *weight; /* as to_weights of the kernels leaves it */
    double *bias;
};

static struct partial partial_of(const struct layer_call *call, const struct convolution *shape,
                                 int slice) {
    char *scratch = layer_slice_scratch(call, slice);
    size_t weights = layer_bytes(convolution_slice_weights(shape));
    return (struct partial){(void *)scratch, (void *)(scratch + weights)};
}

static float *bias_gradient(const struct layer_call *call) {
    return call->info->param_count > 1 ? call->grads[1] : NULL;
}

double *PER_ISA(convolution_bias_sums)(const struct convolution *shape,
                                       const struct layer_call *call, int slice) {
    return partial_of(call, shape, slice).bias;
}

/* In double: thousands of pixels are added one by one. */
void PER_ISA(convolution_add_pixels)(const float *pixel, size_t pitch, size_t count,
                                     size_t channels, double *restrict sums) {
    for (; count > 0; count--, pixel += pitch)
        for (size_t c = 0; c < channels; c++)
            sums[c] += (double)pixel[c];
}

void PER_ISA(convolution_sum_pixels)(struct tensor tensor, double *sums) {
    size_t channels = (size_t)tensor.channels;
    memset(sums, 0, channels * sizeof *sums);
    PER_ISA(convolution_add_pixels)
    (tensor.data, (size_t)tensor.pitch, tensor_pixels(tensor), channels, sums);
}

/* ---- slice by slice -------------------------------------------------------------------------------- */
struct gradients {
    const struct convolution_batch *weights, *data; /* data may be NULL */
    bool transposed;
};

static void slice_gradients(void *context, struct slice slice) {
    const struct gradients *gradients = context;
    const struct layer_call *call = gradients->weights->call;
    const struct convolution_kernels *kernels = PER_ISA(convolution_kernels_of)(call);
    struct convolution_pass pass = PER_ISA(convolution_pass_of)(gradients->weights, slice);
    struct partial partial = partial_of(call, pass.shape, slice.index);
    double *sums = bias_gradient(call) ? partial.bias : NULL;
    double *place_sums = gradients->transposed ? NULL : sums;
    bool weights = call->grads[0] || place_sums;
    if (gradients->data) {
        struct convolution_pass data = PER_ISA(convolution_pass_of)(gradients->data, slice);
        if (weights)
            kernels->to_weights_and_image(&pass, partial.weight, place_sums, &data,
                                          call->dx_add[0]);
        else
            kernels->to_image(&data, NULL, call->dx_add[0]);
    } else if (weights)
        kernels->to_weights(&pass, partial.weight, place_sums);
    if (sums && gradients->transposed)
        PER_ISA(convolution_sum_pixels)(pass.image.tensor, sums);
}

/* ---- sums ------------------------------------------------------------------------------------------ */

static void sum_bias(const struct convolution *shape, const struct layer_call *call) {
    float *gradient = bias_gradient(call);
    int slices = slice_count(call->images);
    for (int c = 0; gradient && c < call->info->out.channels; c++) {
        double sum = call->grads_add ? (double)gradient[c] : 0;
        for (int s = 0; s < slices; s++)
            sum += partial_of(call, shape, s).bias[c];
        gradient[c] = (float)sum;
    }
}

/* Channels of the image whose rows one task adds up. For each tap they lie side by side in what a slice leaves, and
 * in PyTorch's order with all taps; so memory is read in long runs, what is written stays in the nearest cache, and
 * no two workers write to one line of it. */
enum { SUM_CHANNELS = 8 };

struct sum {
    const struct convolution *shape;
    const struct layer_call *call;
};

/* A row to PyTorch's order. */
static void store_row(const struct sum *sum, size_t row, const float *total) {
    const struct layer_call *call = sum->call;
    struct packed_row to = packed_row(sum->shape, row);
    float *gradient = call->grads[0] + to.first;
    for (size_t i = 0; i < place_group(sum->shape); i++, gradient += to.step)
        *gradient = call->grads_add ? *gradient + total[i] : total[i];
}

/* Adds the slices' rows to those of the first slice, and stores them or adds them to the gradient. */
static void sum_rows(const struct sum *sum, size_t first, size_t count) {
    size_t length = place_group(sum->shape);
    float *restrict total = partial_of(sum->call, sum->shape, 0).weight + first * length;
    for (int s = 1; s < slice_count(sum->call->images); s++) {
        const float *restrict more = partial_of(sum->call, sum->shape, s).weight + first * length;
        for (size_t i = 0; i < count * length; i++)
            total[i] += more[i];
    }
    for (size_t row = 0; row < count; row++)
        store_row(sum, first + row, total + row * length);
}

/* Channels of one group. */
static void sum_run(const struct sum *sum, size_t channel, size_t count) {
    size_t channels = image_group(sum->shape), taps = convolution_taps(sum->shape);
    size_t group = channel / channels, first = group * taps * channels + channel % channels;
    for (size_t tap = 0; tap < taps; tap++)
        sum_rows(sum, first + tap * channels, count);
}

static void sum_channels(void *context, int task, int worker) {
    (void)worker;
    const struct sum *sum = context;
    size_t group = image_group(sum->shape), c = (size_t)task * SUM_CHANNELS;
    size_t end = c + SUM_CHANNELS, channels = (size_t)sum->shape->image_channels;
    for (size_t count; c < end && c < channels; c += count) {
        size_t left = (end < channels ? end : channels) - c, of_group = group - c % group;
        count = left < of_group ? left : of_group;
        sum_run(sum, c, count);
    }
}

static void by_slices(const struct gradients *gradients) {
    const struct convolution *shape = gradients->weights->shape;
    const struct layer_call *call = gradients->weights->call;
    struct sum sum = {shape, call};
    if (gradients->data)
        PER_ISA(convolution_kernels_of)(call)->pack_to_image(shape, call);
    layer_each_slice(call, slice_gradients, (void *)gradients);
    if (call->grads[0])
        pool_run(call->pool, (shape->image_channels + SUM_CHANNELS - 1) / SUM_CHANNELS,
                 sum_channels, &sum);
}

/* ---- all images at once ------------------------------------------------------------------------------ */

static void sum_image(void *context, struct slice slice) {
    const struct convolution_batch *batch = context;
    PER_ISA(convolution_sum_pixels)
    (PER_ISA(convolution_pass_of)(batch, slice).image.tensor,
     partial_of(batch->call, batch->shape, slice.index).bias);
}

static void by_whole(const struct gradients *gradients, const struct convolution_whole *whole) {
    const struct convolution_batch *weights = gradients->weights;
    const struct layer_call *call = weights->call;
    bool sums = bias_gradient(call), place_sums = sums && !gradients->transposed;
    if (call->grads[0] || place_sums)
        whole->to_weights(weights, place_sums);
    if (sums && gradients->transposed)
        layer_each_slice(call, sum_image, (void *)weights);
    if (gradients->data)
        PER_ISA(convolution_to_image)(gradients->data, NULL, call->dx_add[0]);
}

void PER_ISA(convolution_gradients)(const struct convolution_batch *weights,
                                    const struct convolution_batch *data, bool transposed) {
    const struct layer_call *call = weights->call;
    const struct convolution_whole *whole = PER_ISA(convolution_kernels_of)(call)->whole;
    struct gradients gradients = {weights, data, transposed};
    if (whole)
        by_whole(&gradients, whole);
    else
        by_slices(&gradients);
    sum_bias(weights->shape, call);
}
