/* Memory that runs out: every allocation of graph_build made to fail once. It then yields no graph, and either
 * says nothing, which means out of memory, or a message that stands on its own. */
#include "graph_scene.h"

static const char *const everything =
    "netdef: t\nsummary: all of the language\n"
    "params: {n: 2, act: {leaky_relu: {negative_slope: 0.1}}, tail: [relu, tanh], on: true}\n"
    "input: [3, 8, 8]\n"
    "init: {\"**.conv2d\": kaiming, head: {xavier: {}}}\n"
    "blocks:\n"
    "  unit:\n"
    "    params: {out: int, twice: $(2 * n)}\n"
    "    layers: [conv2d: {out: $(out + twice), kernel: 1}, batchnorm2d: {if: $on}, $act]\n"
    "  join: {layers: [add: {from: [input.0, input.1]}]}\n"
    "layers:\n"
    "  - unit: {name: stem, out: 4}\n"
    "  - unit: {if: false, out: 4}\n"
    "  - repeat: {name: stage, for: {out: [4, 6]}, layers: [repeat: {times: $n, layers: [unit: "
    "{out: "
    "$out}]}]}\n"
    "  - residual: {name: r, body: [unit: {out: 6}], shortcut: [pad_channels: {to: 10}]}\n"
    "  - join: {from: [r, stage.1]}\n"
    "  - $tail\n"
    "  - flatten\n"
    "  - linear: {name: head, out: 2}\n"
    "edits:\n"
    "  - {replace: \"**.leaky_relu\", with: [relu]}\n"
    "  - {insert_after: stem.leaky_relu, layers: [dropout2d, add: {from: [dropout2d, "
    "stem.batchnorm2d]}]}\n"
    "  - {delete: r.body.batchnorm2d}\n";

static const char *const refused =
    "netdef: t\ninput: [3, 8, 8]\nlayers:\n"
    "  - conv2d: {out: 4, kernal: 3}\n  - rleu\n  - relu: {from: nowhere}\n"
    "  - conv2d: {out: 4, kernel: 9, from: input}\n";

/* Builds with memory that ends at the n-th allocation, for every n. Returns the first n that is not reached;
 * before it there is no graph, but where the n-th is just the one after the last. */
static long exhaust(struct scene *scene, const char *path, bool fine) {
    const struct netdef *netdef = netdef_read(scene->arena, path, scene->report, NULL);
    assert_non_null(netdef);
    int just_enough = 0;
    for (long n = 1;; n++) {
        struct arena *arena = arena_new();
        struct report *report = report_new(arena);
        arena_fail_at(arena, n);
        const struct graph *graph = graph_build(arena, netdef, report);
        bool ran_out = !arena_alloc(arena, 1, 1);
        just_enough += graph && ran_out;
        assert_true(just_enough <= 1);
        assert_true(ran_out || (graph != NULL) == fine);
        arena_free(arena);
        if (!ran_out)
            return n;
    }
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    struct scene scene = scene_new();
    temporary_write(&scene.folder, "t.yaml", everything);
    struct temporary_path path = temporary_path(&scene.folder, "t.yaml");
    assert_true(exhaust(&scene, path.text, true) > 100);
    assert_true(exhaust(&scene, "netdefs/fcn8.yaml", true) > 100);
    temporary_write(&scene.folder, "t.yaml", refused);
    assert_true(exhaust(&scene, path.text, false) > 10);
    scene_end(&scene);
}

/* The sanitizer sees what the graph would still read of the netdef. */
static void the_graph_outlives_its_netdef(void **state) {
    (void)state;
    struct scene scene = scene_new();
    temporary_write(&scene.folder, "t.yaml", everything);
    struct arena *short_lived = arena_new();
    struct temporary_path path = temporary_path(&scene.folder, "t.yaml");
    const struct netdef *netdef = netdef_read(short_lived, path.text, scene.report, NULL);
    const struct graph *graph = graph_build(scene.arena, netdef, scene.report);
    assert_non_null(graph);
    arena_free(short_lived);
    assert_non_null(strstr(scene_listing(&scene, graph), "head linear flatten 2 "));
    assert_true(graph_matches(graph, "stage.-1.-1.conv2d.*", "stage.1.1.conv2d.weight"));
    assert_string_equal(graph->summary, "all of the language");
    assert_string_equal(graph->groups[0].path, "stem");
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_graph_outlives_its_netdef),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
