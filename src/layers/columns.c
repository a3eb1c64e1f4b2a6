/* Convolution as products of matrices: blocks of columns that stay in the L2 cache.
 *
 * A block is a run of places, counted through the images of a slice: its rows in `places` are a matrix as they
 * lie. Columns hold, tap by tap, the channels of one group; a 1x1 kernel with stride 1 needs none, the image
 * itself is the matrix. The cut into blocks depends on shapes alone, so bits never depend on threads. */
#include "columns.h"

#include <string.h>

struct block {
    int group;
    size_t first;
    int count;
};

/* ---- columns ------------------------------------------------------------------------------------- */

/* A walk over the places of a block and, for each, over the pixels of one group under the window. */
struct walk {
    const struct axis *rows, *columns;
    float *image;      /* channels of the group, pixel 0 of the slice */
    ptrdiff_t pitch;   /* floats from pixel to pixel of the image */
    size_t length;     /* channels of the group */
    size_t row_length; /* ... in all taps of a row */
    bool runs;         /* neighbouring taps are neighbours in memory */
};

/* What is done with floats that lie side by side in the columns and in the image; `image` is NULL where the
 * taps lie on the padding. */
typedef void (*visitor)(float *columns, float *image, size_t length);

#define INLINE static inline __attribute__((always_inline))

/* One row of taps over the row of the image that begins at `row`. */
INLINE void walk_taps(const struct walk *walk, struct span span, float *columns, float *row,
                      visitor visit) {
    size_t first = (size_t)span.first * walk->length, end = (size_t)span.end * walk->length;
    if (first > 0)
        visit(columns, NULL, first);
    if (walk->runs)
        visit(columns + first, row + (span.start + span.first) * walk->pitch, end - first);
    else
        for (int tap = span.first; tap < span.end; tap++)
            visit(columns + (size_t)tap * walk->length,
                  row + (span.start + (ptrdiff_t)tap * walk->columns->dilation) * walk->pitch,
                  walk->length);
    if (end < walk->row_length)
        visit(columns + end, NULL, walk->row_length - end);
}

/* All taps of the window at one place of an image that begins at `image`. */
INLINE void walk_place(const struct walk *walk, struct span down, struct span across,
                       float *columns, float *image, visitor visit) {
    ptrdiff_t row_pitch = walk->columns->in * walk->pitch;
    for (int tap = 0; tap < walk->rows->kernel; tap++, columns += walk->row_length) {
        ptrdiff_t y = down.start + (ptrdiff_t)tap * walk->rows->dilation;
        if (tap < down.first || tap >= down.end || across.first == across.end)
            visit(columns, NULL, walk->row_length);
        else
            walk_taps(walk, across, columns, image + y * row_pitch, visit);
    }
}

/* The places of one row of the window, from column `first` on. */
INLINE void walk_row(const struct walk *walk, int row, int first, int count, float *columns,
                     float *image, visitor visit) {
    struct span down = axis_span(walk->rows, row);
    size_t step = walk->row_length * (size_t)walk->rows->kernel;
    for (int column = first; column < first + count; column++, columns += step)
        walk_place(walk, down, axis_span(walk->columns, column), columns, image, visit);
}

INLINE void walk_block(const struct walk *walk, struct block block, float *columns, visitor visit) {
    size_t width = (size_t)walk->columns->out, height = (size_t)walk->rows->out;
    size_t image_size = (size_t)walk->rows->in * (size_t)walk->columns->in * (size_t)walk->pitch;
    for (size_t place = block.first, end = place + (size_t)block.count; place < end;) {
        size_t row = place / width, column = place % width;
        size_t count = width - column < end - place ? width - column : end - place;
        walk_row(walk, (int)(row % height), (int)column, (int)count, columns,
                 walk->image + row / height * image_size, visit);
        columns += count * walk->row_length * (size_t)walk->rows->kernel;
        place += count;
    }
}

/* Fixed sizes become single moves; a call of memcpy costs more than a short run. */
INLINE void copy_run(float *to, const float *from, size_t length) {
    for (; length >= 16; length -= 16, to += 16, from += 16)
        memcpy(to, from, 16 * sizeof *to);
    for (; length >= 4; length -= 4, to += 4, from += 4)
        memcpy(to, from, 4 * sizeof *to);
    for (size_t i = 0; i < length; i++)
        to[i] = from[i];
}

INLINE void gather(float *columns, float *image, size_t length) {
    if (image)
        copy_run(columns, image, length);
    else
        memset(columns, 0, length * sizeof *columns);
}

INLINE void spread(float *columns, float *image, size_t length) {
    for (size_t i = 0; image && i < length; i++)
        image[i] += columns[i];
}

static struct walk walk_of(const struct convolution_pass *pass, int group) {
    const struct window *window = &pass->shape->window;
    size_t length = image_group(pass->shape);
    return (struct walk){
        .rows = &window->rows,
        .columns = &window->columns,
        .image = pass->image.tensor.data + (size_t)group * length,
        .pitch = pass->image.tensor.pitch,
        .length = length,
        .row_length = (size_t)window->columns.kernel * length,
        .runs = window->columns.dilation == 1 && length == (size_t)pass->image.tensor.pitch,
    };
}

static void gather_block(const struct convolution_pass *pass, struct block block) {
    struct walk walk = walk_of(pass, block.group);
    walk_block(&walk, block, pass->scratch, gather);
}

static void spread_block(const struct convolution_pass *pass, struct block block) {
    struct walk walk = walk_of(pass, block.group);
    walk_block(&walk, block, pass->scratch, spread);
}

/* ---- products ------------------------------------------------------------------------------------ */

/* A matrix with a row per place of a block. */
struct rows {
    float *data;
    int stride;
};

/* The image itself has a row per place. */
static bool is_pointwise(const struct axis *axis) {
    return axis->kernel == 1 && axis->stride == 1 && axis->padding == 0;
}

static bool needs_columns(const struct convolution *shape) {
    return !is_pointwise(&shape->window.rows) || !is_pointwise(&shape->window.columns);
}

/* The columns of a block: in scratch memory (not yet gathered), or where the image has them. */
static struct rows column_rows(const struct convolution_pass *pass, struct block block) {
    size_t length = image_group(pass->shape);
    if (needs_columns(pass->shape))
        return (struct rows){pass->scratch, (int)(length * convolution_taps(pass->shape))};
    return (struct rows){layer_pixel(pass->image.tensor, block.first) +
                             (size_t)block.group * length,
                         pass->image.tensor.pitch};
}

static struct rows place_rows(const struct convolution_pass *pass, struct block block) {
    size_t length = place_group(pass->shape);
    return (struct rows){layer_pixel(pass->places.tensor, block.first) +
                             (size_t)block.group * length,
                         pass->places.tensor.pitch};
}

/* Where a group begins in packed weights. */
static size_t packed_group(const struct convolution *shape, int group) {
    return (size_t)group * image_group(shape) * convolution_taps(shape) * place_group(shape);
}

/* Runs `body` on all blocks of the pass, in order. */
static void each_block(const struct convolution_pass *pass, void *context,
                       void (*body)(const struct convolution_pass *pass, struct block block,
                                    void *context)) {
    size_t places = tensor_pixels(pass->places.tensor);
    size_t most = (size_t)columns_block(pass->shape);
    struct block block = {0};
    for (; block.first < places; block.first += most) {
        block.count = (int)(places - block.first < most ? places - block.first : most);
        for (block.group = 0; block.group < pass->shape->groups; block.group++)
            body(pass, block, context);
    }
}

/* ---- the passes ---------------------------------------------------------------------------------- */
struct how {
    const float *bias;
    bool add;
};

static void block_to_places(const struct convolution_pass *pass, struct block block,
                            void *context) {
    const struct how *how = context;
    const struct convolution *shape = pass->shape;
    struct rows columns = column_rows(pass, block), places = place_rows(pass, block);
    size_t length = place_group(shape);
    if (needs_columns(shape))
        gather_block(pass, block);
    if (how->bias)
        for (int i = 0; i < block.count; i++)
            memcpy(places.data + (ptrdiff_t)i * places.stride,
                   how->bias + (size_t)block.group * length, length * sizeof(float));
    gemm_run(&(struct gemm){.m = block.count,
                            .n = (int)length,
                            .k = (int)(image_group(shape) * convolution_taps(shape)),
                            .a = columns.data,
                            .a_stride = columns.stride,
                            .b = pass->packed + packed_group(shape, block.group),
                            .b_stride = (int)length,
                            .c = places.data,
                            .c_stride = places.stride,
                            .add = how->add || how->bias});
}

static void to_places(const struct convolution_pass *pass, const float *bias, bool add) {
    each_block(pass, &(struct how){bias, add}, block_to_places);
}

static void block_to_image(const struct convolution_pass *pass, struct block block, void *context) {
    (void)context;
    const struct convolution *shape = pass->shape;
    struct rows columns = column_rows(pass, block), places = place_rows(pass, block);
    size_t length = place_group(shape);
    gemm_run(&(struct gemm){.m = block.count,
                            .n = (int)(image_group(shape) * convolution_taps(shape)),
                            .k = (int)length,
                            .a = places.data,
                            .a_stride = places.stride,
                            .b = pass->packed + packed_group(shape, block.group),
                            .b_stride = (int)(image_group(shape) * convolution_taps(shape)),
                            .c = columns.data,
                            .c_stride = columns.stride,
                            .add = !needs_columns(shape)});
    if (needs_columns(shape))
        spread_block(pass, block);
}

static void to_image(const struct convolution_pass *pass, const float *bias, bool add) {
    if (bias)
        layer_fill(pass->image.tensor, bias);
    else if (!add)
        layer_clear(pass->image.tensor);
    each_block(pass, NULL, block_to_image);
}

static void block_to_weights(const struct convolution_pass *pass, struct block block,
                             void *context) {
    float *gradient = context;
    const struct convolution *shape = pass->shape;
    struct rows columns = column_rows(pass, block), places = place_rows(pass, block);
    size_t length = place_group(shape);
    if (needs_columns(shape))
        gather_block(pass, block);
    gemm_run(&(struct gemm){.m = (int)(image_group(shape) * convolution_taps(shape)),
                            .n = (int)length,
                            .k = block.count,
                            .a = columns.data,
                            .a_stride = columns.stride,
                            .transpose_a = true,
                            .b = places.data,
                            .b_stride = places.stride,
                            .c = gradient + packed_group(shape, block.group),
                            .c_stride = (int)length,
                            .add = block.first > 0});
}

static void to_weights(const struct convolution_pass *pass, float *gradient, double *sums) {
    each_block(pass, gradient, block_to_weights);
    if (sums)
        PER_ISA(convolution_sum_pixels)(pass->places.tensor, sums);
}

static void to_weights_and_image(const struct convolution_pass *weights, float *gradient,
                                 double *sums, const struct convolution_pass *data, bool add) {
    to_weights(weights, gradient, sums);
    to_image(data, NULL, add);
}

/* ---- packing ------------------------------------------------------------------------------------- */

static void pack_to_places(const struct convolution *shape, const struct layer_call *call) {
    const float *weight = call->params[0];
    float *packed = layer_shared_scratch(call);
    size_t length = place_group(shape);
    for (size_t row = 0; row < packed_rows(shape); row++) {
        struct packed_row from = packed_row(shape, row);
        for (size_t i = 0; i < length; i++)
            *packed++ = weight[from.first + i * from.step];
    }
}

static void pack_to_image(const struct convolution *shape, const struct layer_call *call) {
    const float *weight = call->params[0];
    float *packed = layer_shared_scratch(call);
    size_t channels = image_group(shape), taps = convolution_taps(shape);
    for (int place = 0; place < shape->place_channels; place++, weight += channels * taps)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t channel = 0; channel < channels; channel++)
                *packed++ = weight[channel * taps + tap];
}

const struct convolution_kernels PER_ISA(convolution_columns) = {
    .pack_to_places = pack_to_places,
    .pack_to_image = pack_to_image,
    .to_places = to_places,
    .to_image = to_image,
    .to_weights = to_weights,
    .to_weights_and_image = to_weights_and_image,
};
