/* Convolution of each channel by itself (groups as many as channels): no matrices, but with channels innermost a
 * tap is one multiplication of vectors, the same for all pixels of a row that it meets.
 *
 * A tap at a row of places meets the places `first` .. `end - 1` of that row; the others see padding there. */
#include "convolution.h"
#include "vector.h"

#define INLINE static inline __attribute__((always_inline))

/* One tap over one row of places: pixels of both sides, `step` and `channels` floats from one to the next. */
struct meeting {
    float *image, *places;
    size_t image_step, place_step;
    int count;
    int tap;
};

/* The places of an axis whose tap lies on the map. */
struct met {
    int first, end;
};

static struct met met_by(const struct axis *axis, int tap) {
    int offset = axis->padding - tap * axis->dilation; /* place * stride >= offset */
    int last = axis->in - 1 + offset;
    struct met met = {.first = offset > 0 ? (offset + axis->stride - 1) / axis->stride : 0,
                      .end = last < 0 ? 0 : last / axis->stride + 1};
    met.end = met.end < axis->out ? met.end : axis->out;
    return met;
}

static struct meeting meeting_of(const struct convolution_pass *pass, size_t image, int y, int row,
                                 int column) {
    const struct axis *rows = &pass->shape->window.rows, *columns = &pass->shape->window.columns;
    struct met met = met_by(columns, column);
    size_t image_row = image * (size_t)rows->in +
                       (size_t)(y * rows->stride - rows->padding + row * rows->dilation);
    size_t image_column =
        (size_t)(met.first * columns->stride - columns->padding + column * columns->dilation);
    size_t place =
        (image * (size_t)rows->out + (size_t)y) * (size_t)columns->out + (size_t)met.first;
    struct tensor x = pass->image.tensor, dy = pass->places.tensor;
    return (struct meeting){.image = layer_pixel(x, image_row * (size_t)columns->in + image_column),
                            .places = layer_pixel(dy, place),
                            .image_step = (size_t)columns->stride * (size_t)x.pitch,
                            .place_step = (size_t)dy.pitch,
                            .count = met.end - met.first,
                            .tap = row * columns->kernel + column};
}

/* All meetings of a row of places. */
static void each_meeting(const struct convolution_pass *pass, size_t image, int y, void *context,
                         void (*meet)(const struct convolution_pass *pass,
                                      const struct meeting *meeting, void *context)) {
    const struct axis *rows = &pass->shape->window.rows, *columns = &pass->shape->window.columns;
    for (int row = 0; row < rows->kernel; row++) {
        struct met met = met_by(rows, row);
        if (y < met.first || y >= met.end)
            continue;
        for (int column = 0; column < columns->kernel; column++) {
            struct met across = met_by(columns, column);
            if (across.first >= across.end)
                continue;
            struct meeting meeting = meeting_of(pass, image, y, row, column);
            meet(pass, &meeting, context);
        }
    }
}

static void each_row(const struct convolution_pass *pass, void *context,
                     void (*meet)(const struct convolution_pass *pass,
                                  const struct meeting *meeting, void *context)) {
    for (int image = 0; image < pass->slice.count; image++)
        for (int y = 0; y < pass->shape->window.rows.out; y++)
            each_meeting(pass, (size_t)image, y, context, meet);
}

/* ---- to + from * weights ---------------------------------------------------------------------------- */

INLINE void add_vectors(float *to, size_t to_step, const float *from, size_t from_step,
                        const float *weights, size_t channels, int count) {
    size_t c = 0;
    for (; c + VECTOR_FLOATS <= channels; c += VECTOR_FLOATS) {
        vector weight = vector_load(weights + c);
        for (size_t i = 0; i < (size_t)count; i++) {
            float *at = to + i * to_step + c;
            vector_store(at, vector_load(at) + vector_load(from + i * from_step + c) * weight);
        }
    }
    for (; c < channels; c++)
        for (size_t i = 0; i < (size_t)count; i++)
            to[i * to_step + c] += from[i * from_step + c] * weights[c];
}

static const float *weights_of_tap(const struct convolution_pass *pass, int tap) {
    return pass->packed + (size_t)tap * (size_t)pass->shape->image_channels;
}

static void meet_to_places(const struct convolution_pass *pass, const struct meeting *meeting,
                           void *context) {
    (void)context;
    add_vectors(meeting->places, meeting->place_step, meeting->image, meeting->image_step,
                weights_of_tap(pass, meeting->tap), (size_t)pass->shape->image_channels,
                meeting->count);
}

static void meet_to_image(const struct convolution_pass *pass, const struct meeting *meeting,
                          void *context) {
    (void)context;
    add_vectors(meeting->image, meeting->image_step, meeting->places, meeting->place_step,
                weights_of_tap(pass, meeting->tap), (size_t)pass->shape->image_channels,
                meeting->count);
}

static void begin(struct tensor to, const float *bias, bool add) {
    if (add)
        return;
    if (bias)
        layer_fill(to, bias);
    else
        layer_clear(to);
}

static void to_places(const struct convolution_pass *pass, const float *bias, bool add) {
    begin(pass->places.tensor, bias, add);
    each_row(pass, NULL, meet_to_places);
}

static void to_image(const struct convolution_pass *pass, const float *bias, bool add) {
    begin(pass->image.tensor, bias, add);
    each_row(pass, NULL, meet_to_image);
}

/* ---- weights ---------------------------------------------------------------------------------------- */

/* From channel, tap to tap, channel. */
static void pack(const struct convolution *shape, const struct layer_call *call) {
    size_t taps = convolution_taps(shape), channels = (size_t)shape->image_channels;
    float *packed = call->packed;
    for (size_t tap = 0; tap < taps; tap++)
        for (size_t c = 0; c < channels; c++)
            packed[tap * channels + c] = call->params[0][c * taps + tap];
}

/* Sums over a row in float, over rows in double. */
static void meet_weights(const struct convolution_pass *pass, const struct meeting *meeting,
                         void *context) {
    size_t channels = (size_t)pass->shape->image_channels, c = 0;
    double *sums = (double *)context + (size_t)meeting->tap * channels;
    for (; c + VECTOR_FLOATS <= channels; c += VECTOR_FLOATS) {
        vector sum = {0};
        for (size_t i = 0; i < (size_t)meeting->count; i++)
            sum += vector_load(meeting->image + i * meeting->image_step + c) *
                   vector_load(meeting->places + i * meeting->place_step + c);
        for (size_t i = 0; i < VECTOR_FLOATS; i++)
            sums[c + i] += (double)sum[i];
    }
    for (; c < channels; c++) {
        float sum = 0;
        for (size_t i = 0; i < (size_t)meeting->count; i++)
            sum += meeting->image[i * meeting->image_step + c] *
                   meeting->places[i * meeting->place_step + c];
        sums[c] += (double)sum;
    }
}

static void to_weights(const struct convolution_pass *pass, float *gradient, double *sums) {
    size_t taps = convolution_taps(pass->shape), channels = (size_t)pass->shape->image_channels;
    double *products = (void *)pass->scratch;
    memset(products, 0, taps * channels * sizeof *products);
    each_row(pass, products, meet_weights);
    for (size_t c = 0; c < channels; c++)
        for (size_t tap = 0; tap < taps; tap++)
            gradient[c * taps + tap] = (float)products[tap * channels + c];
    if (sums)
        PER_ISA(convolution_sum_pixels)(pass->places.tensor, sums);
}

static void to_weights_and_image(const struct convolution_pass *weights, float *gradient,
                                 double *sums, const struct convolution_pass *data, bool add) {
    to_weights(weights, gradient, sums);
    to_image(data, NULL, add);
}

const struct convolution_kernels PER_ISA(convolution_depthwise) = {
    .pack_to_places = pack,
    .pack_to_image = pack,
    .to_places = to_places,
    .to_image = to_image,
    .to_weights = to_weights,
    .to_weights_and_image = to_weights_and_image,
};
