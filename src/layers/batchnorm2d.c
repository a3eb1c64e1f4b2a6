/* batchnorm2d (Ioffe and Szegedy 2015, "Batch normalization", algorithms 1 and 2), channel by channel over
 * the N values that a batch has of it:
 *     y  = weight (x - mean) s + bias,  s = 1 / sqrt(variance + eps)
 *     dx = weight s (dy - sum(dy) / N - (x - mean) s^2 sum(dy (x - mean)) / N)
 * In training, mean and variance are the batch's (the variance divided by N) and move the running ones
 * (there it is divided by N - 1). In evaluation, and with frozen statistics, they are the running ones,
 * constants to backward, whose two sums then drop out of dx.
 *
 * Sums are taken per slice and added slice after slice in double; those of the forward pass about a value in
 * the middle of the channel, so that no digits are lost where the mean is far from 0.
 *
 * y and dx are made pixel by pixel once their constants are known: for memory, or for whoever reads them
 * (struct layer_maker). An elementwise kind that follows (call->after) is part of both. So is a sum (call->adds),
 * but only as far as memory: the other addend needs its gradient as well. */
#include "layer.h"
#include "normal.h"

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

/* What a batch has of each channel: the last two are known once backward has summed up. */
enum { MEAN, INVERSE_STD, SCALE, LEVEL, SLOPE, CONSTANTS };

/* The constants; then for each slice two sums in double and a float per channel. */
static size_t floats_bytes(const struct layer_info *info) {
    return layer_bytes((size_t)info->out.channels);
}

static size_t slice_bytes(const struct layer_info *info) {
    return 2 * layer_bytes(2 * (size_t)info->out.channels) + floats_bytes(info);
}

static size_t state_bytes(const struct layer_info *info) {
    return CONSTANTS * floats_bytes(info) + SLICE_MOST * slice_bytes(info);
}

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
    info->saved_per_batch = info->shared_scratch = state_bytes(info);
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

/* Saved for backward, if there will be one. */
static char *state_of(const struct layer_call *call) {
    return call->saved ? call->saved : call->shared_scratch;
}

/* One float per channel. */
static float *constants(const struct layer_call *call, int which) {
    return (void *)(state_of(call) + (size_t)which * floats_bytes(call->info));
}

static char *slice_state(const struct layer_call *call, int slice) {
    return state_of(call) + CONSTANTS * floats_bytes(call->info) +
           (size_t)slice * slice_bytes(call->info);
}

static struct normal normal_of(const struct layer_call *call) {
    return (struct normal){.rectified = call->after && call->after->rectifies,
                           .mean = constants(call, MEAN),
                           .scale = constants(call, SCALE),
                           .bias = call->params[BIAS],
                           .level = constants(call, LEVEL),
                           .slope = constants(call, SLOPE),
                           .channels = (size_t)call->info->out.channels};
}

static struct sums sums_of(const struct layer_call *call, int slice) {
    char *memory = slice_state(call, slice);
    return (struct sums){(void *)memory,
                         (void *)(memory + layer_bytes(2 * (size_t)call->info->out.channels))};
}

/* What a slice's sums of the forward pass are about. */
static float *middle_of(const struct layer_call *call, int slice) {
    char *end = slice_state(call, slice) + slice_bytes(call->info);
    return (void *)(end - floats_bytes(call->info));
}

static struct sums sums_cleared(const struct layer_call *call, int slice) {
    struct sums sums = sums_of(call, slice);
    for (int c = 0; c < call->info->out.channels; c++)
        sums.first[c] = sums.second[c] = 0;
    return sums;
}

/* ---- statistics -------------------------------------------------------------------------------- */

static bool uses_batch(const struct layer_call *call) {
    return call->training && !call->freeze_stats;
}

static size_t pixels_per_image(const struct layer_call *call) {
    return (size_t)call->info->out.height * (size_t)call->info->out.width;
}

static double values_per_channel(const struct layer_call *call) {
    return (double)call->images * (double)pixels_per_image(call);
}

static struct pixels pixels_at(struct tensor tensor, size_t first) {
    return (struct pixels){layer_pixel(tensor, first), (size_t)tensor.pitch};
}

/* The mean of a slice's first pixels, near enough to that of all. */
static void find_middle(const struct layer_call *call, int slice, struct pixels x, size_t count) {
    size_t channels = (size_t)call->info->out.channels;
    struct sums sums = sums_cleared(call, slice);
    float *middle = middle_of(call, slice);
    memcpy(middle, x.data, channels * sizeof *middle);
    PER_ISA(normal_sum_values)
    (&(struct normal){.mean = middle, .channels = channels}, x, count, sums);
    for (size_t c = 0; c < channels; c++)
        middle[c] += (float)(sums.first[c] / (double)count);
}

static bool begins_slice(const struct layer_call *call, int slice, size_t first) {
    return first == (size_t)slice_of(call->images, slice).first * pixels_per_image(call);
}

/* Sums of x and x^2, both about the slice's middle. */
static void take_x(const struct layer_call *call, int slice, size_t first, size_t count) {
    struct pixels x = pixels_at(call->x[0], first);
    if (!uses_batch(call))
        return;
    if (begins_slice(call, slice, first)) {
        find_middle(call, slice, x, count);
        sums_cleared(call, slice);
    }
    struct normal about = {.mean = middle_of(call, slice),
                           .channels = (size_t)call->info->out.channels};
    PER_ISA(normal_sum_values)(&about, x, count, sums_of(call, slice));
}

/* Takes a slice's pixels as another layer would offer them, for the same bits. */
static void take_all(const struct layer_call *call, struct slice slice,
                     void (*take)(const struct layer_call *call, int slice, size_t first,
                                  size_t count)) {
    size_t width = (size_t)call->info->out.width;
    int height = call->info->out.height;
    for (int image = slice.first; image < slice.first + slice.count; image++)
        for (int row = 0; row < height; row += LAYER_OFFER_ROWS) {
            int rows = height - row < LAYER_OFFER_ROWS ? height - row : LAYER_OFFER_ROWS;
            size_t first = (size_t)image * pixels_per_image(call) + (size_t)row * width;
            take(call, slice.index, first, (size_t)rows * width);
        }
}

static void take_values(const struct layer_call *call, struct slice slice) {
    take_all(call, slice, take_x);
}

/* Sums about one middle m from those about another, m + d: of x, first + n d; of x^2, second + 2 d first +
 * n d^2. All slices come to the middle of the first. */
static struct sums total_values(const struct layer_call *call) {
    struct sums total = sums_of(call, 0);
    const float *middle = middle_of(call, 0);
    for (int s = 1; s < slice_count(call->images); s++) {
        struct sums slice = sums_of(call, s);
        double n = (double)slice_of(call->images, s).count * (double)pixels_per_image(call);
        for (int c = 0; c < call->info->out.channels; c++) {
            double d = (double)middle_of(call, s)[c] - (double)middle[c];
            total.first[c] += slice.first[c] + n * d;
            total.second[c] += slice.second[c] + 2 * d * slice.first[c] + n * d * d;
        }
    }
    return total;
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

static void find_batch_statistics(const struct layer_call *call) {
    if (!call->taken)
        layer_slices(call, take_values);
    struct sums total = total_values(call);
    double n = values_per_channel(call);
    for (int c = 0; c < call->info->out.channels; c++) {
        double offset = total.first[c] / n;
        double mean = (double)middle_of(call, 0)[c] + offset;
        double variance = total.second[c] / n - offset * offset;
        variance = variance < 0 ? 0 : variance; /* by rounding; a NaN stays one */
        constants(call, MEAN)[c] = (float)mean;
        constants(call, INVERSE_STD)[c] = (float)inverse_std(call->config, variance);
        move_running(call, c, mean, variance);
    }
}

static void copy_running_statistics(const struct layer_call *call) {
    for (int c = 0; c < call->info->out.channels; c++) {
        constants(call, MEAN)[c] = call->params[RUNNING_MEAN][c];
        constants(call, INVERSE_STD)[c] =
            (float)inverse_std(call->config, (double)call->params[RUNNING_VAR][c]);
    }
}

/* ---- pieces ------------------------------------------------------------------------------------
 * Pixels are gone through in pieces that stay in the nearest cache, since an elementwise kind that follows is
 * one pass more over each. */
enum { PIECE = 1024 };

struct piece {
    size_t first,
        count; /* pixels, counted through the batch; 1 unless their channels are in one run */
    size_t channel, channels; /* of each of them */
};

/* What is done with a piece; what it does not need may be zero. */
struct use {
    float *to;           /* the first of all pixels made */
    size_t begin, pitch; /* its number; floats from one to the next */
    bool add;            /* to what is there */
    struct sums sums;
};

static void each_piece(const struct layer_call *call, size_t first, size_t count, bool dense,
                       const struct use *use,
                       void (*body)(const struct layer_call *call, const struct use *use,
                                    struct piece piece)) {
    size_t channels = (size_t)call->info->out.channels, end = first + count;
    size_t most = dense && channels < PIECE ? PIECE / channels : 1;
    for (; first < end; first += most) {
        struct piece piece = {.first = first, .count = end - first < most ? end - first : most};
        for (; piece.channel < channels; piece.channel += piece.channels) {
            size_t left = channels - piece.channel;
            piece.channels = left < PIECE ? left : PIECE;
            body(call, use, piece);
        }
    }
}

static struct normal normal_of_piece(const struct layer_call *call, struct piece piece) {
    struct normal normal = normal_of(call);
    normal.mean += piece.channel;
    normal.scale += piece.channel;
    normal.bias += piece.channel;
    normal.level += piece.channel;
    normal.slope += piece.channel;
    normal.channels = piece.channels;
    return normal;
}

static struct pixels pixels_of_piece(struct tensor tensor, struct piece piece) {
    return (struct pixels){layer_pixel(tensor, piece.first) + piece.channel, (size_t)tensor.pitch};
}

/* Who has pixels made comes for those a few rows on next. */
static size_t pixels_ahead(const struct layer_call *call) {
    return LAYER_OFFER_ROWS * (size_t)call->info->out.width;
}

/* ---- forward ----------------------------------------------------------------------------------- */

static bool is_dense(struct tensor tensor) {
    return tensor.pitch == tensor.channels;
}

static struct pixels plus_of_piece(const struct layer_call *call, struct piece piece) {
    return call->adds ? pixels_of_piece(call->plus, piece) : (struct pixels){0};
}

/* An elementwise kind that follows is one pass more, unless it is a rectifier. */
static void make_values(const struct layer_call *call, const struct use *use, struct piece piece) {
    struct normal normal = normal_of_piece(call, piece);
    float *y = use->to + (piece.first - use->begin) * use->pitch + piece.channel;
    PER_ISA(normal_values)
    (&normal, pixels_of_piece(call->x[0], piece), plus_of_piece(call, piece), piece.count, y,
     use->pitch);
    if (call->after && !normal.rectified)
        call->after->map(call->after_config, y, y, piece.count * piece.channels);
}

static void make_and_store(const struct layer_call *call, const struct use *use,
                           struct piece piece) {
    make_values(call, use, piece);
    memcpy(layer_pixel(call->y, piece.first) + piece.channel,
           use->to + (piece.first - use->begin) * use->pitch + piece.channel,
           piece.count * piece.channels * sizeof(float));
}

static void make_y(const struct layer_call *call, size_t first, size_t count, float *to,
                   size_t pitch) {
    struct use use = {.to = to, .begin = first, .pitch = pitch};
    bool dense = pitch == (size_t)call->info->out.channels && is_dense(call->y);
    layer_prefetch(call->x[0], first + pixels_ahead(call), count, false);
    if (call->adds)
        layer_prefetch(call->plus, first + pixels_ahead(call), count, false);
    if (call->y.data)
        layer_prefetch(call->y, first + pixels_ahead(call), count, true);
    each_piece(call, first, count, dense, &use, call->y.data ? make_and_store : make_values);
}

static void store_y(const struct layer_call *call, struct slice slice) {
    size_t pixels = pixels_per_image(call), first = (size_t)slice.first * pixels;
    struct use use = {
        .to = layer_pixel(call->y, first), .begin = first, .pitch = (size_t)call->y.pitch};
    each_piece(call, first, (size_t)slice.count * pixels, is_dense(call->y), &use, make_values);
}

static void forward(const struct layer_call *call) {
    if (uses_batch(call))
        find_batch_statistics(call);
    else
        copy_running_statistics(call);
    for (int c = 0; c < call->info->out.channels; c++)
        constants(call, SCALE)[c] = call->params[WEIGHT][c] * constants(call, INVERSE_STD)[c];
    if (call->y.data)
        layer_slices(call, store_y);
}

/* ---- backward ---------------------------------------------------------------------------------- */

/* The gradient of what the kind itself gives (a rectifier's is left to the loops of normal.h): dy, or in
 * `memory` its product with the slope of the kind that follows, which is a function of its own x or y, made
 * once more. */
static struct pixels own_gradient(const struct layer_call *call, const struct normal *normal,
                                  struct piece piece, float memory[PIECE]) {
    struct pixels dy = pixels_of_piece(call->dy, piece);
    float value[PIECE];
    if (!call->after || normal->rectified || call->adds)
        return dy;
    size_t count = piece.count * piece.channels;
    PER_ISA(normal_values)
    (normal, pixels_of_piece(call->x[0], piece), (struct pixels){0}, piece.count, value,
     piece.channels);
    if (!call->after->reads_x)
        call->after->map(call->after_config, value, value, count);
    call->after->slope(call->after_config, value, dy.data, memory, count);
    return (struct pixels){memory, piece.channels};
}

/* Behind a sum dy is the gradient of the sum, so that a rectifier has had its say. */
static struct normal normal_of_gradients(const struct layer_call *call, struct piece piece) {
    struct normal normal = normal_of_piece(call, piece);
    normal.rectified = normal.rectified && !call->adds;
    return normal;
}

/* The gradient of a sum from that of what comes after it. */
static void make_dy(const struct layer_call *call, struct piece piece) {
    const float *y = layer_pixel(call->y, piece.first) + piece.channel;
    const float *after = layer_pixel(call->dy_after, piece.first) + piece.channel;
    float *dy = layer_pixel(call->dy, piece.first) + piece.channel;
    call->after->slope(call->after_config, y, after, dy, piece.count * piece.channels);
}

static void sum_piece(const struct layer_call *call, const struct use *use, struct piece piece) {
    float memory[PIECE];
    if (call->dy_after.data)
        make_dy(call, piece);
    struct normal normal = normal_of_gradients(call, piece);
    struct pixels dy = own_gradient(call, &normal, piece, memory);
    struct sums sums = {use->sums.first + piece.channel, use->sums.second + piece.channel};
    PER_ISA(normal_sum_gradients)
    (&normal, pixels_of_piece(call->x[0], piece), dy, piece.count, sums);
}

static bool dense_dy(const struct layer_call *call) {
    bool dense_after = is_dense(call->dy_after) && is_dense(call->y);
    return is_dense(call->dy) && (!call->dy_after.data || dense_after);
}

/* Sums of dy and of dy (x - mean). */
static void take_dy(const struct layer_call *call, int slice, size_t first, size_t count) {
    if (begins_slice(call, slice, first))
        sums_cleared(call, slice);
    struct use use = {.sums = sums_of(call, slice)};
    if (call->dy_after.data) /* else whoever offers has just had x read */
        layer_prefetch(call->x[0], first + pixels_ahead(call), count, false);
    each_piece(call, first, count, dense_dy(call), &use, sum_piece);
}

static void take_gradients(const struct layer_call *call, struct slice slice) {
    take_all(call, slice, take_dy);
}

/* Adds every slice's sums, in order, to those of slice 0. */
static struct sums total_gradients(const struct layer_call *call) {
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

static void put(float *grad, int c, double value, bool add) {
    if (grad)
        grad[c] = (float)value + (add ? grad[c] : 0);
}

static void give_param_gradients(const struct layer_call *call) {
    struct sums total = total_gradients(call);
    double share = uses_batch(call) ? 1 / values_per_channel(call) : 0;
    for (int c = 0; c < call->info->out.channels; c++) {
        double s = (double)constants(call, INVERSE_STD)[c];
        put(call->grads[WEIGHT], c, total.second[c] * s, call->grads_add);
        put(call->grads[BIAS], c, total.first[c], call->grads_add);
        constants(call, LEVEL)[c] = (float)(total.first[c] * share);
        constants(call, SLOPE)[c] = (float)(total.second[c] * share * s * s);
    }
}

static void make_gradients(const struct layer_call *call, const struct use *use,
                           struct piece piece) {
    float memory[PIECE];
    struct normal normal = normal_of_gradients(call, piece);
    struct pixels dy = own_gradient(call, &normal, piece, memory);
    float *dx = use->to + (piece.first - use->begin) * use->pitch + piece.channel;
    PER_ISA(normal_gradients)
    (&normal, pixels_of_piece(call->x[0], piece), dy, piece.count, dx, use->pitch, use->add);
}

static void make_dx(const struct layer_call *call, size_t first, size_t count, float *to,
                    size_t pitch) {
    struct use use = {.to = to, .begin = first, .pitch = pitch};
    layer_prefetch(call->x[0], first + pixels_ahead(call), count, false);
    layer_prefetch(call->dy, first + pixels_ahead(call), count, false);
    each_piece(call, first, count, dense_dy(call), &use, make_gradients);
}

static void store_dx(const struct layer_call *call, struct slice slice) {
    size_t pixels = pixels_per_image(call), first = (size_t)slice.first * pixels;
    struct use use = {.to = layer_pixel(call->dx[0], first),
                      .begin = first,
                      .pitch = (size_t)call->dx[0].pitch,
                      .add = call->dx_add[0]};
    each_piece(call, first, (size_t)slice.count * pixels, dense_dy(call), &use, make_gradients);
}

static void backward(const struct layer_call *call) {
    if (!call->taken)
        layer_slices(call, take_gradients);
    give_param_gradients(call);
    if (call->dx[0].data)
        layer_slices(call, store_dx);
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
    .traits = LAYER_IN_PLACE | LAYER_READS_X,
    .infer = infer,
    .forward = forward,
    .backward = backward,
    .make_y = make_y,
    .make_dx = make_dx,
    .take_x = take_x,
    .take_dy = take_dy,
};
