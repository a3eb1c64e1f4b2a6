/* Overrides from the command line: what they change, and what they are refused for. */
#include "spec_scene.h"

static const char net_file[] = "{netdef: small, params: {n: 1, rate: 0.5}, input: [4],\n"
                               " layers: [linear: {out: $n}]}\n";

static const char experiment_file[] =
    "experiment: e\n"
    "task: gradients\n"
    "seeds: [0, 1]\n"
    "loss: cross_entropy\n"
    "optimizer: {sgd: {lr: 0.5}}\n"
    "watch: {a: b}\n"
    "arms:\n"
    "  plain: {net: small.yaml, rules: {\"e.**\": {lr: 0.1}, e: {lr: 0.2}}}\n"
    "  wide: {net: {extends: small.yaml, params: {n: 4}}, list: [1, [2, 3], {k: 4}]}\n";

static struct reading_scene read_with(const char *path, const char *value) {
    spec_files files = {"e.yaml", experiment_file, "small.yaml", net_file};
    struct reading_scene reading = spec_scene_new(files);
    spec_scene_read(&reading, "e.yaml", &(struct override){path, value}, 1);
    return reading;
}

/* What an override leaves at a place of the resolved experiment. */
static const struct {
    const char *path, *value, *place, *text;
} changes[] = {
    {"experiment", "other", "experiment", "other\n"},
    {"seeds", "[5]", "seeds", "[5]\n"},
    {"seeds.1", "7", "seeds", "[0, 7]\n"},
    {"seed", "5", "seed", "5\n"},
    {"iterations", "3", "iterations", "3\n"},
    {"optimizer.sgd.lr", "1e-3", "optimizer sgd", "lr: 0.001\n"},
    {"optimizer.sgd.momentum", "0.9", "optimizer sgd", "lr: 0.5\nmomentum: 0.9\n"},
    {"loss", "mse", "loss", "mse\n"},
    {"loss.cross_entropy.label_smoothing", "0.1", "loss",
     "cross_entropy:\n  label_smoothing: 0.1\n"},
    {"watch", "{x: y, z: [1]}", "watch", "x: y\nz: [1]\n"},
    {"watch.c", "d", "watch", "a: b\nc: d\n"},
    {"arms.plain.net.params.n", "3", "arms plain net params", "n: 3\nrate: 0.5\n"},
    {"arms.wide.net.params.n", "3", "arms wide net params", "n: 3\nrate: 0.5\n"},
    {"arms.wide.net.params.rate", "2", "arms wide net params", "n: 4\nrate: 2.0\n"},
    {"arms.wide.net.params", "{rate: 0.25}", "arms wide net params", "n: 1\nrate: 0.25\n"},
    {"arms.wide.net.input", "[8]", "arms wide net input", "[8]\n"},
    {"arms.plain.rules.e.**.lr", "0.3", "arms plain rules", "e.**:\n  lr: 0.3\ne:\n  lr: 0.2\n"},
    {"arms.plain.rules.e.lr", "0.3", "arms plain rules", "e.**:\n  lr: 0.1\ne:\n  lr: 0.3\n"},
    {"arms.wide.list.0", "x", "arms wide list", "- x\n- [2, 3]\n- k: 4\n"},
    {"arms.wide.list.1.-1", "9", "arms wide list 1", "[2, 9]\n"},
    {"arms.wide.list.-1.k", "9", "arms wide list 2", "k: 9\n"},
};

static void test_changes(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(changes); i++) {
        struct reading_scene reading = read_with(changes[i].path, changes[i].value);
        spec_scene_expect(&reading, "");
        char place[100];
        strcpy(place, changes[i].place);
        const struct node *node = scene_at(reading.experiment->resolved, place);
        assert_non_null(node);
        const char *text = spec_scene_text(&reading, node);
        assert_string_equal(text, changes[i].text);
        spec_scene_end(&reading);
    }
}

static void test_one_seed_for_several(void **state) {
    (void)state;
    struct reading_scene reading = read_with("seed", "9");
    assert_int_equal(reading.experiment->seed_count, 1);
    assert_int_equal(reading.experiment->seeds[0], 9);
    assert_null(node_get(reading.experiment->resolved, "seeds"));
    spec_scene_end(&reading);
}

static void test_several_in_order(void **state) {
    (void)state;
    spec_files files = {"e.yaml", experiment_file, "small.yaml", net_file};
    struct reading_scene reading = spec_scene_new(files);
    const struct override overrides[] = {{"arms.plain.net.params.n", "3"},
                                         {"arms.plain.net.params.rate", "$(n * 0.5)"},
                                         {"watch.c", "1"},
                                         {"watch.c", "2"}};
    spec_scene_read(&reading, "e.yaml", overrides, BASE_COUNT(overrides));
    spec_scene_expect(&reading, "");
    assert_string_equal(
        spec_scene_text(&reading, scene_at(reading.experiment->resolved, "arms plain net params")),
        "n: 3\nrate: 1.5\n");
    assert_string_equal(spec_scene_text(&reading, scene_at(reading.experiment->resolved, "watch")),
                        "a: b\nc: 2\n");
    spec_scene_end(&reading);
}

/* Paths on the command line begin where the command was given. */
static void test_a_path_on_the_command_line(void **state) {
    (void)state;
    spec_files files = {"e.yaml", experiment_file,  "small.yaml",
                        net_file, "sub/other.yaml", "{netdef: other, input: [1], layers: [relu]}"};
    struct reading_scene reading = spec_scene_new(files);
    struct temporary_path other = temporary_path(&reading.folder, "sub/other.yaml");
    spec_scene_read(&reading, "e.yaml", &(struct override){"arms.plain.net", other.text}, 1);
    spec_scene_expect(&reading, "");
    assert_string_equal(reading.experiment->arms[0].net->name, "other");
    spec_scene_end(&reading);
}

static void test_a_netdef(void **state) {
    (void)state;
    spec_files files = {"v.yaml", "{netdef: v, extends: small.yaml}", "small.yaml", net_file};
    struct reading_scene reading = spec_scene_new(files);
    const struct override overrides[] = {{"params.n", "3"}, {"input", "[9]"}, {"params.rate", "2"}};
    spec_scene_read(&reading, "v.yaml", overrides, BASE_COUNT(overrides));
    spec_scene_expect(&reading, "");
    assert_int_equal(reading.netdef->params.items[0].value->integer, 3);
    assert_true(reading.netdef->params.items[1].value->real == 2);
    assert_string_equal(spec_scene_text(&reading, reading.netdef->input), "[9]\n");
    spec_scene_end(&reading);
}

/* ---- what is refused ---------------------------------------------------------------------------- */

static const struct {
    const char *file, *path, *value, *said;
} refused[] = {
    {"e.yaml", "arms.plian.net.params.n", "3",
     "--set:1:6: error: there is no 'plian' in 'arms'; did you mean 'plain'?"},
    {"e.yaml", "arms.third", "{net: small.yaml}",
     "--set:1:6: error: there is no 'third' in 'arms'"},
    {"e.yaml", "data.batch", "3", "--set:1:1: error: there is no 'data' in the file"},
    {"e.yaml", "arms.plain.nett.params.n", "3",
     "--set:1:12: error: there is no 'nett' in 'plain'; did you mean 'net'?"},
    {"e.yaml", "seeds.2", "3", "--set:1:7: error: there is no '2' in a list of 2"},
    {"e.yaml", "seeds.-3", "3", "--set:1:7: error: there is no '-3' in a list of 2"},
    {"e.yaml", "seeds.x", "3", "--set:1:7: error: there is no 'x' in a list of 2"},
    {"e.yaml", "seeds.0.x", "3", "--set:1:9: error: there is no 'x' in the integer 0"},
    {"e.yaml", "task.x", "3", "--set:1:6: error: there is no 'x' in the string 'gradients'"},
    {"e.yaml", "", "3", "--set:1:1: error: there is no '' in the file"},
    {"e.yaml", "arms..net", "3", "--set:1:6: error: there is no '' in 'arms'"},
    {"e.yaml", "watch.", "3", "--set:1:7: error: there is no '' in 'watch'"},
    {"e.yaml", "iterations", "", "--set:1:11: error: there is no value after the '='"},
    {"e.yaml", "iterations", "  ", "--set:1:11: error: there is no value after the '='"},
    /* a value that does not fit is shown where it was given */
    {"e.yaml", "arms.plain.net.params.n", "x",
     "--set:1:25: error: small takes an integer for 'n', not the string 'x'"},
    {"e.yaml", "arms.plain.net.params.m", "3",
     "--set:1:23: error: small has no parameter 'm'; did you mean 'n'?"},
    {"e.yaml", "arms.plain.net.params.n", "$(1 + q)", "--set:1:31: error: no parameter 'q' here"},
    {"e.yaml", "optimizer.sgd.lrr", "3",
     "--set:1:15: error: sgd has no attribute 'lrr'; did you mean 'lr'?"},
    {"e.yaml", "seeds", "[0, {é: 1}]",
     "--set:1:11: error: a seed is an integer of at least 0, not a map"},
    {"small.yaml", "params.n", "2.5",
     "--set:1:10: error: small takes an integer for 'n', not the float 2.5"},
    {"small.yaml", "params.m", "2",
     "--set:1:8: error: small has no parameter 'm'; did you mean 'n'?"},
    {"small.yaml", "layer", "2",
     "--set:1:1: error: a netdef has no key 'layer'; did you mean 'layers'?"},
};

static void test_refused(void **state) {
    (void)state;
    int wrong = 0;
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        spec_files files = {"e.yaml", experiment_file, "small.yaml", net_file};
        struct reading_scene reading = spec_scene_new(files);
        spec_scene_read(&reading, refused[i].file,
                        &(struct override){refused[i].path, refused[i].value}, 1);
        assert_int_equal(reading.kind, SPEC_NONE);
        wrong += spec_scene_differs(&reading, refused[i].said);
        spec_scene_end(&reading);
    }
    assert_int_equal(wrong, 0);
}

static void test_a_value_that_is_no_yaml(void **state) {
    (void)state;
    struct reading_scene reading = read_with("iterations", "[1, 2]]");
    assert_int_equal(reading.kind, SPEC_NONE);
    assert_int_equal(strncmp(spec_scene_said(&reading), "--set:1:18: error: ", 19), 0);
    spec_scene_end(&reading);
}

/* The option is shown as it was written, with the caret in its place. */
static void test_the_line_shown(void **state) {
    (void)state;
    struct reading_scene reading = read_with("arms.plain.net.params.n", "[1, x]");
    assert_string_equal(scene_text(&reading.scene, scene_print_report, reading.scene.report),
                        "--set:1:25: error: small takes an integer for 'n', not a list of 2\n"
                        "    1 | arms.plain.net.params.n=[1, x]\n"
                        "      |                         ^\n");
    spec_scene_end(&reading);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_one_seed_for_several),
        cmocka_unit_test(test_several_in_order),
        cmocka_unit_test(test_a_path_on_the_command_line),
        cmocka_unit_test(test_a_netdef),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_a_value_that_is_no_yaml),
        cmocka_unit_test(test_the_line_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
