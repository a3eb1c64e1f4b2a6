/* Resizing as Pillow's (and so torchvision's) bilinear filter does it: a triangle as wide as the pixels of the
 * smaller picture, so that what is shrunk is averaged and not picked; first along rows, then along columns, each
 * rounded to 8 bit. Grey of colours is ITU-R 601-2's luma. */
#include "resize.h"

#include <math.h>

/* One direction: from `from` places to `to`, `step` bytes from one place to the next, `lanes` bytes at each. */
struct line {
    int from, to, step_from, step_to, lanes;
};

static void resize_line(const struct line *line, const uint8_t *from, uint8_t *to) {
    double scale = (double)line->from / line->to, reach = scale > 1 ? scale : 1;
    for (int i = 0; i < line->to; i++) {
        double middle = (i + 0.5) * scale;
        int first = (int)fmax(middle - reach + 0.5, 0);
        int last = (int)fmin(middle + reach + 0.5, line->from);
        for (int lane = 0; lane < line->lanes; lane++) {
            double sum = 0, all = 0;
            for (int k = first; k < last; k++) {
                double weight = fmax(1 - fabs((k + 0.5 - middle) / reach), 0);
                sum += weight * from[(size_t)k * (size_t)line->step_from + (size_t)lane];
                all += weight;
            }
            to[(size_t)i * (size_t)line->step_to + (size_t)lane] = (uint8_t)(sum / all + 0.5);
        }
    }
}

static uint8_t luma(const uint8_t *rgb) {
    return (uint8_t)((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

static void recolor(const uint8_t *from, int from_channels, uint8_t *to, int channels,
                    size_t pixels) {
    for (size_t i = 0; i < pixels; i++, from += from_channels, to += channels)
        for (int c = 0; c < channels; c++)
            to[c] = from_channels == channels ? from[c] : from_channels == 3 ? luma(from) : *from;
}

bool resize_picture(struct arena *arena, const struct picture *picture, struct shape shape,
                    uint8_t *to) {
    int channels = shape.channels, row = picture->width * channels, narrow = shape.width * channels;
    size_t height = (size_t)picture->height;
    struct arena *scratch = arena_child(arena);
    uint8_t *pixels = scratch ? arena_alloc(scratch, height, (size_t)row) : NULL;
    uint8_t *rows = scratch ? arena_alloc(scratch, height, (size_t)narrow) : NULL;
    if (pixels && rows) {
        struct line across = {picture->width, shape.width, channels, channels, channels};
        struct line down = {picture->height, shape.height, narrow, narrow, narrow};
        recolor(picture->pixels, picture->channels, pixels, channels,
                height * (size_t)picture->width);
        for (size_t y = 0; y < height; y++)
            resize_line(&across, pixels + y * (size_t)row, rows + y * (size_t)narrow);
        resize_line(&down, rows, to);
    }
    bool good = pixels && rows;
    arena_free(scratch);
    return good;
}
