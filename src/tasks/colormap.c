/* Colour maps as straight lines between a few colours. jet is what Grad-CAM pictures have always had; viridis
 * and magma (Smith and van der Walt 2015) grow evenly lighter, so that they can be read without colours. */
#include "colormap.h"

#include <math.h>

const char *const colormap_names[] = {[COLORMAP_JET] = "jet",
                                      [COLORMAP_VIRIDIS] = "viridis",
                                      [COLORMAP_MAGMA] = "magma",
                                      [COLORMAP_GREY] = "grey",
                                      NULL};

static const struct color jet[] = {{0, 0, 128},   {0, 0, 255},     {0, 128, 255},
                                   {0, 255, 255}, {128, 255, 128}, {255, 255, 0},
                                   {255, 128, 0}, {255, 0, 0},     {128, 0, 0}};
static const struct color viridis[] = {{68, 1, 84},    {71, 44, 122},  {59, 81, 139},
                                       {44, 113, 142}, {33, 144, 141}, {39, 173, 129},
                                       {92, 200, 99},  {170, 220, 50}, {253, 231, 37}};
static const struct color magma[] = {{0, 0, 4},      {28, 16, 68},    {79, 18, 123},
                                     {129, 37, 129}, {181, 54, 122},  {229, 80, 100},
                                     {251, 135, 97}, {254, 194, 135}, {252, 253, 191}};
static const struct color grey[] = {{0, 0, 0}, {255, 255, 255}};

static const struct {
    const struct color *colors;
    int count;
} maps[] = {[COLORMAP_JET] = {jet, BASE_COUNT(jet)},
            [COLORMAP_VIRIDIS] = {viridis, BASE_COUNT(viridis)},
            [COLORMAP_MAGMA] = {magma, BASE_COUNT(magma)},
            [COLORMAP_GREY] = {grey, BASE_COUNT(grey)}};

static uint8_t between(uint8_t from, uint8_t to, double share) {
    return (uint8_t)lround(from + (to - from) * share);
}

struct color colormap_at(enum colormap colormap, double value) {
    int steps = maps[colormap].count - 1;
    double place = fmin(fmax(value, 0), 1) * steps;
    int first = place < steps ? (int)place : steps - 1;
    struct color a = maps[colormap].colors[first], b = maps[colormap].colors[first + 1];
    double share = place - first;
    return (struct color){between(a.red, b.red, share), between(a.green, b.green, share),
                          between(a.blue, b.blue, share)};
}

static uint8_t add(uint8_t pixel, double weight, uint8_t color) {
    return (uint8_t)fmin(round(pixel + weight * color), 255);
}

void colormap_lay_over(enum colormap colormap, double weight, const uint8_t *pixels, int channels,
                       const float *values, size_t count, uint8_t *rgb) {
    int green = channels >= 3 ? 1 : 0, blue = channels >= 3 ? 2 : 0;
    for (size_t i = 0; i < count; i++, pixels += channels, rgb += 3) {
        struct color color = colormap_at(colormap, (double)values[i]);
        rgb[0] = add(pixels[0], weight, color.red);
        rgb[1] = add(pixels[green], weight, color.green);
        rgb[2] = add(pixels[blue], weight, color.blue);
    }
}
