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
};

/* conv2d has the first of these rows, conv_transpose2d all. */
enum { CONV2D_ATTRS = 7, CONV_TRANSPOSE2D_ATTRS = 8 };
extern const struct attr convolution_attrs[CONV_TRANSPOSE2D_ATTRS];

/* ---- shape, computed from attributes and info on each call --------------------------------------- */
struct convolution {
    struct window window; /* over the image */
    int image_channels, place_channels, groups;
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

/* Refuses groups that do not divide the channels of input and output. */
bool convolution_groups(const struct convolution_config *config, const char *kind,
                        const struct layer_info *info, const struct pos *pos,
                        struct report *report);

/* Once the shapes are known: adds the parameters, fills in scratch memory and multiply-adds. */
bool convolution_infer(const struct convolution *shape, bool bias, const char *kind,
                       struct layer_info *info, const struct pos *pos, struct report *report);

/* Places per block of columns, floats of a block, floats of all weights. */
int convolution_block(const struct convolution *shape);
size_t convolution_columns(const struct convolution *shape);
size_t convolution_weights(const struct convolution *shape);

/* ---- passes over the images of one slice --------------------------------------------------------- */
#ifdef ISA
struct convolution_pass {
    const struct convolution *shape;
    struct tensor image, places;
    const float *packed; /* weights in the order of the pass; not for convolution_to_weights */
    float *columns;      /* scratch memory: convolution_columns floats */
};

struct convolution_pass PER_ISA(convolution_pass_of)(const struct convolution *shape,
                                                     const struct layer_call *call,
                                                     struct slice slice, struct tensor image,
                                                     struct tensor places);

/* places = columns(image) W + bias, or added to what is there. `bias` NULL: none. */
void PER_ISA(convolution_to_places)(const struct convolution_pass *pass, const float *bias,
                                    bool add);

/* Adds places W' to the pixels of the image under each place. */
void PER_ISA(convolution_to_image)(const struct convolution_pass *pass);

/* gradient = columns(image)' places, in the order of packed weights of convolution_to_places. */
void PER_ISA(convolution_to_weights)(const struct convolution_pass *pass, float *gradient);

/* ---- parameters ---------------------------------------------------------------------------------- */

/* Weights from PyTorch's order to that of a pass, in the call's shared scratch memory. */
void PER_ISA(convolution_pack_to_places)(const struct convolution *shape,
                                         const struct layer_call *call);
void PER_ISA(convolution_pack_to_image)(const struct convolution *shape,
                                        const struct layer_call *call);

/* The bias, or NULL. */
static inline const float *convolution_bias(const struct layer_call *call) {
    return call->info->param_count > 1 ? call->params[1] : NULL;
}

/* The gradients of the parameters that are wanted: what one slice gives, in its scratch memory; then their
 * sum, slice after slice, in PyTorch's order. */
void PER_ISA(convolution_slice_gradients)(const struct convolution_pass *pass,
                                          const struct layer_call *call, struct slice slice);
void PER_ISA(convolution_sum_gradients)(const struct convolution *shape,
                                        const struct layer_call *call);
#endif

#endif
