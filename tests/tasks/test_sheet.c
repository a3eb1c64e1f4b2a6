/* Sheets, pixel by pixel against what was asked for. */
#include "../../src/tasks/glyphs.h"
#include "../../src/tasks/sheet.h"
#include "check.h"

static const struct color black = {0, 0, 0};

static const uint8_t *pixel(const struct picture *sheet, int x, int y) {
    return sheet->pixels + (y * sheet->width + x) * 3;
}

static bool is_color(const struct picture *sheet, int x, int y, struct color color) {
    const uint8_t *at = pixel(sheet, x, y);
    return at[0] == color.red && at[1] == color.green && at[2] == color.blue;
}

/* A letter as a person would draw it. */
static void glyphs_are_letters(void **state) {
    (void)state;
    static const char *const rows[GLYPH_HEIGHT] = {"#####", "#    ", "#    ", "#### ",
                                                   "#    ", "#    ", "#    "};
    const uint8_t *columns = glyph_columns('F');
    for (int y = 0; y < GLYPH_HEIGHT; y++)
        for (int x = 0; x < GLYPH_WIDTH; x++)
            assert_int_equal(columns[x] >> y & 1, rows[y][x] == '#');
    assert_ptr_equal(glyph_columns('\n'), glyph_columns('?'));
    assert_ptr_equal(glyph_columns((char)0xC3), glyph_columns('?'));
}

static void text_is_cut_at_the_edge(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct picture sheet = sheet_new(arena, 30, 20);
    sheet_text(&sheet, 1, 2, "FFFFFF", black);
    sheet_text(&sheet, -5, 15, "F", black);
    assert_true(is_color(&sheet, 1, 2, black));
    assert_true(is_color(&sheet, 10, 3, black));
    assert_false(is_color(&sheet, 10, 4, black)); /* below the upper bar of the F */
    assert_true(is_color(&sheet, 1 + SHEET_LETTER, 2, black));
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
        cmocka_unit_test(scales_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
