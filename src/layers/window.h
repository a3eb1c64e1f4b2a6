/* window.h: windows that slide over a map - the kernels of convolutions, the fields of pools.
 *
 * The two axes of a map are independent, so everything is said for one axis: the window's place number
 * `step` covers in[step * stride - padding + tap * dilation] for tap 0 .. kernel - 1, as far as these exist
 * (Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning"). */
#ifndef LAYERS_WINDOW_H
#define LAYERS_WINDOW_H

#include "layer.h"

struct axis {
    int in, out; /* length of the map; places of the window */
    int kernel, stride, padding, dilation;
};

struct window {
    struct axis rows, columns;
};

/* The window of these attributes over maps of the shape `in`; `out` is left 0. */
struct window window_over(struct shape in, struct attr_size kernel, struct attr_size stride,
                          struct attr_size padding, struct attr_size dilation);

/* Sets `out` and info->out (with `channels`), or refuses a window larger than the padded map. */
bool window_fit(struct window *window, const char *kind, struct layer_info *info, int channels,
                const struct pos *pos, struct report *report);

/* "2", or "2x1" where the two differ. */
struct quoted size_text(int height, int width);

/* "a 3x3 kernel", "an 8x8 kernel". */
struct quoted kernel_text(int height, int width);

/* The taps first .. end - 1 of a window at one place are those that lie on the map; tap 0 lies at `start`,
 * which is negative where it lies on the padding. */
struct span {
    ptrdiff_t start;
    int first, end;
};

/* The number of taps, `dilation` apart, that fit into a distance; at most `kernel`. */
static inline int axis_taps(const struct axis *axis, ptrdiff_t distance) {
    ptrdiff_t taps = distance <= 0         ? 0
                     : axis->dilation == 1 ? distance
                                           : (distance + axis->dilation - 1) / axis->dilation;
    return taps < axis->kernel ? (int)taps : axis->kernel;
}

static inline struct span axis_span(const struct axis *axis, int step) {
    ptrdiff_t start = (ptrdiff_t)step * axis->stride - axis->padding;
    int first = axis_taps(axis, -start), end = axis_taps(axis, axis->in - start);
    return (struct span){start, first, end};
}

#endif
