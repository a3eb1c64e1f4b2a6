/* Attribute tables: what is read, every fault with its exact message and place. */
#include "conf_scene.h"

#include <limits.h>
#include <math.h>

struct sample {
    int out;
    struct attr_size kernel;
    double slope, rate;
    bool bias;
    int mode;
    const char *label;
    struct attr_list widths, weights, from;
    const struct node *any;
};

static const char *const modes[] = {"nearest", "bilinear", NULL};

#define FIELD(name) #name, "the " #name
#define AT(name) .offset = offsetof(struct sample, name)

static const struct attr rows[] = {
    {FIELD(out), ATTR_INT, AT(out), .min = 1, .required = true,
     .also = "out_channels out_features"},
    {FIELD(kernel), ATTR_SIZE, AT(kernel), .fallback = 3, .min = 1, .max = 64,
     .also = "kernel_size"},
    {FIELD(slope), ATTR_FLOAT, AT(slope), .fallback = .01},
    {FIELD(rate), ATTR_FLOAT, AT(rate), .fallback = .5, .max = 1, .min_open = true},
    {FIELD(bias), ATTR_BOOL, AT(bias), .fallback = true},
    {FIELD(mode), ATTR_CHOICE, AT(mode), .fallback = 1, .choices = modes},
    {FIELD(label), ATTR_STRING, AT(label)},
    {FIELD(widths), ATTR_INT_LIST, AT(widths), .min = 1},
    {FIELD(weights), ATTR_FLOAT_LIST, AT(weights)},
    {FIELD(from), ATTR_STRING_LIST, AT(from)},
    {FIELD(any), ATTR_NODE, AT(any)},
};
static const struct attr_table table = {"sample", rows, BASE_COUNT(rows)};

static const struct pos written_at = {.line = 0};

static bool read_sample(struct scene *scene, const char *text, struct sample *sample) {
    const struct node *map = scene_parse(scene, text);
    assert_non_null(map);
    return attrs_read(scene->arena, &table, map, &map->pos, sample, scene->report);
}

static void all_types(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct sample sample;
    assert_true(
        read_sample(&scene,
                    "{out: 16, kernel: [3, 5], slope: 2, rate: 1, bias: false, mode: nearest,\n"
                    " label: x, widths: [4, 8], weights: [1, .5], from: [a, '3'], any: {b: ~}}",
                    &sample));
    assert_int_equal(sample.out, 16);
    assert_int_equal(sample.kernel.height, 3);
    assert_int_equal(sample.kernel.width, 5);
    assert_true(sample.slope == 2.0 && sample.rate == 1.0);
    assert_false(sample.bias);
    assert_int_equal(sample.mode, 0);
    assert_string_equal(sample.label, "x");
    assert_int_equal(sample.widths.count, 2);
    assert_int_equal(((int *)sample.widths.items)[1], 8);
    assert_true(((double *)sample.weights.items)[0] == 1.0);
    assert_true(((double *)sample.weights.items)[1] == 0.5);
    assert_string_equal(((const char **)sample.from.items)[1], "3");
    assert_int_equal(sample.any->kind, NODE_MAP);
    scene_end(&scene);
}

static void short_forms(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct sample sample;
    assert_true(read_sample(&scene, "{out: 1, kernel: 5, from: a, widths: [], any: 3}", &sample));
    assert_int_equal(sample.kernel.height, 5);
    assert_int_equal(sample.kernel.width, 5);
    assert_int_equal(sample.from.count, 1);
    assert_string_equal(((const char **)sample.from.items)[0], "a");
    assert_int_equal(sample.widths.count, 0);
    assert_int_equal(sample.any->integer, 3);
    scene_end(&scene);
}

static void defaults(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct sample sample;
    memset(&sample, 0xAA, sizeof sample);
    assert_true(read_sample(&scene, "{out: 2147483647}", &sample));
    assert_int_equal(sample.out, INT_MAX);
    assert_int_equal(sample.kernel.height, 3);
    assert_int_equal(sample.kernel.width, 3);
    assert_true(sample.slope == 0.01 && sample.rate == 0.5);
    assert_true(sample.bias);
    assert_int_equal(sample.mode, 1);
    assert_null(sample.label);
    assert_null(sample.widths.items);
    assert_int_equal(sample.widths.count, 0);
    assert_int_equal(sample.from.count, 0);
    assert_null(sample.any);
    scene_end(&scene);
}

static void a_kind_without_attributes_has_its_defaults(void **state) {
    (void)state;
    static const struct attr some[] = {{FIELD(kernel), ATTR_SIZE, AT(kernel), .fallback = 2}};
    static const struct attr_table optional = {"maxpool2d", some, 1};
    struct scene scene = scene_new();
    struct sample sample;
    assert_true(attrs_read(scene.arena, &optional, NULL, &written_at, &sample, scene.report));
    assert_int_equal(sample.kernel.width, 2);
    scene_end(&scene);
}

static const struct {
    const char *text, *said;
} refusals[] = {
    {"{out: 1, kernal: 3}",
     "1:10: error: sample has no attribute 'kernal'; did you mean 'kernel'?"},
    {"{out: 1, colour: 3}", "1:10: error: sample has no attribute 'colour'"},
    {"{out_channels: 1}",
     "1:2: error: sample has no attribute 'out_channels'; here it is called 'out'"},
    {"{out_features: 1}",
     "1:2: error: sample has no attribute 'out_features'; here it is called 'out'"},
    {"{out: 1, kernel_size: 1}",
     "1:10: error: sample has no attribute 'kernel_size'; here it is called 'kernel'"},
    {"{otu: 1}", "1:2: error: sample has no attribute 'otu'; did you mean 'out'?"},
    {"{kernel: 1}", "1:1: error: sample needs 'out' (the out)"},
    {"{out: , label: ~}", "1:2: error: out of sample has no value\n"
                          "1:9: error: label of sample has no value"},
    {"[out]", "1:1: error: the attributes of sample are a map, {name: value}, not a list of 1"},
    {"16", "1:1: error: the attributes of sample are a map, {name: value}, not the integer 16"},

    {"{out: x}", "1:7: error: out of sample is an integer, not the string 'x'"},
    {"{out: '3'}",
     "1:7: error: out of sample is an integer, not the string '3'; leave the quotes away"},
    {"{out: 3.0}", "1:7: error: out of sample is an integer, not the float 3.0"},
    {"{out: true}", "1:7: error: out of sample is an integer, not true"},
    {"{out: [3]}", "1:7: error: out of sample is an integer, not a list of 1"},
    {"{out: {a: 3}}", "1:7: error: out of sample is an integer, not a map"},
    {"{out: 0}", "1:7: error: out of sample is at least 1, not 0"},
    {"{out: 2147483648}", "1:7: error: out of sample is at most 2147483647, not 2147483648"},
    {"{out: 9223372036854775807}",
     "1:7: error: out of sample is at most 2147483647, not 9223372036854775807"},

    {"{out: 1, kernel: x}",
     "1:18: error: kernel of sample is an integer or [height, width], not the string 'x'"},
    {"{out: 1, kernel: [1, 2, 3]}",
     "1:18: error: kernel of sample is an integer or [height, width], not a list of 3"},
    {"{out: 1, kernel: \"3\"}", "1:18: error: kernel of sample is an integer or [height, width], "
                                "not the string '3'; leave the quotes away"},
    {"{out: 1, kernel: 65}", "1:18: error: kernel of sample is from 1 to 64, not 65"},
    {"{out: 1, kernel: [0, x]}",
     "1:19: error: each of kernel of sample is from 1 to 64, not 0\n"
     "1:22: error: each of kernel of sample is an integer, not the string 'x'"},

    {"{out: 1, slope: .inf}",
     "1:17: error: slope of sample is a finite number, not the float .inf"},
    {"{out: 1, slope: .nan}",
     "1:17: error: slope of sample is a finite number, not the float .nan"},
    {"{out: 1, slope: low}", "1:17: error: slope of sample is a number, not the string 'low'"},
    {"{out: 1, slope: '1e-5'}", "1:17: error: slope of sample is a number, not the string '1e-5'; "
                                "leave the quotes away"},
    {"{out: 1, rate: 0}", "1:16: error: rate of sample is over 0 and at most 1, not 0"},
    {"{out: 1, rate: 1.5}", "1:16: error: rate of sample is over 0 and at most 1, not 1.5"},

    {"{out: 1, bias: no}", "1:16: error: bias of sample is true or false, not the string 'no'"},
    {"{out: 1, bias: 1}", "1:16: error: bias of sample is true or false, not the integer 1"},
    {"{out: 1, mode: bilinera}", "1:16: error: mode of sample is one of nearest, bilinear, not the "
                                 "string 'bilinera'; did you mean 'bilinear'?"},
    {"{out: 1, mode: 1}",
     "1:16: error: mode of sample is one of nearest, bilinear, not the integer 1"},
    {"{out: 1, label: 3}",
     "1:17: error: label of sample is a string, not the integer 3; put quotes around it"},
    {"{out: 1, label: [a]}", "1:17: error: label of sample is a string, not a list of 1"},

    {"{out: 1, widths: 3}",
     "1:18: error: widths of sample is a list of integers, not the integer 3"},
    {"{out: 1, widths: [0, 2, x, ~]}",
     "1:19: error: each of widths of sample is at least 1, not 0\n"
     "1:25: error: each of widths of sample is an integer, not the string 'x'\n"
     "1:28: error: each of widths of sample is an integer, not nothing"},
    {"{out: 1, weights: {a: 1}}", "1:19: error: weights of sample is a list of numbers, not a map"},
    {"{out: 1, from: {a: 1}}",
     "1:16: error: from of sample is a string or a list of strings, not a map"},
    {"{out: 1, from: [a, 3]}",
     "1:20: error: each of from of sample is a string, not the integer 3; "
     "put quotes around it"},

    {"kernal: 3\nbias: no\nwidth: [1]\nslope: x\n",
     "1:1: error: sample has no attribute 'kernal'; did you mean 'kernel'?\n"
     "2:7: error: bias of sample is true or false, not the string 'no'\n"
     "3:1: error: sample has no attribute 'width'; did you mean 'widths'?\n"
     "4:8: error: slope of sample is a number, not the string 'x'\n"
     "1:1: error: sample needs 'out' (the out)"},
};

static void every_fault_is_said(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(refusals); i++) {
        struct scene scene = scene_new();
        struct sample sample;
        assert_false(read_sample(&scene, refusals[i].text, &sample));
        assert_string_equal(scene_said(&scene), refusals[i].said);
        scene_end(&scene);
    }
}

static void ranges(void **state) {
    (void)state;
    static const struct {
        double min, max;
        bool min_open;
        const char *value, *said;
    } cases[] = {
        {0, 0, false, "-1e300", ""},
        {0, 1, false, "0", ""},
        {0, 1, false, "-.1", "1:5: error: x of range is from 0 to 1, not -0.1"},
        {0, INFINITY, false, "1e300", ""},
        {0, INFINITY, false, "-1e-9", "1:5: error: x of range is at least 0, not -1e-9"},
        {0, 0, true, "1e-300", ""},
        {0, 0, true, "0", "1:5: error: x of range is over 0, not 0"},
        {0, INFINITY, true, "0.0", "1:5: error: x of range is over 0, not 0"},
        {-INFINITY, 1, false, "1.5", "1:5: error: x of range is at most 1, not 1.5"},
        {-1, 0, false, "1", "1:5: error: x of range is from -1 to 0, not 1"},
        {1, 0, false, "1e9", ""},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct scene scene = scene_new();
        const struct attr row = {.name = "x",
                                 .type = ATTR_FLOAT,
                                 .min = cases[i].min,
                                 .max = cases[i].max,
                                 .min_open = cases[i].min_open};
        const struct attr_table range = {"range", &row, 1};
        const struct node *map =
            scene_parse(&scene, arena_printf(scene.arena, "{x: %s}", cases[i].value));
        double x;
        assert_int_equal(attrs_read(scene.arena, &range, map, &map->pos, &x, scene.report),
                         !*cases[i].said);
        assert_string_equal(scene_said(&scene), cases[i].said);
        scene_end(&scene);
    }
}

static void memory_runs_out_anywhere(void **state) {
    (void)state;
    bool read = false;
    for (long n = 1; !read; n++) {
        struct scene scene = scene_new();
        struct sample sample;
        const struct node *map = scene_parse(&scene, "{out: 1, widths: [1], from: a}");
        arena_fail_at(scene.arena, n);
        read = attrs_read(scene.arena, &table, map, &map->pos, &sample, scene.report);
        assert_int_equal(report_count(scene.report), 0);
        assert_true(n < 100);
        scene_end(&scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_types),
        cmocka_unit_test(short_forms),
        cmocka_unit_test(defaults),
        cmocka_unit_test(a_kind_without_attributes_has_its_defaults),
        cmocka_unit_test(every_fault_is_said),
        cmocka_unit_test(ranges),
        cmocka_unit_test(memory_runs_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
