/* Experiments: what is read from them, what is refused, and what they look like resolved. */
#include "spec_scene.h"

static const char net_file[] = "{netdef: small, summary: a net, params: {n: 1, act: relu},\n"
                               " input: [3, 8, 8], layers: [$act, flatten, linear: {out: $n}]}\n";

static const char rich_file[] =
    "experiment: rich-1_a\n"
    "summary: everything\n"
    "task: gradients\n"
    "seeds: [3, 0]\n"
    "data: {source: synthetic, batch: 16}\n"
    "loss: {cross_entropy: {label_smoothing: 0.1}}\n"
    "optimizer: {sgd: {lr: 0.5}}\n"
    "iterations: 7\n"
    "watch: {first: a}\n"
    "arms:\n"
    "  plain: {net: nets/small.yaml, watch: {x: y}}\n"
    "  wide:\n"
    "    net: {extends: nets/small.yaml, params: {n: 4}, edits: [delete: relu]}\n"
    "    weights: [{from: w/a.safetensors, map: {\"**\": \"**\"}, unused: allow}]\n"
    "    rules: {\"**\": {lr: 0.1, freeze_stats: true}}\n"
    "  here: {net: {input: [4], layers: [relu]}}\n";

static struct reading_scene rich(void) {
    spec_files files = {"e.yaml", rich_file, "nets/small.yaml", net_file};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "e.yaml", NULL, 0);
    spec_scene_expect(&reading, "");
    assert_int_equal(reading.kind, SPEC_EXPERIMENT);
    return reading;
}

/* ---- what is read ------------------------------------------------------------------------------- */

static void test_common_keys(void **state) {
    (void)state;
    struct reading_scene reading = rich();
    const struct experiment *experiment = reading.experiment;
    assert_string_equal(experiment->name, "rich-1_a");
    assert_string_equal(experiment->summary, "everything");
    assert_int_equal(experiment->pos.line, 1);
    assert_int_equal(experiment->pos.column, 13);
    assert_int_equal(experiment->seed_count, 2);
    assert_int_equal(experiment->seeds[0], 3);
    assert_int_equal(experiment->seeds[1], 0);
    spec_scene_end(&reading);
}

static double attribute(const struct attr *attrs, int count, const void *config, const char *name) {
    for (int i = 0; i < count; i++)
        if (!strcmp(attrs[i].name, name))
            return *(const double *)(const void *)((const char *)config + attrs[i].offset);
    fail_msg("no attribute %s", name);
    return 0;
}

static void test_one_task(void **state) {
    (void)state;
    struct reading_scene reading = rich();
    assert_int_equal(reading.experiment->stage_count, 1);
    const struct stage *stage = &reading.experiment->stages[0];
    assert_string_equal(stage->task, "gradients");
    assert_int_equal(stage->pos.line, 3);
    assert_string_equal(spec_scene_text(&reading, stage->own),
                        "iterations: 7\nwatch:\n  first: a\n");
    assert_int_equal(data_batch(stage->data), 16);
    assert_string_equal(stage->loss->name, "cross_entropy");
    assert_true(attribute(stage->loss->attrs, stage->loss->attr_count, stage->loss_config,
                          "label_smoothing") == 0.1);
    assert_int_equal(stage->loss_pos.line, 6);
    assert_int_equal(stage->loss_pos.column, 8);
    assert_string_equal(stage->optim->name, "sgd");
    assert_true(
        attribute(stage->optim->attrs, stage->optim->attr_count, stage->optim_config, "lr") == 0.5);
    assert_int_equal(stage->optim_pos.line, 7);
    spec_scene_end(&reading);
}

static void test_arms(void **state) {
    (void)state;
    struct reading_scene reading = rich();
    const struct arm *arms = reading.experiment->arms;
    assert_int_equal(reading.experiment->arm_count, 3);
    assert_string_equal(arms[0].name, "plain");
    assert_int_equal(arms[0].pos.line, 11);
    assert_int_equal(arms[0].pos.column, 3);
    assert_string_equal(arms[0].net->name, "small");
    assert_string_equal(arms[0].net->summary, "a net");
    assert_int_equal(arms[0].net->params.items[0].value->integer, 1);
    assert_int_equal(arms[0].net->layers->pos.used_from->line, 11);
    assert_string_equal(spec_scene_text(&reading, arms[0].own), "watch:\n  x: y\n");
    assert_null(arms[0].weights);
    assert_null(arms[0].rules);
    assert_string_equal(arms[1].net->name, "small");
    assert_int_equal(arms[1].net->params.items[0].value->integer, 4);
    assert_int_equal(arms[1].net->edit_count, 1);
    assert_int_equal(arms[1].weights->count, 1);
    assert_int_equal(arms[1].rules->count, 1);
    assert_int_equal(arms[1].own->count, 0);
    assert_string_equal(arms[2].net->name, "here");
    spec_scene_end(&reading);
}

static void test_stages(void **state) {
    (void)state;
    spec_files files = {"e.yaml", "experiment: e\n"
                                  "data: {source: synthetic, batch: 16}\n"
                                  "loss: cross_entropy\n"
                                  "epochs: 9\n"
                                  "target: label\n"
                                  "stages:\n"
                                  "  - train: {epochs: 3, optimizer: {sgd: {lr: 1}},\n"
                                  "      data: {source: synthetic}}\n"
                                  "  - evaluate\n"
                                  "  - gradcam: {loss: mse}\n"
                                  "arms: {a: {net: {input: [4], layers: [relu]}}}\n"};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "e.yaml", NULL, 0);
    spec_scene_expect(&reading, "");
    assert_int_equal(reading.experiment->stage_count, 3);
    const struct stage *stages = reading.experiment->stages;
    assert_string_equal(stages[0].task, "train");
    assert_int_equal(stages[0].pos.line, 7);
    assert_int_equal(stages[0].pos.column, 5);
    assert_string_equal(spec_scene_text(&reading, stages[0].own), "epochs: 3\ntarget: label\n");
    assert_int_equal(data_batch(stages[0].data), 128);
    assert_string_equal(stages[0].loss->name, "cross_entropy");
    assert_string_equal(stages[0].optim->name, "sgd");
    assert_string_equal(stages[1].task, "evaluate");
    assert_string_equal(spec_scene_text(&reading, stages[1].own), "epochs: 9\ntarget: label\n");
    assert_int_equal(stages[0].written->count, 3);
    assert_int_equal(stages[1].written->count, 0);
    assert_int_equal(data_batch(stages[1].data), 16);
    assert_null(stages[1].optim);
    assert_string_equal(stages[2].loss->name, "mse");
    assert_int_equal(reading.experiment->seed_count, 1);
    assert_int_equal(reading.experiment->seeds[0], 0);
    spec_scene_end(&reading);
}

/* ---- resolved ----------------------------------------------------------------------------------- */

static void test_resolved(void **state) {
    (void)state;
    struct reading_scene reading = rich();
    char *expected =
        arena_printf(reading.scene.arena,
                     "experiment: rich-1_a\n"
                     "summary: everything\n"
                     "task: gradients\n"
                     "seeds: [3, 0]\n"
                     "data:\n  source: synthetic\n  batch: 16\n"
                     "loss:\n  cross_entropy:\n    label_smoothing: 0.1\n"
                     "optimizer:\n  sgd:\n    lr: 0.5\n"
                     "iterations: 7\n"
                     "watch:\n  first: a\n"
                     "arms:\n"
                     "  plain:\n"
                     "    net:\n"
                     "      netdef: small\n      summary: a net\n"
                     "      params:\n        n: 1\n        act: 'relu'\n"
                     "      input: [3, 8, 8]\n"
                     "      layers:\n        - $act\n        - flatten\n"
                     "        - linear:\n            out: $n\n"
                     "    watch:\n      x: y\n"
                     "  wide:\n"
                     "    net:\n"
                     "      netdef: small\n      summary: a net\n"
                     "      params:\n        n: 4\n        act: 'relu'\n"
                     "      input: [3, 8, 8]\n"
                     "      layers:\n        - $act\n        - flatten\n"
                     "        - linear:\n            out: $n\n"
                     "      edits:\n        - delete: relu\n"
                     "    weights:\n      - from: %s/w/a.safetensors\n"
                     "        map:\n          '**': '**'\n        unused: allow\n"
                     "    rules:\n      '**':\n        lr: 0.1\n        freeze_stats: true\n"
                     "  here:\n"
                     "    net:\n"
                     "      netdef: here\n      input: [4]\n      layers:\n        - relu\n",
                     reading.folder.folder);
    assert_string_equal(spec_scene_text(&reading, reading.experiment->resolved), expected);
    spec_scene_end(&reading);
}

/* What leaves this machine names no folder of it. */
static void test_expanded_keeps_paths_as_written(void **state) {
    (void)state;
    struct reading_scene reading = rich();
    const struct node *arm = scene_at(reading.experiment->expanded, "arms wide");
    assert_string_equal(spec_scene_text(&reading, node_get(arm, "weights")),
                        "- from: w/a.safetensors\n  map:\n    '**': '**'\n  unused: allow\n");
    assert_string_equal(spec_scene_text(&reading, node_get(node_get(arm, "net"), "netdef")),
                        "small\n");
    spec_scene_end(&reading);
}

/* Read from another folder it gives the same experiment. */
static void test_resolved_reads_back(void **state) {
    (void)state;
    struct reading_scene first = rich();
    const char *text = spec_scene_text(&first, first.experiment->resolved);
    struct reading_scene again = spec_scene_new((spec_files){"out/resolved.yaml", text});
    spec_scene_read(&again, "out/resolved.yaml", NULL, 0);
    spec_scene_expect(&again, "");
    assert_string_equal(spec_scene_text(&again, again.experiment->resolved), text);
    spec_scene_end(&again);
    spec_scene_end(&first);
}

/* Files are named by whole paths, of whichever file or stage they were written in; nothing else is. */
static void test_resolved_has_whole_paths(void **state) {
    (void)state;
    spec_files files = {"in/e.yaml", "experiment: e\n"
                                     "data: {source: images, path: pets}\n"
                                     "stages: [predict: {array: ../a.npy, data: {source: images,"
                                     " path: me.png}}, evaluate]\n"
                                     "watch: {path: conv}\n"
                                     "arms: {a: {net: {input: [4], layers: [relu]}}}\n"};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "in/e.yaml", NULL, 0);
    spec_scene_expect(&reading, "");
    const char *folder = reading.folder.folder;
    struct arena *arena = reading.scene.arena;
    const struct node *resolved = reading.experiment->resolved;
    assert_string_equal(spec_scene_text(&reading, node_get(resolved, "data")),
                        arena_printf(arena, "source: images\npath: %s/in/pets\n", folder));
    assert_string_equal(spec_scene_text(&reading, node_get(resolved, "stages")),
                        arena_printf(arena,
                                     "- predict:\n    array: %s/a.npy\n    data:\n"
                                     "      source: images\n      path: %s/in/me.png\n- evaluate\n",
                                     folder, folder));
    assert_string_equal(spec_scene_text(&reading, node_get(resolved, "watch")), "path: conv\n");
    assert_string_equal(spec_scene_text(&reading, node_get(reading.experiment->expanded, "data")),
                        "source: images\npath: pets\n");
    spec_scene_end(&reading);
}

static const char typed_experiment[] =
    "experiment: e\n"
    "task: t\n"
    "seed: 5\n"
    "arms: {a: {net: {extends: n.yaml, params: {f: 2, t: int, l: {relu: {}}, b: false,"
    " xs: [1, $f]}}}}\n";

static const char typed_netdef[] =
    "netdef: n\n"
    "params: {f: 1.5, t: x, l: layer, b: bool, xs: list, c: $(f * 2)}\n"
    "blocks: {one: {params: {p: int}, layers: [relu]}}\n";

static void test_resolved_parameters_keep_their_types(void **state) {
    (void)state;
    spec_files files = {"e.yaml", typed_experiment, "n.yaml", typed_netdef};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "e.yaml", NULL, 0);
    spec_scene_expect(&reading, "");
    const struct node *net = scene_at(reading.experiment->resolved, "arms a net");
    assert_string_equal(spec_scene_text(&reading, node_get(net, "params")),
                        "f: 2.0\nt: 'int'\nl:\n  relu: {}\nb: false\nxs: [1, 2.0]\nc: 4.0\n");
    assert_string_equal(spec_scene_text(&reading, node_get(net, "blocks")),
                        "one:\n  params:\n    p: int\n  layers:\n    - relu\n");
    assert_string_equal(spec_scene_text(&reading, node_get(reading.experiment->resolved, "seed")),
                        "5\n");
    spec_scene_end(&reading);
}

static void test_resolved_says_the_default_seed(void **state) {
    (void)state;
    spec_files files = {"e.yaml", "{experiment: e, task: t, arms: {a: {net: {layers: []}}}}"};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "e.yaml", NULL, 0);
    const struct node *seed = node_get(reading.experiment->resolved, "seed");
    assert_int_equal(seed->kind, NODE_INT);
    assert_int_equal(seed->integer, 0);
    spec_scene_end(&reading);
}

/* ---- what is refused ---------------------------------------------------------------------------- */

#define ARM "arms: {a: {net: {input: [4], layers: [relu]}}}"

static const struct {
    const char *text, *said;
} refused[] = {
    /* the experiment */
    {"{experiment: Big, task: t, " ARM "}",
     "e.yaml:1:14: error: 'Big' cannot name an experiment; use a-z, 0-9, '_' and '-'"},
    {"{experiment: ../x, task: t, " ARM "}",
     "e.yaml:1:14: error: '../x' cannot name an experiment; use a-z, 0-9, '_' and '-'"},
    {"{experiment: true, task: t, " ARM "}",
     "e.yaml:1:14: error: the name of an experiment is a text, not true; put quotes around it"},
    {"{experiment: , task: t, " ARM "}", "e.yaml:1:2: error: 'experiment' has no value"},
    {"{experiment: e, task: t, loss: , " ARM "}", "e.yaml:1:26: error: 'loss' has no value"},
    {"{experiment: e, task: t, summary: 3, " ARM "}",
     "e.yaml:1:35: error: summary is a text, not the integer 3"},
    /* task and stages */
    {"{experiment: e, " ARM "}",
     "e.yaml:1:14: error: an experiment needs a task; write task: gradients, or a list of stages"},
    {"{experiment: e, task: t, stages: [t], " ARM "}",
     "e.yaml:1:26: error: an experiment has a task or stages, not both"},
    {"{experiment: e, task: [t], " ARM "}",
     "e.yaml:1:23: error: task is the name of one task, not a list of 1"},
    {"{experiment: e, task: , " ARM "}", "e.yaml:1:17: error: 'task' has no value"},
    {"{experiment: e, stages: train, " ARM "}",
     "e.yaml:1:25: error: stages is a list of tasks, like [train: {epochs: 3}, evaluate], not the "
     "string 'train'"},
    {"{experiment: e, stages: [], " ARM "}",
     "e.yaml:1:25: error: stages is a list of tasks, like [train: {epochs: 3}, evaluate], not an "
     "empty one"},
    {"{experiment: e, stages: [3], " ARM "}",
     "e.yaml:1:26: error: a stage is one name, or one name with attributes, not the integer 3"},
    {"{experiment: e, stages: [{a: {}, b: {}}], " ARM "}",
     "e.yaml:1:26: error: a stage is one name, or one name with attributes, not a map"},
    {"{experiment: e, stages: [train: 3], " ARM "}",
     "e.yaml:1:33: error: the keys of 'train' are a map, not the integer 3"},
    {"{experiment: e, stages: [train: ], " ARM "}",
     "e.yaml:1:26: error: 'train' has no attributes; write the name alone"},
    {"{experiment: e, stages: [train: {data: }], " ARM "}",
     "e.yaml:1:34: error: 'data' has no value"},
    /* seeds */
    {"{experiment: e, task: t, seed: -1, " ARM "}",
     "e.yaml:1:32: error: a seed is an integer of at least 0, not the integer -1"},
    {"{experiment: e, task: t, seed: 1.5, " ARM "}",
     "e.yaml:1:32: error: a seed is an integer of at least 0, not the float 1.5"},
    {"{experiment: e, task: t, seed: 1, seeds: [1], " ARM "}",
     "e.yaml:1:35: error: an experiment has a seed or seeds, not both"},
    {"{experiment: e, task: t, seeds: 3, " ARM "}",
     "e.yaml:1:33: error: seeds is a list like [0, 1, 2], not the integer 3"},
    {"{experiment: e, task: t, seeds: [], " ARM "}",
     "e.yaml:1:33: error: seeds is a list like [0, 1, 2], not an empty one"},
    {"{experiment: e, task: t, seeds: [0, 1, x, 0], " ARM "}",
     "e.yaml:1:40: error: a seed is an integer of at least 0, not the string 'x'"},
    {"{experiment: e, task: t, seeds: [0, 1, 0], " ARM "}",
     "e.yaml:1:40: error: the seed 0 is there twice"},
    /* data, loss, optimizer */
    {"{experiment: e, task: t, data: {source: cifra10}, " ARM "}",
     "e.yaml:1:41: error: no data source 'cifra10'; did you mean 'cifar10'?"},
    {"{experiment: e, task: t, loss: cross_entropi, " ARM "}",
     "e.yaml:1:32: error: there is no loss 'cross_entropi'; did you mean 'cross_entropy'?"},
    {"{experiment: e, task: t, loss: hinge_loss, " ARM "}",
     "e.yaml:1:32: error: there is no loss 'hinge_loss'; netrun list losses shows them all"},
    {"{experiment: e, task: t, loss: [mse], " ARM "}",
     "e.yaml:1:32: error: loss is one name, or one name with attributes, not a list of 1"},
    {"{experiment: e, task: t, loss: {mse: }, " ARM "}",
     "e.yaml:1:33: error: 'mse' has no attributes; write the name alone"},
    {"{experiment: e, task: t, loss: {cross_entropy: 3}, " ARM "}",
     "e.yaml:1:48: error: the attributes of cross_entropy are a map, {name: value}, not the "
     "integer 3"},
    {"{experiment: e, task: t, optimizer: {sgd: {lrr: 1}}, " ARM "}",
     "e.yaml:1:44: error: sgd has no attribute 'lrr'; did you mean 'lr'?"},
    {"{experiment: e, task: t, optimizer: sdg, " ARM "}",
     "e.yaml:1:37: error: there is no optimizer 'sdg'; did you mean 'sgd'?"},
    {"{experiment: e, stages: [t: {optimizer: {sdg: {}}}], " ARM "}",
     "e.yaml:1:42: error: there is no optimizer 'sdg'; did you mean 'sgd'?"},
    {"{experiment: e, task: t, optimizer: {sgd: {lr: 1, nesterov: true}}, " ARM "}",
     "e.yaml:1:38: error: nesterov needs a momentum over 0 and no dampening; set momentum: 0.9 or "
     "drop nesterov"},
    {"{experiment: e, task: t, optimizer: {adam: {betas: [0.9]}}, " ARM "}",
     "e.yaml:1:38: error: betas are two numbers from 0 to under 1, like [0.9, 0.999]"},
    /* arms */
    {"{experiment: e, task: t}",
     "e.yaml:1:14: error: an experiment needs arms; write arms: {NAME: {net: PATH}}"},
    {"{experiment: e, task: t, arms: [a]}",
     "e.yaml:1:32: error: arms is a map of networks by name, like {plain: {net: PATH}}, not a list "
     "of 1"},
    {"{experiment: e, task: t, arms: {}}", "e.yaml:1:32: error: arms is a map of networks by name, "
                                           "like {plain: {net: PATH}}, not an empty "
                                           "one"},
    {"{experiment: e, task: t, arms: {A: {net: {layers: []}}}}",
     "e.yaml:1:33: error: 'A' cannot name an arm; use a-z, 0-9, '_' and '-'"},
    {"{experiment: e, task: t, arms: {a: n.yaml}}",
     "e.yaml:1:36: error: an arm is a map like {net: PATH}, not the string 'n.yaml'"},
    {"{experiment: e, task: t, arms: {a: {watch: x}}}",
     "e.yaml:1:33: error: arm 'a' has no net; write net: PATH"},
    {"{experiment: e, task: t, arms: {a: {net: }}}", "e.yaml:1:37: error: 'net' has no value"},
    {"{experiment: e, task: t, arms: {a: {net: [x]}}}",
     "e.yaml:1:42: error: net is the path of a netdef, or {extends: PATH, params: {...}}, not a "
     "list "
     "of 1"},
    {"{experiment: e, task: t, arms: {a: {net: gone.yaml}}}",
     "e.yaml:1:42: error: cannot read 'gone.yaml': No such file or directory"},
    {"{experiment: e, task: t, arms: {a: {net: {extend: n.yaml}}}}",
     "e.yaml:1:43: error: a netdef has no key 'extend'; did you mean 'extends'?"},
    {"{experiment: e, task: t, arms: {a: {net: {extends: n.yaml, params: {m: 3}}}}}",
     "e.yaml:1:69: error: small has no parameter 'm'; did you mean 'n'?"},
    {"{experiment: e, task: t, arms: {a: {net: {extends: n.yaml, params: {n: x}}}}}",
     "e.yaml:1:72: error: small takes an integer for 'n', not the string 'x'"},
    /* weights and rules */
    {"{experiment: e, task: t, arms: {a: {net: n.yaml, weights: w.safetensors}}}",
     "e.yaml:1:59: error: weights is a list of files, like [{from: cnn.safetensors}], not the "
     "string "
     "'w.safetensors'"},
    {"{experiment: e, task: t, arms: {a: {net: n.yaml, weights: [{form: w}]}}}",
     "e.yaml:1:61: error: weights has no attribute 'form'; did you mean 'from'?"},
    {"{experiment: e, task: t, arms: {a: {net: n.yaml, weights: [{map: {}}]}}}",
     "e.yaml:1:60: error: weights needs 'from' (file of weights)"},
    {"{experiment: e, task: t, arms: {a: {net: n.yaml, weights: [{from: w, unused: skip}]}}}",
     "e.yaml:1:78: error: unused of weights is one of error, allow, not the string 'skip'"},
    {"{experiment: e, task: t, arms: {a: {net: n.yaml, weights: [{from: w, map: x}]}}}",
     "e.yaml:1:75: error: map goes from patterns of the file to patterns of the net, like "
     "{\"encoder.**\": \"encoder.**\"}, not the string 'x'"},
    {"{experiment: e, task: t, arms: {a: {net: n.yaml, weights: [{from: w, map: {x: 1}}]}}}",
     "e.yaml:1:79: error: 'x' is mapped to a pattern of the net, not the integer 1"},
    {"{experiment: e, task: t, arms: {a: {net: n.yaml,"
     " weights: [{from: w, map: {}, in_order: true}]}}}",
     "e.yaml:1:79: error: weights go by map or in_order, not both"},
    {"{experiment: e, task: t, arms: {a: {net: n.yaml, rules: [x]}}}",
     "e.yaml:1:57: error: rules is a map of patterns, like {\"encoder.**\": {lr: 0.1}}, not a list "
     "of "
     "1"},
    {"{experiment: e, task: t, arms: {a: {net: n.yaml, rules: {x: {lr: -1}}}}}",
     "e.yaml:1:66: error: lr of a rule is at least 0, not -1"},
};

static void test_refused(void **state) {
    (void)state;
    int wrong = 0;
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        spec_files files = {"e.yaml", refused[i].text, "n.yaml", net_file};
        struct reading_scene reading = spec_scene_new(files);
        spec_scene_read(&reading, "e.yaml", NULL, 0);
        assert_int_equal(reading.kind, SPEC_NONE);
        wrong += spec_scene_differs(&reading, refused[i].said);
        spec_scene_end(&reading);
    }
    assert_int_equal(wrong, 0);
}

static void test_many_errors(void **state) {
    (void)state;
    spec_files files = {"e.yaml", "experiment: E\n"
                                  "task: t\n"
                                  "seed: x\n"
                                  "data: {source: cifra10}\n"
                                  "loss: ms\n"
                                  "arms:\n"
                                  "  a: {net: 3}\n"
                                  "  b: {net: gone.yaml, rules: 3}\n"};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "e.yaml", NULL, 0);
    spec_scene_expect(
        &reading, "e.yaml:1:13: error: 'E' cannot name an experiment; use a-z, 0-9, '_' and '-'\n"
                  "e.yaml:4:16: error: no data source 'cifra10'; did you mean 'cifar10'?\n"
                  "e.yaml:5:7: error: there is no loss 'ms'; did you mean 'mse'?\n"
                  "e.yaml:3:7: error: a seed is an integer of at least 0, not the string 'x'\n"
                  "e.yaml:7:12: error: net is the path of a netdef, or {extends: PATH, params: "
                  "{...}}, not the integer 3\n"
                  "e.yaml:8:12: error: cannot read 'gone.yaml': No such file or directory\n"
                  "e.yaml:8:30: error: rules is a map of patterns, like {\"encoder.**\": {lr: "
                  "0.1}}, not the integer 3");
    spec_scene_end(&reading);
}

/* ---- limits and memory -------------------------------------------------------------------------- */

/* An experiment with `count` times `part` (with its number) at `%`. */
static void expect_limit(const char *before, const char *part, const char *after, int count,
                         const char *said) {
    struct reading_scene reading = spec_scene_new(NULL);
    char *text = arena_alloc(reading.scene.arena, 200000, 1);
    char *to = text + sprintf(text, "%s", before);
    for (int i = 0; i < count; i++)
        to += sprintf(to, part, i);
    strcpy(to, after);
    temporary_write(&reading.folder, "e.yaml", text);
    spec_scene_read(&reading, "e.yaml", NULL, 0);
    spec_scene_expect(&reading, said);
    spec_scene_end(&reading);
}

static void test_limits(void **state) {
    (void)state;
    expect_limit("{experiment: e, task: t, ", "k%d: 1, ", ARM "}", 198,
                 "e.yaml:1:1: error: more than 200 keys");
    expect_limit("{experiment: e, " ARM ", stages: [", "t%d, ", "]}", 33,
                 "e.yaml:1:73: error: more than 32 stages");
    expect_limit("{experiment: e, " ARM ", stages: [t: {", "k%d: 1, ", "}]}", 201,
                 "e.yaml:1:77: error: more than 200 keys");
    expect_limit("{experiment: e, task: t, seeds: [", "%d, ", "], " ARM "}", 1001,
                 "e.yaml:1:33: error: more than 1000 seeds");
    expect_limit("{experiment: e, task: t, arms: {", "a%d: {net: {layers: []}}, ", "}}", 101,
                 "e.yaml:1:32: error: more than 100 arms");
}

/* Nothing but a clean failure, whichever allocation finds no memory. */
static void test_every_allocation_fails_once(void **state) {
    (void)state;
    spec_files files = {"e.yaml",
                        rich_file,
                        "nets/small.yaml",
                        "{netdef: small, include: b.yaml, extends: base.yaml, params: {n: 2},\n"
                        " blocks: {own: {params: {p: int, q: $(p + 1)}, layers: [relu]}}}\n",
                        "nets/b.yaml",
                        "{params: {r: 0.5}, blocks: {unit: {layers: [relu]}}}",
                        "nets/base.yaml",
                        "{netdef: base, params: {n: 1, act: relu, m: $(n * 2)}}"};
    const struct override overrides[] = {{"arms.plain.net.params.n", "5"},
                                         {"optimizer.sgd.momentum", "0.9"},
                                         {"arms.wide.weights.0.from", "b.safetensors"},
                                         {"seed", "4"}};
    bool done = false;
    for (long n = 1; !done; n++) {
        struct reading_scene reading = spec_scene_new(files);
        arena_fail_at(reading.scene.arena, n);
        spec_scene_read(&reading, "e.yaml", overrides, BASE_COUNT(overrides));
        arena_fail_at(reading.scene.arena, 0);
        done = reading.kind == SPEC_EXPERIMENT;
        assert_int_equal(report_count(reading.scene.report), 0);
        assert_true(done == (reading.experiment != NULL));
        spec_scene_end(&reading);
        assert_in_range(n, 1, 10000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_common_keys),
        cmocka_unit_test(test_one_task),
        cmocka_unit_test(test_arms),
        cmocka_unit_test(test_stages),
        cmocka_unit_test(test_resolved),
        cmocka_unit_test(test_expanded_keeps_paths_as_written),
        cmocka_unit_test(test_resolved_reads_back),
        cmocka_unit_test(test_resolved_has_whole_paths),
        cmocka_unit_test(test_resolved_parameters_keep_their_types),
        cmocka_unit_test(test_resolved_says_the_default_seed),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
