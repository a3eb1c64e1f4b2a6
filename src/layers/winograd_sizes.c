/* Where Winograd's convolution fits, what it costs, the memory it takes. */
#include "winograd.h"

/* Planes of a chunk fit in the L2 cache beside all else, but there are enough tiles that reading the filters is
 * worth it where these are larger than the cache. The planes of a wave fit in the L3 cache of a small machine. */
enum { CHUNK_FLOATS = 74 * 1024, LEAST_TILES = 16, WAVE_FLOATS = 3 << 20 };

/* ---- tilings --------------------------------------------------------------------------------------- */

static struct tiling tiling_by(int tile, int height, int width) {
    return (struct tiling){.tile = tile,
                           .patch = tile + 2,
                           .planes = (size_t)((tile + 2) * (tile + 2)),
                           .down = (height + tile - 1) / tile,
                           .across = (width + tile - 1) / tile};
}

/* Products of an image for each pair of channels. */
static size_t positions(const struct tiling *t) {
    return t->planes * (size_t)(t->down * t->across);
}

/* The tile that is asked for; plane by plane the one that takes fewer products. */
static struct tiling choose_tile(int way, int height, int width) {
    struct tiling four = tiling_by(4, height, width), five = tiling_by(5, height, width);
    bool fewer = positions(&five) < positions(&four);
    return way == CONVOLUTION_WINOGRAD5 || (way == CONVOLUTION_PLANES && fewer) ? five : four;
}

static struct tiling tiling_of(int way, int height, int width, int from_channels, int to_channels) {
    struct tiling t = choose_tile(way, height, width);
    t.from = vector_round((size_t)from_channels);
    t.to = vector_round((size_t)to_channels);
    size_t fit = convolution_larger(CHUNK_FLOATS / (t.planes * (t.from + t.to)), LEAST_TILES);
    size_t across = (size_t)t.across;
    tiling_keep(&t, fit > across ? (int)(fit / across) : 1);
    return t;
}

struct tiling winograd_to_places(const struct convolution *shape) {
    return tiling_of(shape->way, shape->window.rows.out, shape->window.columns.out,
                     shape->image_channels, shape->place_channels);
}

struct tiling winograd_to_image(const struct convolution *shape) {
    return tiling_of(shape->way, shape->window.rows.in, shape->window.columns.in,
                     shape->place_channels, shape->image_channels);
}

/* ---- where it fits, and its cost --------------------------------------------------------------------- */

/* Padding of more than 2 would be negative on the way back. */
static bool axis_fits(const struct axis *axis) {
    return axis->kernel == 3 && axis->stride == 1 && axis->dilation == 1 && axis->padding <= 2;
}

static bool fits(const struct convolution *shape) {
    return axis_fits(&shape->window.rows) && axis_fits(&shape->window.columns) &&
           shape->groups == 1;
}

static int64_t products(const struct convolution *shape) {
    struct tiling t = winograd_to_places(shape);
    return (int64_t)positions(&t) * shape->image_channels * shape->place_channels;
}

/* Counted in multiply-adds: to transform a float; to take it to the L3 cache and back; to take one from there,
 * of filters that do not fit in the L2 cache beside a chunk. As measured, roughly. */
enum { TRANSFORM = 8, THERE_AND_BACK = 15, TAKE = 16, FILTERS_FIT = 192 * 1024 };

static double cost_of_floats(const struct convolution *shape, int each) {
    struct tiling t = winograd_to_places(shape);
    return (double)products(shape) + each * (double)positions(&t) * (double)(t.from + t.to);
}

/* Filters are taken once for each chunk. */
static double cost(const struct convolution *shape) {
    struct tiling t = winograd_to_places(shape);
    double filters = (double)t.planes * (double)t.from * (double)t.to;
    double beyond = filters > FILTERS_FIT ? filters - FILTERS_FIT : 0;
    return cost_of_floats(shape, TRANSFORM) + TAKE * beyond * t.down / t.rows;
}

static double cost_of_planes(const struct convolution *shape) {
    return cost_of_floats(shape, TRANSFORM + THERE_AND_BACK);
}

/* ---- memory, chunk by chunk -------------------------------------------------------------------------- */

/* Filters of either way. */
static size_t packed(const struct convolution *shape) {
    struct tiling there = winograd_to_places(shape), back = winograd_to_image(shape);
    size_t image = (size_t)shape->image_channels, places = (size_t)shape->place_channels;
    return convolution_larger(there.planes * product_packed(image, places),
                              back.planes * product_packed(places, image));
}

/* Planes of products of both sides' channels. */
static size_t sums(const struct convolution *shape) {
    struct tiling t = winograd_to_places(shape);
    return t.planes * t.from * t.to;
}

/* Planes of both sides and a strip of the input. */
static size_t one_way(struct tiling t) {
    return t.planes * (t.from_plane + t.to_plane) + winograd_strip(&t, t.from);
}

/* Either way through the layer. The gradient of the weights has a strip of dY and planes of products as
 * well, and the data gradient beside it planes of its own. */
static size_t scratch(const struct convolution *shape) {
    struct tiling there = winograd_to_places(shape), back = winograd_to_image(shape);
    size_t weights = one_way(there) + winograd_strip(&there, there.to) + sums(shape);
    return convolution_larger(weights + there.planes * there.to_plane, one_way(back));
}

const struct convolution_sizes convolution_winograd_sizes = {
    .fits = fits,
    .products = products,
    .cost = cost,
    .packed = packed,
    .scratch = scratch,
};

/* ---- memory, plane by plane -------------------------------------------------------------------------- */

static size_t planes_of_image(const struct tiling *t) {
    return positions(t) * (t->from + t->to);
}

/* The gaps between planes, of which there are at most 7x7 on each side, belong to no image. */
static size_t wave(const struct convolution *shape, int *images, size_t *once) {
    struct tiling there = winograd_to_places(shape), back = winograd_to_image(shape);
    size_t most = convolution_larger(planes_of_image(&there), planes_of_image(&back));
    *images = most < WAVE_FLOATS ? (int)(WAVE_FLOATS / most) : 1;
    *once = 2 * 49 * TILING_GAP;
    return most;
}

int winograd_wave(const struct convolution *shape) {
    int images;
    size_t once;
    wave(shape, &images, &once);
    return images;
}

/* Filters; or products, which take their place. */
static size_t packed_or_products(const struct convolution *shape) {
    return convolution_larger(packed(shape), sums(shape));
}

/* Two strips. */
static size_t strips(const struct convolution *shape) {
    struct tiling there = winograd_to_places(shape), back = winograd_to_image(shape);
    size_t weights = winograd_strip(&there, there.from) + winograd_strip(&there, there.to);
    return convolution_larger(weights, winograd_strip(&back, back.from));
}

const struct convolution_sizes convolution_planes_sizes = {
    .fits = fits,
    .products = products,
    .cost = cost_of_planes,
    .packed = packed_or_products,
    .scratch = strips,
    .wave = wave,
};
