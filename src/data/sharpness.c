/* sharpness: torchvision's RandomAdjustSharpness, away from or towards a smoothed image (3x3 kernel of ones
 * with 5 in the middle). Pixels at the border have no smoothed ones and stay as they are. */
#include "transforms.h"

#include <string.h>

struct sharpness {
    double factor, p;
};

static const struct attr attrs[] = {
    {"factor", "0 smoothed, 1 as it is, 2 sharpened", ATTR_FLOAT,
     offsetof(struct sharpness, factor), .max = 1000, .required = true},
    {"p", "probability", ATTR_FLOAT, offsetof(struct sharpness, p), .fallback = 0.5, .max = 1},
};

/* One row without its ends. Pillow adds in floats; the sum over 13 is never half-way between integers, so whole
 * numbers give the same. */
static void smooth_row(const uint8_t *from, uint8_t *to, int width, int channels) {
    int row = width * channels;
    for (int i = channels; i < row - channels; i++) {
        int sum = 4 * from[i];
        for (int y = -row; y <= row; y += row)
            sum += from[i + y - channels] + from[i + y] + from[i + y + channels];
        to[i] = (uint8_t)((sum + 6) / 13);
    }
}

void transform_sharpness(struct sample *sample, double factor) {
    struct shape shape = sample->shape;
    size_t row = (size_t)shape.width * (size_t)shape.channels;
    memcpy(sample->spare_pixels, sample->pixels, shape_size(shape));
    for (int y = 1; y < shape.height - 1; y++) {
        size_t at = (size_t)y * row;
        smooth_row(sample->pixels + at, sample->spare_pixels + at, shape.width, shape.channels);
    }
    sample_blend(sample, factor);
}

static void apply(const void *config, struct sample *sample) {
    const struct sharpness *sharpness = config;
    if (random_uniform(sample->random) < sharpness->p)
        transform_sharpness(sample, sharpness->factor);
}

const struct augment_ops data_augment_sharpness = {
    .name = "sharpness",
    .summary = "the image sharpened (factor over 1) or smoothed (under 1), with probability p",
    .example = "sharpness: {factor: 2, p: 0.2}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct sharpness),
    .shorthand = "factor",
    .apply = apply,
};
