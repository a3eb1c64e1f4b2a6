/* Patterns, the one layer that a user names, and batches of one image. */
#include "graph_scene.h"

static const char *const NET = "netdef: t\ninput: [3, 8, 8]\nlayers:\n"
                               "  - conv2d: {name: stem, out: 4, kernel: 1}\n"
                               "  - repeat: {times: 2, layers: [relu]}\n"
                               "  - repeat:\n      name: stage\n      times: 3\n      layers:\n"
                               "        - repeat: {times: $(i + 1), layers: [conv2d: {out: 4, "
                               "kernel: 1}, relu]}\n"
                               "        - residual: {body: [tanh, conv2d: {out: 4, kernel: 1}]}\n"
                               "  - batchnorm2d\n"
                               "  - global_avgpool2d\n"
                               "  - batchnorm2d: {name: norm}\n"
                               "  - flatten\n"
                               "  - linear: {name: head, out: 10}\n";

static void selects(const char *pattern, const char *paths) {
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(&scene, NET);
    int found[100], count = graph_select(graph, pattern, found);
    char text[2000] = "";
    for (int i = 0, used = 0; i < count; i++)
        used += sprintf(text + used, "%s%s", i ? " " : "", graph->layers[found[i]].path);
    assert_string_equal(text, paths);
    scene_end(&scene);
}

static void a_star_is_one_part_or_a_piece_of_one(void **state) {
    (void)state;
    selects("stem", "stem");
    selects("*", "stem batchnorm2d global_avgpool2d norm flatten head");
    selects("*.relu", "0.relu 1.relu");
    selects("stage.*.body.conv2d", "stage.0.body.conv2d stage.1.body.conv2d stage.2.body.conv2d");
    selects("st*m", "stem");
    selects("*a*e*", "flatten");
    selects("stage.*.0.c*d", "stage.0.0.conv2d stage.1.0.conv2d stage.2.0.conv2d");
    selects("stag*", "");
    selects("", "");
}

static void two_stars_are_any_number_of_parts(void **state) {
    (void)state;
    selects("**.tanh", "stage.0.body.tanh stage.1.body.tanh stage.2.body.tanh");
    selects("stage.0.**", "stage.0.0.conv2d stage.0.0.relu stage.0.body.tanh stage.0.body.conv2d "
                          "stage.0.add");
    selects("**.stem", "stem");
    selects("stem.**", "stem");
    selects("**.1.**.conv2d", "stage.1.0.conv2d stage.1.1.conv2d stage.1.body.conv2d "
                              "stage.2.1.conv2d");
    selects("**.body.**.**.t*", "stage.0.body.tanh stage.1.body.tanh stage.2.body.tanh");
    selects("**.stem.**.x", "");
}

static void negative_numbers_count_rounds_from_the_end(void **state) {
    (void)state;
    selects("-1.relu", "1.relu");
    selects("stage.-1.add", "stage.2.add");
    selects("stage.-3.add", "stage.0.add");
    selects("stage.-4.add", "");
    selects("stage.*.-1.relu", "stage.0.0.relu stage.1.1.relu stage.2.2.relu");
    selects("stage.-2.-2.relu", "stage.1.0.relu");
    selects("**.-1.relu", "1.relu stage.0.0.relu stage.1.1.relu stage.2.2.relu");
    selects("stage.-1.body.-1", "");
    selects("stage.-.add", "");
}

static void a_pattern_of_stars_is_tried_in_moments(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(&scene, NET);
    char pattern[1002] = "";
    for (int i = 0; i < 100; i++)
        strcat(pattern, "**.*a*.");
    strcat(pattern, "x");
    double start = clock_seconds();
    assert_false(
        graph_matches(graph, pattern, "aaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaa.aaaaaaaa"));
    memset(pattern, '*', 1001);
    assert_false(graph_matches(graph, pattern, "stem"));
    assert_true(clock_seconds() - start < 1);
    scene_end(&scene);
}

static void paths_of_parameters_fit_too(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(&scene, NET);
    assert_true(graph_matches(graph, "stage.-1.**.weight", "stage.2.body.conv2d.weight"));
    assert_false(graph_matches(graph, "stage.-1.**.weight", "stage.1.body.conv2d.weight"));
    assert_false(graph_matches(graph, "stage.-1.**.bias", "stage.2.body.conv2d.weight"));
    scene_end(&scene);
}

/* ---- graph_find --------------------------------------------------------------------------------- */

/* Finds what is written, as a task would. */
static int find(struct scene *scene, const struct graph *graph, const char *written) {
    char text[200];
    snprintf(text, sizeof text, "find: %s\n", written);
    const struct node *map = conf_parse(scene->arena, "t.yaml", text, strlen(text), scene->report);
    return graph_find(graph, node_get(map, "find"), scene->report);
}

static void a_layer_is_found_by_path_pattern_or_group(void **state) {
    (void)state;
    static const struct {
        const char *written, *path;
    } found[] = {
        {"head", "head"},
        {"stage.-1.body.conv2d", "stage.2.body.conv2d"},
        {"\"**.-2.body.tanh\"", "stage.1.body.tanh"},
        {"stage", "stage.2.add"},
        {"stage.-2", "stage.1.add"},
        {"stage.0.body", "stage.0.body.conv2d"},
        {"stage.1.shortcut", "stage.1.1.relu"},
    };
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(&scene, NET);
    for (int i = 0; i < BASE_COUNT(found); i++) {
        int layer = find(&scene, graph, found[i].written);
        assert_true(layer >= 0);
        assert_string_equal(graph->layers[layer].path, found[i].path);
    }
    assert_int_equal(report_count(scene.report), 0);
    scene_end(&scene);
}

static void none_or_several_layers_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *written, *message;
    } refused[] = {
        {"stage.0.body.conv2", "1:7: error: no layer of t fits 'stage.0.body.conv2'; did you mean "
                               "'stage.0.body.conv2d'?"},
        {"satge", "1:7: error: no layer of t fits 'satge'; did you mean 'stage'?"},
        {"nowhere_at_all", "1:7: error: no layer of t fits 'nowhere_at_all'; --dry-run lists the "
                           "paths"},
        {"stage.*", "1:7: error: no layer of t fits 'stage.*'; did you mean 'stage.0'?"},
        {"\"**.tanh\"", "1:7: error: '**.tanh' fits 3 layers, from 'stage.0.body.tanh' to "
                        "'stage.2.body.tanh'; name one"},
        {"3", "1:7: error: a layer is named by its path, not by the integer 3"},
    };
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        struct scene scene = scene_new();
        const struct graph *graph = scene_graph(&scene, NET);
        assert_int_equal(find(&scene, graph, refused[i].written), -1);
        assert_string_equal(scene_said(&scene), refused[i].message);
        scene_end(&scene);
    }
}

/* ---- batches ------------------------------------------------------------------------------------- */

static void one_image_is_too_few_for_a_norm_of_single_pixels(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *pixels =
        scene_graph(&scene, "netdef: t\ninput: [3, 8, 8]\nlayers: [batchnorm2d]\n");
    assert_true(graph_check_batch(pixels, 1, NULL, scene.report));
    const struct graph *graph = scene_graph(&scene, NET);
    assert_true(graph_check_batch(graph, 2, NULL, scene.report));
    assert_false(graph_check_batch(graph, 1, NULL, scene.report));
    assert_string_equal(scene_said(&scene),
                        "netrun: error: a batch of one image gives 'norm' (4x1x1) one value per "
                        "channel, which has no variance; take at least 2 images");
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_is_one_part_or_a_piece_of_one),
        cmocka_unit_test(two_stars_are_any_number_of_parts),
        cmocka_unit_test(negative_numbers_count_rounds_from_the_end),
        cmocka_unit_test(a_pattern_of_stars_is_tried_in_moments),
        cmocka_unit_test(paths_of_parameters_fit_too),
        cmocka_unit_test(a_layer_is_found_by_path_pattern_or_group),
        cmocka_unit_test(none_or_several_layers_are_refused),
        cmocka_unit_test(one_image_is_too_few_for_a_norm_of_single_pixels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
