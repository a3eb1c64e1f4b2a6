/* JSON files: read again by jansson, and looked at as text. */
#include "check.h"
#include "format_scene.h"
#include "netrun/format.h"

#include <jansson.h>
#include <math.h>

static json_t *reread(struct scene *scene, const struct json *root) {
    assert_true(json_write(root, scene_path(scene, "a.json"), scene->report));
    json_t *read = json_load_file(scene_path(scene, "a.json"), 0, NULL);
    assert_non_null(read);
    return read;
}

static const char *written(struct scene *scene, const struct json *root) {
    json_decref(reread(scene, root));
    return scene_read(scene, "a.json", NULL);
}

static void a_tree_is_laid_out_for_people(void **state) {
    struct scene *scene = *state;
    struct json *root = json_new_object(scene->arena), *arms = json_new_object(scene->arena),
                *norms = json_new_list(scene->arena), *images = json_new_list(scene->arena),
                *image = json_new_object(scene->arena);
    json_set_text(root, "experiment", "grad_tanh53");
    json_set(root, "arms", arms);
    json_set_int(root, "seed", INT64_MIN);
    json_set(arms, "norms", norms);
    json_add_real(norms, 1.5);
    json_add_int(norms, -2);
    json_add_text(norms, "x");
    json_set(arms, "none", json_new_object(scene->arena));
    json_set(arms, "images", images);
    json_set_bool(image, "right", true);
    json_set_bool(image, "wrong", false);
    json_add(images, image);
    json_add(images, json_new_list(scene->arena));
    assert_string_equal(written(scene, root), "{\n"
                                              "  \"experiment\": \"grad_tanh53\",\n"
                                              "  \"arms\": {\n"
                                              "    \"norms\": [1.5, -2, \"x\"],\n"
                                              "    \"none\": {},\n"
                                              "    \"images\": [\n"
                                              "      {\n"
                                              "        \"right\": true,\n"
                                              "        \"wrong\": false\n"
                                              "      },\n"
                                              "      []\n"
                                              "    ]\n"
                                              "  },\n"
                                              "  \"seed\": -9223372036854775808\n"
                                              "}\n");
}

static void reals_have_nine_digits_and_stay_reals(void **state) {
    struct scene *scene = *state;
    struct json *list = json_new_list(scene->arena);
    const double values[] = {1,    0.1f,    1e-15, 123456789, 1e300,
                             -0.0, 6.5e-15, NAN,   INFINITY,  -INFINITY};
    for (int i = 0; i < BASE_COUNT(values); i++)
        json_add_real(list, values[i]);
    assert_string_equal(written(scene, list), "[1.0, 0.100000001, 1e-15, 123456789.0, 1e300, -0.0, "
                                              "6.5e-15, null, null, null]\n");
    json_t *read = reread(scene, list);
    for (int i = 0; i < 7; i++)
        assert_true(json_is_real(json_array_get(read, (size_t)i)));
    json_decref(read);
}

/* Nine digits are enough for every float32 (Goldberg 1991, theorem 15). */
static void float32_values_survive(void **state) {
    struct scene *scene = *state;
    struct random random = random_stream(1, RANDOM_TEST, 0, 0);
    struct json *list = json_new_list(scene->arena);
    float values[1000];
    for (int i = 0; i < 1000; i++) {
        values[i] = (float)(random_normal(&random) * pow(10, random_between(&random, -38, 38)));
        json_add_real(list, (double)values[i]);
    }
    json_t *read = reread(scene, list);
    for (int i = 0; i < 1000; i++)
        assert_true((float)json_real_value(json_array_get(read, (size_t)i)) == values[i]);
    json_decref(read);
}

static void a_key_set_again_keeps_its_place(void **state) {
    struct scene *scene = *state;
    struct json *root = json_new_object(scene->arena);
    json_set_int(root, "a", 1);
    json_set_int(root, "b", 2);
    json_set_text(root, "a", "new");
    json_set_text(root, "b", "last");
    json_set_int(root, "c", 3);
    assert_string_equal(written(scene, root),
                        "{\n  \"a\": \"new\",\n  \"b\": \"last\",\n  \"c\": 3\n}\n");
}

/* Text, and what a reader must get: U+FFFD for each byte that is part of no character. */
/* What is added later to a copy of something empty is not in what it was copied from. */
static void members_are_set_from_another_object(void **state) {
    struct scene *scene = *state;
    struct json *one = json_new_object(scene->arena), *two = json_new_object(scene->arena),
                *list = json_new_list(scene->arena);
    json_set_int(one, "a", 1);
    json_add_real(list, 0.5);
    json_set(one, "list", list);
    json_set(one, "empty", json_new_object(scene->arena));
    json_set_int(two, "b", 2);
    json_set_int(two, "a", 3);
    json_set_all(two, one);
    json_set_int(two, "c", 4);
    json_set(one, "empty", json_new_list(scene->arena));
    assert_string_equal(written(scene, two), "{\n"
                                             "  \"b\": 2,\n"
                                             "  \"a\": 1,\n"
                                             "  \"list\": [0.5],\n"
                                             "  \"empty\": {},\n"
                                             "  \"c\": 4\n"
                                             "}\n");
    assert_string_equal(written(scene, one), "{\n"
                                             "  \"a\": 1,\n"
                                             "  \"list\": [0.5],\n"
                                             "  \"empty\": []\n"
                                             "}\n");
}

static void text_that_is_not_utf8_is_repaired(void **state) {
    struct scene *scene = *state;
    static const char *const cases[][2] = {
        {"k\xC3\xA4se \xE2\x82\xAC \xF0\x9F\x90\x88", "k\xC3\xA4se \xE2\x82\xAC \xF0\x9F\x90\x88"},
        {"a\xFF", "a\xEF\xBF\xBD"},
        {"\x80z", "\xEF\xBF\xBDz"},
        {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                                 /* overlong */
        {"\xE0\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},                 /* overlong */
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},                 /* surrogate */
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}, /* > U+10FFFF */
        {"\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},                                 /* U+10FFFF */
        {"cut \xE2\x82", "cut \xEF\xBF\xBD\xEF\xBF\xBD"},
        {"\"\\/\b\n\x01", "\"\\/\b\n\x01"},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct json *root = json_new_object(scene->arena);
        json_set_text(root, cases[i][0], cases[i][0]);
        json_t *read = reread(scene, root);
        assert_string_equal(json_string_value(json_object_get(read, cases[i][1])), cases[i][1]);
        json_decref(read);
    }
}

static bool build_and_write(struct scene *scene, const char *path) {
    struct json *root = json_new_object(scene->arena), *list = json_new_list(scene->arena);
    json_set(root, "list", list);
    json_add(list, json_new_object(scene->arena));
    json_add_real(list, 1);
    json_add_text(list, "x");
    json_set_bool(root, "b", true);
    json_set_text(root, "t", "x");
    return json_write(root, path, scene->report);
}

static void memory_that_runs_out_anywhere_is_noticed(void **state) {
    struct scene *scene = *state;
    const char *path = scene_path(scene, "memory.json");
    long n = 0;
    bool good = false;
    while (!good && ++n < 100) {
        arena_fail_at(scene->arena, n);
        good = build_and_write(scene, path);
        arena_fail_at(scene->arena, 0);
        assert_int_equal(report_count(scene->report), 0);
        assert_true(good == file_exists(path));
    }
    assert_true(good && n > 10);
    json_set_int(NULL, "a", 1);
    json_add(NULL, json_new_list(scene->arena));
    assert_false(json_write(NULL, scene_path(scene, "null.json"), scene->report));
    struct json *object = json_new_object(scene->arena);
    json_set_int(object, NULL, 1); /* the key's memory ran out */
    assert_false(json_write(object, scene_path(scene, "key.json"), scene->report));
}

static void a_full_disk_is_said(void **state) {
    struct scene *scene = *state;
    struct json *list = json_new_list(scene->arena);
    for (int i = 0; i < 2000; i++)
        json_add_real(list, i);
    scene_limit_files(1000);
    bool written_whole = json_write(list, scene_path(scene, "a.json"), scene->report);
    scene_limit_files(0);
    assert_false(written_whole);
    assert_false(file_exists(scene_path(scene, "a.json")));
    assert_string_equal(scene_said(scene),
                        "netrun: error: cannot write 'a.json': File too large\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(a_tree_is_laid_out_for_people),
        TEST(reals_have_nine_digits_and_stay_reals),
        TEST(float32_values_survive),
        TEST(members_are_set_from_another_object),
        TEST(a_key_set_again_keeps_its_place),
        TEST(text_that_is_not_utf8_is_repaired),
        TEST(memory_that_runs_out_anywhere_is_noticed),
        TEST(a_full_disk_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
