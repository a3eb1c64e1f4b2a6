/* Sheets, pixel by pixel against what was asked for. */
#include "../../src/tasks/glyphs.h"
#include "../../src/tasks/sheet.h"
#include "check.h"

#include <math.h>

static const struct color black = {0, 0, 0};

static const uint8_t *pixel(const struct picture *sheet, int x, int y) {
    return sheet->pixels + (y * sheet->width + x) * 3;
}

static bool is_color(const struct picture *sheet, int x, int y, struct color color) {
    const uint8_t *at = pixel(sheet, x, y);
    return at[0] == color.red && at[1] == color.green && at[2] == color.blue;
}

static int ink_of_row(char character, int y) {
    int ink = 0;
    for (int x = 0; x < GLYPH_WIDTH; x++)
        ink += glyph_ink(character, x, y);
    return ink;
}

static int ink_of_column(char character, int x) {
    int ink = 0;
    for (int y = 0; y < GLYPH_HEIGHT; y++)
        ink += glyph_ink(character, x, y);
    return ink;
}

/* What a person would say of them: letters stand on a line, and of some a part hangs below it. */
static void glyphs_are_letters(void **state) {
    (void)state;
    enum { BELOW = 16 };
    assert_int_equal(ink_of_row('F', BELOW), 0);
    assert_true(ink_of_row('g', BELOW) > 0 && ink_of_row('p', BELOW) > 0);
    assert_true(ink_of_column('F', 2) > ink_of_column('F', 6));
    assert_true(ink_of_column('|', 4) > 10 * GLYPH_INK);
    for (int y = 0; y < GLYPH_HEIGHT; y++) {
        assert_int_equal(ink_of_row(' ', y), 0);
        assert_int_equal(ink_of_row('\n', y), ink_of_row('?', y));
        assert_int_equal(ink_of_row((char)0xC3, y), ink_of_row('?', y));
    }
}

/* A full block of ink where the upper bar of an F meets its stem, and none in the gap between its bars. */
static void text_is_cut_at_the_edge(void **state) {
    (void)state;
    enum { BAR_X = 3, BAR_Y = 3, GAP_X = 6, GAP_Y = 5 };
    assert_int_equal(glyph_ink('F', BAR_X, BAR_Y), GLYPH_INK);
    assert_int_equal(glyph_ink('F', GAP_X, GAP_Y), 0);
    struct arena *arena = arena_new();
    struct picture sheet = sheet_new(arena, 25, 15);
    struct color white = {255, 255, 255};
    sheet_text(&sheet, 1, 2, "FFFFFF", black);
    sheet_text(&sheet, -5, 10, "F", black);
    assert_true(is_color(&sheet, 1 + BAR_X, 2 + BAR_Y, black));
    assert_true(is_color(&sheet, 1 + SHEET_LETTER + BAR_X, 2 + BAR_Y, black));
    assert_true(is_color(&sheet, 1 + SHEET_LETTER + GAP_X, 2 + GAP_Y, white));
    arena_free(arena);
}

static void images_are_enlarged_pixel_by_pixel(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct picture sheet = sheet_new(arena, 8, 6);
    const uint8_t grey[] = {10, 20, 30, 40}, rgb[] = {1, 2, 3};
    sheet_image(&sheet, 0, 0, grey, shape_map(1, 2, 2), 2);
    sheet_image(&sheet, 5, 3, rgb, shape_map(3, 1, 1), 3);
    assert_true(is_color(&sheet, 1, 1, (struct color){10, 10, 10}));
    assert_true(is_color(&sheet, 2, 0, (struct color){20, 20, 20}));
    assert_true(is_color(&sheet, 0, 2, (struct color){30, 30, 30}));
    assert_true(is_color(&sheet, 3, 3, (struct color){40, 40, 40}));
    assert_true(is_color(&sheet, 7, 5, (struct color){1, 2, 3}));
    assert_true(is_color(&sheet, 4, 0, (struct color){255, 255, 255}));
    arena_free(arena);
}

static void classes_have_colors_of_their_own(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct picture sheet = sheet_new(arena, 21, 1);
    int32_t classes[21];
    for (int i = 0; i < 21; i++)
        classes[i] = i;
    sheet_mask(&sheet, 0, 0, classes, shape_map(1, 1, 21), 1);
    assert_true(is_color(&sheet, 0, 0, black));
    for (int i = 0; i < 21; i++)
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(pixel(&sheet, i, 0), pixel(&sheet, j, 0), 3);
    arena_free(arena);
}

/* ---- colours for all eyes ---------------------------------------------------------------------- */

/* What people see whose eyes lack one kind of cone, on linear RGB: Machado, Oliveira, Fernandes (2009), table 1. */
static const double eyes[][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868},
     {0.114503, 0.786281, 0.099216},
     {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968},
     {0.280085, 0.672501, 0.047413},
     {-0.011820, 0.042940, 0.968881}},
    {{1.255528, -0.076749, -0.178779},
     {-0.078411, 0.930809, 0.147602},
     {0.004733, 0.691367, 0.303900}},
};

static void times(const double matrix[3][3], const double in[3], double out[3]) {
    for (int i = 0; i < 3; i++)
        out[i] = matrix[i][0] * in[0] + matrix[i][1] * in[1] + matrix[i][2] * in[2];
}

static double linear_light(int byte) {
    double value = byte / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

/* CIELAB for the white of sRGB (D65), as these eyes see the colour. */
static void lab_of(struct color color, const double eye[3][3], double lab[3]) {
    static const double xyz_of_rgb[3][3] = {{0.4124564, 0.3575761, 0.1804375},
                                            {0.2126729, 0.7151522, 0.0721750},
                                            {0.0193339, 0.1191920, 0.9503041}};
    static const double white[3] = {0.95047, 1, 1.08883};
    double rgb[3] = {linear_light(color.red), linear_light(color.green), linear_light(color.blue)};
    double seen[3], xyz[3], f[3];
    times(eye, rgb, seen);
    for (int i = 0; i < 3; i++)
        seen[i] = fmin(fmax(seen[i], 0), 1);
    times(xyz_of_rgb, seen, xyz);
    for (int i = 0; i < 3; i++) {
        double share = xyz[i] / white[i];
        f[i] = share > 216.0 / 24389 ? cbrt(share) : (24389.0 / 27 * share + 16) / 116;
    }
    lab[0] = 116 * f[1] - 16;
    lab[1] = 500 * (f[0] - f[1]);
    lab[2] = 200 * (f[1] - f[2]);
}

/* A difference of 2 is just seen; 30 lie between what bears names of its own. */
static void eleven_classes_can_be_told_apart_by_all_eyes(void **state) {
    (void)state;
    for (int eye = 0; eye < (int)(sizeof eyes / sizeof *eyes); eye++)
        for (int i = 0; i < 11; i++)
            for (int j = 0; j < i; j++) {
                double a[3], b[3];
                lab_of(sheet_class_color(i), eyes[eye], a);
                lab_of(sheet_class_color(j), eyes[eye], b);
                assert_true(hypot(hypot(a[0] - b[0], a[1] - b[1]), a[2] - b[2]) > 30);
            }
}

static void a_key_is_framed(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct picture sheet = sheet_new(arena, 100, 30);
    struct color white = {255, 255, 255};
    enum { TOP = 2 + (GLYPH_HEIGHT - SHEET_LETTER) / 2 }; /* in the middle of the line */
    int next = sheet_key(&sheet, 2, 2, white, "FF");
    assert_true(is_color(&sheet, 1, TOP - 1, black));
    assert_true(is_color(&sheet, 2, TOP, white));
    assert_true(is_color(&sheet, 1 + SHEET_LETTER, TOP + SHEET_LETTER - 1, white));
    assert_true(is_color(&sheet, 2 + SHEET_LETTER, TOP + 3, black));
    assert_int_equal(next, 2 + 15 + 3 * SHEET_LETTER);
    arena_free(arena);
}

static void scales_are_whole(void **state) {
    (void)state;
    assert_int_equal(sheet_scale(shape_map(3, 32, 32), 128), 4);
    assert_int_equal(sheet_scale(shape_map(1, 28, 20), 128), 4);
    assert_int_equal(sheet_scale(shape_map(1, 500, 20), 128), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glyphs_are_letters),
        cmocka_unit_test(text_is_cut_at_the_edge),
        cmocka_unit_test(images_are_enlarged_pixel_by_pixel),
        cmocka_unit_test(classes_have_colors_of_their_own),
        cmocka_unit_test(eleven_classes_can_be_told_apart_by_all_eyes),
        cmocka_unit_test(a_key_is_framed),
        cmocka_unit_test(scales_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
