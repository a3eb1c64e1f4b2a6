/* upsample2d: a map enlarged by an integer factor, as torch.nn.Upsample.
 *
 * Every output pixel is a mean of at most four input pixels, with a weight per axis: nearest takes the one it
 * lies in; bilinear the two that it lies between, where pixels are squares (align_corners false: the centre of
 * output pixel i is at (i + 0.5) / scale - 0.5) or points (true: corners stay corners). */
#include "layer.h"

enum mode { NEAREST, BILINEAR };
static const char *const modes[] = {"nearest", "bilinear", NULL};

struct upsample2d {
    struct attr_size scale;
    int mode;
    bool align_corners;
};

static const struct attr attrs[] = {
    {"scale", "output pixels per input pixel", ATTR_SIZE, offsetof(struct upsample2d, scale),
     .min = 1, .max = INT32_MAX, .required = true, .also = "scale_factor"},
    {"mode", "how to fill the new pixels", ATTR_CHOICE, offsetof(struct upsample2d, mode),
     .choices = modes, .fallback = NEAREST},
    {"align_corners", "bilinear: corners stay corners", ATTR_BOOL,
     offsetof(struct upsample2d, align_corners), .fallback = false},
};

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    const struct upsample2d *upsample = config;
    struct shape in = info->in[0];
    if (!layer_takes_map("upsample2d", info, 0, pos, report))
        return false;
    if (upsample->align_corners && upsample->mode == NEAREST)
        return report_at(report, pos, "upsample2d: align_corners works with mode bilinear only");
    return layer_gives_map("upsample2d", info, in.channels,
                           (int64_t)in.height * upsample->scale.height,
                           (int64_t)in.width * upsample->scale.width, pos, report);
}

/* Where an output pixel comes from along one axis: pixel `low` and, with `share` of the weight, `high`. */
struct source {
    int low, high;
    float share;
};

static struct source source_of(const struct upsample2d *upsample, int place, int scale, int in) {
    if (upsample->mode == NEAREST)
        return (struct source){place / scale, place / scale, 0};
    double last = (double)in * scale - 1;
    double at = (place + 0.5) / scale - 0.5;
    if (upsample->align_corners)
        at = last > 0 ? (double)place * (in - 1) / last : 0;
    if (at < 0)
        at = 0;
    int low = (int)at;
    return (struct source){low, low + 1 < in ? low + 1 : low, (float)(at - low)};
}

/* The input pixels of one output pixel, each with its weight: one or four. */
struct blend {
    int count;
    float *pixels[4], weights[4];
};

static void blend_add(struct blend *blend, struct tensor image, int row, int column, float weight) {
    size_t pixel = (size_t)row * (size_t)image.width + (size_t)column;
    blend->pixels[blend->count] = layer_pixel(image, pixel);
    blend->weights[blend->count++] = weight;
}

static struct blend blend_of(const struct upsample2d *upsample, struct tensor image,
                             struct source down, struct source across) {
    struct blend blend = {0};
    blend_add(&blend, image, down.low, across.low, (1 - down.share) * (1 - across.share));
    if (upsample->mode == BILINEAR) {
        blend_add(&blend, image, down.low, across.high, (1 - down.share) * across.share);
        blend_add(&blend, image, down.high, across.low, down.share * (1 - across.share));
        blend_add(&blend, image, down.high, across.high, down.share * across.share);
    }
    return blend;
}

/* Calls `body` for every output pixel of a slice; `small` is x or dx, `large` y or dy. */
static void walk(const struct layer_call *call, struct tensor small, struct tensor large,
                 void (*body)(const struct blend *blend, float *pixel, size_t channels)) {
    const struct upsample2d *upsample = call->config;
    size_t place = 0;
    for (int n = 0; n < small.images; n++)
        for (int row = 0; row < large.height; row++) {
            struct source down = source_of(upsample, row, upsample->scale.height, small.height);
            for (int column = 0; column < large.width; column++, place++) {
                struct source across =
                    source_of(upsample, column, upsample->scale.width, small.width);
                struct blend blend = blend_of(upsample, tensor_images(small, n, 1), down, across);
                body(&blend, layer_pixel(large, place), (size_t)large.channels);
            }
        }
}

static void forward_pixel(const struct blend *blend, float *restrict y, size_t channels) {
    for (size_t c = 0; c < channels; c++)
        y[c] = blend->weights[0] * blend->pixels[0][c];
    for (int i = 1; i < blend->count; i++) {
        const float *restrict x = blend->pixels[i];
        float weight = blend->weights[i];
        for (size_t c = 0; c < channels; c++)
            y[c] += weight * x[c];
    }
}

static void forward_slice(const struct layer_call *call, struct slice slice) {
    walk(call, tensor_images(call->x[0], slice.first, slice.count),
         tensor_images(call->y, slice.first, slice.count), forward_pixel);
}

static void forward(const struct layer_call *call) {
    layer_slices(call, forward_slice);
}

static void backward_pixel(const struct blend *blend, float *restrict dy, size_t channels) {
    for (int i = 0; i < blend->count; i++) {
        float *restrict dx = blend->pixels[i], weight = blend->weights[i];
        for (size_t c = 0; c < channels; c++)
            dx[c] += weight * dy[c];
    }
}

static void backward_slice(const struct layer_call *call, struct slice slice) {
    struct tensor dx = tensor_images(call->dx[0], slice.first, slice.count);
    if (!call->dx_add[0])
        layer_clear(dx);
    walk(call, dx, tensor_images(call->dy, slice.first, slice.count), backward_pixel);
}

static void backward(const struct layer_call *call) {
    if (call->dx[0].data)
        layer_slices(call, backward_slice);
}

const struct layer_ops PER_ISA(layer_upsample2d) = {
    .name = "upsample2d",
    .summary = "the map enlarged by an integer factor",
    .example = "upsample2d: {scale: 2, mode: bilinear}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct upsample2d),
    .min_inputs = 1,
    .max_inputs = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
