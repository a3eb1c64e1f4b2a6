/* Shapes of the kinds that compute value by value or move values, and what they refuse. */
#include "layers_guarded.h"

#define MAP(c, h, w)                                                                               \
    { 3, c, h, w }
#define VECTOR(c)                                                                                  \
    { 1, c, 1, 1 }

struct case_of {
    const char *entry;
    struct shape in[3];
    int inputs;
    struct shape out;
    const char *said; /* NULL: it fits */
};

static void check(const struct case_of *wanted) {
    struct guarded_setup setup = {.entry = wanted->entry, .inputs = wanted->inputs};
    memcpy(setup.in, wanted->in, sizeof wanted->in);
    struct guarded layer;
    bool fits = guarded_infer(&layer, &setup);
    assert_string_equal(scene_said(&layer.scene), wanted->said ? wanted->said : "");
    assert_int_equal(fits, !wanted->said);
    if (fits)
        assert_true(shape_equal(layer.info.out, wanted->out));
    scene_end(&layer.scene);
}

static void check_all(const struct case_of *cases, int count) {
    for (int i = 0; i < count; i++)
        check(&cases[i]);
}

static void shapes_that_stay(void **state) {
    (void)state;
    static const char *const entries[] = {"relu", "leaky_relu", "tanh",    "sigmoid", "gelu",
                                          "silu", "softmax",    "dropout", "identity"};
    for (int i = 0; i < BASE_COUNT(entries); i++) {
        check(&(struct case_of){entries[i], {MAP(3, 5, 7)}, 1, MAP(3, 5, 7), NULL});
        check(&(struct case_of){entries[i], {VECTOR(10)}, 1, VECTOR(10), NULL});
    }
}

static void flatten(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"flatten", {MAP(64, 4, 2)}, 1, VECTOR(512), NULL},
        {"flatten", {VECTOR(12)}, 1, VECTOR(12), NULL},
    };
    check_all(cases, BASE_COUNT(cases));
}

static void kinds_of_maps_refuse_vectors(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"batchnorm2d", {MAP(3, 5, 7)}, 1, MAP(3, 5, 7), NULL},
        {"batchnorm2d",
         {VECTOR(10)},
         1,
         VECTOR(0),
         "1:1: error: batchnorm2d takes a map (channels x height x width), but its input is a "
         "vector of "
         "10; put it before flatten"},
        {"dropout2d: {p: 0.2}", {MAP(3, 5, 7)}, 1, MAP(3, 5, 7), NULL},
        {"dropout2d: {p: 0.2}",
         {VECTOR(10)},
         1,
         VECTOR(0),
         "1:1: error: dropout2d takes a map (channels x height x width), but its input is a vector "
         "of "
         "10; put it before flatten"},
    };
    check_all(cases, BASE_COUNT(cases));
}

static void add(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"add", {MAP(16, 8, 4), MAP(16, 8, 4), MAP(16, 8, 4)}, 3, MAP(16, 8, 4), NULL},
        {"add", {VECTOR(4), VECTOR(4)}, 2, VECTOR(4), NULL},
        {"add",
         {MAP(16, 32, 32), MAP(32, 16, 16)},
         2,
         VECTOR(0),
         "1:1: error: add: its inputs differ: 16x32x32 and 32x16x16"},
        {"add",
         {MAP(4, 2, 2), MAP(4, 2, 2), MAP(4, 2, 1)},
         3,
         VECTOR(0),
         "1:1: error: add: its inputs differ: 4x2x2 and 4x2x1"},
        {"add",
         {MAP(10, 1, 1), VECTOR(10)},
         2,
         VECTOR(0),
         "1:1: error: add: its inputs differ: 10x1x1 and 10"},
    };
    check_all(cases, BASE_COUNT(cases));
}

static void concat(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"concat", {MAP(16, 8, 4), MAP(1, 8, 4), MAP(3, 8, 4)}, 3, MAP(20, 8, 4), NULL},
        {"concat", {VECTOR(4), VECTOR(6)}, 2, VECTOR(10), NULL},
        {"concat",
         {MAP(16, 32, 32), MAP(16, 16, 32)},
         2,
         VECTOR(0),
         "1:1: error: concat: its inputs differ in more than channels: 16x32x32 and 16x16x32"},
        {"concat",
         {MAP(16, 32, 32), MAP(16, 32, 16)},
         2,
         VECTOR(0),
         "1:1: error: concat: its inputs differ in more than channels: 16x32x32 and 16x32x16"},
        {"concat",
         {MAP(10, 1, 1), VECTOR(10)},
         2,
         VECTOR(0),
         "1:1: error: concat: its inputs differ in more than channels: 10x1x1 and 10"},
        {"concat",
         {VECTOR(2000000000), VECTOR(2000000000)},
         2,
         VECTOR(0),
         "1:1: error: concat: its output of 4000000000 would hold more than 2,147,483,647 "
         "elements"},
    };
    check_all(cases, BASE_COUNT(cases));
}

static void pad_channels(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"pad_channels: {to: 32}", {MAP(16, 8, 4)}, 1, MAP(32, 8, 4), NULL},
        {"pad_channels: {to: 16}", {MAP(16, 8, 4)}, 1, MAP(16, 8, 4), NULL},
        {"pad_channels: {to: 20, before: 4}", {VECTOR(16)}, 1, VECTOR(20), NULL},
        {"pad_channels: {to: 8}",
         {MAP(16, 8, 4)},
         1,
         VECTOR(0),
         "1:1: error: pad_channels: its input has 16 channels, more than to: 8"},
        {"pad_channels: {to: 20, before: 5}",
         {MAP(16, 8, 4)},
         1,
         VECTOR(0),
         "1:1: error: pad_channels: before: 5 and the 16 channels of its input are more than to: "
         "20"},
        {"pad_channels: {to: 2147483647}",
         {MAP(16, 8, 4)},
         1,
         VECTOR(0),
         "1:1: error: pad_channels: its output of 2147483647x8x4 would hold more than "
         "2,147,483,647 "
         "elements"},
    };
    check_all(cases, BASE_COUNT(cases));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_that_stay),
        cmocka_unit_test(flatten),
        cmocka_unit_test(kinds_of_maps_refuse_vectors),
        cmocka_unit_test(add),
        cmocka_unit_test(concat),
        cmocka_unit_test(pad_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
