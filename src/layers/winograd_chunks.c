/* Winograd's convolution, a few tiles at a time: their planes stay in the L2 cache from the pixels that they are
 * read from to those that are written. */
#include "winograd.h"

static struct winograd_run run_of(const struct convolution_pass *pass, bool back) {
    struct winograd_run run = PER_ISA(winograd_run)(pass, back, pass->scratch);
    const struct tiling *t = &run.tiling;
    run.in = pass->scratch + winograd_strip(t, t->from);
    run.out = run.in + t->planes * t->from_plane;
    return run;
}

static struct winograd_rows rows_at(const struct winograd_run *run, int first) {
    int left = run->to.images * run->tiling.down - first;
    return (struct winograd_rows){first, left > 0 ? convolution_least(run->tiling.rows, left) : 0};
}

static size_t tiles_of(const struct winograd_run *run, struct winograd_rows rows) {
    return (size_t)(rows.count * run->tiling.across);
}

/* ---- memory asked for while products are computed -------------------------------------------------- */

/* The pixels of an image that lie under a chunk, or are written by it. */
static void ahead_of(struct ahead *ahead, struct tensor tensor, size_t before,
                     const struct winograd_run *run, struct winograd_rows rows) {
    size_t row = (size_t)tensor.width, image = row * (size_t)tensor.height;
    size_t down = (size_t)run->tiling.down, tile = (size_t)run->tiling.tile,
           first = (size_t)rows.first, end = first + (size_t)rows.count;
    size_t begin = first / down * image + first % down * tile * row;
    size_t last = end / down * image + end % down * tile * row;
    ahead_add(ahead, tensor, before + begin, last - begin);
}

/* What a strip will be loaded from. */
static void ahead_of_strip(struct ahead *ahead, const struct strip *strip,
                           const struct winograd_run *run, struct winograd_rows rows) {
    const struct layer_maker *maker = &strip->from.maker;
    if (!maker->make) {
        ahead_of(ahead, strip->from.tensor, 0, run, rows);
        return;
    }
    ahead_of(ahead, maker->call->x[0], strip->before, run, rows);
    if (maker->reads_dy)
        ahead_of(ahead, maker->call->dy, strip->before, run, rows);
}

/* ---- forward, and the data gradient ---------------------------------------------------------------- */

static void multiply(const struct winograd_run *run, size_t tiles, struct ahead *ahead) {
    for (size_t p = 0; p < run->tiling.planes; p++) {
        struct product product = PER_ISA(winograd_product)(run, p, tiles);
        PER_ISA(product_run)(&product, ahead);
    }
}

static size_t multiply_steps(const struct winograd_run *run, size_t tiles) {
    return run->tiling.planes * PER_ISA(product_steps)(tiles, run->tiling.to);
}

static void convolve(struct winograd_run *run, const float *bias, bool add) {
    int rows = run->to.images * run->tiling.down;
    for (int first = 0; first < rows; first += run->tiling.rows) {
        struct winograd_rows here = rows_at(run, first),
                             next = rows_at(run, first + run->tiling.rows);
        struct ahead ahead = {0};
        ahead_of(&ahead, run->to, 0, run, next);
        ahead_of_strip(&ahead, &run->from, run, next);
        ahead_spread(&ahead, multiply_steps(run, tiles_of(run, here)));
        PER_ISA(winograd_read)(run, here);
        multiply(run, tiles_of(run, here), &ahead);
        PER_ISA(winograd_write)(run, here, bias, add);
    }
}

static void to_places(const struct convolution_pass *pass, const float *bias, bool add) {
    struct winograd_run run = run_of(pass, false);
    convolve(&run, bias, add);
}

static void to_image(const struct convolution_pass *pass, const float *bias, bool add) {
    struct winograd_run run = run_of(pass, true);
    convolve(&run, bias, add);
}

/* ---- the gradient of the weights ------------------------------------------------------------------ */

static struct winograd_weighing weighing_of(const struct convolution_pass *pass, double *sums) {
    struct winograd_weighing weighing = PER_ISA(winograd_weighing)(pass, pass->scratch, sums);
    if (sums)
        memset(sums, 0, (size_t)pass->places.tensor.channels * sizeof *sums);
    const struct tiling *t = &weighing.there.tiling;
    weighing.there.in = pass->scratch + winograd_strip(t, t->from) + winograd_strip(t, t->to);
    weighing.planes = weighing.there.in + t->planes * t->from_plane;
    weighing.products = weighing.planes + t->planes * t->to_plane;
    return weighing;
}

static void weigh_chunk(struct winograd_weighing *weighing, struct winograd_rows rows, float *data,
                        struct ahead *ahead) {
    PER_ISA(winograd_weigh)(weighing, rows, data);
    for (size_t p = 0; p < weighing->there.tiling.planes; p++) {
        struct product product = PER_ISA(winograd_weight_product)(
            weighing, p, tiles_of(&weighing->there, rows), rows.first > 0);
        PER_ISA(product_run)(&product, ahead);
    }
}

static size_t weigh_steps(const struct winograd_weighing *weighing) {
    const struct winograd_run *there = &weighing->there;
    return there->tiling.planes *
           PER_ISA(product_steps)((size_t)there->from_channels, there->tiling.to);
}

static void store_weights(const struct winograd_weighing *weighing, float *gradient) {
    const struct winograd_run *there = &weighing->there;
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

static void ahead_of_weighing(struct ahead *ahead, const struct winograd_weighing *weighing,
                              struct winograd_rows rows) {
    ahead_of_strip(ahead, &weighing->there.from, &weighing->there, rows);
    ahead_of_strip(ahead, &weighing->gradients, &weighing->there, rows);
}

static void to_weights(const struct convolution_pass *pass, float *gradient, double *sums) {
    struct winograd_weighing weighing = weighing_of(pass, sums);
    const struct winograd_run *there = &weighing.there;
    int rows = there->to.images * there->tiling.down;
    for (int first = 0; first < rows; first += there->tiling.rows) {
        struct ahead ahead = {0};
        ahead_of_weighing(&ahead, &weighing, rows_at(there, first + there->tiling.rows));
        ahead_spread(&ahead, weigh_steps(&weighing));
        weigh_chunk(&weighing, rows_at(there, first), NULL, &ahead);
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
        struct winograd_run back = run_of(data, true);
        convolve(&back, NULL, add);
        return;
    }
    struct winograd_weighing weighing = weighing_of(weights, sums);
    struct winograd_run back = run_of(data, true);
    const struct tiling *t = &weighing.there.tiling;
    back.in = weighing.products + t->planes * t->from * t->to;
    back.out = weighing.there.in;
    int rows = back.to.images * t->down;
    for (int first = 0; first < rows; first += t->rows) {
        struct winograd_rows here = rows_at(&back, first), next = rows_at(&back, first + t->rows);
        struct ahead ahead = {0};
        ahead_of(&ahead, back.to, 0, &back, next);
        ahead_of_weighing(&ahead, &weighing, next);
        ahead_spread(&ahead, weigh_steps(&weighing) + multiply_steps(&back, tiles_of(&back, here)));
        weigh_chunk(&weighing, here, back.in, &ahead);
        multiply(&back, tiles_of(&back, here), &ahead);
        PER_ISA(winograd_write)(&back, here, NULL, add);
    }
    store_weights(&weighing, gradient);
}

const struct convolution_kernels PER_ISA(convolution_chunks) = {
    .pack_to_places = PER_ISA(winograd_pack_to_places),
    .pack_to_image = PER_ISA(winograd_pack_to_image),
    .to_places = to_places,
    .to_image = to_image,
    .to_weights = to_weights,
    .to_weights_and_image = to_weights_and_image,
};
