/* Reads a PNG in a test, by libpng's simplified interface: another way in than the one png.c writes by.
 * Include after format_scene.h. */
#ifndef FORMAT_PNG_H
#define FORMAT_PNG_H

#include "netrun/format.h"

#include <png.h>

/* The picture as it is stored: 1 or 3 channels of 8 bits; the test fails if it is anything else. */
static inline struct picture format_read_png(struct scene *scene, const char *name) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_file(&image, scene_path(scene, name)));
    assert_true(image.format == PNG_FORMAT_GRAY || image.format == PNG_FORMAT_RGB);
    struct picture picture = {(int)image.width, (int)image.height,
                              image.format == PNG_FORMAT_RGB ? 3 : 1, NULL};
    picture.pixels = arena_alloc(scene->arena, PNG_IMAGE_SIZE(image), 1);
    assert_true(png_image_finish_read(&image, NULL, picture.pixels, 0, NULL));
    return picture;
}

#endif
