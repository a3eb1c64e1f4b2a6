/* convolution.h: what conv2d and conv_transpose2d have in common, which is nearly all.
 *
 * A window slides over an `image`; `places` has one pixel for each place of the window. Both kinds hold
 * weights of the shape (channels of places, channels of image / groups, kernel height, kernel width), and
 * with the matrix "columns" that has a row per place - the image's pixels under the window (im2col) -
 *   conv2d            x is the image, y the places: y = columns(x) W
 *   conv_transpose2d  x is the places, y the image: columns(y) = x W', overlaps added up (col2im)
 * so that the three passes below are forward, data gradient and weight gradient of the one, and data gradient,
 * forward and weight gradient of the other. */
#ifndef LAYERS_CONVOLUTION_H
#define LAYERS_CONVOLUTION_H

#include "window.h"

/* ---- attributes --------------------------------------------------------------------------------- */
struct convolution_config {
    int out, groups;
    struct attr_size kernel, stride, padding, dilation;
    bool bias;
    struct attr_size output_padding; /* conv_transpose2d only */
    int way;                         /* of enum convolution_way, from infer */
};

/* conv2d has the first of these rows, conv_transpose2d all. */
enum { CONV2D_ATTRS = 7, CONV_TRANSPOSE2D_ATTRS = 8 };
extern const struct attr convolution_attrs[CONV_TRANSPOSE2D_ATTRS];

/* ---- shape, computed from attributes and info on each call --------------------------------------- */
struct convolution {
    struct window window; /* over the image */
    int image_channels, place_channels, groups;
    int way; /* of enum convolution_way */
};

struct convolution convolution_of(const struct convolution_config *config, struct shape image,
                                  struct shape places);

/* Channels of one group, taps of the kernel. */
static inline size_t image_group(const struct convolution *shape) {
    return (size_t)(shape->image_channels / shape->groups);
}

static inline size_t place_group(const struct convolution *shape) {
    return (size_t)(shape->place_channels / shape->groups);
}

static inline size_t convolution_taps(const struct convolution *shape) {
    return (size_t)shape->window.rows.kernel * (size_t)shape->window.columns.kernel;
}

/* Where a row (tap, channel of the image), counted through all groups, lies in PyTorch's order: its elements
 * are at weight[first], weight[first + step], ... */
struct packed_row {
    size_t first, step;
};

static inline struct packed_row packed_row(const struct convolution *shape, size_t row) {
    size_t channels = image_group(shape), taps = convolution_taps(shape), step = channels * taps;
    size_t group = row / step, tap = row % step / channels, channel = row % channels;
    return (struct packed_row){group * place_group(shape) * step + channel * taps + tap, step};
}

static inline size_t packed_rows(const struct convolution *shape) {
    return (size_t)shape->image_channels * convolution_taps(shape);
}

/* Refuses groups that do not divide the channels of input and output. */
bool convolution_groups(const struct convolution_config *config, const char *kind,
                        const struct layer_info *info, const struct pos *pos,
                        struct report *report);

/* Once the shapes are known: adds the parameters, chooses the way, fills in scratch memory and multiply-adds. */
bool convolution_infer(const struct convolution *shape, struct convolution_config *config,
                       const char *kind, struct layer_info *info, const struct pos *pos,
                       struct report *report);

/* Multiply-adds of a pass on one image, by the definition. */
int64_t convolution_products(const struct convolution *shape);

static inline int convolution_least(int a, int b) {
    return a < b ? a : b;
}

static inline size_t convolution_larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Floats of all weights. */
size_t convolution_weights(const struct convolution *shape);

/* ---- ways ---------------------------------------------------------------------------------------- */
enum convolution_way {
    CONVOLUTION_COLUMNS,   /* columns.c: fits all */
    CONVOLUTION_DIRECT,    /* direct.c: to places row by row */
    CONVOLUTION_DEPTHWISE, /* depthwise.c: groups as many as channels */
    CONVOLUTION_WINOGRAD4, /* winograd_chunks.c: 3x3, stride 1, by tiles of 4x4 */
    CONVOLUTION_WINOGRAD5, /* and of 5x5 */
    CONVOLUTION_PLANES,    /* winograd_planes.c: the same for many channels, tiles of either size */
    CONVOLUTION_WAYS
};

extern const char *const convolution_algorithms[CONVOLUTION_WAYS + 1];

/* What is known of a way without running it. */
struct convolution_sizes {
    bool (*fits)(const struct convolution *shape);
    /* Of a pass on one image: its multiply-adds; what it costs in all, counted in multiply-adds. */
    int64_t (*products)(const struct convolution *shape);
    double (*cost)(const struct convolution *shape);
    size_t (*packed)(const struct convolution *shape);  /* floats of packed weights */
    size_t (*scratch)(const struct convolution *shape); /* floats of scratch memory on a worker */
    /* Floats of shared scratch memory: `once`, and for each image, of at most so many. NULL: none. */
    size_t (*wave)(const struct convolution *shape, int *images, size_t *once);
    bool stored; /* neither reads pixels that are made nor offers those that it writes */
    bool (*reads_once)(const struct convolution *shape); /* each pixel of the image; NULL: yes */
};
extern const struct convolution_sizes convolution_columns_sizes, convolution_direct_sizes,
    convolution_depthwise_sizes, convolution_winograd_sizes, convolution_planes_sizes;

#ifdef ISA
/* What a pass reads or writes: pixels in memory, or made while they are read, or offered once written. */
struct convolution_map {
    struct tensor tensor;
    struct layer_maker maker;
    struct layer_taker taker;
};

/* Rows `top` .. `top + rows - 1` of an image of the slice are written, as those above them have been: offers
 * the whole runs of rows that this completes. */
static inline void convolution_offer(const struct layer_taker *taker, struct tensor tensor,
                                     struct slice slice, int image, int top, int rows) {
    size_t width = (size_t)tensor.width, height = (size_t)tensor.height;
    size_t first = (size_t)(slice.first + image) * height * width;
    for (int run = top / LAYER_OFFER_ROWS * LAYER_OFFER_ROWS; taker->take && run < top + rows;
         run += LAYER_OFFER_ROWS) {
        int count = convolution_least(LAYER_OFFER_ROWS, tensor.height - run);
        if (run + count <= top + rows)
            taker->take(taker->call, slice.index, first + (size_t)run * width,
                        (size_t)count * width);
    }
}

/* A pass over a batch. */
struct convolution_batch {
    const struct convolution *shape;
    const struct layer_call *call;
    struct convolution_map image, places;
};

/* A pass over the images of one slice. */
struct convolution_pass {
    const struct convolution *shape;
    struct slice slice;
    struct convolution_map image, places; /* their tensors: of the slice */
    const float *packed;                  /* weights in the order of the pass; not for to_weights */
    float *scratch;
};

/* Passes over all images at once, which share the work among threads themselves. */
struct convolution_whole {
    void (*to_places)(const struct convolution_batch *batch, const float *bias, bool add);
    void (*to_image)(const struct convolution_batch *batch, const float *bias, bool add);
    /* The call's gradient of the weights; and, if `sums`, those of every slice (convolution_bias_sums). */
    void (*to_weights)(const struct convolution_batch *batch, bool sums);
};

struct convolution_kernels {
    const struct convolution_whole *whole; /* instead of the passes over a slice; or NULL */
    /* Weights from PyTorch's order to that of a pass, to where the call has them packed. */
    void (*pack_to_places)(const struct convolution *shape, const struct layer_call *call);
    void (*pack_to_image)(const struct convolution *shape, const struct layer_call *call);
    /* places = columns(image) W + bias, or added to what is there. `bias` NULL: none. */
    void (*to_places)(const struct convolution_pass *pass, const float *bias, bool add);
    /* image = places W' laid on the pixels under each place, + bias, or added to what is there. */
    void (*to_image)(const struct convolution_pass *pass, const float *bias, bool add);
    /* gradient[tap][channel of image][channel of places], group after group; and the sums over all places,
     * channel by channel, unless `sums` is NULL. */
    void (*to_weights)(const struct convolution_pass *pass, float *gradient, double *sums);
    /* Both, with the same bits, in the order that is best for the caches. */
    void (*to_weights_and_image)(const struct convolution_pass *weights, float *gradient,
                                 double *sums, const struct convolution_pass *data, bool add);
};
extern const struct convolution_kernels PER_ISA(convolution_columns), PER_ISA(convolution_direct),
    PER_ISA(convolution_depthwise), PER_ISA(convolution_chunks), PER_ISA(convolution_planes);

/* The kernels of the way that infer has chosen for this layer. */
const struct convolution_kernels *PER_ISA(convolution_kernels_of)(const struct layer_call *call);

struct convolution_pass PER_ISA(convolution_pass_of)(const struct convolution_batch *batch,
                                                     struct slice slice);

/* The whole pass: weights packed, all slices. */
void PER_ISA(convolution_to_places)(const struct convolution_batch *batch, const float *bias,
                                    bool add);
void PER_ISA(convolution_to_image)(const struct convolution_batch *batch, const float *bias,
                                   bool add);

/* What a call reads and writes. */
static inline struct convolution_map convolution_x(const struct layer_call *call) {
    return (struct convolution_map){.tensor = call->x[0], .maker = call->make_x};
}

static inline struct convolution_map convolution_y(const struct layer_call *call) {
    return (struct convolution_map){.tensor = call->y, .taker = call->offer_y};
}

static inline struct convolution_map convolution_dx(const struct layer_call *call) {
    return (struct convolution_map){.tensor = call->dx[0], .taker = call->offer_dx};
}

static inline struct convolution_map convolution_dy(const struct layer_call *call) {
    return (struct convolution_map){.tensor = call->dy, .maker = call->make_dy};
}

/* ---- parameters ---------------------------------------------------------------------------------- */

/* The bias, or NULL. */
static inline const float *convolution_bias(const struct layer_call *call) {
    return call->info->param_count > 1 ? call->params[1] : NULL;
}

/* Adds `count` pixels, `pitch` floats from one to the next, channel by channel. */
void PER_ISA(convolution_add_pixels)(const float *pixel, size_t pitch, size_t count,
                                     size_t channels, double *sums);

/* The sums of all pixels. */
void PER_ISA(convolution_sum_pixels)(struct tensor tensor, double *sums);

/* What a slice gives to the gradient of the bias, channel by channel, in its scratch memory. */
double *PER_ISA(convolution_bias_sums)(const struct convolution *shape,
                                       const struct layer_call *call, int slice);

/* The gradients of the parameters that are wanted. `data`: the data gradient of conv2d, if it is wanted, is
 * given along the way, from the same places. `transposed`: dy is the image, not the places. */
void PER_ISA(convolution_gradients)(const struct convolution_batch *weights,
                                    const struct convolution_batch *data, bool transposed);
#endif

/* Floats that a slice leaves for the gradient of the weights: ways that take all images at once leave none. */
static inline size_t convolution_slice_weights(const struct convolution *shape) {
    return shape->way == CONVOLUTION_PLANES ? 0 : convolution_weights(shape);
}

#endif
