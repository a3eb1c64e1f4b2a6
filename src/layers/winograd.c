/* Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray 2016, "Fast algorithms for convolutional neural
 * networks"; Winograd 1980): 36 products per channel pair for a tile of 4x4 outputs, where the sum of its
 * definition takes 144.
 *
 *   Y = A' [ (G g G') . (B' d B) ] A       d: 6x6 inputs, g: 3x3 filter, Y: 4x4 outputs, . element by element
 *   dg = G' [ (B' d B) . (A dY A') ] G     the gradient of g, summed over tiles
 *
 *        | 4  0 -5  0  1  0 |       | 1/4    0    0   |        | 1  1  1  1  1  0 |
 *        | 0 -4 -4  1  1  0 |       |-1/6 -1/6 -1/6   |   A' = | 0  1 -1  2 -2  0 |
 *   B' = | 0  4 -4 -1  1  0 |   G = |-1/6  1/6 -1/6   |        | 0  1  1  4  4  0 |
 *        | 0 -2 -1  2  1  0 |       | 1/24 1/12  1/6  |        | 0  1 -1  8 -8  1 |
 *        | 0  2 -1 -2  1  0 |       | 1/24 -1/12 1/6  |
 *        | 0  4  0 -5  0  1 |       |  0    0    1    |
 *
 * For each of the 36 positions the products over all channels are one product of matrices, (tiles x channels
 * of `from`) (channels of `from` x channels of `to`). Tiles are gone through in chunks whose 36 planes stay in
 * the L2 cache; rows of tiles are copied to a padded strip first, so that the transforms know no borders. */
#include "winograd.h"

#include "vector.h"

#define INLINE static inline __attribute__((always_inline))

static int least(int a, int b) {
    return a < b ? a : b;
}

/* ---- transforms of one row or column ------------------------------------------------------------ */

INLINE void input_row(const vector d[PATCH], vector t[PATCH]) {
    vector a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
    t[0] = 4 * d[0] - 5 * d[2] + d[4];
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + e;
    t[4] = c - e;
    t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

INLINE void output_row(const vector m[PATCH], vector y[TILE]) {
    vector s = m[1] + m[2], d = m[1] - m[2], e = m[3] + m[4], f = m[3] - m[4];
    y[0] = m[0] + s + e;
    y[1] = d + 2 * f;
    y[2] = s + 4 * e;
    y[3] = d + 8 * f + m[5];
}

INLINE void gradient_row(const vector y[TILE], vector t[PATCH]) {
    vector even = y[0] + y[2], odd = y[1] + y[3];
    vector far_even = y[0] + 4 * y[2], far_odd = 2 * y[1] + 8 * y[3];
    t[0] = y[0];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = far_even + far_odd;
    t[4] = far_even - far_odd;
    t[5] = y[3];
}

INLINE void filter_row(const vector g[3], vector u[PATCH]) {
    vector even = (g[0] + g[2]) * (-1 / 6.0f), odd = g[1] * (1 / 6.0f);
    vector far_even = g[0] * (1 / 24.0f) + g[2] * (1 / 6.0f), far_odd = g[1] * (1 / 12.0f);
    u[0] = g[0] * 0.25f;
    u[1] = even - odd;
    u[2] = even + odd;
    u[3] = far_even + far_odd;
    u[4] = far_even - far_odd;
    u[5] = g[2];
}

INLINE void filter_gradient_row(const vector m[PATCH], vector g[3]) {
    vector s = m[1] + m[2], d = m[2] - m[1], e = m[3] + m[4], f = m[3] - m[4];
    g[0] = m[0] * 0.25f - s * (1 / 6.0f) + e * (1 / 24.0f);
    g[1] = d * (1 / 6.0f) + f * (1 / 12.0f);
    g[2] = (e - s) * (1 / 6.0f) + m[5];
}

/* ---- strips: the rows under a row of tiles, padded ----------------------------------------------- */
struct strip {
    int first_row, rows;       /* of the tensor; those outside it are padding */
    int first_column, columns; /* likewise */
    size_t pixel;              /* floats of a pixel in the strip */
};

/* Pixels to read: in memory, or made. */
struct source {
    struct convolution_map map;
    size_t before; /* pixels of the batch before the slice's first */
};

static void clear_gap(float *to, size_t channels, size_t pixel, int count) {
    for (int i = 0; channels < pixel && i < count; i++, to += pixel)
        memset(to + channels, 0, (pixel - channels) * sizeof *to);
}

/* `count` pixels from number `first` of the slice on, each to `pixel` floats. */
static void copy_pixels(const struct source *from, size_t first, int count, float *to,
                        size_t pixel) {
    struct tensor tensor = from->map.tensor;
    struct layer_maker maker = from->map.maker;
    size_t channels = (size_t)tensor.channels, pitch = (size_t)tensor.pitch;
    if (maker.make)
        maker.make(maker.call, from->before + first, (size_t)count, to, pixel);
    else if (channels == pixel && pitch == pixel)
        memcpy(to, layer_pixel(tensor, first), (size_t)count * pixel * sizeof *to);
    else
        for (int i = 0; i < count; i++)
            memcpy(to + (size_t)i * pixel, layer_pixel(tensor, first + (size_t)i),
                   channels * sizeof *to);
    clear_gap(to, channels, pixel, count);
}

static void load_strip(const struct source *from, int image, const struct strip *strip, float *to) {
    struct tensor tensor = from->map.tensor;
    int left = strip->first_column < 0 ? -strip->first_column : 0;
    int end = strip->first_column + strip->columns;
    int inside = (end < tensor.width ? end : tensor.width) - (strip->first_column + left);
    size_t row_floats = (size_t)strip->columns * strip->pixel;
    for (int r = 0; r < strip->rows; r++, to += row_floats) {
        int y = strip->first_row + r;
        if (y < 0 || y >= tensor.height || inside <= 0) {
            memset(to, 0, row_floats * sizeof *to);
            continue;
        }
        size_t pixel = ((size_t)image * (size_t)tensor.height + (size_t)y) * (size_t)tensor.width +
                       (size_t)(strip->first_column + left);
        size_t before = (size_t)left * strip->pixel, held = (size_t)inside * strip->pixel;
        memset(to, 0, before * sizeof *to);
        copy_pixels(from, pixel, inside, to + before, strip->pixel);
        memset(to + before + held, 0, (row_floats - before - held) * sizeof *to);
    }
}

/* ---- tiles to planes and back --------------------------------------------------------------------- */

/* B' d B of one tile: `patch` is its first pixel in the strip; a row of every plane. */
static void input_tile(const float *patch, size_t strip_row, size_t pixel, float *planes,
                       size_t plane) {
    for (size_t c = 0; c < pixel; c += VECTOR_FLOATS) {
        vector t[PATCH][PATCH], d[PATCH], column[PATCH], row[PATCH];
        for (int j = 0; j < PATCH; j++) {
            for (int i = 0; i < PATCH; i++)
                d[i] = vector_load(patch + (size_t)i * strip_row + (size_t)j * pixel + c);
            input_row(d, column);
            for (int i = 0; i < PATCH; i++)
                t[i][j] = column[i];
        }
        for (int i = 0; i < PATCH; i++) {
            input_row(t[i], row);
            for (int j = 0; j < PATCH; j++)
                vector_store(planes + (size_t)(i * PATCH + j) * plane + c, row[j]);
        }
    }
}

/* A dY A' of one tile. */
static void gradient_tile(const float *patch, size_t strip_row, size_t pixel, float *planes,
                          size_t plane) {
    for (size_t c = 0; c < pixel; c += VECTOR_FLOATS) {
        vector t[PATCH][TILE], y[TILE], column[PATCH], row[PATCH];
        for (int j = 0; j < TILE; j++) {
            for (int i = 0; i < TILE; i++)
                y[i] = vector_load(patch + (size_t)i * strip_row + (size_t)j * pixel + c);
            gradient_row(y, column);
            for (int i = 0; i < PATCH; i++)
                t[i][j] = column[i];
        }
        for (int i = 0; i < PATCH; i++) {
            gradient_row(t[i], row);
            for (int j = 0; j < PATCH; j++)
                vector_store(planes + (size_t)(i * PATCH + j) * plane + c, row[j]);
        }
    }
}

/* The part of a tile that lies on the output. */
struct target_tile {
    float *first; /* channel c of its first pixel */
    size_t pitch, row_pitch;
    int rows, columns;
    int channels; /* at most VECTOR_FLOATS */
    bool add;
};

static void store_tile(const struct target_tile *tile, vector y[TILE][TILE], vector bias) {
    for (int i = 0; i < tile->rows; i++)
        for (int j = 0; j < tile->columns; j++) {
            float *to = tile->first + (size_t)i * tile->row_pitch + (size_t)j * tile->pitch;
            vector v = y[i][j] + bias;
            if (tile->channels == VECTOR_FLOATS)
                vector_store(to, tile->add ? v + vector_load(to) : v);
            else
                vector_store_some(to, tile->add ? v + vector_load_some(to, tile->channels) : v,
                                  tile->channels);
        }
}

/* A' m A of one vector of channels of a tile. */
INLINE void output_tile(const float *planes, size_t plane, vector y[TILE][TILE]) {
    vector t[TILE][PATCH], m[PATCH], column[TILE];
    for (int j = 0; j < PATCH; j++) {
        for (int i = 0; i < PATCH; i++)
            m[i] = vector_load(planes + (size_t)(i * PATCH + j) * plane);
        output_row(m, column);
        for (int i = 0; i < TILE; i++)
            t[i][j] = column[i];
    }
    for (int i = 0; i < TILE; i++)
        output_row(t[i], y[i]);
}

/* ---- filters -------------------------------------------------------------------------------------- */

/* The nine taps of filters (k, n ...), gathered from PyTorch's order. */
static void gather_filters(const struct convolution *shape, const float *weights, bool flip, int k,
                           int n, int count, vector g[3][3]) {
    float taps[9][VECTOR_FLOATS] = {{0}};
    size_t image = (size_t)shape->image_channels;
    for (int i = 0; i < count; i++) {
        size_t o = (size_t)(flip ? k : n + i), c = (size_t)(flip ? n + i : k);
        const float *filter = weights + (o * image + c) * 9;
        for (int tap = 0; tap < 9; tap++)
            taps[flip ? 8 - tap : tap][i] = filter[tap];
    }
    for (int tap = 0; tap < 9; tap++)
        g[tap / 3][tap % 3] = vector_load(taps[tap]);
}

/* G g G' of one vector of filters. */
INLINE void filter_tile(vector g[3][3], float *planes, size_t plane) {
    vector t[PATCH][3], column[PATCH], row[PATCH];
    for (int j = 0; j < 3; j++) {
        vector down[3] = {g[0][j], g[1][j], g[2][j]};
        filter_row(down, column);
        for (int i = 0; i < PATCH; i++)
            t[i][j] = column[i];
    }
    for (int i = 0; i < PATCH; i++) {
        filter_row(t[i], row);
        for (int j = 0; j < PATCH; j++)
            vector_store(planes + (size_t)(i * PATCH + j) * plane, row[j]);
    }
}

/* One row of filters per task: all that channel `k` of `from` gives. */
struct filters {
    const struct convolution *shape;
    const float *weights;
    float *planes;
    bool flip;
    int to;
    size_t pixel, plane;
};

static void filter_channel(void *context, int k, int worker) {
    (void)worker;
    const struct filters *f = context;
    for (int n = 0; n < f->to; n += VECTOR_FLOATS) {
        vector g[3][3];
        int count = f->to - n < VECTOR_FLOATS ? f->to - n : VECTOR_FLOATS;
        gather_filters(f->shape, f->weights, f->flip, k, n, count, g);
        filter_tile(g, f->planes + (size_t)k * f->pixel + (size_t)n, f->plane);
    }
}

static void pack(const struct convolution *shape, const struct layer_call *call, bool flip) {
    int from = flip ? shape->place_channels : shape->image_channels;
    int to = flip ? shape->image_channels : shape->place_channels;
    size_t pixel = vector_round((size_t)to);
    struct filters filters = {.shape = shape,
                              .weights = call->params[0],
                              .planes = layer_shared_scratch(call),
                              .flip = flip,
                              .to = to,
                              .pixel = pixel,
                              .plane = vector_round((size_t)from) * pixel};
    pool_run(call->pool, from, filter_channel, &filters);
}

static void pack_to_places(const struct convolution *shape, const struct layer_call *call) {
    pack(shape, call, false);
}

static void pack_to_image(const struct convolution *shape, const struct layer_call *call) {
    pack(shape, call, true);
}

/* ---- passes --------------------------------------------------------------------------------------- */

/* One way through the layer. */
struct run {
    struct source from;
    struct tensor to;
    struct layer_taker taker; /* of `to` */
    struct slice slice;
    int padding_down, padding_across;
    const float *filters;
    struct tiling tiling;
    float *in, *out, *strip, *products; /* scratch memory */
};

static struct source source_of(struct convolution_map map, struct slice slice) {
    size_t image = (size_t)map.tensor.height * (size_t)map.tensor.width;
    return (struct source){map, (size_t)slice.first * image};
}

static struct run run_of(const struct convolution_pass *pass, bool back) {
    const struct window *window = &pass->shape->window;
    const struct convolution_map *to = back ? &pass->image : &pass->places;
    struct run run = {.from = source_of(back ? pass->places : pass->image, pass->slice),
                      .to = to->tensor,
                      .taker = to->taker,
                      .slice = pass->slice,
                      .padding_down = back ? 2 - window->rows.padding : window->rows.padding,
                      .padding_across =
                          back ? 2 - window->columns.padding : window->columns.padding,
                      .filters = pass->packed,
                      .in = pass->scratch};
    run.tiling =
        tiling_of(run.to.height, run.to.width, run.from.map.tensor.channels, run.to.channels);
    run.out = run.in + PLANES * run.tiling.from_plane;
    run.strip = run.out + PLANES * run.tiling.to_plane;
    run.products = run.strip + run.tiling.strip;
    return run;
}

/* Rows of tiles first .. first + count - 1, counted through the images of the slice. */
struct chunk {
    int first, count;
};

/* Transforms the strips under a chunk to planes; `gradient`: 4x4 tiles of dY instead of 6x6 inputs. */
static void chunk_to_planes(const struct tiling *t, struct chunk chunk, const struct source *from,
                            struct strip strip, bool gradient, float *scratch_strip, float *planes,
                            size_t plane) {
    size_t strip_row = (size_t)strip.columns * strip.pixel;
    int above = strip.first_row;
    for (int r = 0; r < chunk.count; r++) {
        int row = chunk.first + r;
        strip.first_row = above + row % t->down * TILE;
        load_strip(from, row / t->down, &strip, scratch_strip);
        for (int j = 0; j < t->across; j++) {
            float *to = planes + ((size_t)r * (size_t)t->across + (size_t)j) * strip.pixel;
            const float *patch = scratch_strip + (size_t)j * TILE * strip.pixel;
            if (gradient)
                gradient_tile(patch, strip_row, strip.pixel, to, plane);
            else
                input_tile(patch, strip_row, strip.pixel, to, plane);
        }
    }
}

static struct strip input_strip(const struct run *run) {
    return (struct strip){.first_row = -run->padding_down,
                          .rows = PATCH,
                          .first_column = -run->padding_across,
                          .columns = run->tiling.across * TILE + 2,
                          .pixel = run->tiling.from};
}

/* Rows `top` .. `top + rows - 1` of an image are written. */
static void offer(const struct run *run, int image, int top, int rows) {
    size_t width = (size_t)run->to.width, height = (size_t)run->to.height;
    size_t first = ((size_t)(run->slice.first + image) * height + (size_t)top) * width;
    if (run->taker.take)
        run->taker.take(run->taker.call, run->slice.index, first, (size_t)rows * width);
}

static void store_chunk(const struct run *run, struct chunk chunk, const float *bias, bool add) {
    const struct tiling *t = &run->tiling;
    struct tensor to = run->to;
    struct target_tile tile = {
        .pitch = (size_t)to.pitch, .row_pitch = (size_t)to.width * (size_t)to.pitch, .add = add};
    for (int r = 0; r < chunk.count; r++) {
        int image = (chunk.first + r) / t->down, top = (chunk.first + r) % t->down * TILE;
        tile.rows = least(TILE, to.height - top);
        size_t width = (size_t)to.width, row = (size_t)image * (size_t)to.height + (size_t)top;
        layer_prefetch(to, (row + TILE) * width, TILE * width, true);
        for (int j = 0; j < t->across; j++) {
            const float *from = run->out + (size_t)(r * t->across + j) * t->to;
            size_t pixel = ((size_t)image * (size_t)to.height + (size_t)top) * (size_t)to.width +
                           (size_t)(j * TILE);
            tile.columns = least(TILE, to.width - j * TILE);
            for (int c = 0; c < to.channels; c += VECTOR_FLOATS) {
                vector y[TILE][TILE];
                tile.channels = least(VECTOR_FLOATS, to.channels - c);
                tile.first = layer_pixel(to, pixel) + c;
                output_tile(from + c, t->to_plane, y);
                store_tile(&tile, y,
                           bias ? vector_load_some(bias + c, tile.channels) : (vector){0});
            }
        }
        offer(run, image, top, tile.rows);
    }
}

/* out[plane] = in[plane] x filters[plane] */
static void multiply_chunk(const struct run *run, struct chunk chunk) {
    const struct tiling *t = &run->tiling;
    for (size_t p = 0; p < PLANES; p++)
        gemm_run(&(struct gemm){.m = chunk.count * t->across,
                                .n = run->to.channels,
                                .k = run->from.map.tensor.channels,
                                .a = run->in + p * t->from_plane,
                                .a_stride = (int)t->from,
                                .b = run->filters + p * t->from * t->to,
                                .b_stride = (int)t->to,
                                .c = run->out + p * t->to_plane,
                                .c_stride = (int)t->to});
}

static struct chunk chunk_at(const struct run *run, int first) {
    int left = run->to.images * run->tiling.down - first;
    return (struct chunk){first, least(run->tiling.rows, left)};
}

static void convolve_chunk(const struct run *run, struct chunk chunk, const float *bias, bool add) {
    chunk_to_planes(&run->tiling, chunk, &run->from, input_strip(run), false, run->strip, run->in,
                    run->tiling.from_plane);
    multiply_chunk(run, chunk);
    store_chunk(run, chunk, bias, add);
}

static void convolve(const struct run *run, const float *bias, bool add) {
    int rows = run->to.images * run->tiling.down;
    for (int first = 0; first < rows; first += run->tiling.rows)
        convolve_chunk(run, chunk_at(run, first), bias, add);
}

static void to_places(const struct convolution_pass *pass, const float *bias, bool add) {
    struct run run = run_of(pass, false);
    convolve(&run, bias, add);
}

static void to_image(const struct convolution_pass *pass, const float *bias, bool add) {
    struct run run = run_of(pass, true);
    convolve(&run, bias, add);
}

/* ---- the gradient of the weights ------------------------------------------------------------------ */

/* products[plane] (+)= in[plane]' x out[plane] */
static void add_products(const struct run *run, struct chunk chunk) {
    const struct tiling *t = &run->tiling;
    for (size_t p = 0; p < PLANES; p++)
        gemm_run(&(struct gemm){.m = run->from.map.tensor.channels,
                                .n = run->to.channels,
                                .k = chunk.count * t->across,
                                .a = run->in + p * t->from_plane,
                                .a_stride = (int)t->from,
                                .transpose_a = true,
                                .b = run->out + p * t->to_plane,
                                .b_stride = (int)t->to,
                                .c = run->products + p * t->from * t->to,
                                .c_stride = (int)t->to,
                                .add = chunk.first > 0});
}

/* G' m G of one vector of products. */
INLINE void filter_gradient_tile(const float *planes, size_t plane, vector g[3][3]) {
    vector t[3][PATCH], m[PATCH], column[3];
    for (int j = 0; j < PATCH; j++) {
        for (int i = 0; i < PATCH; i++)
            m[i] = vector_load(planes + (size_t)(i * PATCH + j) * plane);
        filter_gradient_row(m, column);
        for (int i = 0; i < 3; i++)
            t[i][j] = column[i];
    }
    for (int i = 0; i < 3; i++)
        filter_gradient_row(t[i], g[i]);
}

static void store_weights(const struct run *run, float *gradient) {
    const struct tiling *t = &run->tiling;
    size_t from = (size_t)run->from.map.tensor.channels, to = (size_t)run->to.channels;
    for (size_t k = 0; k < from; k++)
        for (size_t n = 0; n < to; n += VECTOR_FLOATS) {
            vector g[3][3];
            int count = least(VECTOR_FLOATS, (int)(to - n));
            filter_gradient_tile(run->products + k * t->to + n, t->from * t->to, g);
            for (size_t tap = 0; tap < 9; tap++)
                vector_store_some(gradient + (tap * from + k) * to + n, g[tap / 3][tap % 3], count);
        }
}

/* Plane (1, 1) of A dY A' holds the sums of the tiles' 16 pixels. */
static void add_sums(const struct run *run, struct chunk chunk, double *sums) {
    const struct tiling *t = &run->tiling;
    const float *plane = run->out + (PATCH + 1) * t->to_plane;
    size_t tiles = (size_t)(chunk.count * t->across), channels = (size_t)run->to.channels;
    for (size_t c = 0; c < channels; c += VECTOR_FLOATS) {
        vector sum = {0};
        for (size_t i = 0; i < tiles; i++)
            sum += vector_load(plane + i * t->to + c);
        for (size_t i = 0; i < VECTOR_FLOATS && c + i < channels; i++)
            sums[c + i] += (double)sum[i];
    }
}

static void weigh_chunk(const struct run *run, const struct source *places, struct chunk chunk,
                        double *sums) {
    const struct tiling *t = &run->tiling;
    struct strip gradients = {.rows = TILE, .columns = t->across * TILE, .pixel = t->to};
    chunk_to_planes(t, chunk, &run->from, input_strip(run), false, run->strip, run->in,
                    t->from_plane);
    chunk_to_planes(t, chunk, places, gradients, true, run->strip, run->out, t->to_plane);
    add_products(run, chunk);
    if (sums)
        add_sums(run, chunk, sums);
}

static void clear_sums(const struct run *run, double *sums) {
    for (int c = 0; sums && c < run->to.channels; c++)
        sums[c] = 0;
}

static void to_weights(const struct convolution_pass *pass, float *gradient, double *sums) {
    struct run run = run_of(pass, false);
    struct source places = source_of(pass->places, pass->slice);
    int rows = run.to.images * run.tiling.down;
    clear_sums(&run, sums);
    for (int first = 0; first < rows; first += run.tiling.rows)
        weigh_chunk(&run, &places, chunk_at(&run, first), sums);
    store_weights(&run, gradient);
}

/* Chunk by chunk, where places and image are cut alike: what the one pass reads is near for the other. */
static void to_weights_and_image(const struct convolution_pass *weights, float *gradient,
                                 double *sums, const struct convolution_pass *data, bool add) {
    struct run there = run_of(weights, false), back = run_of(data, true);
    struct source places = source_of(weights->places, weights->slice);
    int rows = there.to.images * there.tiling.down;
    if (there.tiling.down != back.tiling.down || there.tiling.rows != back.tiling.rows) {
        to_weights(weights, gradient, sums);
        convolve(&back, NULL, add);
        return;
    }
    clear_sums(&there, sums);
    for (int first = 0; first < rows; first += there.tiling.rows) {
        weigh_chunk(&there, &places, chunk_at(&there, first), sums);
        convolve_chunk(&back, chunk_at(&back, first), NULL, add);
    }
    store_weights(&there, gradient);
}

const struct convolution_kernels PER_ISA(convolution_winograd) = {
    .pack_to_places = pack_to_places,
    .pack_to_image = pack_to_image,
    .to_places = to_places,
    .to_image = to_image,
    .to_weights = to_weights,
    .to_weights_and_image = to_weights_and_image,
};
