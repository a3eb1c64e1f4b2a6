/* Reads a PNG in a test, by libpng's simplified interface: another way in than the one png.c writes by.
 * Include after format_scene.h. */
#ifndef FORMAT_PNG_H
#define FORMAT_PNG_H

#include "netrun/format.h"

#include <png.h>
#include <stdlib.h>

/* The picture in the colours asked for; `stored`: how the file has them. The test fails if there is none. */
static inline struct picture format_read_png_as(struct scene *scene, const char *name,
                                                png_uint_32 wanted, png_uint_32 *stored) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&image, scene_path(scene, name)));
    *stored = image.format;
    image.format = wanted;
    struct picture picture = {(int)image.width, (int)image.height,
                              (int)PNG_IMAGE_SAMPLE_CHANNELS(wanted), NULL};
    picture.pixels = arena_alloc(scene->arena, PNG_IMAGE_SIZE(image), 1);
    assert_true(png_image_finish_read(&image, NULL, picture.pixels, 0, NULL));
    return picture;
}

/* A picture of 1 or 3 channels, as it is stored. */
static inline struct picture format_read_png(struct scene *scene, const char *name) {
    png_uint_32 stored;
    format_read_png_as(scene, name, PNG_FORMAT_GRAY, &stored);
    assert_true(stored == PNG_FORMAT_GRAY || stored == PNG_FORMAT_RGB);
    return format_read_png_as(scene, name, stored, &stored);
}

/* Pixels within 3 of a colour (0x0072B2) in each channel of an RGB picture. */
static inline int format_count_color(struct picture picture, int color) {
    int found = 0;
    size_t pixels = (size_t)picture.width * (size_t)picture.height;
    for (const uint8_t *p = picture.pixels; p < picture.pixels + 3 * pixels; p += 3)
        found += abs(p[0] - (color >> 16)) <= 3 && abs(p[1] - (color >> 8 & 0xFF)) <= 3 &&
                 abs(p[2] - (color & 0xFF)) <= 3;
    return found;
}

#endif
