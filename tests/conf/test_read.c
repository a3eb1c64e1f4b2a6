/* Trees of texts that are fine: values, order, places, anchors, merging; reading while memory runs out. */
#include "conf_scene.h"

#include <unistd.h>

static const struct node *tree(struct scene *scene, const char *text) {
    const struct node *node = scene_parse(scene, text);
    assert_string_equal(scene_said(scene), "");
    assert_non_null(node);
    return node;
}

static void assert_place(const struct pos *pos, int line, int column) {
    assert_int_equal(pos->line, line);
    assert_int_equal(pos->column, column);
    assert_string_equal(pos->file->path, "t");
    assert_null(pos->used_from);
}

static void maps_and_lists_keep_their_order(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *root = tree(&scene, "layers:\n"
                                           "- conv2d: {out: 16, kernel: [3, 5]}\n"
                                           "- flatten\n"
                                           "b: \n"
                                           "a: []\n");
    assert_int_equal(root->kind, NODE_MAP);
    assert_int_equal(root->count, 3);
    assert_string_equal(root->entries[0].key, "layers");
    assert_string_equal(root->entries[1].key, "b");
    assert_string_equal(root->entries[2].key, "a");
    assert_int_equal(scene_at(root, "layers 0 conv2d out")->integer, 16);
    assert_int_equal(scene_at(root, "layers 0 conv2d kernel 1")->integer, 5);
    assert_null(scene_at(root, "layers")->entries[0].key);
    assert_string_equal(node_string(scene_at(root, "layers 1")), "flatten");
    assert_int_equal(scene_at(root, "b")->kind, NODE_NULL);
    assert_int_equal(scene_at(root, "a")->kind, NODE_LIST);
    assert_int_equal(scene_at(root, "a")->count, 0);
    assert_null(node_get(root, "c"));
    assert_null(node_entry(scene_at(root, "layers"), "c"));
    assert_null(node_string(root));
    scene_end(&scene);
}

static void every_value_knows_its_place(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *root = tree(&scene, "\xEF\xBB\xBF"
                                           "\xC3\xA4: {\xE2\x82\xAC: 1, b: 'x'}\r\n"
                                           "\r\n"
                                           "c:\r\n"
                                           "  - [d,\te]\r\n"
                                           "  - f: g\r\n"
                                           "h:\r\n");
    assert_place(&root->pos, 1, 1);
    assert_place(&root->entries[0].key_pos, 1, 1);
    assert_place(&scene_at(root, "\xC3\xA4")->pos, 1, 4);
    assert_place(&scene_at(root, "\xC3\xA4")->entries[1].key_pos, 1, 11);
    assert_place(&scene_at(root, "\xC3\xA4 b")->pos, 1, 14);
    assert_place(&scene_at(root, "c")->pos, 4, 3);
    assert_place(&scene_at(root, "c 0")->pos, 4, 5);
    assert_place(&scene_at(root, "c 0 1")->pos, 4, 9);
    assert_place(&scene_at(root, "c 1 f")->pos, 5, 8);
    assert_place(&scene_at(root, "h")->pos, 6, 3);
    scene_end(&scene);
}

static void an_alias_is_the_value_of_its_anchor(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *root = tree(&scene, "a: &x {b: 1}\n"
                                           "c: [*x, *x]\n"
                                           "d: &x 2\n"
                                           "e: *x\n"
                                           "f: &y\n"
                                           "g: *y\n"
                                           "h: {&z k: 1, l: *z}\n");
    assert_ptr_equal(scene_at(root, "c 0"), scene_at(root, "a"));
    assert_int_equal(scene_at(root, "c 1 b")->integer, 1);
    assert_int_equal(scene_at(root, "e")->integer, 2);
    assert_int_equal(scene_at(root, "g")->kind, NODE_NULL);
    assert_string_equal(node_string(scene_at(root, "h l")), "k");
    scene_end(&scene);
}

static char *keys_of(struct scene *scene, const struct node *map) {
    char *text = arena_alloc(scene->arena, 200, 1);
    for (int i = 0; i < map->count; i++)
        sprintf(text + strlen(text), "%s%s=%d", i > 0 ? " " : "", map->entries[i].key,
                (int)map->entries[i].value->integer);
    return text;
}

/* The examples of yaml.org/type/merge.html, and the order in which entries come. */
static void merging(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *root = tree(&scene, "- &center {x: 1, y: 2}\n"
                                           "- &left {x: 0, y: 2}\n"
                                           "- &big {r: 10}\n"
                                           "- &small {r: 1}\n"
                                           "- {<<: *center, r: 10}\n"
                                           "- {<<: [*center, *big]}\n"
                                           "- {<<: [*big, *left, *small], x: 1}\n"
                                           "- {z: 0, <<: *center, y: 5, a: 6}\n"
                                           "- {<<: {b: 1}, \"<<\": 7}\n"
                                           "- {<<: [], c: 1}\n");
    assert_string_equal(keys_of(&scene, scene_at(root, "4")), "x=1 y=2 r=10");
    assert_string_equal(keys_of(&scene, scene_at(root, "5")), "x=1 y=2 r=10");
    assert_string_equal(keys_of(&scene, scene_at(root, "6")), "r=10 y=2 x=1");
    assert_string_equal(keys_of(&scene, scene_at(root, "7")), "z=0 x=1 y=5 a=6");
    assert_string_equal(keys_of(&scene, scene_at(root, "8")), "b=1 <<=7");
    assert_string_equal(keys_of(&scene, scene_at(root, "9")), "c=1");
    assert_place(&node_entry(scene_at(root, "4"), "y")->key_pos, 1, 18);
    assert_place(&scene_at(root, "4 y")->pos, 1, 21);
    assert_place(&scene_at(root, "7 y")->pos, 8, 26);
    scene_end(&scene);
}

static void a_merged_map_can_be_merged_again(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *root = tree(&scene, "a: &a {x: 1, y: 2}\n"
                                           "b: &b {<<: *a, y: 3}\n"
                                           "c: {<<: *b, z: 4}\n");
    assert_string_equal(keys_of(&scene, scene_at(root, "c")), "x=1 y=3 z=4");
    scene_end(&scene);
}

static void closed_expressions_are_not_cut(void **state) {
    (void)state;
    static const char *const texts[] = {
        "$(a if b else (c + 1) * 2)", "$(x == '(')", "a $(b) c $(d)", "$", "$x)", "(", "f(x"};
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(texts); i++)
        assert_string_equal(
            node_string(
                tree(&scene, arena_printf(scene.arena, "[%s]", texts[i]))->entries[0].value),
            texts[i]);
    scene_end(&scene);
}

static void a_key_of_250_bytes(void **state) {
    (void)state;
    struct scene scene = scene_new();
    char text[300];
    memset(text, 'k', 250);
    strcpy(text + 250, ": 1\n");
    assert_int_equal(strlen(tree(&scene, text)->entries[0].key), 250);
    scene_end(&scene);
}

static void many_keys_are_told_apart(void **state) {
    (void)state;
    struct scene scene = scene_new();
    char *text = arena_alloc(scene.arena, 100000, 1), *to = text;
    for (int i = 0; i < 5000; i++)
        to += sprintf(to, "%s%d: %d\n", i % 2 ? "key" : "k", i, i);
    const struct node *root = tree(&scene, text);
    assert_int_equal(root->count, 5000);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(root->entries[i].value->integer, i);
    strcpy(to, "key4711: 0\n");
    assert_null(scene_parse(&scene, text));
    assert_string_equal(scene_said(&scene), "5001:1: error: the key 'key4711' is written twice\n"
                                            "4712:1: note: it is first written here");
    scene_end(&scene);
}

static void a_file_is_read(void **state) {
    (void)state;
    struct scene scene = scene_new();
    char path[] = "/tmp/netrun-test-XXXXXX";
    FILE *out = fdopen(mkstemp(path), "w");
    fputs("a: {b: 1, b: 2}\n", out);
    fclose(out);
    assert_null(conf_read(scene.arena, path, scene.report, NULL));
    char *said = scene_text(&scene, scene_print_report, scene.report);
    assert_non_null(strstr(said, arena_printf(scene.arena,
                                              "%s:1:11: error: the key 'b' is written "
                                              "twice\n    1 | a: {b: 1, b: 2}\n",
                                              path)));
    unlink(path);
    assert_null(conf_read(scene.arena, path, scene.report, NULL));
    assert_int_equal(report_count(scene.report), 2);
    scene_end(&scene);
}

static const char rich[] = "\xEF\xBB\xBF"
                           "base: &base {out: 16, act: relu, eps: 1e-5}\n"
                           "text: |\n  one\n  two\n"
                           "layers:\n"
                           "  - conv2d: {<<: *base, out: 32, kernel: [3, 3]}\n"
                           "  - residual: {body: [*base, \"x\"], shortcut: }\n"
                           "  - {<<: [*base, {p: .5}], if: $(a and b)}\n";

/* Allocations fail from the n-th on, for every n: no tree, no error, nothing lost; then it works. */
static void memory_runs_out_anywhere(void **state) {
    (void)state;
    bool read = false;
    for (long n = 1; !read; n++) {
        struct scene scene = scene_new();
        arena_fail_at(scene.arena, n);
        read = scene_parse(&scene, rich) != NULL;
        assert_int_equal(report_count(scene.report), 0);
        assert_true(n < 1000);
        scene_end(&scene);
    }
}

static void copying_fails_cleanly(void **state) {
    (void)state;
    bool copied = false;
    for (long n = 1; !copied; n++) {
        struct scene scene = scene_new();
        const struct node *node = tree(&scene, rich);
        arena_fail_at(scene.arena, n);
        copied = node_used_from(scene.arena, node, &node->pos) != NULL;
        assert_true(n < 1000);
        scene_end(&scene);
    }
}

static void a_copy_says_where_it_was_used(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *root = tree(&scene, "a: {b: [1, x]}\n");
    const struct pos use = {.file = root->pos.file, .line = 7, .column = 3};
    const struct node *copy = node_used_from(scene.arena, root, &use);
    assert_ptr_equal(copy->pos.used_from, &use);
    assert_ptr_equal(copy->entries[0].key_pos.used_from, &use);
    assert_ptr_equal(scene_at(copy, "a b 1")->pos.used_from, &use);
    assert_string_equal(node_string(scene_at(copy, "a b 1")), "x");
    assert_null(scene_at(root, "a b 1")->pos.used_from);
    assert_null(root->entries[0].key_pos.used_from);
    scene_end(&scene);
}

static void values_have_names_for_messages(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *root = tree(&scene, "[~, false, -3, 1e-5, 'a b', [1, 2], {}]");
    static const char *const names[] = {
        "nothing",          "false",       "the integer -3", "the float 1e-5",
        "the string 'a b'", "a list of 2", "a map"};
    for (int i = 0; i < BASE_COUNT(names); i++)
        assert_string_equal(node_describe(root->entries[i].value).text, names[i]);
    assert_string_equal(node_kind_name(NODE_INT), "an integer");
    char wide[200] = "";
    for (int i = 0; i < 45; i++)
        strcat(wide, "\xE2\x82\xAC");
    const struct node node = {.kind = NODE_STRING, .string = wide};
    struct quoted text = node_describe(&node);
    size_t length = strlen(text.text), dots = strlen("...'");
    assert_string_equal(text.text + length - dots, "...'");
    assert_int_equal((length - dots - strlen("the string '")) % 3, 0);
    scene_end(&scene);
}

static void only_known_keys(void **state) {
    (void)state;
    static const char *const keys[] = {"netdef", "layers", "input", NULL};
    struct scene scene = scene_new();
    assert_true(
        conf_only_keys(tree(&scene, "layers: 1\nnetdef: x\n"), keys, "a netdef", scene.report));
    assert_false(conf_only_keys(tree(&scene, "netdef: x\nlayrs: 1\nfoo: 2\n"), keys, "a netdef",
                                scene.report));
    assert_string_equal(scene_said(&scene),
                        "2:1: error: a netdef has no key 'layrs'; did you mean 'layers'?\n"
                        "3:1: error: a netdef has no key 'foo'");
    scene_end(&scene);
    scene = scene_new();
    assert_false(conf_only_keys(tree(&scene, "[layers]"), keys, "a netdef", scene.report));
    assert_string_equal(scene_said(&scene),
                        "1:1: error: a netdef is a map of keys and values, not a list of 1");
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_and_lists_keep_their_order),
        cmocka_unit_test(every_value_knows_its_place),
        cmocka_unit_test(an_alias_is_the_value_of_its_anchor),
        cmocka_unit_test(merging),
        cmocka_unit_test(a_merged_map_can_be_merged_again),
        cmocka_unit_test(closed_expressions_are_not_cut),
        cmocka_unit_test(a_key_of_250_bytes),
        cmocka_unit_test(many_keys_are_told_apart),
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(memory_runs_out_anywhere),
        cmocka_unit_test(copying_fails_cleanly),
        cmocka_unit_test(a_copy_says_where_it_was_used),
        cmocka_unit_test(values_have_names_for_messages),
        cmocka_unit_test(only_known_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
