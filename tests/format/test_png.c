/* PNG pictures, decoded by libpng in another way than they were written. */
#include "check.h"
#include "format_scene.h"

#include "format_png.h"

static struct picture noise(struct scene *scene, int width, int height, int channels) {
    size_t count = (size_t)width * (size_t)height * (size_t)channels;
    struct random random = random_stream(3, RANDOM_TEST, 0, 0);
    struct picture picture = {width, height, channels, arena_alloc(scene->arena, count, 1)};
    for (size_t i = 0; i < count; i++)
        picture.pixels[i] = (uint8_t)random_below(&random, 256);
    return picture;
}

static void pixels_come_back(void **state) {
    struct scene *scene = *state;
    static const int sizes[][3] = {{1, 1, 1}, {1, 1, 3}, {7, 3, 1}, {5, 9, 3}, {320, 200, 3}};
    for (int i = 0; i < BASE_COUNT(sizes); i++) {
        struct picture wrote = noise(scene, sizes[i][0], sizes[i][1], sizes[i][2]);
        assert_true(png_write(scene_path(scene, "a.png"), wrote, scene->report));
        struct picture read = format_read_png(scene, "a.png");
        assert_int_equal(read.width, wrote.width);
        assert_int_equal(read.height, wrote.height);
        assert_int_equal(read.channels, wrote.channels);
        assert_memory_equal(read.pixels, wrote.pixels,
                            (size_t)(wrote.width * wrote.height * wrote.channels));
    }
    assert_int_equal(report_count(scene->report), 0);
}

static void the_same_picture_is_the_same_bytes(void **state) {
    struct scene *scene = *state;
    struct picture picture = noise(scene, 40, 30, 3);
    size_t size, again;
    assert_true(png_write(scene_path(scene, "a.png"), picture, scene->report));
    char *bytes = scene_read(scene, "a.png", &size);
    assert_true(png_write(scene_path(scene, "b.png"), picture, scene->report));
    assert_memory_equal(bytes, scene_read(scene, "b.png", &again), size);
    assert_int_equal(size, again);
}

static void what_cannot_be_written_is_said(void **state) {
    struct scene *scene = *state;
    struct picture picture = noise(scene, 100, 100, 3);
    assert_false(png_write(scene_path(scene, "no/a.png"), picture, scene->report));
    scene_limit_files(1000);
    bool good = png_write(scene_path(scene, "b.png"), picture, scene->report);
    scene_limit_files(0);
    assert_false(good);
    picture.width = 0;
    assert_false(png_write(scene_path(scene, "c.png"), picture, scene->report));
    assert_false(file_exists(scene_path(scene, "b.png")));
    assert_false(file_exists(scene_path(scene, "c.png")));
    assert_false(file_exists(scene_path(scene, "c.png.tmp")));
    assert_string_equal(scene_said(scene),
                        "netrun: error: cannot write 'no/a.png': No such file or directory\n"
                        "netrun: error: cannot write 'b.png': File too large\n"
                        "netrun: error: cannot write 'c.png': Invalid IHDR data\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(pixels_come_back),
        TEST(the_same_picture_is_the_same_bytes),
        TEST(what_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
