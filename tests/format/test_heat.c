/* Heat maps: the table to the byte, the names on the axis, the colours in the picture. */
#include "check.h"
#include "format_scene.h"

#include "format_gnuplot.h"
#include "format_png.h"

#include <math.h>

static const double iterations[] = {0, 10, 20};
static const char *const names[] = {"stem", "stage1_0.body, \"x\""};

static struct chart_heat two_rows(const double *values) {
    return (struct chart_heat){.title = "Title",
                               .x_label = "iteration",
                               .y_label = "layer",
                               .value_label = "norm",
                               .log_color = true,
                               .rows = 2,
                               .columns = 3,
                               .values = values,
                               .x = iterations,
                               .row_names = names};
}

static bool draw(struct scene *scene, const struct chart_heat *heat) {
    bool drawn;
    if (!chart_write_heat(heat, scene->folder, "h", &drawn, scene->report) ||
        report_count(scene->report) > 0)
        fail_msg("%s", scene_said(scene));
    assert_int_equal(drawn, file_exists(scene_path(scene, "h.png")));
    return drawn;
}

/* The table or the script alone: gnuplot is not run. */
static const char *written(struct scene *scene, const struct chart_heat *heat, const char *name) {
    char *path = format_empty_path(scene);
    draw(scene, heat);
    format_restore_path(path);
    return scene_read(scene, name, NULL);
}

static const char *script_of(struct scene *scene, const struct chart_heat *heat) {
    return written(scene, heat, "h.gp");
}

static void assert_says(const char *text, const char *wanted) {
    if (!strstr(text, wanted))
        fail_msg("'%s' is not in:\n%s", wanted, text);
}

static void the_table_has_a_row_per_layer(void **state) {
    struct scene *scene = *state;
    struct chart_heat heat = two_rows((double[]){1e-15, 1, NAN, 0, INFINITY, 0.25});
    assert_string_equal(written(scene, &heat, "h.csv"),
                        "layer,0,10,20\n"
                        "stem,1e-15,1,nan\n"
                        "\"stage1_0.body, \"\"x\"\"\",0,inf,0.25\n");
}

static void the_script_names_rows_and_powers_of_ten(void **state) {
    struct scene *scene = *state;
    struct chart_heat heat = two_rows((double[]){1e-15, 1, NAN, 0, INFINITY, 0.25});
    const char *script = script_of(scene, &heat);
    assert_says(script, "    'stem' 0, \\\n    'stage1_0.body, \"x\"' 1)\n");
    assert_says(script, "set yrange [1.5:-0.5]\n");
    assert_says(script, "set xrange [-4.99:24.99]\n");
    assert_says(script, "set xtics 0,10\n");
    assert_says(script, "set logscale cb\nset cbrange [1e-15:1]\nset format cb '10^{%L}'\n");
    assert_says(script, "plot table matrix every ::1:1 using (0 + 10 * ($1 - 1)):($2 - 1):");
    assert_null(strstr(script, scene->folder));
}

static void columns_may_have_names(void **state) {
    static const char *const classes[] = {"cat", "dog_x", "5"};
    static const char *const long_names[] = {"cat", "dog_x",
                                             "a name that is wider than its column"};
    struct chart_heat heat = two_rows((double[]){1, 2, 3, 4, 5, 6});
    heat.x = NULL;
    heat.column_names = classes;
    assert_string_equal(written(*state, &heat, "h.csv"), "layer,cat,dog_x,5\n"
                                                         "stem,1,2,3\n"
                                                         "\"stage1_0.body, \"\"x\"\"\",4,5,6\n");
    const char *script = script_of(*state, &heat);
    assert_says(script, "set xrange [-0.499:2.499]\n");
    assert_says(script, "set xtics noenhanced font ',9'  ( \\\n"
                        "    'cat' 0, \\\n    'dog_x' 1, \\\n    '5' 2)\n");
    assert_says(script, "using (0 + 1 * ($1 - 1)):($2 - 1):");
    heat.column_names = long_names;
    assert_says(script_of(*state, &heat),
                "set xtics noenhanced font ',9' rotate by 45 right ( \\\n");
}

static void the_color_range_can_be_given(void **state) {
    struct chart_heat heat = two_rows((double[]){1, 2, 3, 4, 5, 6});
    heat.log_color = false;
    assert_says(script_of(*state, &heat), "unset logscale cb\nset cbrange [1:6]\n");
    heat.low = 0;
    heat.high = 1;
    assert_says(script_of(*state, &heat), "set cbrange [0:1]\n");
}

static void names_that_would_overlap_are_left_out(void **state) {
    struct scene *scene = *state;
    static const int counts[][2] = {
        {1, 1}, {53, 53}, {57, 57}, {58, 29}, {120, 40}}; /* rows, names */
    for (int i = 0; i < BASE_COUNT(counts); i++) {
        int rows = counts[i][0];
        const char **row_names = arena_alloc(scene->arena, (size_t)rows, sizeof *row_names);
        double *values = arena_alloc(scene->arena, (size_t)rows, 3 * sizeof *values);
        for (int row = 0; row < rows; row++)
            row_names[row] = "layer_name";
        struct chart_heat heat = two_rows(values);
        heat.rows = rows;
        heat.row_names = row_names;
        int found = 0;
        for (const char *at = script_of(scene, &heat); (at = strstr(at, "'layer_name'")); at++)
            found++;
        assert_int_equal(found, counts[i][1]);
    }
}

static void colors_are_viridis_and_gaps_grey(void **state) {
    struct scene *scene = *state;
    format_need_gnuplot();
    struct chart_heat heat = two_rows((double[]){1e-4, 1e-2, 1, 0, NAN, -1});
    assert_true(draw(scene, &heat));
    png_uint_32 stored;
    struct picture picture = format_read_png_as(scene, "h.png", PNG_FORMAT_RGB, &stored);
    int cell = picture.width * picture.height / 10; /* five of them fill less than the picture */
    assert_in_range(format_count_color(picture, 0x440154), cell / 2, 2 * cell);
    assert_in_range(format_count_color(picture, 0x21908D), cell / 2, 2 * cell);
    assert_in_range(format_count_color(picture, 0xFDE725), cell / 2, 2 * cell);
    assert_in_range(format_count_color(picture, 0xC8C8C8), 3 * cell / 2, 6 * cell);
}

static void odd_maps_are_drawn_too(void **state) {
    struct scene *scene = *state;
    format_need_gnuplot();
    static const double values[][6] = {{NAN, NAN, NAN, NAN, NAN, NAN},
                                       {1, 1, 1, 1, 1, 1},
                                       {0, 0, 0, 0, 0, 0},
                                       {-1, NAN, INFINITY, 2, 3, 4},
                                       {1e-40, 1e38, 1, 1, 1, 1}};
    for (int i = 0; i < 2 * BASE_COUNT(values); i++) {
        struct chart_heat heat = two_rows(values[i / 2]);
        heat.log_color = i % 2;
        assert_true(draw(scene, &heat));
    }
    static const int sizes[][2] = {{1, 1}, {0, 3}, {2, 0}, {0, 0}};
    for (int i = 0; i < BASE_COUNT(sizes); i++) {
        struct chart_heat heat = two_rows(values[1]);
        heat.rows = sizes[i][0];
        heat.columns = sizes[i][1];
        assert_true(draw(scene, &heat));
    }
}

static void without_gnuplot_table_and_script_stay(void **state) {
    struct scene *scene = *state;
    struct chart_heat heat = two_rows((double[]){1, 2, 3, 4, 5, 6});
    char *path = format_empty_path(scene);
    bool drawn = draw(scene, &heat);
    format_restore_path(path);
    assert_false(drawn);
    assert_true(file_exists(scene_path(scene, "h.csv")));
    assert_true(file_exists(scene_path(scene, "h.gp")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(the_table_has_a_row_per_layer),
        TEST(the_script_names_rows_and_powers_of_ten),
        TEST(columns_may_have_names),
        TEST(the_color_range_can_be_given),
        TEST(names_that_would_overlap_are_left_out),
        TEST(colors_are_viridis_and_gaps_grey),
        TEST(odd_maps_are_drawn_too),
        TEST(without_gnuplot_table_and_script_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
