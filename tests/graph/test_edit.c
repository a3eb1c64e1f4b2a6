/* Edits and initialisations: what they make of a network, listed by hand from the rules, and what is refused. */
#include "graph_scene.h"

/* Layers of the netdef under test; edits follow. */
#define NET                                                                                        \
    "netdef: t\ninput: [3, 8, 8]\nparams: {w: 4}\n"                                                \
    "blocks: {pair: {layers: [relu, tanh]}}\n"                                                     \
    "layers:\n"                                                                                    \
    "  - conv2d: {name: stem, out: $w, kernel: 1}\n"                                               \
    "  - relu\n"                                                                                   \
    "  - repeat: {name: stage, times: 2, layers: [residual: {body: [relu]}, tanh]}\n"              \
    "  - flatten\n"                                                                                \
    "  - linear: {name: head, out: 2}\n"                                                           \
    "edits:\n"

static void edits_to(const char *edits, const char *listing) {
    struct scene scene = scene_new();
    char text[2000];
    snprintf(text, sizeof text, NET "%s", edits);
    assert_string_equal(scene_listing(&scene, scene_graph(&scene, text)), listing);
    scene_end(&scene);
}

static void a_single_entry_takes_the_path_of_what_it_replaces(void **state) {
    (void)state;
    edits_to("  - {replace: \"**.relu\", with: [tanh]}\n"
             "  - {replace: stem, with: [conv2d: {out: $(w + 1), kernel: 3}]}\n"
             "  - {replace: stage.0.tanh, with: [pair]}\n"
             "  - {replace: stage.1.tanh, with: [pair: {name: end}]}\n",
             "stem conv2d input 5x6x6 140\n"
             "relu tanh stem 5x6x6 0\n"
             "stage.0.body.relu tanh relu 5x6x6 0\n"
             "stage.0.add add stage.0.body.relu,relu 5x6x6 0\n"
             "stage.0.tanh.relu relu stage.0.add 5x6x6 0\n"
             "stage.0.tanh.tanh tanh stage.0.tanh.relu 5x6x6 0\n"
             "stage.1.body.relu tanh stage.0.tanh.tanh 5x6x6 0\n"
             "stage.1.add add stage.1.body.relu,stage.0.tanh.tanh 5x6x6 0\n"
             "stage.1.end.relu relu stage.1.add 5x6x6 0\n"
             "stage.1.end.tanh tanh stage.1.end.relu 5x6x6 0\n"
             "flatten flatten stage.1.end.tanh 180 0\n"
             "head linear flatten 2 362\n");
}

static void several_entries_stand_beside_what_they_replace(void **state) {
    (void)state;
    edits_to(
        "  - {replace: stage.0.add, with: [concat: {from: [input.1, input.0]}, conv2d: {out: $w,"
        " kernel: 1}]}\n"
        "  - {delete: \"stage.1.**.relu\"}\n"
        "  - {replace: stage.1.tanh, with: []}\n",
        "stem conv2d input 4x8x8 16\n"
        "relu relu stem 4x8x8 0\n"
        "stage.0.body.relu relu relu 4x8x8 0\n"
        "stage.0.concat concat relu,stage.0.body.relu 8x8x8 0\n"
        "stage.0.conv2d conv2d stage.0.concat 4x8x8 36\n"
        "stage.0.tanh tanh stage.0.conv2d 4x8x8 0\n"
        "stage.1.add add stage.0.tanh,stage.0.tanh 4x8x8 0\n"
        "flatten flatten stage.1.add 256 0\n"
        "head linear flatten 2 514\n");
}

static void what_read_a_layer_reads_what_is_inserted_after_it(void **state) {
    (void)state;
    edits_to("  - {insert_after: relu, layers: [dropout2d, tanh: {if: false}]}\n"
             "  - {insert_after: stage.-1.tanh, layers: [tanh, add: {from: [input, tanh]}]}\n"
             "  - {insert_after: head, layers: [softmax]}\n"
             "  - {delete: \"stage.0.t*\"}\n",
             "stem conv2d input 4x8x8 16\n"
             "relu relu stem 4x8x8 0\n"
             "dropout2d dropout2d relu 4x8x8 0\n"
             "stage.0.body.relu relu dropout2d 4x8x8 0\n"
             "stage.0.add add stage.0.body.relu,dropout2d 4x8x8 0\n"
             "stage.1.body.relu relu stage.0.add 4x8x8 0\n"
             "stage.1.add add stage.1.body.relu,stage.0.add 4x8x8 0\n"
             "stage.1.tanh tanh stage.1.add 4x8x8 0\n"
             "stage.1.tanh_2 tanh stage.1.tanh 4x8x8 0\n"
             "stage.1.add_2 add stage.1.tanh,stage.1.tanh_2 4x8x8 0\n"
             "flatten flatten stage.1.add_2 256 0\n"
             "head linear flatten 2 514\n"
             "softmax softmax head 2 0\n");
}

static void entries_of_an_edit_tap_any_path_before_them(void **state) {
    (void)state;
    edits_to("  - {replace: relu, with: [tanh, tanh]}\n"
             "  - {insert_after: stage.1.tanh, layers: [concat: {from: [input, stage.0, relu,"
             " stage.0.body.relu, tanh]}]}\n",
             "stem conv2d input 4x8x8 16\n"
             "tanh tanh stem 4x8x8 0\n"
             "tanh_2 tanh tanh 4x8x8 0\n"
             "stage.0.body.relu relu tanh_2 4x8x8 0\n"
             "stage.0.add add stage.0.body.relu,tanh_2 4x8x8 0\n"
             "stage.0.tanh tanh stage.0.add 4x8x8 0\n"
             "stage.1.body.relu relu stage.0.tanh 4x8x8 0\n"
             "stage.1.add add stage.1.body.relu,stage.0.tanh 4x8x8 0\n"
             "stage.1.tanh tanh stage.1.add 4x8x8 0\n"
             "stage.1.concat concat stage.1.tanh,stage.0.tanh,tanh_2,stage.0.body.relu,tanh 20x8x8 "
             "0\n"
             "flatten flatten stage.1.concat 1280 0\n"
             "head linear flatten 2 2562\n");
}

static void groups_follow_edits(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph =
        scene_graph(&scene, NET "  - {insert_after: stage.1.tanh, layers: [relu: {name: more}]}\n"
                                "  - {delete: stage.0.tanh}\n");
    for (int i = 0; i < graph->group_count; i++) {
        const char *path = graph->groups[i].path;
        const char *value = graph_value_path(graph, graph->groups[i].value);
        if (!strcmp(path, "stage") || !strcmp(path, "stage.1"))
            assert_string_equal(value, "stage.1.more");
        if (!strcmp(path, "stage.0"))
            assert_string_equal(value, "stage.0.add");
    }
    scene_end(&scene);
}

/* ---- initialisation ----------------------------------------------------------------------------- */

static const char *init_of(const struct graph *graph, const char *path) {
    for (int i = 0; i < graph->param_count; i++)
        if (!strcmp(graph->params[i].path, path))
            return graph->params[i].init ? graph->params[i].init->name : "default";
    return "no such parameter";
}

static void later_initialisations_win(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(
        &scene, "netdef: t\ninput: [3, 8, 8]\nparams: {how: orthogonal}\n"
                "init: {\"**\": kaiming, head: {xavier: {}}, \"*.bias\": $how, plain: kaiming}\n"
                "layers: [conv2d: {name: stem, out: 3, kernel: 1}, batchnorm2d: {name: norm},"
                " flatten, linear: {name: plain, out: 4, bias: false}, linear: {name: head, out: "
                "2}]\n");
    static const char *const expected[][2] = {
        {"stem.weight", "kaiming"}, {"stem.bias", "orthogonal"},      {"norm.weight", "default"},
        {"norm.bias", "default"},   {"norm.running_mean", "default"}, {"plain.weight", "kaiming"},
        {"head.weight", "xavier"},  {"head.bias", "orthogonal"}};
    for (int i = 0; i < BASE_COUNT(expected); i++)
        assert_string_equal(init_of(graph, expected[i][0]), expected[i][1]);
    scene_end(&scene);
}

/* ---- refusals ----------------------------------------------------------------------------------- */

static void patterns_that_fit_nothing_and_edits_that_are_none(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "params: {w: 4}\n"
                  "layers:\n"
                  "  - conv2d: {name: stem, out: $w, kernel: 1}\n"
                  "  - relu\n"
                  "  - repeat: {name: stage, times: 2, layers: [residual: {body: [relu]}, tanh]}\n"
                  "edits:\n"
                  "  - {replace: nothing, with: [tanh]}\n"
                  "  - {replace: stage, with: [tanh]}\n"
                  "  - {replace: \"stage.0.rleu\", with: [tanh]}\n"
                  "  - {replace: stage.0.tan, with: [tanh]}\n"
                  "  - {delete: stage.0.add}\n"
                  "  - {delete: stem, layers: []}\n"
                  "  - {remove: stem}\n"
                  "  - 3\n"
                  "  - {delete: 3}\n"
                  "  - {replace: relu}\n"
                  "  - {replace: relu, with: 3}\n",
                  "9:15: error: no layer fits 'nothing'; --dry-run lists the paths\n"
                  "10:15: error: no layer fits 'stage'; the layers inside it are 'stage.**'\n"
                  "11:15: error: no layer fits 'stage.0.rleu'; did you mean 'stage.0.add'?\n"
                  "12:15: error: no layer fits 'stage.0.tan'; did you mean 'stage.0.tanh'?\n"
                  "13:14: error: 'stage.0.add' has 2 inputs, so it cannot be deleted; replace it, "
                  "or what reads it\n"
                  "14:20: error: delete has no key 'layers'\n"
                  "15:5: error: an edit is {replace: PATH, with: [...]}, {insert_after: PATH, "
                  "layers: [...]} or {delete: PATH}\n"
                  "16:5: error: an edit is {replace: PATH, with: [...]}, {insert_after: PATH, "
                  "layers: [...]} or {delete: PATH}\n"
                  "17:14: error: a pattern is a path with * or **, not the integer 3\n"
                  "18:5: error: this edit needs 'with', a list of entries\n"
                  "19:27: error: 'with' is a list of entries, not the integer 3");
}

static void entries_of_edits_that_do_not_hold(void **state) {
    (void)state;
    scene_refuses(
        "netdef: t\n"
        "input: [3, 8, 8]\n"
        "layers: [relu: {name: a}, relu: {name: b}]\n"
        "edits:\n"
        "  - {replace: a, with: [rleu]}\n"
        "  - {replace: a, with: [add: {from: [b, input]}]}\n"
        "  - {insert_after: a, layers: [add: {from: [aa, input]}]}\n"
        "  - {insert_after: a, layers: [conv2d: {out: 3, kernel: 9}]}\n"
        "  - {insert_after: a, layers: [relu: {name: b}]}\n",
        "5:25: error: no layer kind or block 'rleu'; did you mean 'relu'?\n"
        "6:38: error: 'b' comes after the place of this edit; 'from' reaches earlier entries only\n"
        "7:45: error: no entry here is called 'aa'; did you mean 'a'?");
}

static void edits_that_leave_nothing_or_do_not_fit(void **state) {
    (void)state;
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers: [relu]\n"
                  "edits: [{delete: relu}]\n",
                  "1:9: error: this network has no layers; it needs at least one");
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers: [relu]\n"
                  "edits: {delete: relu}\n",
                  "4:8: error: 'edits' is a list, not a map");
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers: [relu: {name: a}, conv2d: {name: b, out: 3, kernel: 1}]\n"
                  "edits: [{replace: a, with: [conv2d: {out: 5, kernel: 3, groups: 5}]}]\n",
                  "4:29: error: conv2d: 5 groups do not divide the 3 channels of its input\n"
                  "2:8: note: its input is the network's (3x8x8)");
}

static void initialisations_that_do_not_hold(void **state) {
    (void)state;
    scene_refuses(
        "netdef: t\n"
        "input: [3, 8, 8]\n"
        "layers: [conv2d: {name: stem, out: 3, kernel: 1}, relu, batchnorm2d]\n"
        "init:\n"
        "  nope: kaiming\n"
        "  stme: kaiming\n"
        "  relu: kaiming\n"
        "  batchnorm2d: kaiming\n"
        "  stem: kayming\n"
        "  \"st*\": 3\n"
        "  \"**\": {kaiming: {mod: fan_out}}\n"
        "  \"s**\": {}\n"
        "  \"*\": {kaiming: {}, xavier: {}}\n",
        "5:3: error: no layer fits 'nope'; --dry-run lists the paths\n"
        "6:3: error: no layer fits 'stme'; did you mean 'stem'?\n"
        "7:3: error: 'relu' fits layers, but none whose parameters start at random\n"
        "8:3: error: 'batchnorm2d' fits layers, but none whose parameters start at random\n"
        "9:9: error: no initialisation is called 'kayming'; did you mean 'kaiming'?\n"
        "10:10: error: an initialisation is a name, or one key with its attributes, not the "
        "integer 3\n"
        "11:20: error: kaiming has no attribute 'mod'; did you mean 'mode'?\n"
        "12:10: error: an initialisation is a name, or one key with its attributes, not a map\n"
        "13:8: error: an initialisation is a name, or one key with its attributes, not a map");
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers: [relu]\n"
                  "init: kaiming\n",
                  "4:7: error: 'init' takes initialisations by pattern, as in {\"**\": kaiming}, "
                  "not the string 'kaiming'");
    scene_refuses("netdef: t\n"
                  "input: [3, 8, 8]\n"
                  "layers: [relu]\n"
                  "init: {\"**\": $how}\n",
                  "4:15: error: no parameter 'how' here");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_entry_takes_the_path_of_what_it_replaces),
        cmocka_unit_test(several_entries_stand_beside_what_they_replace),
        cmocka_unit_test(what_read_a_layer_reads_what_is_inserted_after_it),
        cmocka_unit_test(entries_of_an_edit_tap_any_path_before_them),
        cmocka_unit_test(groups_follow_edits),
        cmocka_unit_test(later_initialisations_win),
        cmocka_unit_test(patterns_that_fit_nothing_and_edits_that_are_none),
        cmocka_unit_test(entries_of_edits_that_do_not_hold),
        cmocka_unit_test(edits_that_leave_nothing_or_do_not_fit),
        cmocka_unit_test(initialisations_that_do_not_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
