/* Reading PNG pictures: every kind, written here by libpng's own calls, with pixels worked out by hand; and what
 * is refused. */
#include "check.h"
#include "format_scene.h"

#include "netrun/format.h"

#include <png.h>

/* A picture to be written as it is: packed rows. */
struct kind {
    int color_type, depth, interlace, width, height;
    const uint8_t *rows;
    size_t row_bytes;
    png_color palette[4];
    uint8_t alphas[4]; /* of the palette */
    int palette_count, alpha_count;
};

static void write_kind(struct scene *scene, const char *name, const struct kind *kind) {
    FILE *out = fopen(scene_path(scene, name), "wb");
    assert_non_null(out);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, out);
    png_set_IHDR(png, info, (png_uint_32)kind->width, (png_uint_32)kind->height, kind->depth,
                 kind->color_type, kind->interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (kind->palette_count > 0)
        png_set_PLTE(png, info, kind->palette, kind->palette_count);
    if (kind->alpha_count > 0)
        png_set_tRNS(png, info, kind->alphas, kind->alpha_count, NULL);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < kind->height; y++)
            png_write_row(png, kind->rows + (size_t)y * kind->row_bytes);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    fclose(out);
}

/* Writes the picture, reads it, and holds it against what it should be. */
static void check(struct scene *scene, const struct kind *kind, int channels,
                  const uint8_t *wanted) {
    struct picture picture;
    write_kind(scene, "a.png", kind);
    assert_true(png_read(scene->arena, scene_path(scene, "a.png"), &picture, scene->report, NULL));
    assert_int_equal(picture.width, kind->width);
    assert_int_equal(picture.height, kind->height);
    assert_int_equal(picture.channels, channels);
    assert_memory_equal(picture.pixels, wanted, (size_t)(kind->width * kind->height * channels));
}

static void every_kind_is_read(void **state) {
    struct scene *scene = *state;
    const struct kind bit = {
        .depth = 1, .width = 4, .height = 1, .rows = (uint8_t[]){0xA0}, .row_bytes = 1};
    check(scene, &bit, 1, (const uint8_t[]){255, 0, 255, 0});
    const struct kind nibble = {
        .depth = 4, .width = 3, .height = 1, .rows = (uint8_t[]){0x0F, 0x80}, .row_bytes = 2};
    check(scene, &nibble, 1, (const uint8_t[]){0, 255, 0x88});
    const struct kind deep = {.depth = 16,
                              .width = 3,
                              .height = 1,
                              .rows = (uint8_t[]){0, 0, 0xFF, 0xFF, 0x80, 0x80},
                              .row_bytes = 6};
    check(scene, &deep, 1, (const uint8_t[]){0, 255, 0x80});
    const struct kind color = {.color_type = PNG_COLOR_TYPE_RGB,
                               .depth = 16,
                               .width = 1,
                               .height = 2,
                               .rows = (uint8_t[]){1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6},
                               .row_bytes = 6};
    check(scene, &color, 3, (const uint8_t[]){1, 2, 3, 4, 5, 6});
    const struct kind one = {
        .depth = 8, .width = 1, .height = 1, .rows = (uint8_t[]){77}, .row_bytes = 1};
    check(scene, &one, 1, (const uint8_t[]){77});
}

/* Over white: 255 - alpha (255 - colour) / 255. */
static void transparent_is_laid_over_white(void **state) {
    struct scene *scene = *state;
    const struct kind grey = {.color_type = PNG_COLOR_TYPE_GRAY_ALPHA,
                              .depth = 8,
                              .width = 3,
                              .height = 1,
                              .rows = (uint8_t[]){100, 255, 100, 0, 0, 51},
                              .row_bytes = 6};
    check(scene, &grey, 1, (const uint8_t[]){100, 255, 204});
    const struct kind color = {.color_type = PNG_COLOR_TYPE_RGB_ALPHA,
                               .depth = 8,
                               .width = 2,
                               .height = 1,
                               .rows = (uint8_t[]){0, 255, 55, 51, 9, 8, 7, 255},
                               .row_bytes = 8};
    check(scene, &color, 3, (const uint8_t[]){204, 255, 215, 9, 8, 7});
    const struct kind palette = {.color_type = PNG_COLOR_TYPE_PALETTE,
                                 .depth = 2,
                                 .width = 4,
                                 .height = 1,
                                 .rows = (uint8_t[]){0x1B},
                                 .row_bytes = 1,
                                 .palette = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {0, 0, 0}},
                                 .alphas = {0},
                                 .palette_count = 4,
                                 .alpha_count = 1};
    check(scene, &palette, 3, (const uint8_t[]){255, 255, 255, 4, 5, 6, 7, 8, 9, 0, 0, 0});
}

static void interlaced_rows_come_in_order(void **state) {
    struct scene *scene = *state;
    uint8_t pixels[9 * 11];
    for (int i = 0; i < 9 * 11; i++)
        pixels[i] = (uint8_t)(i * 2);
    const struct kind kind = {.depth = 8,
                              .interlace = PNG_INTERLACE_ADAM7,
                              .width = 11,
                              .height = 9,
                              .rows = pixels,
                              .row_bytes = 11};
    check(scene, &kind, 1, pixels);
}

static void refuse(struct scene *scene, const void *bytes, size_t size) {
    struct picture picture;
    scene_write(scene, "bad.png", bytes, size);
    assert_false(
        png_read(scene->arena, scene_path(scene, "bad.png"), &picture, scene->report, NULL));
}

static void what_is_damaged_is_refused(void **state) {
    struct scene *scene = *state;
    struct picture picture;
    size_t size;
    const struct kind kind = {.depth = 8,
                              .width = 4,
                              .height = 2,
                              .row_bytes = 4,
                              .rows = (uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8}};
    write_kind(scene, "good.png", &kind);
    char *bytes = scene_read(scene, "good.png", &size);
    refuse(scene, "GIF89a and more", 15);
    refuse(scene, bytes, size - 20);
    bytes[29] ^= 1; /* in the check sum of the head */
    refuse(scene, bytes, size);
    assert_false(
        png_read(scene->arena, scene_path(scene, "none.png"), &picture, scene->report, NULL));
    assert_string_equal(
        scene_said(scene),
        "netrun: error: 'bad.png' is no PNG picture\n"
        "netrun: error: cannot read the picture 'bad.png': the file ends too early\n"
        "netrun: error: cannot read the picture 'bad.png': IHDR: CRC error\n"
        "netrun: error: cannot read 'none.png': No such file or directory\n");
}

/* The head alone says how large a picture is; nothing is taken for it. */
static void what_is_huge_is_refused(void **state) {
    struct scene *scene = *state;
    static const uint8_t head[] = {0x89, 'P', 'N', 'G', 13,  10, 26, 10, 0, 0, 0,
                                   13,   'I', 'H', 'D', 'R', 0,  1,  0,  0, 0, 1,
                                   0,    0,   8,   2,   0,   0,  0,  0,  0, 0, 0};
    uint8_t bytes[sizeof head + 12] = {0};
    memcpy(bytes, head, sizeof head);
    uint32_t sum = 0xFFFFFFFF; /* CRC-32 of type and content */
    for (int i = 12; i < 29; i++) {
        sum ^= bytes[i];
        for (int k = 0; k < 8; k++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
    }
    for (int i = 0; i < 4; i++)
        bytes[29 + i] = (uint8_t)(~sum >> (24 - 8 * i));
    memcpy(bytes + 37, "IDAT", 4);
    refuse(scene, bytes, sizeof bytes);
    assert_string_equal(scene_said(scene), "netrun: error: cannot read the picture 'bad.png': it "
                                           "has more than 67,108,864 pixels\n");
}

static void cut_anywhere_it_is_refused(void **state) {
    struct scene *scene = *state;
    size_t size;
    const struct kind kind = {.color_type = PNG_COLOR_TYPE_RGB,
                              .depth = 8,
                              .width = 2,
                              .height = 2,
                              .row_bytes = 6,
                              .rows = (uint8_t[]){1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
    write_kind(scene, "good.png", &kind);
    char *bytes = scene_read(scene, "good.png", &size);
    for (size_t i = 0; i < size; i++)
        refuse(scene, bytes, i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(every_kind_is_read),
        TEST(transparent_is_laid_over_white),
        TEST(interlaced_rows_come_in_order),
        TEST(what_is_damaged_is_refused),
        TEST(what_is_huge_is_refused),
        TEST(cut_anywhere_it_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
