/* What plain scalars mean: section 10.3.2 of the YAML 1.2 specification, and its neighbours. */
#include "conf_scene.h"

#include <math.h>

static const struct node *only(struct scene *scene, const char *text) {
    const struct node *list = scene_parse(scene, arena_printf(scene->arena, "- %s\n", text));
    assert_string_equal(scene_said(scene), "");
    assert_int_equal(list->count, 1);
    return list->entries[0].value;
}

static void nulls_and_bools(void **state) {
    (void)state;
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    static const char *const trues[] = {"true", "True", "TRUE"};
    static const char *const falses[] = {"false", "False", "FALSE"};
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(nulls); i++)
        assert_int_equal(only(&scene, nulls[i])->kind, NODE_NULL);
    for (int i = 0; i < BASE_COUNT(trues); i++) {
        assert_int_equal(only(&scene, trues[i])->kind, NODE_BOOL);
        assert_int_equal(only(&scene, trues[i])->boolean, true);
        assert_int_equal(only(&scene, falses[i])->kind, NODE_BOOL);
        assert_int_equal(only(&scene, falses[i])->boolean, false);
    }
    scene_end(&scene);
}

static void integers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"+12", 12},
        {"-19", -19},
        {"0123", 123},
        {"0o17", 15},
        {"0x3A", 58},
        {"0xff", 255},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"0x7FFFFFFFFFFFFFFF", INT64_MAX},
    };
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        const struct node *node = only(&scene, cases[i].text);
        assert_int_equal(node->kind, NODE_INT);
        assert_true(node->integer == cases[i].value);
        assert_false(node->quoted);
    }
    scene_end(&scene);
}

static void floats(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0.", 0.0},
        {"-0.0", -0.0},
        {".5", 0.5},
        {"+.5", 0.5},
        {"12e03", 12000},
        {"-2E+05", -200000},
        {"1e-4", 0x1.a36e2eb1c432dp-14}, /* 0.0001, rounded to the nearest double */
        {"1e-5", 0x1.4f8b588e368f1p-17},
        {"0.1", 0x1.999999999999ap-4},
        {"1.e2", 100},
        {"5e-324", 0x1p-1074},
        {"1e-400", 0},
        {"1.7976931348623157e308", 0x1.fffffffffffffp1023},
        {".inf", INFINITY},
        {"-.Inf", -INFINITY},
        {"+.INF", INFINITY},
    };
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        const struct node *node = only(&scene, cases[i].text);
        assert_int_equal(node->kind, NODE_FLOAT);
        assert_memory_equal(&node->real, &cases[i].value, sizeof node->real);
    }
    static const char *const nans[] = {".nan", ".NaN", ".NAN"};
    for (int i = 0; i < BASE_COUNT(nans); i++)
        assert_true(isnan(only(&scene, nans[i])->real));
    scene_end(&scene);
}

static void strings_stay_strings(void **state) {
    (void)state;
    static const char *const texts[] = {
        "no",       "off",   "yes",   "on",   "y",    "N",          "tRUE",      "nULL",
        "1_000",    "1,5",   "1.2.3", "0x",   "0o8",  "-0x1",       "+0o7",      "1e",
        "1e+",      "e5",    ".",     "..",   ".e5",  "+",          "+-1",       "inf",
        "nan",      "-.nan", "0b1",   "12 3", "1:30", "2001-01-01", "1f",        "$n",
        "$(n + 1)", "a b",   "a#b",   "<<a",  "x'y",  "=",          "../a.yaml", "stage1.*",
    };
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(texts); i++) {
        const struct node *node = only(&scene, texts[i]);
        assert_int_equal(node->kind, NODE_STRING);
        assert_string_equal(node->string, texts[i]);
        assert_false(node->quoted);
    }
    scene_end(&scene);
}

static void quotes_make_strings(void **state) {
    (void)state;
    static const struct {
        const char *text, *value;
    } cases[] = {
        {"'3'", "3"},
        {"\"3\"", "3"},
        {"'null'", "null"},
        {"''", ""},
        {"\"$x\"", "$x"},
        {"'it''s'", "it's"},
        {"\"a\\tb\\u20AC\"", "a\tb\xE2\x82\xAC"},
        {"\"**.conv2d\"", "**.conv2d"},
        {"'$(x, y'", "$(x, y"},
        {"|\n  a\n  b", "a\nb\n"},
        {">-\n  a\n  b", "a b"},
    };
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        const struct node *node = only(&scene, cases[i].text);
        assert_int_equal(node->kind, NODE_STRING);
        assert_string_equal(node->string, cases[i].value);
        assert_true(node->quoted);
    }
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nulls_and_bools),
        cmocka_unit_test(integers),
        cmocka_unit_test(floats),
        cmocka_unit_test(strings_stay_strings),
        cmocka_unit_test(quotes_make_strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
