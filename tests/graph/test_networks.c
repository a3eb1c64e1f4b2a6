/* The networks that come with netrun: their parameter counts are the reference's, those of He et al. follow
 * from the paper's formula. */
#include "graph_scene.h"

static const struct graph *network(struct scene *scene, const char *name) {
    char path[100];
    snprintf(path, sizeof path, "netdefs/%s.yaml", name);
    const struct graph *graph = scene_open(scene, path);
    assert_string_equal(scene_said(scene), "");
    assert_non_null(graph);
    assert_string_equal(graph->name, name);
    return graph;
}

/* Parameters, and the shape of the output, as the study's table has them. */
static const struct {
    const char *name, *output;
    int64_t parameters;
} study[] = {
    {"plain35", "10", 558026},
    {"plain53", "10", 850346},
    {"residual35", "10", 558026},
    {"residual53", "10", 850346},
    {"residual35_projection", "10", 560682},
    {"plain_tanh35", "10", 555370},
    {"residual_tanh35", "10", 555370},
    {"plain_tanh53", "10", 846346},
    {"residual_tanh53", "10", 846346},
    {"mnist_cnn", "10", 380810},
    {"fcn", "11x28x28", 806539},
    {"fcn8", "11x28x28", 975386},
    {"cifar_cnn", "10", 551466},
};

static void networks_of_the_study_have_its_counts(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(study); i++) {
        struct scene scene = scene_new();
        const struct graph *graph = network(&scene, study[i].name);
        assert_int_equal(graph->parameters, study[i].parameters);
        assert_string_equal(shape_text(graph_shape(graph, graph->output)).text, study[i].output);
        scene_end(&scene);
    }
}

/* A 3x3 convolution without bias, and the scale and shift of its norm. */
static int64_t unit(int in, int out) {
    return 9 * in * out + 2 * out;
}

/* He et al. (2015), section 4.2: 6 n + 2 layers, shortcuts without parameters. */
static int64_t of_depth(int depth) {
    int n = (depth - 2) / 6;
    return unit(3, 16) + 2 * n * unit(16, 16) + unit(16, 32) + (2 * n - 1) * unit(32, 32) +
           unit(32, 64) + (2 * n - 1) * unit(64, 64) + 64 * 10 + 10;
}

static void networks_of_he_have_the_count_of_their_depth(void **state) {
    (void)state;
    static const char *const names[] = {"resnet20", "resnet32", "resnet44", "resnet56", "resnet110",
                                        "plain20",  "plain32",  "plain44",  "plain56"};
    assert_int_equal(of_depth(20), 269722);
    for (int i = 0; i < BASE_COUNT(names); i++) {
        struct scene scene = scene_new();
        const struct graph *graph = network(&scene, names[i]);
        int depth = atoi(names[i] + strcspn(names[i], "0123456789"));
        int convolutions = 0;
        for (int j = 0; j < graph->layer_count; j++)
            convolutions += graph->layers[j].info.multiply_adds > 0;
        assert_int_equal(graph->parameters, of_depth(depth));
        assert_int_equal(convolutions, depth);
        scene_end(&scene);
    }
}

/* Layers whose path ends so. */
static int count_ends(const struct graph *graph, const char *pattern) {
    int *found = calloc((size_t)graph->layer_count, sizeof *found);
    int count = graph_select(graph, pattern, found);
    free(found);
    return count;
}

static void residual_networks_have_a_sum_per_block_and_pads_only_where_channels_grow(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = network(&scene, "residual35");
    assert_int_equal(count_ends(graph, "**.add"), 17);
    assert_int_equal(count_ends(graph, "**.pad_channels"), 2);
    assert_int_equal(count_ends(graph, "**.maxpool2d"), 2);
    graph = network(&scene, "residual35_projection");
    assert_int_equal(count_ends(graph, "**.add"), 17);
    assert_int_equal(count_ends(graph, "**.pad_channels"), 0);
    assert_int_equal(count_ends(graph, "**.shortcut.conv2d"), 2);
    graph = network(&scene, "resnet20");
    assert_int_equal(count_ends(graph, "**.add"), 9);
    assert_int_equal(count_ends(graph, "stage.*.0.shortcut.*"), 4);
    scene_end(&scene);
}

static void tanh_variants_hold_no_norm_and_no_relu(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = network(&scene, "residual_tanh53");
    for (int i = 0; i < graph->layer_count; i++) {
        assert_string_not_equal(graph->layers[i].ops->name, "relu");
        assert_string_not_equal(graph->layers[i].ops->name, "batchnorm2d");
    }
    assert_int_equal(count_ends(graph, "**.tanh"), 1 + 2 * 26); /* stem; two per block */
    scene_end(&scene);
}

/* plain35 is 157 MFLOP forward, 78.5 million multiply-adds, by hand: one stage's convolution is
 * 16 x 16 x 9 x 1024 = 2.36 million in all three stages, but for the stem and the two of stride 2. */
static void multiply_adds_are_those_of_the_formula(void **state) {
    (void)state;
    struct scene scene = scene_new();
    int64_t stem = 3 * 16 * 9 * 1024, stage = 16 * 16 * 9 * 1024, head = 640;
    assert_int_equal(network(&scene, "plain35")->multiply_adds,
                     stem + 10 * stage + 2 * (stage / 2 + 11 * stage) + head);
    scene_end(&scene);
}

static void convolutions_of_he_start_as_he_says(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = network(&scene, "plain20");
    for (int i = 0; i < graph->param_count; i++) {
        const struct graph_param *param = &graph->params[i];
        bool convolution = param->shape->rank == 4;
        assert_string_equal(param->init ? param->init->name : "", convolution ? "kaiming" : "");
    }
    scene_end(&scene);
}

static void large_networks_are_built_in_milliseconds(void **state) {
    (void)state;
    double best = 1;
    for (int i = 0; i < 5; i++) {
        struct scene scene = scene_new();
        double start = clock_seconds();
        network(&scene, "resnet110");
        double seconds = clock_seconds() - start;
        best = seconds < best ? seconds : best;
        scene_end(&scene);
    }
    assert_true(best < 0.1); /* 2 ms; sanitizers and a busy machine take more */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_of_the_study_have_its_counts),
        cmocka_unit_test(networks_of_he_have_the_count_of_their_depth),
        cmocka_unit_test(residual_networks_have_a_sum_per_block_and_pads_only_where_channels_grow),
        cmocka_unit_test(tanh_variants_hold_no_norm_and_no_relu),
        cmocka_unit_test(multiply_adds_are_those_of_the_formula),
        cmocka_unit_test(convolutions_of_he_start_as_he_says),
        cmocka_unit_test(large_networks_are_built_in_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
