/* Where Winograd's convolution fits, what it costs, the memory it takes. */
#include "product.h"
#include "strip.h"
#include "vector.h"
#include "winograd.h"

/* Planes of a chunk fit in the L2 cache beside all else, but there are enough tiles that reading the filters is
 * worth it where these are larger than the cache. Between planes there is a gap, since strides of a power of two
 * would all meet in one set of the cache. */
enum { CHUNK_FLOATS = 74 * 1024, LEAST_TILES = 32, PLANE_GAP = 16 };

static struct tiling tiling_of(int tile, int height, int width, int from_channels,
                               int to_channels) {
    struct tiling t = {.tile = tile,
                       .patch = tile + 2,
                       .planes = (size_t)((tile + 2) * (tile + 2)),
                       .down = (height + tile - 1) / tile,
                       .across = (width + tile - 1) / tile};
    size_t across = (size_t)t.across;
    t.from = vector_round((size_t)from_channels);
    t.to = vector_round((size_t)to_channels);
    size_t fit = convolution_larger(CHUNK_FLOATS / (t.planes * (t.from + t.to)), LEAST_TILES);
    t.rows = fit > across ? (int)(fit / across) : 1;
    t.from_plane = (size_t)t.rows * across * t.from + PLANE_GAP;
    t.to_plane = (size_t)t.rows * across * t.to + PLANE_GAP;
    return t;
}

static int tile_of(const struct convolution *shape) {
    return shape->way == CONVOLUTION_WINOGRAD5 ? 5 : 4;
}

struct tiling winograd_to_places(const struct convolution *shape) {
    return tiling_of(tile_of(shape), shape->window.rows.out, shape->window.columns.out,
                     shape->image_channels, shape->place_channels);
}

struct tiling winograd_to_image(const struct convolution *shape) {
    return tiling_of(tile_of(shape), shape->window.rows.in, shape->window.columns.in,
                     shape->place_channels, shape->image_channels);
}

/* Padding of more than 2 would be negative on the way back. */
static bool axis_fits(const struct axis *axis) {
    return axis->kernel == 3 && axis->stride == 1 && axis->dilation == 1 && axis->padding <= 2;
}

static bool fits(const struct convolution *shape) {
    return axis_fits(&shape->window.rows) && axis_fits(&shape->window.columns) &&
           shape->groups == 1;
}

static int64_t transformed(const struct convolution *shape) {
    struct tiling t = winograd_to_places(shape);
    return (int64_t)t.down * t.across * (int64_t)t.planes;
}

static int64_t products(const struct convolution *shape) {
    return transformed(shape) * shape->image_channels * shape->place_channels;
}

/* Transforming a float costs about as much as eight multiply-adds. */
static double cost(const struct convolution *shape) {
    struct tiling t = winograd_to_places(shape);
    return (double)products(shape) + 8 * (double)transformed(shape) * (double)(t.from + t.to);
}

/* Filters of either way. */
static size_t packed(const struct convolution *shape) {
    size_t image = (size_t)shape->image_channels, places = (size_t)shape->place_channels;
    return winograd_to_places(shape).planes *
           convolution_larger(product_packed(image, places), product_packed(places, image));
}

/* Planes of products of both sides' channels. */
static size_t sums(const struct convolution *shape) {
    struct tiling t = winograd_to_places(shape);
    return t.planes * t.from * t.to;
}

static size_t strip(const struct tiling *t, size_t pixel) {
    return strip_floats(t->patch, t->across * t->tile + t->patch - t->tile, pixel);
}

/* Planes of both sides and a strip of the input. */
static size_t one_way(struct tiling t) {
    return t.planes * (t.from_plane + t.to_plane) + strip(&t, t.from);
}

/* Either way through the layer. The gradient of the weights has a strip of dY and planes of products as
 * well, and the data gradient beside it planes of its own. */
static size_t scratch(const struct convolution *shape) {
    struct tiling there = winograd_to_places(shape), back = winograd_to_image(shape);
    size_t weights = one_way(there) + strip(&there, there.to) + sums(shape);
    return convolution_larger(weights + there.planes * there.to_plane, one_way(back));
}

const struct convolution_sizes convolution_winograd_sizes = {
    .fits = fits,
    .products = products,
    .cost = cost,
    .packed = packed,
    .scratch = scratch,
};
