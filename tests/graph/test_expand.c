/* Expansion: paths, kinds, inputs, shapes and parameters of netdefs, listed by hand from the rules. */
#include "graph_scene.h"

static void expands_to(const char *text, const char *listing) {
    struct scene scene = scene_new();
    assert_string_equal(scene_listing(&scene, scene_graph(&scene, text)), listing);
    scene_end(&scene);
}

static void has_paths(const char *text, const char *paths) {
    struct scene scene = scene_new();
    assert_string_equal(scene_paths(&scene, scene_graph(&scene, text)), paths);
    scene_end(&scene);
}

static void entries_follow_one_another(void **state) {
    (void)state;
    expands_to("netdef: t\ninput: [3, 8, 8]\nlayers:\n"
               "  - conv2d: {out: 4, kernel: 3, padding: 1}\n"
               "  - relu\n"
               "  - conv2d: {out: 4, kernel: [3, 1], bias: false}\n"
               "  - relu: {name: last}\n",
               "conv2d conv2d input 4x8x8 112\n"
               "relu relu conv2d 4x8x8 0\n"
               "conv2d_2 conv2d relu 4x6x8 48\n"
               "last relu conv2d_2 4x6x8 0\n");
    expands_to("netdef: t\ninput: [6]\nlayers: [linear: {out: 2}]\n", "linear linear input 2 14\n");
}

static void the_netdef_of_the_manual_expands_as_it_says(void **state) {
    (void)state;
    expands_to("netdef: t\n"
               "params: {n: 1, act: relu, norm: true, projection: false}\n"
               "input: [3, 8, 8]\n"
               "blocks:\n"
               "  unit:\n"
               "    params: {out: int, stride: 1}\n"
               "    layers:\n"
               "      - conv2d: {out: $out, kernel: 3, stride: $stride, padding: 1}\n"
               "      - batchnorm2d: {if: $norm}\n"
               "      - $act\n"
               "  basic:\n"
               "    params: {out: int, stride: 1}\n"
               "    layers:\n"
               "      - residual:\n"
               "          body:\n"
               "            - unit: {out: $out, stride: $stride}\n"
               "            - conv2d: {out: $out, kernel: 3, padding: 1}\n"
               "            - batchnorm2d: {if: $norm}\n"
               "          shortcut:\n"
               "            - conv2d: {if: $(projection and stride > 1), out: $out, kernel: 1,"
               " stride: $stride}\n"
               "            - maxpool2d: {if: $(not projection and stride > 1), kernel: $stride}\n"
               "            - pad_channels: {if: $(not projection), to: $out}\n"
               "      - $act\n"
               "layers:\n"
               "  - unit: {name: stem, out: 4}\n"
               "  - repeat: {name: stage1, times: $n, layers: [basic: {out: 4}]}\n"
               "  - basic: {name: down2, out: 6, stride: 2}\n"
               "  - avgpool2d: {kernel: 4}\n"
               "  - flatten\n"
               "  - linear: {name: head, out: 10}\n",
               "stem.conv2d conv2d input 4x8x8 112\n"
               "stem.batchnorm2d batchnorm2d stem.conv2d 4x8x8 8\n"
               "stem.relu relu stem.batchnorm2d 4x8x8 0\n"
               "stage1.0.body.conv2d conv2d stem.relu 4x8x8 148\n"
               "stage1.0.body.batchnorm2d batchnorm2d stage1.0.body.conv2d 4x8x8 8\n"
               "stage1.0.body.relu relu stage1.0.body.batchnorm2d 4x8x8 0\n"
               "stage1.0.body.conv2d_2 conv2d stage1.0.body.relu 4x8x8 148\n"
               "stage1.0.body.batchnorm2d_2 batchnorm2d stage1.0.body.conv2d_2 4x8x8 8\n"
               "stage1.0.add add stage1.0.body.batchnorm2d_2,stem.relu 4x8x8 0\n"
               "stage1.0.relu relu stage1.0.add 4x8x8 0\n"
               "down2.body.conv2d conv2d stage1.0.relu 6x4x4 222\n"
               "down2.body.batchnorm2d batchnorm2d down2.body.conv2d 6x4x4 12\n"
               "down2.body.relu relu down2.body.batchnorm2d 6x4x4 0\n"
               "down2.body.conv2d_2 conv2d down2.body.relu 6x4x4 330\n"
               "down2.body.batchnorm2d_2 batchnorm2d down2.body.conv2d_2 6x4x4 12\n"
               "down2.shortcut.maxpool2d maxpool2d stage1.0.relu 4x4x4 0\n"
               "down2.shortcut.pad_channels pad_channels down2.shortcut.maxpool2d 6x4x4 0\n"
               "down2.add add down2.body.batchnorm2d_2,down2.shortcut.pad_channels 6x4x4 0\n"
               "down2.relu relu down2.add 6x4x4 0\n"
               "avgpool2d avgpool2d down2.relu 6x1x1 0\n"
               "flatten flatten avgpool2d 6 0\n"
               "head linear flatten 10 70\n");
}

/* ---- paths --------------------------------------------------------------------------------------- */

#define PAIR                                                                                       \
    "netdef: t\ninput: [4, 4, 4]\nparams: {on: true}\n"                                            \
    "blocks: {pair: {layers: [relu, tanh]}}\nlayers:\n"

static void equal_paths_are_numbered_in_written_order(void **state) {
    (void)state;
    has_paths(PAIR "  - pair\n  - pair\n  - relu: {name: relu}\n  - pair: {name: p}\n"
                   "  - pair: {name: p}\n  - relu: {name: a}\n  - relu: {name: a}\n",
              "relu tanh relu_2 tanh_2 relu_3 p.relu p.tanh p_2.relu p_2.tanh a a_2");
    has_paths(PAIR "  - residual: {body: [relu]}\n  - residual: {body: [relu, relu]}\n"
                   "  - residual: {name: r, body: [relu], shortcut: [tanh]}\n",
              "body.relu add body_2.relu body_2.relu_2 add_2 r.body.relu r.shortcut.tanh r.add");
}

/* The paths with `on: true`, then with `on: false`. */
static void switches(const char *entries, const char *on, const char *off) {
    static const char *const head = "netdef: t\ninput: [4, 4, 4]\nparams: {on: %s}\n"
                                    "blocks: {pair: {layers: [relu, tanh]}}\nlayers:\n%s";
    char text[1000];
    snprintf(text, sizeof text, head, "true", entries);
    has_paths(text, on);
    snprintf(text, sizeof text, head, "false", entries);
    has_paths(text, off);
}

static void switching_an_entry_renames_no_other(void **state) {
    (void)state;
    switches("  - relu: {if: $on}\n  - relu\n", "relu relu_2", "relu_2");
    switches("  - pair: {if: $on}\n  - relu\n", "relu tanh relu_2", "relu_2");
    switches("  - pair: {if: $on, name: p}\n  - pair: {name: p}\n",
             "p.relu p.tanh p_2.relu p_2.tanh", "p_2.relu p_2.tanh");
    switches("  - residual: {if: $on, body: [relu]}\n  - residual: {body: [relu]}\n",
             "body.relu add body_2.relu add_2", "body_2.relu add_2");
    switches("  - repeat: {if: $on, name: r, times: 2, layers: [relu]}\n"
             "  - repeat: {name: r, times: 1, layers: [relu]}\n",
             "r.0.relu r.1.relu r_2.0.relu", "r_2.0.relu");
}

static void what_a_switched_off_block_would_need_is_not_asked_for(void **state) {
    (void)state;
    has_paths("netdef: t\ninput: [4, 4, 4]\nparams: {widths: [4], deep: false}\n"
              "blocks: {conv: {params: {out: int}, layers: [conv2d: {out: $out, kernel: 1}]}}\n"
              "layers:\n"
              "  - conv: {if: $deep, out: $widths.1}\n"
              "  - conv2d: {if: $deep, out: $widths.1, kernel: 99, from: nowhere}\n"
              "  - relu\n",
              "relu");
}

static void two_unnamed_repeats_may_come_from_blocks(void **state) {
    (void)state;
    has_paths("netdef: t\ninput: [4, 4, 4]\n"
              "blocks: {two: {layers: [repeat: {times: 2, layers: [relu]}]}}\n"
              "layers: [two, two, two: {name: x}]\n",
              "0.relu 1.relu 0.relu_2 1.relu_2 x.0.relu x.1.relu");
}

/* ---- structure ---------------------------------------------------------------------------------- */

static void a_residual_with_nothing_left_in_its_shortcut_adds_its_input(void **state) {
    (void)state;
    static const char *const shortcuts[] = {"", ", shortcut: []", ", shortcut: [relu: {if: false}]",
                                            ", shortcut: [pad_channels: {to: 3}]"};
    for (int i = 0; i < BASE_COUNT(shortcuts); i++) {
        char text[300];
        snprintf(text, sizeof text,
                 "netdef: t\ninput: [3, 4, 4]\nlayers:\n  - tanh\n"
                 "  - residual: {body: [relu]%s}\n  - relu\n",
                 shortcuts[i]);
        expands_to(text, "tanh tanh input 3x4x4 0\n"
                         "body.relu relu tanh 3x4x4 0\n"
                         "add add body.relu,tanh 3x4x4 0\n"
                         "relu relu add 3x4x4 0\n");
    }
}

static void a_pad_to_the_present_count_is_no_layer_and_its_name_means_its_input(void **state) {
    (void)state;
    expands_to(
        "netdef: t\ninput: [3, 4, 4]\nlayers:\n  - relu\n  - pad_channels: {name: pad, to: 3}\n"
        "  - tanh\n  - add: {from: [tanh, pad]}\n  - pad_channels: {to: 3}\n",
        "relu relu input 3x4x4 0\n"
        "tanh tanh relu 3x4x4 0\n"
        "add add tanh,relu 3x4x4 0\n");
}

static void repeats_count_rounds_from_0_innermost(void **state) {
    (void)state;
    expands_to("netdef: t\ninput: [1, 8, 8]\nlayers:\n"
               "  - repeat:\n      name: stage\n      for: {out: [2, 3], kernel: [3, 1]}\n"
               "      layers:\n"
               "        - conv2d: {out: $(out + i), kernel: $kernel, bias: false}\n"
               "        - repeat: {times: 2, layers: [conv2d: {out: $(10 * out + i), kernel: 1,"
               " bias: false}]}\n",
               "stage.0.conv2d conv2d input 2x6x6 18\n"
               "stage.0.0.conv2d conv2d stage.0.conv2d 20x6x6 40\n"
               "stage.0.1.conv2d conv2d stage.0.0.conv2d 21x6x6 420\n"
               "stage.1.conv2d conv2d stage.0.1.conv2d 4x6x6 84\n"
               "stage.1.0.conv2d conv2d stage.1.conv2d 30x6x6 120\n"
               "stage.1.1.conv2d conv2d stage.1.0.conv2d 31x6x6 930\n");
    expands_to("netdef: t\ninput: [1, 8, 8]\nlayers:\n  - relu\n"
               "  - repeat: {name: none, times: 0, layers: [conv2d: {out: 1, kernel: 99}]}\n"
               "  - repeat: {for: {x: []}, layers: [tanh]}\n"
               "  - add: {from: [none, relu]}\n",
               "relu relu input 1x8x8 0\nadd add relu,relu 1x8x8 0\n");
}

/* ---- taps --------------------------------------------------------------------------------------- */

static void taps_reach_outwards_to_the_edge_of_their_block(void **state) {
    (void)state;
    expands_to(
        "netdef: t\ninput: [2, 4, 4]\nlayers:\n"
        "  - relu: {name: a}\n"
        "  - repeat:\n      name: r\n      times: 2\n      layers:\n"
        "        - tanh\n"
        "        - residual: {body: [add: {from: [tanh, a]}], shortcut: [add: {from: [input, "
        "a]}]}\n",
        "a relu input 2x4x4 0\n"
        "r.0.tanh tanh a 2x4x4 0\n"
        "r.0.body.add add r.0.tanh,a 2x4x4 0\n"
        "r.0.shortcut.add add r.0.tanh,a 2x4x4 0\n"
        "r.0.add add r.0.body.add,r.0.shortcut.add 2x4x4 0\n"
        "r.1.tanh tanh r.0.add 2x4x4 0\n"
        "r.1.body.add add r.1.tanh,a 2x4x4 0\n"
        "r.1.shortcut.add add r.1.tanh,a 2x4x4 0\n"
        "r.1.add add r.1.body.add,r.1.shortcut.add 2x4x4 0\n");
}

static void groups_are_named_by_their_output_and_dots_lead_inside(void **state) {
    (void)state;
    expands_to(
        "netdef: t\ninput: [2, 4, 4]\n"
        "blocks: {pair: {layers: [relu, tanh]}}\n"
        "layers:\n"
        "  - pair: {name: p}\n"
        "  - repeat: {name: r, times: 2, layers: [pair: {name: q}]}\n"
        "  - residual: {name: s, body: [relu]}\n"
        "  - concat: {from: [p, p.relu, r, r.0, r.0.q.relu, s, s.body, s.body.relu, s.shortcut,"
        " s.add, input]}\n",
        "p.relu relu input 2x4x4 0\n"
        "p.tanh tanh p.relu 2x4x4 0\n"
        "r.0.q.relu relu p.tanh 2x4x4 0\n"
        "r.0.q.tanh tanh r.0.q.relu 2x4x4 0\n"
        "r.1.q.relu relu r.0.q.tanh 2x4x4 0\n"
        "r.1.q.tanh tanh r.1.q.relu 2x4x4 0\n"
        "s.body.relu relu r.1.q.tanh 2x4x4 0\n"
        "s.add add s.body.relu,r.1.q.tanh 2x4x4 0\n"
        "concat concat p.tanh,p.relu,r.1.q.tanh,r.0.q.tanh,r.0.q.relu,s.add,s.body.relu,"
        "s.body.relu,r.1.q.tanh,s.add,input 22x4x4 0\n");
}

static void a_block_with_two_inputs_numbers_them(void **state) {
    (void)state;
    expands_to("netdef: t\ninput: [2, 4, 4]\n"
               "blocks: {join: {layers: [relu: {from: input.1}, add: {from: [relu, input.0]}]}}\n"
               "layers:\n"
               "  - relu: {name: a}\n"
               "  - tanh: {name: b}\n"
               "  - join: {from: [a, b]}\n"
               "  - relu: {from: input}\n"
               "  - relu: {from: input.0}\n",
               "a relu input 2x4x4 0\n"
               "b tanh a 2x4x4 0\n"
               "relu relu b 2x4x4 0\n"
               "add add relu,a 2x4x4 0\n"
               "relu_2 relu input 2x4x4 0\n"
               "relu_3 relu input 2x4x4 0\n");
}

static void a_block_taps_its_own_entries_wherever_it_is_used(void **state) {
    (void)state;
    expands_to(
        "netdef: t\ninput: [2, 4, 4]\n"
        "blocks: {fuse: {layers: [relu, relu: {name: a}, tanh, add: {from: [a, tanh, relu]}]}}\n"
        "layers:\n"
        "  - fuse\n"
        "  - fuse\n"
        "  - tanh: {from: input}\n"
        "  - tanh\n"
        "  - concat: {from: [tanh, tanh_2, tanh_3, tanh_4]}\n",
        "relu relu input 2x4x4 0\n"
        "a relu relu 2x4x4 0\n"
        "tanh tanh a 2x4x4 0\n"
        "add add a,tanh,relu 2x4x4 0\n"
        "relu_2 relu add 2x4x4 0\n"
        "a_2 relu relu_2 2x4x4 0\n"
        "tanh_2 tanh a_2 2x4x4 0\n"
        "add_2 add a_2,tanh_2,relu_2 2x4x4 0\n"
        "tanh_3 tanh input 2x4x4 0\n"
        "tanh_4 tanh tanh_3 2x4x4 0\n"
        "concat concat tanh_3,tanh_4,tanh_3,tanh_4 8x4x4 0\n");
}

/* ---- parameters --------------------------------------------------------------------------------- */

static void a_block_sees_its_own_parameters_and_the_netdefs(void **state) {
    (void)state;
    expands_to("netdef: t\ninput: [2, 4, 4]\nparams: {w: 3, k: 1}\n"
               "blocks:\n"
               "  inner: {params: {k: 3, half: $(w + k)}, layers: [conv2d: {out: $half, kernel: $k,"
               " bias: false}]}\n"
               "  outer: {params: {w: int}, layers: [inner, inner: {k: $k}]}\n"
               "layers: [outer: {w: 9}]\n",
               "conv2d conv2d input 6x2x2 108\n"
               "conv2d_2 conv2d conv2d 4x2x2 24\n");
}

static void a_parameter_may_hold_a_kind_an_entry_or_entries(void **state) {
    (void)state;
    expands_to("netdef: t\ninput: [2, 4, 4]\n"
               "params: {act: {leaky_relu: {negative_slope: 0.1}}, norm: batchnorm2d,"
               " tail: [relu, tanh: {name: end}], none: []}\n"
               "blocks: {unit: {params: {act2: relu}, layers: [$norm, $act, $act2]}}\n"
               "layers:\n"
               "  - unit: {act2: {conv2d: {out: 1, kernel: 1}}}\n"
               "  - $tail\n"
               "  - $none\n"
               "  - $act: {name: mild}\n"
               "  - $act: {from: end, if: true}\n",
               "batchnorm2d batchnorm2d input 2x4x4 4\n"
               "leaky_relu leaky_relu batchnorm2d 2x4x4 0\n"
               "conv2d conv2d leaky_relu 1x4x4 3\n"
               "relu relu conv2d 1x4x4 0\n"
               "end tanh relu 1x4x4 0\n"
               "mild leaky_relu end 1x4x4 0\n"
               "leaky_relu_2 leaky_relu end 1x4x4 0\n");
}

static void lists_of_entries_may_be_values(void **state) {
    (void)state;
    has_paths("netdef: t\ninput: [2, 4, 4]\nparams: {tail: [relu, tanh]}\n"
              "blocks: {wrap: {params: {what: list}, layers: $what}}\n"
              "layers:\n"
              "  - repeat: {times: 2, layers: $tail}\n"
              "  - residual: {body: $tail, shortcut: $tail}\n"
              "  - wrap: {name: w, what: [identity, $tail]}\n",
              "0.relu 0.tanh 1.relu 1.tanh body.relu body.tanh shortcut.relu shortcut.tanh add "
              "w.identity w.relu w.tanh");
    has_paths("netdef: t\ninput: [2, 4, 4]\nparams: {all: [relu, tanh]}\nlayers: $all\n",
              "relu tanh");
}

/* ---- the graph's own lists ----------------------------------------------------------------------- */

static void groups_tell_the_value_they_yield(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph =
        scene_graph(&scene, "netdef: t\nsummary: what it is\ninput: [2, 4, 4]\n"
                            "blocks: {pair: {layers: [relu, pad_channels: {to: 2}]}}\n"
                            "layers:\n"
                            "  - pair: {name: p}\n"
                            "  - repeat: {name: r, times: 2, layers: [tanh]}\n"
                            "  - residual: {body: [relu]}\n");
    static const struct {
        const char *path, *value;
    } groups[] = {{"p", "p.relu"},   {"r.0", "r.0.tanh"},   {"r.1", "r.1.tanh"},
                  {"r", "r.1.tanh"}, {"body", "body.relu"}, {"shortcut", "r.1.tanh"}};
    assert_string_equal(graph->summary, "what it is");
    assert_int_equal(graph->group_count, BASE_COUNT(groups));
    for (int i = 0; i < graph->group_count; i++) {
        assert_string_equal(graph->groups[i].path, groups[i].path);
        assert_string_equal(graph_value_path(graph, graph->groups[i].value), groups[i].value);
    }
    assert_string_equal(graph_value_path(graph, graph->output), "add");
    assert_string_equal(graph_value_path(graph, 0), "input");
    assert_string_equal(shape_text(graph_shape(graph, 0)).text, "2x4x4");
    scene_end(&scene);
}

static void parameters_have_pytorchs_names_and_their_layer(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct graph *graph = scene_graph(
        &scene, "netdef: t\ninput: [2, 4, 4]\nlayers: [conv2d: {name: c, out: 3, kernel: "
                "1}, relu, batchnorm2d]\n");
    static const char *const paths[] = {"c.weight",
                                        "c.bias",
                                        "batchnorm2d.weight",
                                        "batchnorm2d.bias",
                                        "batchnorm2d.running_mean",
                                        "batchnorm2d.running_var"};
    assert_int_equal(graph->param_count, BASE_COUNT(paths));
    for (int i = 0; i < graph->param_count; i++) {
        const struct graph_layer *layer = &graph->layers[graph->params[i].layer];
        assert_string_equal(graph->params[i].path, paths[i]);
        assert_ptr_equal(graph->params[i].shape, &layer->info.params[i - layer->first_param]);
    }
    assert_int_equal(graph->parameters, 3 * 2 + 3 + 2 * 3);
    assert_int_equal(graph->layers[0].path_hash, hash_text("c"));
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_follow_one_another),
        cmocka_unit_test(the_netdef_of_the_manual_expands_as_it_says),
        cmocka_unit_test(equal_paths_are_numbered_in_written_order),
        cmocka_unit_test(switching_an_entry_renames_no_other),
        cmocka_unit_test(what_a_switched_off_block_would_need_is_not_asked_for),
        cmocka_unit_test(two_unnamed_repeats_may_come_from_blocks),
        cmocka_unit_test(a_residual_with_nothing_left_in_its_shortcut_adds_its_input),
        cmocka_unit_test(a_pad_to_the_present_count_is_no_layer_and_its_name_means_its_input),
        cmocka_unit_test(repeats_count_rounds_from_0_innermost),
        cmocka_unit_test(taps_reach_outwards_to_the_edge_of_their_block),
        cmocka_unit_test(groups_are_named_by_their_output_and_dots_lead_inside),
        cmocka_unit_test(a_block_with_two_inputs_numbers_them),
        cmocka_unit_test(a_block_taps_its_own_entries_wherever_it_is_used),
        cmocka_unit_test(a_block_sees_its_own_parameters_and_the_netdefs),
        cmocka_unit_test(a_parameter_may_hold_a_kind_an_entry_or_entries),
        cmocka_unit_test(lists_of_entries_may_be_values),
        cmocka_unit_test(groups_tell_the_value_they_yield),
        cmocka_unit_test(parameters_have_pytorchs_names_and_their_layer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
