/* CSV tables: quoting by RFC 4180, numbers, errors kept to the end. */
#include "check.h"
#include "format_scene.h"
#include "netrun/format.h"

#include <math.h>

static void a_table_is_written_cell_by_cell(void **state) {
    struct scene *scene = *state;
    struct csv *csv = csv_begin(scene_path(scene, "a.csv"), scene->report);
    csv_text(csv, "epoch");
    csv_text(csv, "loss, mean");
    csv_text(csv, "the \"best\"");
    csv_end_row(csv);
    csv_int(csv, -3);
    csv_real(csv, 0.25);
    csv_text(csv, "");
    csv_end_row(csv);
    csv_text(csv, "two\nlines");
    csv_text(csv, "return\r");
    csv_text(csv, "k\xC3\xA4se; 'x'");
    csv_end_row(csv);
    assert_false(file_exists(scene_path(scene, "a.csv")));
    assert_true(csv_end(csv, scene->report));
    assert_string_equal(scene_read(scene, "a.csv", NULL),
                        "epoch,\"loss, mean\",\"the \"\"best\"\"\"\n"
                        "-3,0.25,\n"
                        "\"two\nlines\",\"return\r\",k\xC3\xA4se; 'x'\n");
}

static void numbers_are_plain(void **state) {
    struct scene *scene = *state;
    struct csv *csv = csv_begin(scene_path(scene, "a.csv"), scene->report);
    const double values[] = {0, 1, 0.1f, 6.5e-15, 123456789, 1e300, NAN, -NAN, INFINITY, -INFINITY};
    for (int i = 0; i < BASE_COUNT(values); i++)
        csv_real(csv, values[i]);
    csv_int(csv, INT64_MAX);
    csv_end_row(csv);
    assert_true(csv_end(csv, scene->report));
    assert_string_equal(
        scene_read(scene, "a.csv", NULL),
        "0,1,0.100000001,6.5e-15,123456789,1e+300,nan,nan,inf,-inf,9223372036854775807\n");
}

static void a_full_disk_is_told_at_the_end(void **state) {
    struct scene *scene = *state;
    scene_limit_files(5000);
    struct csv *csv = csv_begin(scene_path(scene, "a.csv"), scene->report);
    for (int i = 0; i < 2000; i++) {
        csv_int(csv, i);
        csv_end_row(csv);
    }
    bool good = csv_end(csv, scene->report);
    scene_limit_files(0);
    assert_false(good);
    assert_false(file_exists(scene_path(scene, "a.csv")));
    assert_string_equal(scene_said(scene), "netrun: error: cannot write 'a.csv': File too large\n");
}

static void a_table_that_did_not_begin_takes_everything(void **state) {
    struct scene *scene = *state;
    struct csv *csv = csv_begin(scene_path(scene, "no/a.csv"), scene->report);
    assert_null(csv);
    csv_text(csv, "x");
    csv_int(csv, 1);
    csv_real(csv, 1);
    csv_end_row(csv);
    assert_false(csv_end(csv, scene->report));
    assert_string_equal(scene_said(scene),
                        "netrun: error: cannot write 'no/a.csv': No such file or directory\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(a_table_is_written_cell_by_cell),
        TEST(numbers_are_plain),
        TEST(a_full_disk_is_told_at_the_end),
        TEST(a_table_that_did_not_begin_takes_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
