/* `NAME` or `{NAME: {attributes}}` of a registry: what is read, and every refusal with its place. */
#include "conf_scene.h"

struct pen {
    int width;
};

static const struct attr rows[] = {
    {"width", "of its line", ATTR_INT, offsetof(struct pen, width), .fallback = 1, .max = 9},
};
static const struct attr_table table = {"pencil", rows, BASE_COUNT(rows)};

static const char *name_at(int index) {
    static const char *const names[] = {"brush", "pencil", "chalk"};
    return index < BASE_COUNT(names) ? names[index] : NULL;
}

/* The index of the row, its attributes in *pen; -1: see the report. */
static int choose(struct scene *scene, const char *text, struct choice *choice, struct pen *pen) {
    if (!choice_read(scene_parse(scene, text), "pen", choice, scene->report))
        return -1;
    int index = choice_find(choice, "pen", "pens", name_at, scene->report);
    const struct pen *read =
        index < 0 ? NULL : choice_config(scene->arena, choice, &table, sizeof *pen, scene->report);
    if (read)
        *pen = *read;
    return read ? index : -1;
}

static void names_and_attributes(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct choice choice;
    struct pen pen;
    assert_int_equal(choose(&scene, "pencil", &choice, &pen), 1);
    assert_int_equal(pen.width, 1);
    assert_int_equal(choice.pos.column, 1);
    assert_null(choice.attributes);
    assert_int_equal(choose(&scene, "{chalk: {width: 4}}", &choice, &pen), 2);
    assert_int_equal(pen.width, 4);
    assert_int_equal(choice.pos.column, 2);
    assert_int_equal(choose(&scene, "brush: {}", &choice, &pen), 0);
    assert_int_equal(pen.width, 1);
    assert_string_equal(scene_said(&scene), "");
    scene_end(&scene);
}

static const struct refused {
    const char *text, *said;
} refused[] = {
    {"pencli", "1:1: error: there is no pen 'pencli'; did you mean 'pencil'?"},
    {"{pencli: {width: 4}}", "1:2: error: there is no pen 'pencli'; did you mean 'pencil'?"},
    {"airbrushes", "1:1: error: there is no pen 'airbrushes'; netrun list pens shows them all"},
    {"[pencil]", "1:1: error: pen is one name, or one name with attributes, not a list of 1"},
    {"3", "1:1: error: pen is one name, or one name with attributes, not the integer 3"},
    {"{pencil: {}, chalk: {}}",
     "1:1: error: pen is one name, or one name with attributes, not a map"},
    {"{}", "1:1: error: pen is one name, or one name with attributes, not a map"},
    {"pencil:", "1:1: error: 'pencil' has no attributes; write the name alone"},
    {"pencil: 3",
     "1:9: error: the attributes of pencil are a map, {name: value}, not the integer 3"},
    {"pencil: {width: 10}", "1:17: error: width of pencil is from 0 to 9, not 10"},
};

static void refusals(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        struct scene scene = scene_new();
        struct choice choice;
        struct pen pen;
        assert_int_equal(choose(&scene, refused[i].text, &choice, &pen), -1);
        assert_string_equal(scene_said(&scene), refused[i].said);
        scene_end(&scene);
    }
}

static void memory_may_run_out(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *node = scene_parse(&scene, "pencil");
    struct choice choice;
    assert_true(choice_read(node, "pen", &choice, scene.report));
    arena_fail_at(scene.arena, 1);
    assert_null(choice_config(scene.arena, &choice, &table, sizeof(struct pen), scene.report));
    assert_int_equal(report_count(scene.report), 0);
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_attributes),
        cmocka_unit_test(refusals),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
