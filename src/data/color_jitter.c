/* color_jitter: torchvision's ColorJitter, up to four changes of colour in random order. Grey images have
 * neither saturation nor hue: as in torchvision, these two leave them as they are. */
#include "transforms.h"

#include <math.h>
#include <string.h>

struct color_jitter {
    double brightness, contrast, saturation, hue;
};

#define FIELD(name) offsetof(struct color_jitter, name)
static const struct attr attrs[] = {
    {"brightness", "x: a factor from max(0, 1 - x) to 1 + x", ATTR_FLOAT, FIELD(brightness),
     .max = 1000},
    {"contrast", "likewise, about the mean grey", ATTR_FLOAT, FIELD(contrast), .max = 1000},
    {"saturation", "likewise, about each pixel's grey", ATTR_FLOAT, FIELD(saturation), .max = 1000},
    {"hue", "most that hues are turned, to either side, in circles", ATTR_FLOAT, FIELD(hue),
     .max = 0.5},
};
#undef FIELD

static bool check(const void *config, struct shape shape, const struct pos *pos,
                  struct report *report) {
    const struct color_jitter *jitter = config;
    if (!(jitter->brightness > 0 || jitter->contrast > 0 || jitter->saturation > 0 ||
          jitter->hue > 0))
        return report_at(report, pos,
                         "color_jitter changes nothing: give brightness, contrast, saturation or "
                         "hue, like {brightness: 0.1}");
    return shape.channels == 1 || shape.channels == 3 ||
           report_at(report, pos, "color_jitter takes images of 1 or 3 channels, but these have %d",
                     shape.channels);
}

/* ---- light and grey ---------------------------------------------------------------------------- */

/* Weights of ITU-R BT.601 in parts of 65536. */
static uint8_t grey_of(const uint8_t *rgb) {
    return (uint8_t)((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

static uint8_t mean_grey(const struct sample *sample) {
    size_t size = shape_size(sample->shape), channels = (size_t)sample->shape.channels;
    size_t count = size / channels, sum = 0;
    for (size_t i = 0; i < size; i += channels)
        sum += channels == 3 ? grey_of(sample->pixels + i) : sample->pixels[i];
    return (uint8_t)((2 * sum + count) / (2 * count));
}

void transform_brightness(struct sample *sample, double factor) {
    memset(sample->spare_pixels, 0, shape_size(sample->shape));
    sample_blend(sample, factor);
}

void transform_contrast(struct sample *sample, double factor) {
    memset(sample->spare_pixels, mean_grey(sample), shape_size(sample->shape));
    sample_blend(sample, factor);
}

void transform_saturation(struct sample *sample, double factor) {
    if (sample->shape.channels != 3)
        return;
    size_t size = shape_size(sample->shape);
    uint8_t *grey = sample->spare_pixels;
    for (size_t i = 0; i < size; i += 3)
        grey[i] = grey[i + 1] = grey[i + 2] = grey_of(sample->pixels + i);
    sample_blend(sample, factor);
}

/* ---- hue ---------------------------------------------------------------------------------------
 * Through 8-bit hue, saturation and value, as in Pillow; its mix of float and double is part of the bits. */

static uint8_t hue_of(const uint8_t *rgb, int largest, int range) {
    float scale = (float)range;
    float r = (float)(largest - rgb[0]) / scale, g = (float)(largest - rgb[1]) / scale,
          b = (float)(largest - rgb[2]) / scale, sixths;
    if (rgb[0] == largest)
        sixths = b - g;
    else if (rgb[1] == largest)
        sixths = (float)(2.0 + (double)r - (double)b);
    else
        sixths = (float)(4.0 + (double)g - (double)r);
    float circle = (float)fmod((double)sixths / 6.0 + 1.0, 1.0);
    return (uint8_t)((double)circle * 255.0);
}

static void colour_of(uint8_t hue, uint8_t saturation, uint8_t value, uint8_t *rgb) {
    int sixth = hue * 6 / 255; /* 0 to 6 */
    double rest = (double)(float)(hue * 6.0 / 255.0 - sixth);
    double s = (double)(float)(saturation / 255.0);
    uint8_t low = (uint8_t)round(value * (1.0 - s));
    uint8_t falling = (uint8_t)round(value * (1.0 - s * rest));
    uint8_t rising = (uint8_t)round(value * (1.0 - s * (1.0 - rest)));
    const uint8_t of_sixth[6][3] = {{value, rising, low}, {falling, value, low},
                                    {low, value, rising}, {low, falling, value},
                                    {rising, low, value}, {value, low, falling}};
    memcpy(rgb, of_sixth[sixth % 6], 3);
}

void transform_hue(struct sample *sample, double turn) {
    if (sample->shape.channels != 3)
        return;
    size_t size = shape_size(sample->shape);
    int steps = (int)(turn * 255); /* of 8 bits, which go round */
    for (size_t i = 0; i < size; i += 3) {
        uint8_t *rgb = sample->pixels + i;
        int largest = rgb[0] > rgb[1] ? rgb[0] : rgb[1], least = rgb[0] < rgb[1] ? rgb[0] : rgb[1];
        largest = largest > rgb[2] ? largest : rgb[2];
        least = least < rgb[2] ? least : rgb[2];
        int range = largest - least;
        if (range == 0)
            continue;
        float saturation = (float)range / (float)largest;
        colour_of((uint8_t)(hue_of(rgb, largest, range) + steps),
                  (uint8_t)((double)saturation * 255.0), (uint8_t)largest, rgb);
    }
}

/* ---- at random --------------------------------------------------------------------------------- */

static double draw_factor(struct sample *sample, double most) {
    return random_between(sample->random, most < 1 ? 1 - most : 0, 1 + most);
}

static void apply(const void *config, struct sample *sample) {
    const struct color_jitter *jitter = config;
    enum { BRIGHTNESS, CONTRAST, SATURATION, HUE, CHANGES };
    int order[CHANGES] = {BRIGHTNESS, CONTRAST, SATURATION, HUE};
    random_shuffle(sample->random, order, CHANGES);
    for (int i = 0; i < CHANGES; i++)
        if (order[i] == BRIGHTNESS && jitter->brightness > 0)
            transform_brightness(sample, draw_factor(sample, jitter->brightness));
        else if (order[i] == CONTRAST && jitter->contrast > 0)
            transform_contrast(sample, draw_factor(sample, jitter->contrast));
        else if (order[i] == SATURATION && jitter->saturation > 0)
            transform_saturation(sample, draw_factor(sample, jitter->saturation));
        else if (order[i] == HUE && jitter->hue > 0)
            transform_hue(sample, random_between(sample->random, -jitter->hue, jitter->hue));
}

const struct augment_ops data_augment_color_jitter = {
    .name = "color_jitter",
    .summary = "brightness, contrast, saturation and hue changed at random, in random order",
    .example = "color_jitter: {brightness: 0.1, contrast: 0.1, saturation: 0.1}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct color_jitter),
    .check = check,
    .apply = apply,
};
