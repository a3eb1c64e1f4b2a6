/* The size of a map of window places, and the refusal of windows that fit nowhere. */
#include "window.h"

static struct axis axis_over(int in, int kernel, int stride, int padding, int dilation) {
    return (struct axis){
        .in = in, .kernel = kernel, .stride = stride, .padding = padding, .dilation = dilation};
}

struct window window_over(struct shape in, struct attr_size kernel, struct attr_size stride,
                          struct attr_size padding, struct attr_size dilation) {
    return (struct window){
        axis_over(in.height, kernel.height, stride.height, padding.height, dilation.height),
        axis_over(in.width, kernel.width, stride.width, padding.width, dilation.width)};
}

/* What the window covers from its first tap to its last. */
static int64_t axis_extent(const struct axis *axis) {
    return (int64_t)axis->dilation * (axis->kernel - 1) + 1;
}

/* Places of the window; below 1: it does not fit. */
static int64_t axis_places(const struct axis *axis) {
    int64_t room = axis->in + 2 * (int64_t)axis->padding - axis_extent(axis);
    return room < 0 ? 0 : room / axis->stride + 1;
}

struct quoted size_text(int height, int width) {
    struct quoted text;
    if (height == width)
        snprintf(text.text, sizeof text.text, "%d", height);
    else
        snprintf(text.text, sizeof text.text, "%dx%d", height, width);
    return text;
}

struct quoted kernel_text(int height, int width) {
    struct quoted text;
    snprintf(text.text, sizeof text.text, "a %dx%d kernel", height, width);
    if (text.text[2] == '8' || height == 11 || height == 18)
        snprintf(text.text, sizeof text.text, "an %dx%d kernel", height, width);
    return text;
}

static bool refuse(const char *kind, const struct window *window, const struct pos *pos,
                   struct report *report) {
    const struct axis *rows = &window->rows, *columns = &window->columns;
    char spread[256] = "";
    if (rows->dilation > 1 || columns->dilation > 1)
        snprintf(spread, sizeof spread, " with dilation %s covers %lldx%lld and",
                 size_text(rows->dilation, columns->dilation).text, (long long)axis_extent(rows),
                 (long long)axis_extent(columns));
    return report_at(report, pos, "%s: %s%s does not fit its %dx%d input (padding %s)", kind,
                     kernel_text(rows->kernel, columns->kernel).text, spread, rows->in, columns->in,
                     size_text(rows->padding, columns->padding).text);
}

bool window_fit(struct window *window, const char *kind, struct layer_info *info, int channels,
                const struct pos *pos, struct report *report) {
    int64_t height = axis_places(&window->rows), width = axis_places(&window->columns);
    if (height < 1 || width < 1)
        return refuse(kind, window, pos, report);
    if (!layer_gives_map(kind, info, channels, height, width, pos, report))
        return false;
    window->rows.out = info->out.height;
    window->columns.out = info->out.width;
    return true;
}
