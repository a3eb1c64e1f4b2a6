/* Sizes of convolution by columns. */
#include "columns.h"
#include "vector.h"

static size_t row_length(const struct convolution *shape) {
    return image_group(shape) * convolution_taps(shape);
}

/* Places per block. A block of columns takes at most half a megabyte, to stay in the L2 cache. Smaller ones
 * are better yet where OpenBLAS multiplies them without packing (on AVX-512: up to a million products, half
 * as fast again as with packing at 16 and 32 channels), unless they get so low that the product runs idle. */
enum { BLOCK_FLOATS = 1 << 17, BLOCK_PRODUCTS = 1000000, BLOCK_UNIT = 16, BLOCK_LEAST = 48 };

static bool is_pointwise(const struct axis *axis) {
    return axis->kernel == 1 && axis->stride == 1 && axis->padding == 0;
}

bool columns_needed(const struct convolution *shape) {
    return !is_pointwise(&shape->window.rows) || !is_pointwise(&shape->window.columns);
}

int columns_block(const struct convolution *shape) {
    size_t length = row_length(shape);
    size_t places = BLOCK_FLOATS / length, small = BLOCK_PRODUCTS / (length * place_group(shape));
    if (small >= BLOCK_LEAST && small < places)
        places = small;
    return (int)(places > BLOCK_LEAST ? places / BLOCK_UNIT * BLOCK_UNIT : BLOCK_LEAST);
}

size_t columns_places(const struct convolution *shape) {
    return vector_round((size_t)columns_block(shape) * row_length(shape));
}

size_t columns_image(const struct convolution *shape) {
    size_t places = (size_t)columns_block(shape) * (size_t)shape->place_channels;
    return columns_places(shape) + vector_round(places);
}

/* A block of columns; then, where they are made: its places, and an image or the block's part of it. */
static size_t scratch(const struct convolution *shape) {
    size_t image = (size_t)shape->window.rows.in * (size_t)shape->window.columns.in;
    size_t pixels = convolution_larger(image, (size_t)columns_block(shape));
    return columns_image(shape) + pixels * (size_t)shape->image_channels;
}

static bool fits(const struct convolution *shape) {
    (void)shape;
    return true;
}

static int64_t gathered(const struct convolution *shape) {
    return (int64_t)shape->window.rows.out * shape->window.columns.out *
           (int64_t)row_length(shape) * shape->groups;
}

/* Gathering a float costs about as much as four multiply-adds. */
static double cost(const struct convolution *shape) {
    return (double)convolution_products(shape) + 4 * (double)gathered(shape);
}

/* A block of columns that lies on two images takes up both for each group. */
static bool reads_once(const struct convolution *shape) {
    return shape->groups == 1 || !columns_needed(shape);
}

const struct convolution_sizes convolution_columns_sizes = {
    .fits = fits,
    .products = convolution_products,
    .cost = cost,
    .packed = convolution_weights,
    .scratch = scratch,
    .reads_once = reads_once,
};
