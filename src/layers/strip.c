/* See strip.h. Row y of an image lies in the ring at the place of y + above. */
#include "strip.h"

#include "layer.h"

static void clear_gap(float *to, size_t channels, size_t pixel, int count) {
    for (int i = 0; channels < pixel && i < count; i++, to += pixel)
        memset(to + channels, 0, (pixel - channels) * sizeof *to);
}

/* `count` pixels from number `first` of the slice on. */
static void copy_pixels(const struct strip *strip, size_t first, int count, float *to) {
    struct tensor tensor = strip->from.tensor;
    struct layer_maker maker = strip->from.maker;
    size_t channels = (size_t)tensor.channels, pitch = (size_t)tensor.pitch, pixel = strip->pixel;
    if (maker.make)
        maker.make(maker.call, strip->before + first, (size_t)count, to, pixel);
    else if (channels == pixel && pitch == pixel)
        memcpy(to, layer_pixel(tensor, first), (size_t)count * pixel * sizeof *to);
    else
        for (int i = 0; i < count; i++)
            memcpy(to + (size_t)i * pixel, layer_pixel(tensor, first + (size_t)i),
                   channels * sizeof *to);
    clear_gap(to, channels, pixel, count);
}

/* The padding may be wider than all that is read. */
static void load_row(const struct strip *strip, int image, int y, float *to) {
    struct tensor tensor = strip->from.tensor;
    int left = convolution_least(strip->left, strip->columns);
    int inside = convolution_least(strip->columns - left, tensor.width);
    size_t length = (size_t)strip->columns * strip->pixel;
    if (y < 0 || y >= tensor.height) {
        memset(to, 0, length * sizeof *to);
        return;
    }
    size_t row = (size_t)image * (size_t)tensor.height + (size_t)y;
    size_t before = (size_t)left * strip->pixel, held = (size_t)inside * strip->pixel;
    memset(to, 0, before * sizeof *to);
    copy_pixels(strip, row * (size_t)tensor.width, inside, to + before);
    memset(to + before + held, 0, (length - before - held) * sizeof *to);
}

void PER_ISA(strip_load)(struct strip *strip, int image, int top) {
    int kept = strip->image == image ? strip->top + strip->rows - top : 0;
    size_t length = (size_t)strip->columns * strip->pixel;
    for (int i = 0; i < strip->rows; i++) {
        float *row = strip->memory + (size_t)((top + i) % strip->rows) * length;
        if (i >= kept)
            load_row(strip, image, top - strip->above + i, row);
        strip->row[i] = row;
    }
    strip->image = image;
    strip->top = top;
}
