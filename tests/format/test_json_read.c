/* JSON files, read: what they hold, and what is no JSON. */
#include "check.h"
#include "format_scene.h"
#include "netrun/format.h"

#include <math.h>

static const struct json *read_text(struct scene *scene, const char *text) {
    scene_write(scene, "a.json", text, strlen(text));
    return json_read(scene->arena, scene_path(scene, "a.json"), scene->report);
}

static void a_tree_can_be_asked(void **state) {
    struct scene *scene = *state;
    const struct json *root =
        read_text(scene, "{\"name\": \"caf\\u00e9\", \"list\": [1, 2.5, null, "
                         "\"x\"], \"yes\": true, \"in\": {\"deep\": -3}}");
    assert_non_null(root);
    assert_string_equal(json_text(json_get(root, "name")), "caf\xc3\xa9");
    assert_true(json_number(json_get(json_get(root, "in"), "deep")) == -3);
    assert_true(json_truth(json_get(root, "yes")));
    assert_false(json_truth(json_get(root, "name")));
    const struct json *list = json_get(root, "list"), *member = json_first(list);
    assert_int_equal(json_count(list), 4);
    assert_true(json_number(member) == 1);
    member = json_next(member);
    assert_true(json_number(member) == 2.5);
    member = json_next(member);
    assert_true(isnan(json_number(member)));
    member = json_next(member);
    assert_string_equal(json_text(member), "x");
    assert_null(json_next(member));
    assert_string_equal(json_key(json_first(root)), "name");
}

static void what_is_not_there_is_nothing(void **state) {
    struct scene *scene = *state;
    const struct json *root = read_text(scene, "{\"a\": [], \"b\": 1}");
    assert_null(json_get(root, "c"));
    assert_null(json_get(json_get(root, "b"), "c"));
    assert_null(json_get(NULL, "c"));
    assert_null(json_first(json_get(root, "a")));
    assert_null(json_first(json_get(root, "b")));
    assert_int_equal(json_count(json_get(root, "b")), 0);
    assert_null(json_text(json_get(root, "b")));
    assert_true(isnan(json_number(json_get(root, "a"))));
    assert_true(isnan(json_number(NULL)));
}

static void what_is_written_is_read(void **state) {
    struct scene *scene = *state;
    struct json *root = json_new_object(scene->arena);
    json_set_real(root, "real", 0.1);
    json_set_int(root, "int", 1234567890123);
    json_set_real(root, "none", NAN);
    const char *path = scene_path(scene, "b.json");
    assert_true(json_write(root, path, scene->report));
    const struct json *read = json_read(scene->arena, path, scene->report);
    assert_true(json_number(json_get(read, "real")) == 0.1);
    assert_true(json_number(json_get(read, "int")) == 1234567890123.0);
    assert_true(isnan(json_number(json_get(read, "none"))));
}

static void what_is_no_json(void **state) {
    struct scene *scene = *state;
    assert_null(read_text(scene, "{\"a\": }"));
    assert_null(read_text(scene, "{\"a\": 1, \"a\": 2}"));
    assert_null(json_read(scene->arena, scene_path(scene, "none.json"), scene->report));
    assert_string_equal(
        scene_said(scene),
        "netrun: error: cannot read 'a.json' as JSON: line 1, column 7: unexpected token near '}'\n"
        "netrun: error: cannot read 'a.json' as JSON: line 1, column 12: duplicate object key near "
        "'\"a\"'\n"
        "netrun: error: cannot read 'none.json': No such file or directory\n");
}

static void every_beginning_is_refused(void **state) {
    struct scene *scene = *state;
    static const char whole[] =
        "{\"a\": [1, 2.5e3, \"x\\u00e4\"], \"b\": {\"c\": null, \"d\": true}}";
    assert_non_null(read_text(scene, whole));
    for (size_t length = 0; length < sizeof whole - 1; length++) {
        struct report *own = scene->report = report_new(scene->arena);
        assert_null(read_text(scene, arena_printf(scene->arena, "%.*s", (int)length, whole)));
        assert_int_equal(report_count(own), 1);
    }
}

static void every_allocation_fails(void **state) {
    struct scene *scene = *state;
    assert_non_null(read_text(scene, "{\"a\": [1, \"x\", {\"b\": null}]}"));
    const char *path = scene_path(scene, "a.json");
    for (int n = 1; n < 1000; n++) {
        struct arena *arena = arena_new();
        arena_fail_at(arena, n);
        const struct json *read = json_read(arena, path, scene->report);
        arena_free(arena);
        if (read) {
            assert_true(n > 5);
            return;
        }
    }
    fail_msg("it never succeeds");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tree_can_be_asked, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_nothing, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(what_is_written_is_read, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_json, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(every_beginning_is_refused, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(every_allocation_fails, scene_set_up, scene_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
