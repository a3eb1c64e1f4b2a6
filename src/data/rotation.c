/* rotation: torchvision's RandomRotation. Pillow walks over the source in steps of 1/65536 pixel; the same
 * steps give the same pixels. */
#include "transforms.h"

#include <math.h>

struct rotation {
    double degrees;
};

static const struct attr attrs[] = {
    {"degrees", "most that the image is turned, to either side", ATTR_FLOAT,
     offsetof(struct rotation, degrees), .max = 360, .required = true},
};

static int64_t fixed(double value) {
    return (int64_t)floor(value * 65536 + 0.5);
}

void transform_rotate(struct sample *sample, double degrees) {
    double angle = degrees * 3.14159265358979323846 / 180, c = cos(angle), s = sin(angle);
    int height = sample->shape.height, width = sample->shape.width;
    double right = (1 - width) / 2.0,
           down = (1 - height) / 2.0; /* the first pixel, seen from the centre */
    int64_t row_x = fixed(c * right - s * down + width / 2.0);
    int64_t row_y = fixed(s * right + c * down + height / 2.0);
    int64_t step_c = fixed(c), step_s = fixed(s), back_s = fixed(-s);
    int32_t *from = sample->from;
    for (int i = 0; i < height; i++, row_x += back_s, row_y += step_c) {
        int64_t at_x = row_x, at_y = row_y;
        for (int k = 0; k < width; k++, at_x += step_c, at_y += step_s) {
            int64_t x = at_x >> 16, y = at_y >> 16;
            bool inside = x >= 0 && x < width && y >= 0 && y < height;
            *from++ = inside ? (int32_t)(y * width + x) : -1;
        }
    }
    sample_move(sample);
}

static void apply(const void *config, struct sample *sample) {
    const struct rotation *rotation = config;
    transform_rotate(sample, random_between(sample->random, -rotation->degrees, rotation->degrees));
}

const struct augment_ops data_augment_rotation = {
    .name = "rotation",
    .summary = "the image turned about its centre at random, nearest pixels, black at the corners",
    .example = "rotation: {degrees: 20}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct rotation),
    .shorthand = "degrees",
    .apply = apply,
};
