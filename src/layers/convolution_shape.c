/* The fallible half of conv2d and conv_transpose2d: attributes, parameters, and the sizes of scratch memory.
 *
 * fan_in is PyTorch's count, from the second dimension of the weight; for the transposed kind that is out /
 * groups, though its inputs are the first. */
#include "convolution.h"

#define SIZE_ROW(field, text)                                                                      \
    .name = #field, .summary = text, .type = ATTR_SIZE,                                            \
    .offset = offsetof(struct convolution_config, field), .max = INT32_MAX

const struct attr convolution_attrs[CONV_TRANSPOSE2D_ATTRS] = {
    {"out", "channels of the output", ATTR_INT, offsetof(struct convolution_config, out), .min = 1,
     .max = INT32_MAX, .required = true, .also = "out_channels"},
    {SIZE_ROW(kernel, "size of the kernel, pixels"), .min = 1, .required = true,
     .also = "kernel_size"},
    {SIZE_ROW(stride, "step between windows, pixels"), .min = 1, .fallback = 1},
    {SIZE_ROW(padding, "zeros on each side of the map, pixels")},
    {SIZE_ROW(dilation, "distance between taps of the kernel, pixels"), .min = 1, .fallback = 1},
    {"groups", "parts of the channels that do not see each other", ATTR_INT,
     offsetof(struct convolution_config, groups), .min = 1, .max = INT32_MAX, .fallback = 1},
    {"bias", "add a number per channel of the output", ATTR_BOOL,
     offsetof(struct convolution_config, bias), .fallback = true},
    {SIZE_ROW(output_padding, "rows and columns added to the output at its end")},
};

struct convolution convolution_of(const struct convolution_config *config, struct shape image,
                                  struct shape places) {
    struct convolution shape = {.window = window_over(image, config->kernel, config->stride,
                                                      config->padding, config->dilation),
                                .image_channels = image.channels,
                                .place_channels = places.channels,
                                .groups = config->groups};
    shape.window.rows.out = places.height;
    shape.window.columns.out = places.width;
    return shape;
}

bool convolution_groups(const struct convolution_config *config, const char *kind,
                        const struct layer_info *info, const struct pos *pos,
                        struct report *report) {
    int in = info->in[0].channels;
    if (in % config->groups == 0 && config->out % config->groups == 0)
        return true;
    bool of_input = in % config->groups != 0;
    return report_at(report, pos, "%s: %d groups do not divide the %d channels of its %s", kind,
                     config->groups, of_input ? in : config->out, of_input ? "input" : "output");
}

static size_t column_length(const struct convolution *shape) {
    return (size_t)(shape->image_channels / shape->groups) * (size_t)shape->window.rows.kernel *
           (size_t)shape->window.columns.kernel;
}

/* Places per block. A block of columns takes at most half a megabyte, to stay in the L2 cache. Smaller ones
 * are better yet where OpenBLAS multiplies them without packing (on AVX-512: up to a million products, half
 * as fast again as with packing at 16 and 32 channels), unless they get so low that the product runs idle. */
enum { BLOCK_FLOATS = 1 << 17, BLOCK_PRODUCTS = 1000000, BLOCK_UNIT = 16, BLOCK_LEAST = 48 };

int convolution_block(const struct convolution *shape) {
    size_t length = column_length(shape);
    size_t places = BLOCK_FLOATS / length, small = BLOCK_PRODUCTS / (length * place_group(shape));
    if (small >= BLOCK_LEAST && small < places)
        places = small;
    return (int)(places > BLOCK_LEAST ? places / BLOCK_UNIT * BLOCK_UNIT : BLOCK_LEAST);
}

size_t convolution_columns(const struct convolution *shape) {
    return (size_t)convolution_block(shape) * column_length(shape);
}

size_t convolution_weights(const struct convolution *shape) {
    return (size_t)shape->place_channels * column_length(shape);
}

static bool add_params(const struct convolution *shape, bool bias, const char *kind,
                       struct layer_info *info, const struct pos *pos, struct report *report) {
    int group = shape->image_channels / shape->groups;
    struct layer_param weight = {.name = "weight",
                                 .rank = 4,
                                 .dims = {shape->place_channels, group, shape->window.rows.kernel,
                                          shape->window.columns.kernel}};
    if (!layer_add_param(kind, info, weight, pos, report))
        return false;
    struct layer_param *added = &info->params[0];
    added->fan_in = (int)column_length(shape);
    added->fan_out = (int)(convolution_weights(shape) / (size_t)group);
    struct layer_param shift = {.name = "bias",
                                .rank = 1,
                                .dims = {info->out.channels},
                                .fan_in = added->fan_in,
                                .fan_out = added->fan_out};
    return !bias || layer_add_param(kind, info, shift, pos, report);
}

bool convolution_infer(const struct convolution *shape, bool bias, const char *kind,
                       struct layer_info *info, const struct pos *pos, struct report *report) {
    if (!add_params(shape, bias, kind, info, pos, report))
        return false;
    size_t weights = layer_bytes(convolution_weights(shape));
    info->multiply_adds = (int64_t)shape->window.rows.out * shape->window.columns.out *
                          (int64_t)convolution_weights(shape);
    info->worker_scratch = layer_bytes(convolution_columns(shape));
    info->shared_scratch = weights;
    info->slice_scratch = weights + layer_bytes(2 * (size_t)info->out.channels);
    return true;
}
