/* The fallible half of conv2d and conv_transpose2d: attributes, parameters, and the sizes of scratch memory.
 *
 * fan_in is PyTorch's count, from the second dimension of the weight; for the transposed kind that is out /
 * groups, though its inputs are the first. */
#include "convolution.h"

#include <math.h>

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
                                .groups = config->groups,
                                .way = config->way};
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

size_t convolution_weights(const struct convolution *shape) {
    return (size_t)shape->place_channels * image_group(shape) * convolution_taps(shape);
}

int64_t convolution_products(const struct convolution *shape) {
    return (int64_t)shape->window.rows.out * shape->window.columns.out *
           (int64_t)convolution_weights(shape);
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
    added->fan_in = (int)(image_group(shape) * convolution_taps(shape));
    added->fan_out = (int)(convolution_weights(shape) / (size_t)group);
    struct layer_param shift = {.name = "bias",
                                .rank = 1,
                                .dims = {info->out.channels},
                                .fan_in = added->fan_in,
                                .fan_out = added->fan_out};
    return !bias || layer_add_param(kind, info, shift, pos, report);
}

/* ---- the choice of a way ------------------------------------------------------------------------- */
static const struct convolution_sizes *const ways[CONVOLUTION_WAYS] = {
    [CONVOLUTION_COLUMNS] = &convolution_columns_sizes,
    [CONVOLUTION_DIRECT] = &convolution_direct_sizes,
    [CONVOLUTION_DEPTHWISE] = &convolution_depthwise_sizes,
    [CONVOLUTION_WINOGRAD4] = &convolution_winograd_sizes,
    [CONVOLUTION_WINOGRAD5] = &convolution_winograd_sizes,
    [CONVOLUTION_PLANES] = &convolution_planes_sizes,
};

const char *const convolution_algorithms[CONVOLUTION_WAYS + 1] = {
    [CONVOLUTION_COLUMNS] = "columns",     [CONVOLUTION_DIRECT] = "direct",
    [CONVOLUTION_DEPTHWISE] = "depthwise", [CONVOLUTION_WINOGRAD4] = "winograd4",
    [CONVOLUTION_WINOGRAD5] = "winograd5", [CONVOLUTION_PLANES] = "planes",
};

/* The cheapest way that fits, or the one that is asked for. */
static int choose_way(const struct convolution *shape, const char *wanted) {
    struct convolution tried = *shape;
    int best = CONVOLUTION_COLUMNS;
    double least = INFINITY;
    for (tried.way = 0; tried.way < CONVOLUTION_WAYS; tried.way++) {
        if (!ways[tried.way]->fits(&tried))
            continue;
        if (wanted && !strcmp(convolution_algorithms[tried.way], wanted))
            return tried.way;
        double cost = ways[tried.way]->cost(&tried);
        if (cost < least) {
            best = tried.way;
            least = cost;
        }
    }
    return best;
}

bool convolution_infer(const struct convolution *shape, struct convolution_config *config,
                       const char *kind, struct layer_info *info, const struct pos *pos,
                       struct report *report) {
    if (!add_params(shape, config->bias, kind, info, pos, report))
        return false;
    config->way = choose_way(shape, info->algorithm);
    struct convolution chosen = *shape;
    chosen.way = config->way;
    const struct convolution_sizes *way = ways[chosen.way];
    info->algorithm = convolution_algorithms[config->way];
    info->multiply_adds = convolution_products(shape);
    info->products = way->products(&chosen);
    info->reads_made = info->offers = !way->stored;
    info->reads_once = info->reads_made && (!way->reads_once || way->reads_once(&chosen));
    info->worker_scratch = layer_bytes(way->scratch(&chosen));
    info->packed = layer_bytes(way->packed(&chosen));
    if (way->wave) {
        size_t once, image = way->wave(&chosen, &info->shared_images, &once);
        info->shared_per_image = layer_bytes(image);
        info->shared_scratch = layer_bytes(once);
    }
    info->slice_scratch = layer_bytes(convolution_slice_weights(&chosen)) +
                          layer_bytes(2 * (size_t)info->out.channels);
    return true;
}
