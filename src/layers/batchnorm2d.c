/* batchnorm2d (Ioffe and Szegedy 2015, "Batch normalization", algorithms 1 and 2), channel by channel over
 * the N values that a batch has of it:
 *     y  = weight (x - mean) s + bias,  s = 1 / sqrt(variance + eps)
 *     dx = weight s (dy - sum(dy) / N - (x - mean) s^2 sum(dy (x - mean)) / N)
 * In training, mean and variance are the batch's (the variance divided by N) and move the running ones
 * (there it is divided by N - 1). In evaluation, and with frozen statistics, they are the running ones,
 * constants to backward, whose two sums then drop out of dx.
 *
 * Sums are taken in double per slice and added slice after slice; those of the forward pass about a value of
 * the channel, so that no digits are lost where the mean is far from 0. */
#include "layer.h"
#include "rows.h"

#include <math.h>

struct batchnorm2d {
    double eps, momentum;
};

static const struct attr attrs[] = {
    {"eps", "added to the variance", ATTR_FLOAT, offsetof(struct batchnorm2d, eps),
     .fallback = 1e-5, .min_open = true},
    {"momentum", "share of the new batch in the running statistics", ATTR_FLOAT,
     offsetof(struct batchnorm2d, momentum), .fallback = .1, .min = 0, .max = 1},
};

enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR };

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    (void)config;
    static const struct layer_param params[] = {
        [WEIGHT] = {.name = "weight", .role = PARAM_TRAINED, .constant = 1},
        [BIAS] = {.name = "bias", .role = PARAM_TRAINED, .constant = 0},
        [RUNNING_MEAN] = {.name = "running_mean", .role = PARAM_BUFFER, .constant = 0},
        [RUNNING_VAR] = {.name = "running_var", .role = PARAM_BUFFER, .constant = 1},
    };
    if (!layer_takes_map("batchnorm2d", info, 0, pos, report))
        return false;
    info->out = info->in[0];
    size_t floats = layer_bytes((size_t)info->out.channels);
    info->saved_per_batch = 2 * floats;
    info->shared_scratch = 3 * floats;
    info->slice_scratch = 2 * layer_bytes(2 * (size_t)info->out.channels);
    for (int i = 0; i < BASE_COUNT(params); i++) {
        struct layer_param param = params[i];
        param.rank = 1;
        param.dims[0] = info->out.channels;
        if (!layer_add_param("batchnorm2d", info, param, pos, report))
            return false;
    }
    return true;
}

/* ---- memory ------------------------------------------------------------------------------------ */

/* The index-th array of one float per channel. */
static float *channel_array(const struct layer_call *call, void *memory, int index) {
    size_t bytes = layer_bytes((size_t)call->info->out.channels);
    return (void *)((char *)memory + (size_t)index * bytes);
}

/* The statistics that normalise this batch; saved for backward, if there will be one. */
static float *mean_of(const struct layer_call *call) {
    return channel_array(call, call->saved ? call->saved : call->shared_scratch, 0);
}

static float *inverse_std_of(const struct layer_call *call) {
    return channel_array(call, call->saved ? call->saved : call->shared_scratch, 1);
}

/* Two sums per channel, of one slice. */
struct sums {
    double *first, *second;
};

static struct sums sums_of(const struct layer_call *call, int slice) {
    size_t bytes = layer_bytes(2 * (size_t)call->info->out.channels);
    char *memory = layer_slice_scratch(call, slice);
    return (struct sums){(void *)memory, (void *)(memory + bytes)};
}

static struct sums sums_cleared(const struct layer_call *call, int slice) {
    struct sums sums = sums_of(call, slice);
    for (int c = 0; c < call->info->out.channels; c++)
        sums.first[c] = sums.second[c] = 0;
    return sums;
}

/* Adds every slice's sums, in order, to those of slice 0. */
static struct sums sums_total(const struct layer_call *call) {
    struct sums total = sums_of(call, 0);
    for (int i = 1; i < slice_count(call->images); i++) {
        struct sums slice = sums_of(call, i);
        for (int c = 0; c < call->info->out.channels; c++) {
            total.first[c] += slice.first[c];
            total.second[c] += slice.second[c];
        }
    }
    return total;
}

/* ---- forward ----------------------------------------------------------------------------------- */

static bool uses_batch(const struct layer_call *call) {
    return call->training && !call->freeze_stats;
}

static double values_per_channel(const struct layer_call *call) {
    return (double)call->images * call->info->out.height * call->info->out.width;
}

/* Sums of x and x^2, both about the channel's first value in the batch. */
static void sum_values(const struct layer_call *call, struct slice slice) {
    struct tensor x = tensor_images(call->x[0], slice.first, slice.count);
    struct sums sums = sums_cleared(call, slice.index);
    const float *about = call->x[0].data;
    size_t pixels = tensor_pixels(x);
    for (size_t p = 0; p < pixels; p++) {
        const float *value = layer_pixel(x, p);
        ROWS_INDEPENDENT
        for (int c = 0; c < x.channels; c++) {
            double difference = (double)value[c] - (double)about[c];
            sums.first[c] += difference;
            sums.second[c] += difference * difference;
        }
    }
}

static void move_running(const struct layer_call *call, int c, double mean, double variance) {
    double momentum = ((const struct batchnorm2d *)call->config)->momentum;
    double n = values_per_channel(call), unbiased = variance * n / (n - 1);
    float *running_mean = &call->params[RUNNING_MEAN][c];
    float *running_var = &call->params[RUNNING_VAR][c];
    *running_mean = (float)((1 - momentum) * (double)*running_mean + momentum * mean);
    *running_var = (float)((1 - momentum) * (double)*running_var + momentum * unbiased);
}

static double inverse_std(const void *config, double variance) {
    return 1 / sqrt(variance + ((const struct batchnorm2d *)config)->eps);
}

static void take_batch_statistics(const struct layer_call *call) {
    layer_slices(call, sum_values);
    struct sums total = sums_total(call);
    double n = values_per_channel(call);
    for (int c = 0; c < call->info->out.channels; c++) {
        double offset = total.first[c] / n;
        double mean = (double)call->x[0].data[c] + offset;
        double variance = total.second[c] / n - offset * offset;
        variance = variance < 0 ? 0 : variance; /* by rounding; a NaN stays one */
        mean_of(call)[c] = (float)mean;
        inverse_std_of(call)[c] = (float)inverse_std(call->config, variance);
        move_running(call, c, mean, variance);
    }
}

static void take_running_statistics(const struct layer_call *call) {
    for (int c = 0; c < call->info->out.channels; c++) {
        mean_of(call)[c] = call->params[RUNNING_MEAN][c];
        inverse_std_of(call)[c] =
            (float)inverse_std(call->config, (double)call->params[RUNNING_VAR][c]);
    }
}

static void normalise(const struct layer_call *call, struct slice slice) {
    struct tensor x = tensor_images(call->x[0], slice.first, slice.count);
    struct tensor y = tensor_images(call->y, slice.first, slice.count);
    const float *mean = mean_of(call), *bias = call->params[BIAS];
    const float *scale = channel_array(call, call->shared_scratch, 2);
    size_t pixels = tensor_pixels(x);
    for (size_t p = 0; p < pixels; p++) {
        const float *from = layer_pixel(x, p);
        float *to = layer_pixel(y, p);
        ROWS_INDEPENDENT
        for (int c = 0; c < x.channels; c++)
            to[c] = (from[c] - mean[c]) * scale[c] + bias[c];
    }
}

static void forward(const struct layer_call *call) {
    if (uses_batch(call))
        take_batch_statistics(call);
    else
        take_running_statistics(call);
    float *scale = channel_array(call, call->shared_scratch, 2);
    for (int c = 0; c < call->info->out.channels; c++)
        scale[c] = call->params[WEIGHT][c] * inverse_std_of(call)[c];
    layer_slices(call, normalise);
}

/* ---- backward ---------------------------------------------------------------------------------- */

/* Sums of dy and of dy (x - mean). */
static void sum_gradients(const struct layer_call *call, struct slice slice) {
    struct tensor x = tensor_images(call->x[0], slice.first, slice.count);
    struct tensor dy = tensor_images(call->dy, slice.first, slice.count);
    struct sums sums = sums_cleared(call, slice.index);
    const float *mean = mean_of(call);
    size_t pixels = tensor_pixels(x);
    for (size_t p = 0; p < pixels; p++) {
        const float *value = layer_pixel(x, p), *gradient = layer_pixel(dy, p);
        ROWS_INDEPENDENT
        for (int c = 0; c < x.channels; c++) {
            sums.first[c] += (double)gradient[c];
            sums.second[c] += (double)gradient[c] * (double)(value[c] - mean[c]);
        }
    }
}

static void put(float *grad, int c, double value, bool add) {
    if (grad)
        grad[c] = (float)value + (add ? grad[c] : 0);
}

/* dx = scale (dy - level - (x - mean) slope), channel by channel. */
enum { SCALE, LEVEL, SLOPE };

static void take_gradients(const struct layer_call *call) {
    struct sums total = sums_total(call);
    double share = uses_batch(call) ? 1 / values_per_channel(call) : 0;
    for (int c = 0; c < call->info->out.channels; c++) {
        double s = (double)inverse_std_of(call)[c];
        put(call->grads[WEIGHT], c, total.second[c] * s, call->grads_add);
        put(call->grads[BIAS], c, total.first[c], call->grads_add);
        channel_array(call, call->shared_scratch, SCALE)[c] =
            (float)((double)call->params[WEIGHT][c] * s);
        channel_array(call, call->shared_scratch, LEVEL)[c] = (float)(total.first[c] * share);
        channel_array(call, call->shared_scratch, SLOPE)[c] =
            (float)(total.second[c] * share * s * s);
    }
}

static void give_gradients(const struct layer_call *call, struct slice slice) {
    struct tensor x = tensor_images(call->x[0], slice.first, slice.count);
    struct tensor dy = tensor_images(call->dy, slice.first, slice.count);
    struct tensor dx = tensor_images(call->dx[0], slice.first, slice.count);
    const float *mean = mean_of(call), *scale = channel_array(call, call->shared_scratch, SCALE);
    const float *level = channel_array(call, call->shared_scratch, LEVEL);
    const float *slope = channel_array(call, call->shared_scratch, SLOPE);
    bool add = call->dx_add[0];
    size_t pixels = tensor_pixels(x);
    for (size_t p = 0; p < pixels; p++) {
        const float *value = layer_pixel(x, p), *gradient = layer_pixel(dy, p);
        float *to = layer_pixel(dx, p);
        ROWS_INDEPENDENT
        for (int c = 0; c < x.channels; c++)
            to[c] = (add ? to[c] : 0) +
                    scale[c] * (gradient[c] - level[c] - (value[c] - mean[c]) * slope[c]);
    }
}

static void backward(const struct layer_call *call) {
    layer_slices(call, sum_gradients);
    take_gradients(call);
    if (call->dx[0].data)
        layer_slices(call, give_gradients);
}

static void affine(const void *config, const struct layer_info *info, float *const *params,
                   float *scale, float *shift) {
    for (int c = 0; c < info->out.channels; c++) {
        double s = inverse_std(config, (double)params[RUNNING_VAR][c]) * (double)params[WEIGHT][c];
        scale[c] = (float)s;
        shift[c] = (float)((double)params[BIAS][c] - (double)params[RUNNING_MEAN][c] * s);
    }
}

const struct layer_ops PER_ISA(layer_batchnorm2d) = {
    .name = "batchnorm2d",
    .summary = "each channel to mean 0 and variance 1 over the batch, then weight and bias",
    .example = "batchnorm2d",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct batchnorm2d),
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_READS_X,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .affine = affine,
};
