/* What is printed of a graph: the table of --dry-run, and the file for Graphviz. */
#include "graph_scene.h"

static const char *const NET =
    "netdef: t\nsummary: says \"hi\" \\ there\ninput: [3, 8, 8]\nlayers:\n"
    "  - conv2d: {name: stem, out: 16, kernel: 3, padding: 1}\n"
    "  - residual: {name: r, body: [batchnorm2d, relu]}\n"
    "  - dropout: {name: drop}\n"
    "  - flatten\n"
    "  - linear: {name: head, out: 10}\n";

static char *table(struct scene *scene, const struct graph *graph, int batch) {
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    graph_print_table(graph, batch, out);
    return scene_kept(scene, out, &written, &size);
}

/* By hand: stem 16 x 3 x 9 + 16 = 448 parameters, 432 x 64 = 27,648 multiply-adds, 1,024 floats; head
 * 1,024 x 10 + 10 parameters. Two images, four bytes a float. */
static void the_table_has_a_row_per_layer_and_totals(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(&scene, NET);
    assert_string_equal(
        table(&scene, graph, 2),
        "t: says \"hi\" \\ there\n"
        "multiply-adds are per image; activation bytes are for a batch of 2\n"
        "\n"
        "layer               kind         output  parameters  multiply-adds  activation bytes  "
        "reads, if not the row above\n"
        "------------------------------------------------------------------------------------\n"
        "input                            3x8x8                                         1,536\n"
        "stem                conv2d       16x8x8         448         27,648             8,192\n"
        "r.body.batchnorm2d  batchnorm2d  16x8x8          32                            8,192\n"
        "r.body.relu         relu         16x8x8                                        8,192\n"
        "r.add               add          16x8x8                                        8,192  "
        "r.body.relu, stem\n"
        "drop                dropout      16x8x8                                        8,192\n"
        "flatten             flatten      1024                                          8,192\n"
        "head                linear       10          10,250         10,240                80\n"
        "------------------------------------------------------------------------------------\n"
        "in all              7 layers     10          10,730         37,888            49,232\n");
    scene_end(&scene);
}

static void one_layer_and_no_summary_read_well(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(&scene, "netdef: t\ninput: [4]\nlayers: [relu]\n");
    assert_string_equal(table(&scene, graph, 1),
                        "t\n"
                        "multiply-adds are per image; activation bytes are for a batch of 1\n"
                        "\n"
                        "layer   kind     output  parameters  multiply-adds  activation bytes  "
                        "reads, if not the row above\n"
                        "--------------------------------------------------------------------\n"
                        "input            4                                                16\n"
                        "relu    relu     4                                                16\n"
                        "--------------------------------------------------------------------\n"
                        "in all  1 layer  4                0              0                16\n");
    scene_end(&scene);
}

/* ---- Graphviz ----------------------------------------------------------------------------------- */

static const char *dot(struct scene *scene, const struct graph *graph) {
    struct temporary_path path = temporary_path(&scene->folder, "t.dot");
    size_t size;
    assert_true(graph_write_dot(graph, path.text, scene->report));
    return file_read(scene->arena, path.text, 1 << 24, &size, scene->report, NULL);
}

static void the_file_for_graphviz_has_boxes_frames_and_shapes(void **state) {
    (void)state;
    struct scene scene = scene_new();
    assert_string_equal(
        dot(&scene, scene_graph(&scene, NET)),
        "digraph \"t\" {\n"
        "  label=\"says \\\"hi\\\" \\\\ there\"; labelloc=t; fontname=\"Helvetica\"; fontsize=12; "
        "color=\"#999999\";\n"
        "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=10, "
        "fillcolor=\"#ffffff\"];\n"
        "  edge [fontname=\"Helvetica\", fontsize=8, fontcolor=\"#555555\"];\n"
        "  v0 [label=\"input\", shape=ellipse];\n"
        "  output [shape=ellipse];\n"
        "  v1 [label=\"stem\\nconv2d\", tooltip=\"stem\", fillcolor=\"#cfe2f3\"];\n"
        "  subgraph \"cluster_r\" { label=\"r\";\n"
        "    subgraph \"cluster_r.body\" { label=\"body\";\n"
        "      v2 [label=\"batchnorm2d\", tooltip=\"r.body.batchnorm2d\", fillcolor=\"#fff2cc\"];\n"
        "      v3 [label=\"relu\", tooltip=\"r.body.relu\", fillcolor=\"#d9ead3\"];\n"
        "    }\n"
        "    v4 [label=\"add\", tooltip=\"r.add\", fillcolor=\"#f9cb9c\"];\n"
        "  }\n"
        "  v5 [label=\"drop\\ndropout\", tooltip=\"drop\", fillcolor=\"#eeeeee\"];\n"
        "  v6 [label=\"flatten\", tooltip=\"flatten\", fillcolor=\"#d9d2e9\"];\n"
        "  v7 [label=\"head\\nlinear\", tooltip=\"head\", fillcolor=\"#cfe2f3\"];\n"
        "  v0 -> v1 [label=\"3x8x8\"];\n"
        "  v1 -> v2 [label=\"16x8x8\"];\n"
        "  v2 -> v3 [label=\"16x8x8\"];\n"
        "  v3 -> v4 [label=\"16x8x8\"];\n"
        "  v1 -> v4 [label=\"16x8x8\"];\n"
        "  v4 -> v5 [label=\"16x8x8\"];\n"
        "  v5 -> v6 [label=\"16x8x8\"];\n"
        "  v6 -> v7 [label=\"1024\"];\n"
        "  v7 -> output [label=\"10\"];\n"
        "}\n");
    scene_end(&scene);
}

/* Braces and quotes of a Graphviz text close, and every box that an arrow names is there. */
static void check_dot(const char *text, int layers) {
    int depth = 0, boxes = 0, arrows = 0;
    bool quoted = false;
    for (const char *at = text; *at; at++) {
        if (quoted && *at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (!quoted)
            depth += (*at == '{') - (*at == '}');
        assert_true(depth >= 0);
        boxes += !quoted && !strncmp(at, "fillcolor=\"#", 12);
        arrows += !strncmp(at, " -> ", 4);
    }
    assert_int_equal(depth, 0);
    assert_false(quoted);
    assert_int_equal(boxes, layers + 1); /* and the default */
    assert_true(arrows > layers);
}

static void the_files_of_large_networks_are_balanced(void **state) {
    (void)state;
    static const char *const names[] = {"resnet110", "fcn8", "residual35", "plain_tanh53"};
    for (int i = 0; i < BASE_COUNT(names); i++) {
        struct scene scene = scene_new();
        char path[100];
        snprintf(path, sizeof path, "netdefs/%s.yaml", names[i]);
        const struct graph *graph = scene_open(&scene, path);
        assert_non_null(graph);
        check_dot(dot(&scene, graph), graph->layer_count);
        scene_end(&scene);
    }
}

static void a_folder_that_is_not_there_is_refused(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(&scene, NET);
    assert_false(graph_write_dot(graph, "/nowhere/t.dot", scene.report));
    assert_string_equal(scene_said(&scene), "netrun: error: cannot write '/nowhere/t.dot': No such "
                                            "file or directory");
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_a_row_per_layer_and_totals),
        cmocka_unit_test(one_layer_and_no_summary_read_well),
        cmocka_unit_test(the_file_for_graphviz_has_boxes_frames_and_shapes),
        cmocka_unit_test(the_files_of_large_networks_are_balanced),
        cmocka_unit_test(a_folder_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
