/* horizontal_flip: torchvision's RandomHorizontalFlip. */
#include "sample.h"

struct horizontal_flip {
    double p;
};

static const struct attr attrs[] = {
    {"p", "probability", ATTR_FLOAT, offsetof(struct horizontal_flip, p), .fallback = 0.5,
     .max = 1},
};

static void apply(const void *config, struct sample *sample) {
    const struct horizontal_flip *flip = config;
    if (random_uniform(sample->random) >= flip->p)
        return;
    int32_t *from = sample->from;
    for (int y = 0; y < sample->shape.height; y++)
        for (int x = sample->shape.width - 1; x >= 0; x--)
            *from++ = y * sample->shape.width + x;
    sample_move(sample);
}

const struct augment_ops data_augment_horizontal_flip = {
    .name = "horizontal_flip",
    .summary = "left and right swapped, with probability p",
    .example = "horizontal_flip: {p: 0.5}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct horizontal_flip),
    .shorthand = "p",
    .apply = apply,
};
