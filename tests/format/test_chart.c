/* Line charts: the table to the byte, what the script says, and the picture that gnuplot draws from it. */
#include "check.h"
#include "format_scene.h"

#include "format_gnuplot.h"
#include "format_png.h"

#include <math.h>

static const double three[] = {0, 1, 2}, rising[] = {1, 2, 4}, tiny[] = {1e-15, 6.5e-15, 1e-14},
                    low[] = {0, 1, 3}, high[] = {2, 3, 5};

static struct chart_series line(const char *name, int color, const double *y) {
    return (struct chart_series){.name = name, .color = color, .x = three, .y = y, .count = 3};
}

static struct chart_panel panel(const struct chart_series *series, int count) {
    return (struct chart_panel){
        .x_label = "iteration", .y_label = "norm", .series = series, .series_count = count};
}

/* Writes the chart as "c"; the test fails on any error. */
static bool draw(struct scene *scene, const struct chart_panel *panels, int count) {
    struct chart chart = {.title = "Title", .panels = panels, .panel_count = count};
    bool drawn;
    if (!chart_write(&chart, scene->folder, "c", &drawn, scene->report) ||
        report_count(scene->report) > 0)
        fail_msg("%s", scene_said(scene));
    assert_int_equal(drawn, file_exists(scene_path(scene, "c.png")));
    assert_false(file_exists(scene_path(scene, "c.png.tmp")));
    return drawn;
}

/* The table or the script alone: gnuplot is not run. */
static const char *written(struct scene *scene, const struct chart_panel *panels, int count,
                           const char *name) {
    char *path = format_empty_path(scene);
    draw(scene, panels, count);
    format_restore_path(path);
    return scene_read(scene, name, NULL);
}

static const char *table_of(struct scene *scene, const struct chart_panel *panels, int count) {
    return written(scene, panels, count, "c.csv");
}

static const char *script_of(struct scene *scene, const struct chart_panel *panels, int count) {
    return written(scene, panels, count, "c.gp");
}

static void assert_says(const char *text, const char *wanted) {
    if (!strstr(text, wanted))
        fail_msg("'%s' is not in:\n%s", wanted, text);
}

/* ---- tables ------------------------------------------------------------------------------------ */

static void series_that_share_x_share_its_column(void **state) {
    struct chart_series series[] = {line("plain", 0, rising), line("a, \"b\"", 1, tiny)};
    struct chart_panel one = panel(series, 2);
    assert_string_equal(table_of(*state, &one, 1), "iteration,plain,\"a, \"\"b\"\"\"\n"
                                                   "0,1,1e-15\n"
                                                   "1,2,6.5e-15\n"
                                                   "2,4,1e-14\n");
}

static void series_with_their_own_x_bring_it(void **state) {
    static const double five[] = {0, 5, 10, 15, NAN}, values[] = {INFINITY, NAN, -INFINITY, 0.5, 3};
    struct chart_series series[] = {line("a", 0, rising), line("b", 1, values), line("c", 2, tiny)};
    series[1].x = five;
    series[1].count = 5;
    struct chart_panel one = panel(series, 3);
    assert_string_equal(table_of(*state, &one, 1), "iteration,a,iteration,b,iteration,c\n"
                                                   "0,1,0,inf,0,1e-15\n"
                                                   "1,2,5,nan,1,6.5e-15\n"
                                                   "2,4,10,-inf,2,1e-14\n"
                                                   ",,15,0.5,,\n"
                                                   ",,nan,3,,\n");
}

static void bands_and_panels_have_columns_with_names(void **state) {
    struct chart_series series = line("plain\n1", 0, rising);
    series.low = low;
    series.high = high;
    struct chart_panel panels[] = {panel(&series, 1), panel(&series, 1)};
    panels[0].title = "loss";
    panels[1].x_label = NULL;
    assert_string_equal(table_of(*state, panels, 2),
                        "iteration,loss: plain 1,\"loss: plain 1, low\",\"loss: plain 1, high\","
                        "plain 1,\"plain 1, low\",\"plain 1, high\"\n"
                        "0,1,0,2,1,0,2\n"
                        "1,2,1,3,2,1,3\n"
                        "2,4,3,5,4,3,5\n");
}

static void charts_may_be_empty(void **state) {
    struct chart_panel one = panel(NULL, 0);
    assert_string_equal(table_of(*state, &one, 1), "\n");
}

/* ---- scripts ----------------------------------------------------------------------------------- */

static void the_script_knows_no_folder_and_shows_text_as_it_is(void **state) {
    struct scene *scene = *state;
    struct chart_series series = line("it's a_{b} `date` \\n %d\x01\xFF", 1, rising);
    series.dashed = true;
    struct chart_panel one = panel(&series, 1);
    one.note = "0.24 decades per layer";
    const char *script = script_of(scene, &one, 1);
    assert_null(strstr(script, scene->folder));
    assert_says(script, "# To draw c.png again: gnuplot c.gp\n");
    assert_says(script, "table = 'c.csv'\n");
    assert_says(script, " noenhanced 'Title'\n");
    assert_says(script, " noenhanced '0.24 decades per layer'\n");
    assert_says(script, "set xlabel 'iteration' noenhanced\n");
    assert_says(script,
                "plot table skip 1 using 1:2 with lines linewidth 1.5 linecolor rgb '#D55E00' "
                "dashtype (8,4) title 'it''s a_{b} `date` \\n %d \xEF\xBF\xBD' noenhanced\n");
}

static void long_text_is_cut_between_characters(void **state) {
    char name[3 * 100 + 1] = "";
    for (int i = 0; i < 100; i++)
        strcat(name, "\xE2\x82\xAC");
    struct chart_series series = line(name, 0, rising);
    struct chart_panel one = panel(&series, 1);
    name[59 * 3] = '\0';
    char wanted[400];
    snprintf(wanted, sizeof wanted, " title '%s\xE2\x80\xA6' noenhanced\n", name);
    name[59 * 3] = '\xE2';
    assert_says(script_of(*state, &one, 1), wanted);
}

static void axes_fit_their_values(void **state) {
    static const struct {
        double y[3];
        bool log;
        const char *wanted;
    } cases[] = {
        {{1e-15, 1e-8, 1e-1},
         true,
         "set logscale y\nset yrange [1.99526231e-16:0.501187234]\n"
         "set format y '10^{%L}'\nset ytics (1e-14, 1e-12, 1e-10, 1e-08, 1e-06, "
         "0.0001, 0.01)\n"},
        {{1e-3, 1, 1}, true, "set format y '10^{%L}'\nset ytics 10\nset mytics 10\n"},
        {{1, 2, 10}, true, "set format y '%g'\nset ytics (1, 2, 3, 5, 7, 10)\n"},
        {{0.1, 1, 3}, true, "set format y '%g'\nset ytics (0.1, 0.2, 0.5, 1, 2)\n"},
        {{1e-9, 1e-9, 1e-8},
         true,
         "set format y '%.0l×10^{%L}'\n"
         "set ytics (1e-09, 2e-09, 3e-09, 5e-09, 7e-09, 1e-08)\n"},
        {{1, 2, 2}, true, "unset logscale y\nset yrange [0.95:2.05]\n"},
        {{-1, 0, 100}, true, "unset logscale y\nset yrange [90:110]\n"}, /* one value over 0 */
        {{0, 50, 100},
         false,
         "unset logscale y\nset yrange [-5:105]\nset format y '%h'\n"
         "set ytics autofreq\n"},
        {{0, 0, 0}, false, "set yrange [-1:1]\n"},
        {{NAN, INFINITY, -INFINITY}, false, "set yrange [0:1]\n"},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct chart_series series = line("a", 0, cases[i].y);
        struct chart_panel one = panel(&series, 1);
        one.log_y = cases[i].log;
        const char *script = script_of(*state, &one, 1);
        assert_says(script, cases[i].wanted);
        assert_says(script, "set xrange [0:2]\nset format x '%h'\nset xtics 1\n");
    }
}

static void bands_lie_under_all_lines_and_on_the_axis(void **state) {
    struct chart_series series[] = {line("a", 0, rising), line("b", 1, rising)};
    series[1].low = low;
    series[1].high = high;
    struct chart_panel one = panel(series, 2);
    one.log_y = true;
    const char *script = script_of(*state, &one, 1);
    assert_says(script, "plot table skip 1 using 1:(at_least($4, ");
    assert_says(script,
                ")):5 with filledcurves linecolor rgb '#D55E00' fillstyle transparent solid "
                "0.18 noborder notitle, \\\n     table skip 1 using 1:(over_0($2)) with lines");
}

static void points_that_no_line_would_show_get_markers(void **state) {
    static const double lonely[] = {1, NAN, 2}, gap[] = {NAN, 1, 2};
    struct chart_series series[] = {line("a", 0, lonely), line("b", 1, gap), line("c", 2, rising)};
    series[2].points = true;
    struct chart_panel one = panel(series, 3);
    const char *script = script_of(*state, &one, 1);
    assert_says(script, "using 1:2 with linespoints pointtype 7 pointsize 0.7 pointinterval 1 ");
    assert_says(script, "using 1:3 with lines linewidth");
    assert_says(script, "using 1:4 with linespoints");
}

static void colors_come_back_with_other_dashes(void **state) {
    struct chart_series series[] = {line("a", 7, rising), line("b", 8, rising)};
    struct chart_panel one = panel(series, 2);
    const char *script = script_of(*state, &one, 1);
    assert_says(script, "linecolor rgb '#F0E442' title 'a'");
    assert_says(script, "linecolor rgb '#0072B2' dashtype (2,3) title 'b'");
}

static void decades_apart_are_seen(void **state) {
    (void)state;
    struct chart_series series[] = {line("a", 0, rising), line("b", 0, tiny)};
    assert_false(chart_decades_apart(series, 1));
    assert_false(chart_decades_apart(series + 1, 1));
    assert_true(chart_decades_apart(series, 2));
    assert_false(chart_decades_apart(NULL, 0));
    static const double gaps[] = {0, NAN, 5};
    series[1].y = gaps;
    assert_false(chart_decades_apart(series, 2));
}

/* ---- pictures ---------------------------------------------------------------------------------- */

static void the_picture_has_the_size_and_the_colors_of_the_script(void **state) {
    struct scene *scene = *state;
    format_need_gnuplot();
    struct chart_series series[] = {line("a", 0, rising), line("b", 1, tiny)};
    series[0].low = low;
    series[0].high = high;
    struct chart_panel panels[] = {panel(series, 2), panel(series + 1, 1)};
    panels[0].log_y = true;
    assert_true(draw(scene, panels, 2));
    png_uint_32 stored;
    struct picture picture = format_read_png_as(scene, "c.png", PNG_FORMAT_RGB, &stored);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "set terminal pngcairo size %d,%d ", picture.width,
             picture.height);
    assert_says(scene_read(scene, "c.gp", NULL), wanted);
    assert_int_equal(picture.width, 2800);
    assert_true(format_count_color(picture, 0x0072B2) > 500);
    assert_true(format_count_color(picture, 0xD55E00) > 1000);
    assert_int_equal(format_count_color(picture, 0x009E73), 0);
    /* The band: 18 % blue on white. */
    assert_true(format_count_color(picture, 0xD1E5F1) > 10000);
}

static void the_script_draws_the_same_picture_again(void **state) {
    struct scene *scene = *state;
    format_need_gnuplot();
    struct chart_series series = line("it's", 0, rising);
    struct chart_panel one = panel(&series, 1);
    draw(scene, &one, 1);
    size_t size, again;
    char *bytes = scene_read(scene, "c.png", &size);
    assert_int_equal(unlink(scene_path(scene, "c.png")), 0);
    char command[256];
    snprintf(command, sizeof command, "cd \"%s\" && gnuplot -d c.gp", scene->folder);
    assert_int_equal(system(command), 0);
    char *redrawn = scene_read(scene, "c.png", &again);
    assert_int_equal(size, again);
    assert_memory_equal(bytes, redrawn, size);
}

/* Whatever the numbers, gnuplot must have nothing to complain about. */
static void odd_numbers_are_drawn_too(void **state) {
    struct scene *scene = *state;
    format_need_gnuplot();
    static const double values[][3] = {
        {NAN, NAN, NAN},      {1, 1, 1},          {0, 0, 0},           {-1, -2, 0},  {1e-300, 1, 2},
        {1e-40, 1e-40, 1e38}, {1e-308, 1, 1e308}, {INFINITY, 1e-5, 3}, {NAN, 7, NAN}};
    for (int i = 0; i < 2 * BASE_COUNT(values); i++) {
        struct chart_series series = line("a", 0, values[i / 2]);
        series.low = series.high = values[i / 2];
        struct chart_panel one = panel(&series, 1);
        one.log_y = i % 2;
        assert_true(draw(scene, &one, 1));
    }
    struct chart_series single = line("a", 0, rising);
    single.count = 1;
    struct chart_panel panels[] = {panel(&single, 1), panel(NULL, 0)};
    assert_true(draw(scene, panels, 2));
}

static void thousands_of_points_are_drawn(void **state) {
    struct scene *scene = *state;
    format_need_gnuplot();
    enum { COUNT = 20000 };
    double *x = arena_alloc(scene->arena, COUNT, sizeof *x),
           *y = arena_alloc(scene->arena, COUNT, sizeof *y);
    for (int i = 0; i < COUNT; i++) {
        x[i] = i;
        y[i] = sin(i / 100.0);
    }
    struct chart_series series = {.name = "a", .points = true, .x = x, .y = y, .count = COUNT};
    struct chart_panel one = panel(&series, 1);
    assert_true(draw(scene, &one, 1));
}

/* ---- without gnuplot, and with a broken one ---------------------------------------------------- */

static void without_gnuplot_table_and_script_stay(void **state) {
    struct scene *scene = *state;
    struct chart_series series = line("a", 0, rising);
    struct chart_panel one = panel(&series, 1);
    char *path = format_empty_path(scene);
    bool drawn = draw(scene, &one, 1);
    format_restore_path(path);
    assert_false(drawn);
    assert_true(file_exists(scene_path(scene, "c.csv")));
    assert_true(file_exists(scene_path(scene, "c.gp")));
}

static void a_gnuplot_that_fails_is_quoted(void **state) {
    struct scene *scene = *state;
    static const char *const cases[][2] = {
        {"echo; echo 'plot x y'; echo '       ^'; echo '\"c.gp\" line 9: bad' >&2; echo; exit 1",
         "\"c.gp\" line 9: bad"},
        {"exit 3", "it left no whole picture; is the disk full?"},
        {"echo only half > \"$4\"", "it left no whole picture; is the disk full?"},
        {"kill -9 $$", "it was ended by signal 9 (Killed)"},
    };
    struct chart_series series = line("a", 0, rising);
    struct chart_panel one = panel(&series, 1);
    struct chart chart = {.panels = &one, .panel_count = 1};
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        format_fake_gnuplot(scene, cases[i][0]);
        char *path = format_empty_path(scene);
        bool drawn, good = chart_write(&chart, scene->folder, "c", &drawn, scene->report);
        format_restore_path(path);
        assert_false(good || drawn);
        assert_false(file_exists(scene_path(scene, "c.png")));
        assert_false(file_exists(scene_path(scene, "c.png.tmp")));
        const char *wanted = arena_printf(
            scene->arena, "netrun: error: gnuplot did not draw 'c.png': %s\n", cases[i][1]);
        assert_says(scene_said(scene), wanted);
    }
}

static void a_talkative_gnuplot_does_not_block(void **state) {
    struct scene *scene = *state;
    struct chart_series series = line("a", 0, rising);
    struct chart_panel one = panel(&series, 1);
    struct chart chart = {.panels = &one, .panel_count = 1};
    format_fake_gnuplot(scene,
                        "i=0; while [ $i -lt 20000 ]; do echo words words words; i=$((i+1)); "
                        "done; echo the end; exit 1");
    char *path = format_empty_path(scene);
    bool drawn, good = chart_write(&chart, scene->folder, "c", &drawn, scene->report);
    format_restore_path(path);
    assert_false(good);
    assert_says(scene_said(scene), "'c.png': the end\n");
}

static void what_cannot_be_written_is_said(void **state) {
    struct scene *scene = *state;
    struct chart_series series = line("a", 0, rising);
    struct chart_panel one = panel(&series, 1);
    struct chart chart = {.panels = &one, .panel_count = 1};
    bool drawn = true;
    assert_false(chart_write(&chart, scene_path(scene, "no"), "c", &drawn, scene->report));
    assert_false(drawn);
    assert_says(scene_said(scene), "cannot write 'no/c.csv': No such file or directory\n");
    static const size_t limits[] = {10, 500, 10000}; /* for the table, the script, the picture */
    static const char *const missing[] = {"c.csv", "c.gp", "c.png"};
    for (int i = 0; i < 3; i++) {
        scene_limit_files(limits[i]);
        bool good = chart_write(&chart, scene->folder, "c", &drawn, scene->report);
        scene_limit_files(0);
        assert_true(good == (i == 2 && system("command -v gnuplot >/dev/null") != 0));
        assert_false(drawn || file_exists(scene_path(scene, missing[i])));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(series_that_share_x_share_its_column),
        TEST(series_with_their_own_x_bring_it),
        TEST(bands_and_panels_have_columns_with_names),
        TEST(charts_may_be_empty),
        TEST(the_script_knows_no_folder_and_shows_text_as_it_is),
        TEST(long_text_is_cut_between_characters),
        TEST(axes_fit_their_values),
        TEST(bands_lie_under_all_lines_and_on_the_axis),
        TEST(points_that_no_line_would_show_get_markers),
        TEST(colors_come_back_with_other_dashes),
        TEST(decades_apart_are_seen),
        TEST(the_picture_has_the_size_and_the_colors_of_the_script),
        TEST(the_script_draws_the_same_picture_again),
        TEST(odd_numbers_are_drawn_too),
        TEST(thousands_of_points_are_drawn),
        TEST(without_gnuplot_table_and_script_stay),
        TEST(a_gnuplot_that_fails_is_quoted),
        TEST(a_talkative_gnuplot_does_not_block),
        TEST(what_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
