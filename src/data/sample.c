/* The buffers of one image, and what several augmentations do with them. */
#include "sample.h"

#include <string.h>

enum { ALIGNMENT = 64 };

static size_t aligned(size_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t pixel_count(struct shape shape) {
    return (size_t)shape.height * (size_t)shape.width;
}

size_t sample_bytes(struct shape shape, bool masks) {
    size_t labels = aligned(pixel_count(shape) * sizeof(int32_t));
    return 2 * aligned(shape_size(shape)) + labels + (masks ? 2 * labels : 0);
}

/* Takes the next piece off `memory`. */
static void *cut(char **memory, size_t bytes) {
    void *piece = *memory;
    *memory += aligned(bytes);
    return piece;
}

void sample_place(struct sample *sample, struct shape shape, bool masks, void *memory) {
    char *rest = memory;
    size_t labels = pixel_count(shape) * sizeof(int32_t);
    sample->shape = shape;
    sample->pixels = cut(&rest, shape_size(shape));
    sample->spare_pixels = cut(&rest, shape_size(shape));
    sample->from = cut(&rest, labels);
    sample->mask = masks ? cut(&rest, labels) : NULL;
    sample->spare_mask = masks ? cut(&rest, labels) : NULL;
}

static void move_pixels(struct sample *sample) {
    size_t channels = (size_t)sample->shape.channels, count = pixel_count(sample->shape);
    for (size_t i = 0; i < count; i++) {
        uint8_t *to = sample->spare_pixels + i * channels;
        if (sample->from[i] >= 0)
            memcpy(to, sample->pixels + (size_t)sample->from[i] * channels, channels);
        else
            memset(to, 0, channels);
    }
    uint8_t *moved = sample->spare_pixels;
    sample->spare_pixels = sample->pixels;
    sample->pixels = moved;
}

static void move_mask(struct sample *sample) {
    size_t count = pixel_count(sample->shape);
    for (size_t i = 0; i < count; i++)
        sample->spare_mask[i] = sample->from[i] >= 0 ? sample->mask[sample->from[i]] : 0;
    int32_t *moved = sample->spare_mask;
    sample->spare_mask = sample->mask;
    sample->mask = moved;
}

void sample_move(struct sample *sample) {
    move_pixels(sample);
    if (sample->mask)
        move_mask(sample);
}

enum { LANES = 64 };

/* A fixed count of bytes at a time, which compilers vectorise: buffers are longer than images by up to ALIGNMENT. */
static void blend_lanes(uint8_t *restrict to, const uint8_t *restrict from, float factor) {
    for (int k = 0; k < LANES; k++) {
        float value = (float)from[k] + factor * (float)(to[k] - from[k]);
        value = value < 255 ? value : 255;
        to[k] = (uint8_t)(int)(value > 0 ? value : 0);
    }
}

void sample_blend(struct sample *sample, double factor) {
    for (size_t i = 0; i < shape_size(sample->shape); i += LANES)
        blend_lanes(sample->pixels + i, sample->spare_pixels + i, (float)factor);
}

void sample_to_floats(struct sample *sample) {
    struct tensor values = sample->values;
    size_t pixels = tensor_pixels(values), channels = (size_t)values.channels;
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < channels; c++)
            values.data[i * (size_t)values.pitch + c] =
                (float)sample->pixels[i * channels + c] / 255.0F;
}
