/* Where convolution channel by channel fits, what it costs, the memory it takes. */
#include "convolution.h"

static bool fits(const struct convolution *shape) {
    return shape->groups == shape->image_channels && shape->groups == shape->place_channels;
}

/* Each product reads and writes memory, if only that of the nearest cache. */
static double cost(const struct convolution *shape) {
    return 3 * (double)convolution_products(shape);
}

/* A sum in double for each weight. */
static size_t scratch(const struct convolution *shape) {
    return 2 * convolution_weights(shape);
}

const struct convolution_sizes convolution_depthwise_sizes = {
    .fits = fits,
    .products = convolution_products,
    .cost = cost,
    .packed = convolution_weights,
    .scratch = scratch,
    .stored = true,
};
