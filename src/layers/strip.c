/* See strip.h. Row y of an image lies in the ring at the place of y + above. What no pixel's channel is written to,
 * padding at the sides and gaps between pixels, is cleared once. */
#include "strip.h"

#include "layer.h"

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
}

/* What lies inside the padding, which may be wider than all that is read. */
static void load_row(const struct strip *strip, int image, int y, float *row) {
    struct tensor tensor = strip->from.tensor;
    int left = convolution_least(strip->left, strip->columns);
    int inside = convolution_least(strip->columns - left, tensor.width);
    float *to = row + (size_t)left * strip->pixel;
    if (y < 0 || y >= tensor.height) {
        memset(to, 0, (size_t)inside * strip->pixel * sizeof *to);
        return;
    }
    size_t before = (size_t)image * (size_t)tensor.height + (size_t)y;
    copy_pixels(strip, before * (size_t)tensor.width, inside, to);
}

void PER_ISA(strip_load)(struct strip *strip, int image, int top) {
    int kept = strip->image == image ? strip->top + strip->rows - top : 0;
    size_t length = (size_t)strip->columns * strip->pixel;
    if (strip->image < 0)
        memset(strip->memory, 0, (size_t)strip->rows * length * sizeof *strip->memory);
    for (int i = 0; i < strip->rows; i++) {
        float *row = strip->memory + (size_t)((top + i) % strip->rows) * length;
        if (i >= kept)
            load_row(strip, image, top - strip->above + i, row);
        strip->row[i] = row;
    }
    strip->image = image;
    strip->top = top;
}
