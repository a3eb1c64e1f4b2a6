/* Where the direct way fits, what it costs, the memory it takes. */
#include "product.h"
#include "strip.h"

static bool axis_fits(const struct axis *axis) {
    return axis->dilation == 1 && axis->kernel <= STRIP_MOST_ROWS;
}

static bool fits(const struct convolution *shape) {
    return axis_fits(&shape->window.rows) && axis_fits(&shape->window.columns) &&
           shape->groups == 1;
}

/* Each row of places begins with products anew (some hundred multiply-adds), and goes through all weights,
 * which takes time once they are larger than the nearest cache. */
static double cost(const struct convolution *shape) {
    enum { BEGIN = 300, NEAR = 24 * 1024, FAR_COST = 6 };
    double rows = shape->window.rows.out, weights = (double)convolution_weights(shape);
    double far = weights > NEAR ? FAR_COST * weights : 0;
    double idle = (double)vector_round((size_t)shape->place_channels) / shape->place_channels;
    return (double)convolution_products(shape) * idle +
           rows * (shape->window.rows.kernel * BEGIN + far);
}

static size_t packed(const struct convolution *shape) {
    const struct axis *rows = &shape->window.rows, *columns = &shape->window.columns;
    size_t depth = (size_t)columns->kernel * (size_t)shape->image_channels;
    size_t all = (size_t)rows->kernel * product_packed(depth, (size_t)shape->place_channels);
    return convolution_larger(all, convolution_columns_sizes.packed(shape));
}

/* A strip, and a row of places beside it; or what columns take. */
static size_t scratch(const struct convolution *shape) {
    const struct axis *columns = &shape->window.columns;
    int across = (columns->out - 1) * columns->stride + columns->kernel;
    size_t strip = strip_floats(shape->window.rows.kernel, across, (size_t)shape->image_channels);
    size_t row = (size_t)columns->out * vector_round((size_t)shape->place_channels);
    return convolution_larger(strip + row, convolution_columns_sizes.scratch(shape));
}

/* No pixels between windows, nor behind the last, are left out. */
static bool axis_covers(const struct axis *axis) {
    int end = (axis->out - 1) * axis->stride + axis->kernel - axis->padding;
    return axis->stride <= axis->kernel && end >= axis->in;
}

static bool reads_once(const struct convolution *shape) {
    return axis_covers(&shape->window.rows) && axis_covers(&shape->window.columns);
}

const struct convolution_sizes convolution_direct_sizes = {
    .fits = fits,
    .products = convolution_products,
    .cost = cost,
    .packed = packed,
    .scratch = scratch,
    .reads_once = reads_once,
};
