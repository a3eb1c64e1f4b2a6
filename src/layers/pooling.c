/* The fallible half of the pools. */
#include "pooling.h"

#define SIZE_ROW(field, text)                                                                      \
    .name = #field, .summary = text, .type = ATTR_SIZE, .offset = offsetof(struct pooling, field), \
    .max = INT32_MAX

const struct attr pooling_attrs[POOLING_ATTRS] = {
    {SIZE_ROW(kernel, "size of the window, pixels"), .min = 1, .required = true,
     .also = "kernel_size"},
    {SIZE_ROW(stride, "step between windows, pixels"), .min = 1, .shown = "= kernel"},
    {SIZE_ROW(padding, "border on each side of the map, pixels")},
};

struct window pooling_window(const struct pooling *pooling, const struct layer_info *info) {
    struct window window = window_over(info->in[0], pooling->kernel, pooling->stride,
                                       pooling->padding, (struct attr_size){1, 1});
    window.rows.out = info->out.height;
    window.columns.out = info->out.width;
    return window;
}

bool pooling_infer(struct pooling *pooling, const char *kind, struct layer_info *info,
                   const struct pos *pos, struct report *report) {
    struct attr_size kernel = pooling->kernel, padding = pooling->padding;
    if (pooling->stride.height == 0)
        pooling->stride = kernel;
    if (!layer_takes_map(kind, info, 0, pos, report))
        return false;
    if (padding.height > kernel.height / 2 || padding.width > kernel.width / 2)
        return report_at(report, pos, "%s: padding %s is more than half the kernel %s", kind,
                         size_text(padding.height, padding.width).text,
                         size_text(kernel.height, kernel.width).text);
    struct window window = pooling_window(pooling, info);
    if (!window_fit(&window, kind, info, info->in[0].channels, pos, report))
        return false;
    info->reads_made = info->reads_once = info->offers = true;
    info->worker_scratch = pooling_own(info) + layer_image_bytes(info);
    return true;
}
