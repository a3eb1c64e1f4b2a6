/* crop: torchvision's RandomCrop of the image's own size, after padding with black on every side (He et al.
 * 2015 train CIFAR-10 so, with 4 pixels). A crop to another size would not fit the test images' network. */
#include "sample.h"

struct crop {
    int padding;
};

static const struct attr attrs[] = {
    {"padding", "black pixels added on every side", ATTR_INT, offsetof(struct crop, padding),
     .min = 1, .max = 1024, .required = true},
};

static void apply(const void *config, struct sample *sample) {
    const struct crop *crop = config;
    uint32_t places = 2 * (uint32_t)crop->padding + 1;
    int down = (int)random_below(sample->random, places) - crop->padding;
    int right = (int)random_below(sample->random, places) - crop->padding;
    int height = sample->shape.height, width = sample->shape.width;
    int32_t *from = sample->from;
    for (int y = down; y < down + height; y++)
        for (int x = right; x < right + width; x++)
            *from++ = y >= 0 && y < height && x >= 0 && x < width ? y * width + x : -1;
    sample_move(sample);
}

const struct augment_ops data_augment_crop = {
    .name = "crop",
    .summary = "the image padded with black, then cut to its size at a random place",
    .example = "crop: {padding: 4}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct crop),
    .shorthand = "padding",
    .apply = apply,
};
