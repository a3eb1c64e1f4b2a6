/* Convolution as products of matrices: blocks of columns that stay in the L2 cache.
 *
 * A block is a run of places, counted through the images of a slice: its rows in `places` are a matrix as they
 * lie, or are made (struct layer_maker). Columns hold, tap by tap, the channels of one group; a 1x1 kernel with
 * stride 1 needs none, the image itself is the matrix. The cut into blocks depends on shapes alone, so bits never
 * depend on threads. */
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

/* ---- a pass -------------------------------------------------------------------------------------- */

/* A pass on its way. Places that are made lie in scratch memory for the time of a block; so does an image that
 * is made, as long as places need it, or the part of it under a block where it needs no columns. */
struct work {
    const struct convolution_pass *pass;
    float *columns, *places, *image;
    size_t held;    /* 1 + the number of the image that `image` holds, in the slice; 0: none */
    size_t offered; /* pixels that the taker has been offered */
};

static struct work work_of(const struct convolution_pass *pass) {
    return (struct work){.pass = pass,
                         .columns = pass->scratch,
                         .places = pass->scratch + columns_places(pass->shape),
                         .image = pass->scratch + columns_image(pass->shape)};
}

static size_t pixels_of(struct tensor tensor) {
    return (size_t)tensor.height * (size_t)tensor.width;
}

/* Pixels from number `first` of the slice on. */
static void make_pixels(const struct work *work, const struct convolution_map *map, size_t first,
                        size_t count, float *to) {
    size_t before = (size_t)work->pass->slice.first * pixels_of(map->tensor);
    map->maker.make(map->maker.call, before + first, count, to, (size_t)map->tensor.channels);
}

static void make_block(const struct work *work, struct block block) {
    const struct convolution_pass *pass = work->pass;
    if (pass->places.maker.make)
        make_pixels(work, &pass->places, block.first, (size_t)block.count, work->places);
    if (pass->image.maker.make && !columns_needed(pass->shape))
        make_pixels(work, &pass->image, block.first, (size_t)block.count, work->image);
}

static void hold_image(struct work *work, size_t image) {
    size_t pixels = pixels_of(work->pass->image.tensor);
    if (work->held != image + 1)
        make_pixels(work, &work->pass->image, image * pixels, pixels, work->image);
    work->held = image + 1;
}

/* Runs `body` on all groups of a block. */
static void each_group(struct work *work, struct block block, void *context,
                       void (*body)(struct work *work, struct block block, void *context)) {
    for (; block.group < work->pass->shape->groups; block.group++)
        body(work, block, context);
}

static struct block block_after(const struct convolution_pass *pass, struct block block) {
    size_t first = block.first + (size_t)block.count, places = tensor_pixels(pass->places.tensor);
    size_t most = (size_t)columns_block(pass->shape), left = places - first;
    return (struct block){.first = first, .count = (int)(left < most ? left : most)};
}

/* ---- what is offered ----------------------------------------------------------------------------- */

/* Pixels of the slice up to `end` are written: offers those that have not been, by whole runs of rows. */
static void offer(struct work *work, const struct convolution_map *map, size_t end) {
    size_t image = pixels_of(map->tensor), width = (size_t)map->tensor.width;
    size_t before = (size_t)work->pass->slice.first * image, run = LAYER_OFFER_ROWS * width;
    while (map->taker.take && work->offered < end) {
        size_t left = image - work->offered % image, count = left < run ? left : run;
        if (work->offered + count > end)
            return;
        map->taker.take(map->taker.call, work->pass->slice.index, before + work->offered, count);
        work->offered += count;
    }
}

/* Images whose first place is in the block begin with the bias, or zeros. */
static void begin_images(const struct work *work, struct block block, const float *bias) {
    struct tensor image = work->pass->image.tensor;
    size_t places = pixels_of(work->pass->places.tensor), end = block.first + (size_t)block.count;
    for (size_t i = (block.first + places - 1) / places; i * places < end; i++) {
        if (bias)
            layer_fill(tensor_images(image, (int)i, 1), bias);
        else
            layer_clear(tensor_images(image, (int)i, 1));
    }
}

/* Those whose last place is in the block are done. */
static void end_images(struct work *work, struct block block) {
    size_t places = pixels_of(work->pass->places.tensor), end = block.first + (size_t)block.count;
    offer(work, &work->pass->image, end / places * pixels_of(work->pass->image.tensor));
}

/* ---- columns of a block -------------------------------------------------------------------------- */

/* From where `image` lies on, which is an image of the slice, or one that is made. */
static struct walk walk_of(const struct convolution_pass *pass, int group, float *image,
                           int pitch) {
    const struct window *window = &pass->shape->window;
    size_t length = image_group(pass->shape);
    return (struct walk){
        .rows = &window->rows,
        .columns = &window->columns,
        .image = image + (size_t)group * length,
        .pitch = pitch,
        .length = length,
        .row_length = (size_t)window->columns.kernel * length,
        .runs = window->columns.dilation == 1 && length == (size_t)pitch,
    };
}

/* The part of a block that lies on the image of its first place, counted in that image. */
static struct block part_of(const struct convolution_pass *pass, struct block block) {
    size_t places = pixels_of(pass->places.tensor), first = block.first % places;
    size_t left = places - first, count = (size_t)block.count;
    return (struct block){block.group, first, (int)(count < left ? count : left)};
}

static void gather_made(struct work *work, struct block block) {
    const struct convolution_pass *pass = work->pass;
    struct walk walk = walk_of(pass, block.group, work->image, pass->image.tensor.channels);
    size_t row = image_group(pass->shape) * convolution_taps(pass->shape);
    for (float *columns = work->columns; block.count > 0;) {
        struct block part = part_of(pass, block);
        hold_image(work, block.first / pixels_of(pass->places.tensor));
        walk_block(&walk, part, columns, gather);
        columns += (size_t)part.count * row;
        block.first += (size_t)part.count;
        block.count -= part.count;
    }
}

static void gather_block(struct work *work, struct block block) {
    struct tensor image = work->pass->image.tensor;
    if (work->pass->image.maker.make) {
        gather_made(work, block);
        return;
    }
    struct walk walk = walk_of(work->pass, block.group, image.data, image.pitch);
    walk_block(&walk, block, work->columns, gather);
}

static void spread_block(const struct work *work, struct block block) {
    struct tensor image = work->pass->image.tensor;
    struct walk walk = walk_of(work->pass, block.group, image.data, image.pitch);
    walk_block(&walk, block, work->columns, spread);
}

/* ---- products ------------------------------------------------------------------------------------ */

/* A matrix with a row per place of a block. */
struct rows {
    float *data;
    int stride;
};

/* The rows of a block in a map that has a pixel per place: where they lie, or where they are made. */
static struct rows rows_at(const struct convolution_map *map, float *made, struct block block,
                           size_t group_length) {
    size_t group = (size_t)block.group * group_length;
    if (map->maker.make)
        return (struct rows){made + group, map->tensor.channels};
    return (struct rows){layer_pixel(map->tensor, block.first) + group, map->tensor.pitch};
}

/* The columns of a block: in scratch memory (not yet gathered), or where the image has them. */
static struct rows column_rows(const struct work *work, struct block block) {
    const struct convolution *shape = work->pass->shape;
    size_t length = image_group(shape);
    if (columns_needed(shape))
        return (struct rows){work->columns, (int)(length * convolution_taps(shape))};
    return rows_at(&work->pass->image, work->image, block, length);
}

static struct rows place_rows(const struct work *work, struct block block) {
    return rows_at(&work->pass->places, work->places, block, place_group(work->pass->shape));
}

/* Where a group begins in packed weights. */
static size_t packed_group(const struct convolution *shape, int group) {
    return (size_t)group * image_group(shape) * convolution_taps(shape) * place_group(shape);
}

/* ---- the passes ---------------------------------------------------------------------------------- */
struct how {
    const float *bias;
    bool add;
};

static void block_to_places(struct work *work, struct block block, void *context) {
    const struct how *how = context;
    const struct convolution *shape = work->pass->shape;
    struct rows columns = column_rows(work, block), places = place_rows(work, block);
    size_t length = place_group(shape);
    if (columns_needed(shape))
        gather_block(work, block);
    if (how->bias)
        for (int i = 0; i < block.count; i++)
            memcpy(places.data + (ptrdiff_t)i * places.stride,
                   how->bias + (size_t)block.group * length, length * sizeof(float));
    gemm_run(&(struct gemm){.m = block.count,
                            .n = (int)length,
                            .k = (int)(image_group(shape) * convolution_taps(shape)),
                            .a = columns.data,
                            .a_stride = columns.stride,
                            .b = work->pass->packed + packed_group(shape, block.group),
                            .b_stride = (int)length,
                            .c = places.data,
                            .c_stride = places.stride,
                            .add = how->add || how->bias});
}

static void to_places(const struct convolution_pass *pass, const float *bias, bool add) {
    struct work work = work_of(pass);
    struct block block = block_after(pass, (struct block){0});
    for (; block.count > 0; block = block_after(pass, block)) {
        make_block(&work, block);
        each_group(&work, block, &(struct how){bias, add}, block_to_places);
        offer(&work, &pass->places, block.first + (size_t)block.count);
    }
}

static void block_to_image(struct work *work, struct block block, void *context) {
    (void)context;
    const struct convolution *shape = work->pass->shape;
    struct rows columns = column_rows(work, block), places = place_rows(work, block);
    size_t length = place_group(shape);
    gemm_run(&(struct gemm){.m = block.count,
                            .n = (int)(image_group(shape) * convolution_taps(shape)),
                            .k = (int)length,
                            .a = places.data,
                            .a_stride = places.stride,
                            .b = work->pass->packed + packed_group(shape, block.group),
                            .b_stride = (int)(image_group(shape) * convolution_taps(shape)),
                            .c = columns.data,
                            .c_stride = columns.stride,
                            .add = !columns_needed(shape)});
    if (columns_needed(shape))
        spread_block(work, block);
}

/* A block whose places are there. */
static void lay_block(struct work *work, struct block block, const float *bias, bool add) {
    if (bias || !add)
        begin_images(work, block, bias);
    each_group(work, block, NULL, block_to_image);
    end_images(work, block);
}

static void to_image(const struct convolution_pass *pass, const float *bias, bool add) {
    struct work work = work_of(pass);
    struct block block = block_after(pass, (struct block){0});
    for (; block.count > 0; block = block_after(pass, block)) {
        make_block(&work, block);
        lay_block(&work, block, bias, add);
    }
}

static void block_to_weights(struct work *work, struct block block, void *context) {
    float *gradient = context;
    const struct convolution *shape = work->pass->shape;
    struct rows columns = column_rows(work, block), places = place_rows(work, block);
    size_t length = place_group(shape);
    if (columns_needed(shape))
        gather_block(work, block);
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

/* Adds up the places of a block. */
static void sum_block(const struct work *work, struct block block, double *sums) {
    struct rows places = place_rows(work, block);
    size_t channels = (size_t)work->pass->places.tensor.channels;
    if (block.first == 0)
        memset(sums, 0, channels * sizeof *sums);
    PER_ISA(convolution_add_pixels)
    (places.data, (size_t)places.stride, (size_t)block.count, channels, sums);
}

/* A block is made, and weighed. */
static void weigh_block(struct work *work, struct block block, float *gradient, double *sums) {
    make_block(work, block);
    each_group(work, block, gradient, block_to_weights);
    if (sums)
        sum_block(work, block, sums);
}

static void to_weights(const struct convolution_pass *pass, float *gradient, double *sums) {
    struct work work = work_of(pass);
    struct block block = block_after(pass, (struct block){0});
    for (; block.count > 0; block = block_after(pass, block))
        weigh_block(&work, block, gradient, sums);
}

/* Block by block, whose places both read. */
static void to_weights_and_image(const struct convolution_pass *weights, float *gradient,
                                 double *sums, const struct convolution_pass *data, bool add) {
    struct work weigh = work_of(weights), lay = work_of(data);
    struct block block = block_after(weights, (struct block){0});
    for (; block.count > 0; block = block_after(weights, block)) {
        weigh_block(&weigh, block, gradient, sums);
        lay_block(&lay, block, NULL, add);
    }
}

/* ---- packing ------------------------------------------------------------------------------------- */

static void pack_to_places(const struct convolution *shape, const struct layer_call *call) {
    const float *weight = call->params[0];
    float *packed = call->packed;
    size_t length = place_group(shape);
    for (size_t row = 0; row < packed_rows(shape); row++) {
        struct packed_row from = packed_row(shape, row);
        for (size_t i = 0; i < length; i++)
            *packed++ = weight[from.first + i * from.step];
    }
}

static void pack_to_image(const struct convolution *shape, const struct layer_call *call) {
    const float *weight = call->params[0];
    float *packed = call->packed;
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
