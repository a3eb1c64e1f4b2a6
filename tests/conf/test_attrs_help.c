/* Attribute tables as help, as a table of the manual, as JSON Schema. */
#include "conf_scene.h"

#include <limits.h>
#include <math.h>

#include <jansson.h>

static const char *const modes[] = {"nearest", "bilinear", NULL};

static const struct attr rows[] = {
    {"out", "channels of the output", ATTR_INT, .offset = 0, .min = 1, .max = INT_MAX,
     .required = true},
    {"kernel", "size of the window", ATTR_SIZE, .offset = 0, .fallback = 3, .min = 1, .max = 64},
    {"stride", "step of the window", ATTR_SIZE, .offset = 0, .min = 1, .shown = "= kernel"},
    {"eps", "added to the variance", ATTR_FLOAT, .offset = 0, .fallback = 1e-5, .min_open = true},
    {"p", "probability|share", ATTR_FLOAT, .offset = 0, .fallback = .5, .max = 1},
    {"momentum", "of the \"running\" mean", ATTR_FLOAT, .offset = 0, .fallback = .1, .max = 1,
     .min_open = true},
    {"below", "at most", ATTR_INT, .offset = 0, .fallback = -100, .min = -INFINITY, .max = 7},
    {"bias", "adds one", ATTR_BOOL, .offset = 0, .fallback = true},
    {"mode", "between pixels", ATTR_CHOICE, .offset = 0, .fallback = 1, .choices = modes},
    {"label", "shown", ATTR_STRING, .offset = 0},
    {"widths", "of stages", ATTR_INT_LIST, .offset = 0, .min = 1},
    {"weights", "of classes", ATTR_FLOAT_LIST, .offset = 0},
    {"from", "layers", ATTR_STRING_LIST, .offset = 0, .required = true},
    {"watch", "map", ATTR_NODE, .offset = 0},
};
static const struct attr_table table = {"sample", rows, BASE_COUNT(rows)};

static void print_help(const void *what, FILE *out) {
    attrs_print_help(what, out);
}

static void print_markdown(const void *what, FILE *out) {
    attrs_print_markdown(what, out);
}

static void print_schema(const void *what, FILE *out) {
    attrs_print_schema(what, out);
}

static void help_is_aligned(void **state) {
    (void)state;
    struct scene scene = scene_new();
    static const char expected[] =
        "  out       int >= 1                        required  channels of the output\n"
        "  kernel    int 1 to 64 or [height, width]  3         size of the window\n"
        "  stride    int >= 1 or [height, width]     = kernel  step of the window\n"
        "  eps       float > 0                       1e-5      added to the variance\n"
        "  p         float 0 to 1                    0.5       probability|share\n"
        "  momentum  float > 0, <= 1                 0.1       of the \"running\" mean\n"
        "  below     int <= 7                        -100      at most\n"
        "  bias      bool                            true      adds one\n"
        "  mode      one of nearest, bilinear        bilinear  between pixels\n"
        "  label     string                          none      shown\n"
        "  widths    list of int >= 1                none      of stages\n"
        "  weights   list of float                   none      of classes\n"
        "  from      string or list of string        required  layers\n"
        "  watch     any                             none      map\n";
    assert_string_equal(scene_text(&scene, print_help, &table), expected);
    scene_end(&scene);
}

static void the_manual_has_a_table(void **state) {
    (void)state;
    static const struct attr_table two = {"dropout", rows + 4, 2};
    struct scene scene = scene_new();
    assert_string_equal(scene_text(&scene, print_markdown, &two),
                        "| attribute | type | default | meaning |\n"
                        "|---|---|---|---|\n"
                        "| `p` | float 0 to 1 | 0.5 | probability\\|share |\n"
                        "| `momentum` | float > 0, <= 1 | 0.1 | of the \"running\" mean |\n");
    scene_end(&scene);
}

/* The first of the ways in which a property may be written. */
static json_t *way(json_t *schema, const char *name, size_t index) {
    json_t *property = json_object_get(json_object_get(schema, "properties"), name);
    return json_array_get(json_object_get(property, "anyOf"), index);
}

static void assert_json(json_t *value, const char *text) {
    json_t *expected = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(expected);
    assert_true(json_equal(value, expected));
    json_decref(expected);
}

static void the_schema_is_json(void **state) {
    (void)state;
    struct scene scene = scene_new();
    json_error_t error;
    json_t *schema =
        json_loads(scene_text(&scene, print_schema, &table), JSON_REJECT_DUPLICATES, &error);
    assert_non_null(schema);
    assert_json(json_object_get(schema, "required"), "[\"out\", \"from\"]");
    assert_json(json_object_get(schema, "additionalProperties"), "false");
    assert_json(way(schema, "out", 0), "{\"type\": \"integer\", \"minimum\": 1}");
    assert_json(way(schema, "out", 1), "{\"type\": \"string\", \"pattern\": \"^[$]\"}");
    assert_json(way(schema, "kernel", 1),
                "{\"type\": \"array\", \"items\": {\"type\": \"integer\", \"minimum\": 1, "
                "\"maximum\": 64}, \"minItems\": 2, \"maxItems\": 2}");
    assert_json(way(schema, "eps", 0), "{\"type\": \"number\", \"exclusiveMinimum\": 0}");
    assert_json(way(schema, "p", 0), "{\"type\": \"number\", \"minimum\": 0, \"maximum\": 1}");
    assert_json(way(schema, "below", 0), "{\"type\": \"integer\", \"maximum\": 7}");
    assert_json(way(schema, "bias", 0), "{\"type\": \"boolean\"}");
    assert_json(way(schema, "mode", 0), "{\"enum\": [\"nearest\", \"bilinear\"]}");
    assert_json(way(schema, "weights", 0),
                "{\"type\": \"array\", \"items\": {\"type\": \"number\"}}");
    assert_json(way(schema, "from", 1), "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}");
    assert_json(way(schema, "watch", 0), "{}");
    json_decref(schema);
    scene_end(&scene);
}

static void many_choices_are_cut_between_names(void **state) {
    (void)state;
    static const char *const names[] = {"cross_entropy",  "mean_squared_error", "kaiming_uniform",
                                        "kaiming_normal", "xavier_uniform",     "xavier_normal",
                                        "orthogonal",     "truncated_normal",   NULL};
    static const struct attr row = {.name = "init", .type = ATTR_CHOICE, .choices = names};
    assert_string_equal(
        attr_type_text(&row).text,
        "one of cross_entropy, mean_squared_error, kaiming_uniform, kaiming_normal, "
        "xavier_uniform, xavier_normal, orthogonal, ...");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_is_aligned),
        cmocka_unit_test(the_manual_has_a_table),
        cmocka_unit_test(the_schema_is_json),
        cmocka_unit_test(many_choices_are_cut_between_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
