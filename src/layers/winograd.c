/* Winograd's minimal filtering F(m x m, 3x3) (Lavin and Gray 2016, "Fast algorithms for convolutional neural
 * networks"; Winograd 1980): (m + 2)^2 products per channel pair for a tile of m x m outputs, where the sum of
 * its definition takes 9 m^2.
 *
 *   Y = A' [ (G g G') . (B' d B) ] A       d: inputs, g: 3x3 filter, Y: m x m outputs, . element by element
 *   dg = G' [ (B' d B) . (A dY A') ] G     the gradient of g, summed over tiles
 *
 * The matrices are those of winograd4.c and winograd5.c. For each of the (m + 2)^2 positions the products over
 * all channels are one product of matrices, (tiles x channels of `from`) (channels of `from` x channels of
 * `to`). Tiles are gone through in chunks whose planes, one for each position, stay in the L2 cache; they are
 * read from strips (strip.h). */
#include "winograd.h"

#include "product.h"
#include "strip.h"
#include "vector.h"

static const struct winograd_transforms *transforms_of(const struct convolution *shape) {
    return shape->way == CONVOLUTION_WINOGRAD5 ? &PER_ISA(winograd5) : &PER_ISA(winograd4);
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

/* One row of filters per task: all that channel `k` of `from` gives. */
struct filters {
    const struct convolution *shape;
    const struct winograd_transforms *transforms;
    const float *weights;
    float *planes;
    bool flip;
    int from, to;
    size_t plane; /* floats from plane to plane */
};

static void filter_channel(void *context, int k, int worker) {
    (void)worker;
    const struct filters *f = context;
    for (int n = 0; n < f->to; n += VECTOR_FLOATS) {
        vector g[3][3];
        int count = f->to - n < VECTOR_FLOATS ? f->to - n : VECTOR_FLOATS;
        gather_filters(f->shape, f->weights, f->flip, k, n, count, g);
        size_t place = product_place((size_t)f->from, (size_t)f->to, (size_t)k, (size_t)n);
        f->transforms->filter(g, f->planes + place, f->plane);
    }
}

static void pack(const struct convolution *shape, const struct layer_call *call, bool flip) {
    int from = flip ? shape->place_channels : shape->image_channels;
    int to = flip ? shape->image_channels : shape->place_channels;
    struct filters filters = {.shape = shape,
                              .transforms = transforms_of(shape),
                              .weights = call->params[0],
                              .planes = layer_shared_scratch(call),
                              .flip = flip,
                              .from = from,
                              .to = to,
                              .plane = product_packed((size_t)from, (size_t)to)};
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
    const struct winograd_transforms *transforms;
    struct strip from;
    struct tensor to;
    struct layer_taker taker; /* of `to` */
    struct slice slice;
    const float *filters;
    struct tiling tiling;
    int from_channels;
    float *in, *out; /* planes */
};

static struct strip strip_of(struct convolution_map from, struct slice slice, int above, int left,
                             const struct tiling *tiling, size_t pixel, float *memory) {
    struct strip strip = strip_over(from, slice, memory);
    strip.above = above;
    strip.left = left;
    strip.rows = tiling->patch;
    strip.columns = tiling->across * tiling->tile + tiling->patch - tiling->tile;
    strip.pixel = pixel;
    return strip;
}

/* With its planes and its strip in the pass's scratch memory. */
static struct run run_of(const struct convolution_pass *pass, bool back) {
    const struct axis *rows = &pass->shape->window.rows, *columns = &pass->shape->window.columns;
    const struct convolution_map *from = back ? &pass->places : &pass->image;
    const struct convolution_map *to = back ? &pass->image : &pass->places;
    struct run run = {.transforms = transforms_of(pass->shape),
                      .to = to->tensor,
                      .taker = to->taker,
                      .slice = pass->slice,
                      .filters = pass->packed,
                      .tiling =
                          back ? winograd_to_image(pass->shape) : winograd_to_places(pass->shape),
                      .from_channels = from->tensor.channels};
    run.in = pass->scratch;
    run.out = run.in + run.tiling.planes * run.tiling.from_plane;
    run.from = strip_of(*from, pass->slice, back ? 2 - rows->padding : rows->padding,
                        back ? 2 - columns->padding : columns->padding, &run.tiling,
                        run.tiling.from, run.out + run.tiling.planes * run.tiling.to_plane);
    return run;
}

/* Rows of tiles first .. first + count - 1, counted through the images of the slice. */
struct chunk {
    int first, count;
};

/* Where the tiles of row `r` of a chunk begin in their planes. */
static size_t row_of_tiles(const struct tiling *t, int r, size_t pixel) {
    return (size_t)r * (size_t)t->across * pixel;
}

static void chunk_to_planes(const struct run *run, struct strip *strip, struct chunk chunk) {
    const struct tiling *t = &run->tiling;
    for (int r = 0; r < chunk.count; r++) {
        int row = chunk.first + r;
        PER_ISA(strip_load)(strip, row / t->down, row % t->down * t->tile);
        float *to = run->in + row_of_tiles(t, r, t->from);
        for (size_t j = 0; j < (size_t)t->across; j++)
            run->transforms->input(strip->row, j * (size_t)t->tile * t->from, t->from,
                                   to + j * t->from, t->from_plane);
    }
}

static void store_chunk(const struct run *run, struct chunk chunk, const float *bias, bool add) {
    const struct tiling *t = &run->tiling;
    struct tensor to = run->to;
    struct target_tile tile = {.pitch = (size_t)to.pitch,
                               .row_pitch = (size_t)to.width * (size_t)to.pitch,
                               .channels = to.channels,
                               .bias = bias,
                               .add = add};
    for (int r = 0; r < chunk.count; r++) {
        int image = (chunk.first + r) / t->down, top = (chunk.first + r) % t->down * t->tile;
        tile.rows = convolution_least(t->tile, to.height - top);
        for (int j = 0; j < t->across; j++) {
            const float *from = run->out + (size_t)(r * t->across + j) * t->to;
            size_t pixel = ((size_t)image * (size_t)to.height + (size_t)top) * (size_t)to.width +
                           (size_t)(j * t->tile);
            tile.first = layer_pixel(to, pixel);
            tile.columns = convolution_least(t->tile, to.width - j * t->tile);
            run->transforms->output(from, t->to_plane, &tile);
        }
        convolution_offer(&run->taker, to, run->slice, image, top, tile.rows);
    }
}

/* out[plane] = in[plane] x filters[plane] */
static void multiply_chunk(const struct run *run, struct chunk chunk, struct ahead *ahead) {
    const struct tiling *t = &run->tiling;
    size_t from = (size_t)run->from_channels, to = (size_t)run->to.channels;
    for (size_t p = 0; p < t->planes; p++)
        PER_ISA(product_run)
    (&(struct product){.rows = (size_t)(chunk.count * t->across),
                       .columns = t->to,
                       .depth = from,
                       .a = run->in + p * t->from_plane,
                       .a_pitch = t->from,
                       .b = run->filters + p * product_packed(from, to),
                       .b_row = product_panel(to),
                       .b_panel = from * product_panel(to),
                       .c = run->out + p * t->to_plane,
                       .c_row = t->to},
     ahead);
}

static struct chunk chunk_at(const struct run *run, int first) {
    int left = run->to.images * run->tiling.down - first;
    return (struct chunk){first, left > 0 ? convolution_least(run->tiling.rows, left) : 0};
}

/* ---- memory asked for while products are computed -------------------------------------------------- */

/* The pixels of an image that lie under a chunk, or are written by it. */
static void ahead_of(struct ahead *ahead, struct tensor tensor, size_t before,
                     const struct run *run, struct chunk chunk, bool write) {
    size_t row = (size_t)tensor.width, image = row * (size_t)tensor.height;
    size_t down = (size_t)run->tiling.down, tile = (size_t)run->tiling.tile,
           first = (size_t)chunk.first, end = first + (size_t)chunk.count;
    size_t begin = first / down * image + first % down * tile * row;
    size_t last = end / down * image + end % down * tile * row;
    ahead_add(ahead, tensor, before + begin, last - begin, write);
}

/* What a strip will be loaded from. */
static void ahead_of_strip(struct ahead *ahead, const struct strip *strip, const struct run *run,
                           struct chunk chunk) {
    const struct layer_maker *maker = &strip->from.maker;
    if (!maker->make) {
        ahead_of(ahead, strip->from.tensor, 0, run, chunk, false);
        return;
    }
    ahead_of(ahead, maker->call->x[0], strip->before, run, chunk, false);
    if (maker->reads_dy)
        ahead_of(ahead, maker->call->dy, strip->before, run, chunk, false);
}

/* ---- forward, and the data gradient ---------------------------------------------------------------- */

static size_t multiply_steps(const struct run *run, struct chunk chunk) {
    return run->tiling.planes *
           PER_ISA(product_steps)((size_t)(chunk.count * run->tiling.across), run->tiling.to);
}

static void convolve(struct run *run, const float *bias, bool add) {
    int rows = run->to.images * run->tiling.down;
    for (int first = 0; first < rows; first += run->tiling.rows) {
        struct chunk chunk = chunk_at(run, first), next = chunk_at(run, first + run->tiling.rows);
        struct ahead ahead = {0};
        ahead_of(&ahead, run->to, 0, run, next, true);
        ahead_of_strip(&ahead, &run->from, run, next);
        ahead_spread(&ahead, multiply_steps(run, chunk));
        chunk_to_planes(run, &run->from, chunk);
        multiply_chunk(run, chunk, &ahead);
        store_chunk(run, chunk, bias, add);
    }
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

/* The sums over tiles, and what they are made of: `there` with its `in` planes, and dY. Its strip has a border
 * of one pixel, as the data gradient wants it where padding is 1. */
struct weighing {
    struct run there;
    struct strip gradients;
    float *planes;   /* A dY A' */
    float *products; /* from x to */
    double *sums;    /* or NULL */
};

static struct weighing weighing_of(const struct convolution_pass *pass, double *sums) {
    struct weighing weighing = {.there = run_of(pass, false), .sums = sums};
    const struct tiling *t = &weighing.there.tiling;
    float *end =
        weighing.there.from.memory + strip_floats(t->patch, weighing.there.from.columns, t->from);
    weighing.planes = weighing.there.out;
    weighing.gradients = strip_of(pass->places, pass->slice, 1, 1, t, t->to, end);
    weighing.products = end + strip_floats(t->patch, weighing.gradients.columns, t->to);
    for (int c = 0; sums && c < pass->places.tensor.channels; c++)
        sums[c] = 0;
    return weighing;
}

/* Planes of dY for the weights and, unless `data` is NULL, for the data gradient as well. */
static void gradients_to_planes(struct weighing *weighing, struct chunk chunk, float *data) {
    const struct winograd_transforms *transforms = weighing->there.transforms;
    const struct tiling *t = &weighing->there.tiling;
    for (int r = 0; r < chunk.count; r++) {
        int row = chunk.first + r;
        PER_ISA(strip_load)(&weighing->gradients, row / t->down, row % t->down * t->tile);
        const float *const *rows = weighing->gradients.row;
        size_t to = row_of_tiles(t, r, t->to);
        for (size_t j = 0; j < (size_t)t->across; j++, to += t->to) {
            size_t first = j * (size_t)t->tile * t->to;
            transforms->gradient(rows + 1, first + t->to, t->to, weighing->planes + to,
                                 t->to_plane);
            if (data)
                transforms->input(rows, first, t->to, data + to, t->to_plane);
        }
    }
}

/* products[plane] (+)= in[plane]' x planes[plane] */
static void add_products(const struct weighing *weighing, struct chunk chunk, struct ahead *ahead) {
    const struct run *there = &weighing->there;
    const struct tiling *t = &there->tiling;
    for (size_t p = 0; p < t->planes; p++)
        PER_ISA(product_run)
    (&(struct product){.rows = (size_t)there->from_channels,
                       .columns = t->to,
                       .depth = (size_t)(chunk.count * t->across),
                       .a = there->in + p * t->from_plane,
                       .a_pitch = t->from,
                       .transpose_a = true,
                       .b = weighing->planes + p * t->to_plane,
                       .b_row = t->to,
                       .b_panel = PRODUCT_PANEL,
                       .c = weighing->products + p * t->from * t->to,
                       .c_row = t->to,
                       .add = chunk.first > 0},
     ahead);
}

static void store_weights(const struct weighing *weighing, float *gradient) {
    const struct run *there = &weighing->there;
    const struct tiling *t = &there->tiling;
    size_t from = (size_t)there->from_channels, to = (size_t)there->to.channels;
    for (size_t k = 0; k < from; k++)
        for (size_t n = 0; n < to; n += VECTOR_FLOATS) {
            vector g[3][3];
            int count = convolution_least(VECTOR_FLOATS, (int)(to - n));
            there->transforms->filter_gradient(weighing->products + k * t->to + n, t->from * t->to,
                                               g);
            for (size_t tap = 0; tap < 9; tap++)
                vector_store_some(gradient + (tap * from + k) * to + n, g[tap / 3][tap % 3], count);
        }
}

/* Plane (1, 1) of A dY A' holds the sums of the tiles' pixels. */
static void add_sums(const struct weighing *weighing, struct chunk chunk) {
    const struct tiling *t = &weighing->there.tiling;
    const float *plane = weighing->planes + (size_t)(t->patch + 1) * t->to_plane;
    size_t tiles = (size_t)(chunk.count * t->across);
    size_t channels = (size_t)weighing->there.to.channels;
    for (size_t c = 0; c < channels; c += VECTOR_FLOATS) {
        vector sum = {0};
        for (size_t i = 0; i < tiles; i++)
            sum += vector_load(plane + i * t->to + c);
        for (size_t i = 0; i < VECTOR_FLOATS && c + i < channels; i++)
            weighing->sums[c + i] += (double)sum[i];
    }
}

static size_t weigh_steps(const struct weighing *weighing) {
    const struct run *there = &weighing->there;
    return there->tiling.planes *
           PER_ISA(product_steps)((size_t)there->from_channels, there->tiling.to);
}

static void weigh_chunk(struct weighing *weighing, struct chunk chunk, float *data,
                        struct ahead *ahead) {
    gradients_to_planes(weighing, chunk, data);
    chunk_to_planes(&weighing->there, &weighing->there.from, chunk);
    add_products(weighing, chunk, ahead);
    if (weighing->sums)
        add_sums(weighing, chunk);
}

static void ahead_of_weighing(struct ahead *ahead, const struct weighing *weighing,
                              struct chunk chunk) {
    ahead_of_strip(ahead, &weighing->there.from, &weighing->there, chunk);
    ahead_of_strip(ahead, &weighing->gradients, &weighing->there, chunk);
}

static void to_weights(const struct convolution_pass *pass, float *gradient, double *sums) {
    struct weighing weighing = weighing_of(pass, sums);
    const struct run *there = &weighing.there;
    int rows = there->to.images * there->tiling.down;
    for (int first = 0; first < rows; first += there->tiling.rows) {
        struct ahead ahead = {0};
        ahead_of_weighing(&ahead, &weighing, chunk_at(there, first + there->tiling.rows));
        ahead_spread(&ahead, weigh_steps(&weighing));
        weigh_chunk(&weighing, chunk_at(there, first), NULL, &ahead);
    }
    store_weights(&weighing, gradient);
}

/* Padding of 1: places and image are cut alike, and dY is read once for both. */
static bool cut_alike(const struct convolution *shape) {
    return shape->window.rows.padding == 1 && shape->window.columns.padding == 1;
}

/* Chunk by chunk. The planes of the data gradient's input lie behind all else; those of its output take the
 * place of the planes of x. */
static void to_weights_and_image(const struct convolution_pass *weights, float *gradient,
                                 double *sums, const struct convolution_pass *data, bool add) {
    if (!cut_alike(weights->shape)) {
        to_weights(weights, gradient, sums);
        struct run back = run_of(data, true);
        convolve(&back, NULL, add);
        return;
    }
    struct weighing weighing = weighing_of(weights, sums);
    struct run back = run_of(data, true);
    const struct tiling *t = &weighing.there.tiling;
    back.in = weighing.products + t->planes * t->from * t->to;
    back.out = weighing.there.in;
    int rows = back.to.images * t->down;
    for (int first = 0; first < rows; first += t->rows) {
        struct chunk chunk = chunk_at(&back, first), next = chunk_at(&back, first + t->rows);
        struct ahead ahead = {0};
        ahead_of(&ahead, back.to, 0, &back, next, true);
        ahead_of_weighing(&ahead, &weighing, next);
        ahead_spread(&ahead, weigh_steps(&weighing) + multiply_steps(&back, chunk));
        weigh_chunk(&weighing, chunk, back.in, &ahead);
        multiply_chunk(&back, chunk, &ahead);
        store_chunk(&back, chunk, NULL, add);
    }
    store_weights(&weighing, gradient);
}

const struct convolution_kernels PER_ISA(convolution_winograd) = {
    .pack_to_places = pack_to_places,
    .pack_to_image = pack_to_image,
    .to_places = to_places,
    .to_image = to_image,
    .to_weights = to_weights,
    .to_weights_and_image = to_weights_and_image,
};
