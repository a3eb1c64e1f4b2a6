/* Winograd's convolution, plane by plane: the tiles of many images (a wave) are read, then each plane is multiplied
 * on its own, then all are written. The planes go through the L3 cache, but each plane of the filters, or of
 * their gradient, is taken up once for all images: with many channels that is most of the memory to be moved.
 * Images are shared out among threads while tiles are read and written, planes while they are multiplied. */
#include "winograd.h"

/* One way through the layer. `to_plane` and the like are those of a whole wave. */
struct work {
    const struct convolution_batch *batch;
    const float *bias;
    bool back, add, sums;
    struct tiling tiling;
    int first, images; /* of the wave */
    float *in, *out;   /* its planes; of x and of dY, for the weights */
    float *products;   /* from x to, of the weights */
};

/* Images of a wave: as many as memory is for, in whole slices, so many together as few threads can share out
 * evenly. */
static int wave_of(const struct convolution_batch *batch) {
    int images = batch->call->images, slice = (images + SLICE_MOST - 1) / SLICE_MOST;
    int wave = convolution_least(winograd_wave(batch->shape), images);
    for (int unit = 4 * slice; unit > 1; unit /= 2)
        if (wave >= unit)
            return wave / unit * unit;
    return wave;
}

static struct work work_of(const struct convolution_batch *batch, bool back) {
    struct work work = {.batch = batch,
                        .back = back,
                        .tiling = back ? winograd_to_image(batch->shape)
                                       : winograd_to_places(batch->shape)};
    int wave = wave_of(batch);
    tiling_keep(&work.tiling, wave * work.tiling.down);
    work.images = wave;
    work.products = batch->call->packed; /* the filters are not needed meanwhile */
    work.in = layer_shared_scratch(batch->call);
    work.out = work.in + work.tiling.planes * work.tiling.from_plane;
    return work;
}

/* ---- the images of a slice in the wave ---------------------------------------------------------------- */

static struct slice slice_in_wave(const struct work *work, int index, int worker) {
    struct slice slice = slice_of(work->batch->call->images, index);
    int end = convolution_least(slice.first + slice.count, work->first + work->images);
    if (slice.first < work->first)
        slice.first = work->first;
    slice.count = end - slice.first;
    slice.worker = worker;
    return slice;
}

static struct winograd_rows rows_of(const struct work *work, struct slice slice) {
    return (struct winograd_rows){0, slice.count * work->tiling.down};
}

static size_t tiles_before(const struct work *work, struct slice slice) {
    return (size_t)(slice.first - work->first) * (size_t)(work->tiling.down * work->tiling.across);
}

/* The planes of the slice's images are a part of the wave's. */
static void lay_run(struct winograd_run *run, const struct work *work, struct slice slice) {
    run->tiling = work->tiling;
    run->in = work->in + tiles_before(work, slice) * work->tiling.from;
    run->out = work->out + tiles_before(work, slice) * work->tiling.to;
}

static struct winograd_run run_of(const struct work *work, struct slice slice) {
    struct convolution_pass pass = PER_ISA(convolution_pass_of)(work->batch, slice);
    struct winograd_run run = PER_ISA(winograd_run)(&pass, work->back, pass.scratch);
    lay_run(&run, work, slice);
    return run;
}

/* All planes, from the first image of the wave on. */
static struct slice whole_wave(const struct work *work) {
    return (struct slice){.first = work->first, .count = work->images};
}

static size_t tiles_of(const struct work *work) {
    return (size_t)(work->images * work->tiling.down * work->tiling.across);
}

/* ---- waves ---------------------------------------------------------------------------------------------- */

typedef void (*task)(void *work, int task, int worker);

/* Each wave: all slices read, all planes multiplied, all slices written. */
static void run_waves(struct work *work, task read, task multiply, task write) {
    const struct layer_call *call = work->batch->call;
    int wave = work->images, slices = slice_count(call->images);
    for (work->first = 0; work->first < call->images; work->first += wave) {
        work->images = convolution_least(wave, call->images - work->first);
        pool_run(call->pool, slices, read, work);
        pool_run(call->pool, (int)work->tiling.planes, multiply, work);
        if (write)
            pool_run(call->pool, slices, write, work);
    }
}

static void run_product(struct product product) {
    PER_ISA(product_run)(&product, &(struct ahead){0});
}

/* ---- forward, and the data gradient --------------------------------------------------------------------- */

static void read_slice(void *context, int index, int worker) {
    const struct work *work = context;
    struct slice slice = slice_in_wave(work, index, worker);
    if (slice.count <= 0)
        return;
    struct winograd_run run = run_of(work, slice);
    PER_ISA(winograd_read)(&run, rows_of(work, slice));
}

static void multiply_plane(void *context, int plane, int worker) {
    (void)worker;
    const struct work *work = context;
    struct winograd_run run = run_of(work, whole_wave(work));
    run_product(PER_ISA(winograd_product)(&run, (size_t)plane, tiles_of(work)));
}

static void write_slice(void *context, int index, int worker) {
    const struct work *work = context;
    struct slice slice = slice_in_wave(work, index, worker);
    if (slice.count <= 0)
        return;
    struct winograd_run run = run_of(work, slice);
    PER_ISA(winograd_write)(&run, rows_of(work, slice), work->bias, work->add);
}

static void convolve(const struct convolution_batch *batch, bool back, const float *bias,
                     bool add) {
    struct work work = work_of(batch, back);
    work.bias = bias;
    work.add = add;
    run_waves(&work, read_slice, multiply_plane, write_slice);
}

static void to_places(const struct convolution_batch *batch, const float *bias, bool add) {
    convolve(batch, false, bias, add);
}

static void to_image(const struct convolution_batch *batch, const float *bias, bool add) {
    convolve(batch, true, bias, add);
}

/* ---- the gradient of the weights ------------------------------------------------------------------------ */

static struct winograd_weighing weighing_of(const struct work *work, struct slice slice,
                                            double *sums) {
    struct convolution_pass pass = PER_ISA(convolution_pass_of)(work->batch, slice);
    struct winograd_weighing weighing = PER_ISA(winograd_weighing)(&pass, pass.scratch, sums);
    lay_run(&weighing.there, work, slice);
    weighing.planes = weighing.there.out;
    weighing.products = work->products;
    return weighing;
}

/* Over the images of the slice, wave after wave; or none. */
static double *sums_of(const struct work *work, struct slice slice) {
    if (!work->sums)
        return NULL;
    const struct convolution_batch *batch = work->batch;
    double *sums = PER_ISA(convolution_bias_sums)(batch->shape, batch->call, slice.index);
    if (slice.first == slice_of(batch->call->images, slice.index).first)
        memset(sums, 0, (size_t)batch->places.tensor.channels * sizeof *sums);
    return sums;
}

static void weigh_slice(void *context, int index, int worker) {
    const struct work *work = context;
    struct slice slice = slice_in_wave(work, index, worker);
    if (slice.count <= 0)
        return;
    struct winograd_weighing weighing = weighing_of(work, slice, sums_of(work, slice));
    PER_ISA(winograd_weigh)(&weighing, rows_of(work, slice), NULL);
}

/* In pieces, whose sums are added up: a sum over thousands of tiles, one after the other, would round too much. */
enum { PIECE = 128 };

static void add_plane(void *context, int plane, int worker) {
    (void)worker;
    const struct work *work = context;
    struct winograd_weighing weighing = weighing_of(work, whole_wave(work), NULL);
    size_t tiles = tiles_of(work);
    struct product product =
        PER_ISA(winograd_weight_product)(&weighing, (size_t)plane, tiles, work->first > 0);
    for (size_t done = 0; done < tiles; done += PIECE) {
        product.depth = tiles - done < PIECE ? tiles - done : PIECE;
        run_product(product);
        product.a += PIECE * product.a_pitch;
        product.b += PIECE * product.b_row;
        product.add = true;
    }
}

/* Channels n .. n + count - 1 of the places, at channel k of the image: to PyTorch's order. */
static void store_filters(const struct work *work, int k, int n, int count, vector g[3][3]) {
    const struct layer_call *call = work->batch->call;
    size_t image = (size_t)work->batch->shape->image_channels;
    for (int i = 0; i < count; i++) {
        float *gradient = call->grads[0] + ((size_t)(n + i) * image + (size_t)k) * 9;
        for (int tap = 0; tap < 9; tap++)
            gradient[tap] = g[tap / 3][tap % 3][i] + (call->grads_add ? gradient[tap] : 0);
    }
}

static void store_channel(void *context, int k, int worker) {
    (void)worker;
    const struct work *work = context;
    struct winograd_weighing weighing = weighing_of(work, whole_wave(work), NULL);
    const struct tiling *t = &work->tiling;
    int channels = work->batch->shape->place_channels;
    for (int n = 0; n < channels; n += VECTOR_FLOATS) {
        vector g[3][3];
        const float *products = work->products + (size_t)k * t->to + (size_t)n;
        weighing.there.transforms->filter_gradient(products, t->from * t->to, g);
        store_filters(work, k, n, convolution_least(VECTOR_FLOATS, channels - n), g);
    }
}

static void to_weights(const struct convolution_batch *batch, bool sums) {
    struct work work = work_of(batch, false);
    work.sums = sums;
    run_waves(&work, weigh_slice, add_plane, NULL);
    if (batch->call->grads[0])
        pool_run(batch->call->pool, batch->shape->image_channels, store_channel, &work);
}

static const struct convolution_whole whole = {
    .to_places = to_places, .to_image = to_image, .to_weights = to_weights};

const struct convolution_kernels PER_ISA(convolution_planes) = {
    .pack_to_places = PER_ISA(winograd_pack_to_places),
    .pack_to_image = PER_ISA(winograd_pack_to_image),
    .whole = &whole,
};
