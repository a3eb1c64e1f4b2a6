/* Trees as text: how they look, and that they read back to the same trees. */
#include "conf_scene.h"

#include <math.h>

static const struct node *tree(struct scene *scene, const char *text) {
    const struct node *node = scene_parse(scene, text);
    assert_string_equal(scene_said(scene), "");
    return node;
}

static void a_tree_is_written_in_block_style(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *root =
        tree(&scene, "{input: [3, 32, 32], summary: \"a: b\", base: &b {p: .5},\n"
                     " layers: [conv2d: {out: 16, if: $(a > 1)}, relu, [[x]], [],\n"
                     " {<<: *b, q: }], e: {}, path: ../a b.yaml, lr: 1e-5}");
    assert_string_equal(scene_text(&scene, scene_print_node, root), "input: [3, 32, 32]\n"
                                                                    "summary: 'a: b'\n"
                                                                    "base:\n"
                                                                    "  p: 0.5\n"
                                                                    "layers:\n"
                                                                    "  - conv2d:\n"
                                                                    "      out: 16\n"
                                                                    "      if: $(a > 1)\n"
                                                                    "  - relu\n"
                                                                    "  - - - x\n"
                                                                    "  - []\n"
                                                                    "  - p: 0.5\n"
                                                                    "    q: null\n"
                                                                    "e: {}\n"
                                                                    "path: ../a b.yaml\n"
                                                                    "lr: 1e-5\n");
    scene_end(&scene);
}

static void what_is_not_plain_is_quoted(void **state) {
    (void)state;
    static const struct {
        const char *string, *written;
    } cases[] = {
        {"", "''\n"},
        {"3", "'3'\n"},
        {"1e-5", "'1e-5'\n"},
        {"true", "'true'\n"},
        {"null", "'null'\n"},
        {"no", "no\n"},
        {"it's", "it's\n"},
        {"'", "''''\n"},
        {"- a", "'- a'\n"},
        {"*.conv2d", "'*.conv2d'\n"},
        {"a #b", "'a #b'\n"},
        {"a#b", "a#b\n"},
        {"a:", "'a:'\n"},
        {" a", "' a'\n"},
        {"a ", "'a '\n"},
        {"...", "'...'\n"},
        {"a\nb\t\"\\", "\"a\\nb\\t\\\"\\\\\"\n"},
        {"\x1B\xC2\x85\xE2\x80\xA8", "\"\\x1B\\x85\\u2028\"\n"},
        {"\xC3\xA4\xE2\x82\xAC", "'\xC3\xA4\xE2\x82\xAC'\n"},
        {"$(a, b)", "$(a, b)\n"},
    };
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct node node = {.kind = NODE_STRING, .string = cases[i].string};
        assert_string_equal(scene_text(&scene, scene_print_node, &node), cases[i].written);
        assert_string_equal(node_string(tree(&scene, cases[i].written)), cases[i].string);
    }
    scene_end(&scene);
}

static void a_quoted_dollar_stays_quoted(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const char *written = scene_text(&scene, scene_print_node, tree(&scene, "['$x', \"$y\", $z]"));
    assert_string_equal(written, "- '$x'\n- '$y'\n- $z\n");
    scene_end(&scene);
}

static void floats_stay_floats(void **state) {
    (void)state;
    static const struct {
        double number;
        const char *written;
    } cases[] = {
        {3, "3.0\n"},
        {-0.0, "-0.0\n"},
        {0.1, "0.1\n"},
        {1e-5, "1e-5\n"},
        {1e22, "1e+22\n"},
        {0.1 + 0.2, "0.30000000000000004\n"},
        {0x1p-1074, "4.94065645841247e-324\n"},
        {INFINITY, ".inf\n"},
        {-INFINITY, "-.inf\n"},
        {NAN, ".nan\n"},
    };
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct node node = {.kind = NODE_FLOAT, .real = cases[i].number};
        assert_string_equal(scene_text(&scene, scene_print_node, &node), cases[i].written);
    }
    scene_end(&scene);
}

/* ---- any tree reads back ----------------------------------------------------------------------- */

struct growth {
    struct arena *arena;
    struct random random;
};

static const char *any_string(struct growth *growth) {
    static const char *const parts[] = {
        "a",
        "conv2d",
        " ",
        ":",
        "#",
        "- ",
        "-",
        "?",
        ",",
        "[",
        "]",
        "{",
        "}",
        "&",
        "*",
        "!",
        "|",
        ">",
        "'",
        "\"",
        "%",
        "@",
        "`",
        "\n",
        "\t",
        "\r",
        "\\",
        "$",
        "$(",
        ")",
        "true",
        "null",
        "1",
        ".5",
        "1e-5",
        "0x",
        "~",
        "<<",
        ".",
        "...",
        "---",
        "\x01",
        "\xC3\xA4",
        "\xE2\x80\xA8",
        "\xEF\xBB\xBF",
        "\xF0\x9F\x98\x80",
        "=",
        "\x7F",
    };
    char text[64] = "";
    for (uint32_t left = random_below(&growth->random, 6); left > 0; left--)
        strcat(text, parts[random_below(&growth->random, BASE_COUNT(parts))]);
    return arena_copy(growth->arena, text, strlen(text));
}

static double any_double(struct growth *growth) {
    static const double some[] = {0.0, -0.0, 1, -3, 1e15, 1e16, 1e17, 1e300, 5e-324, 0.1, INFINITY};
    uint32_t choice = random_below(&growth->random, 2 * BASE_COUNT(some));
    if (choice < BASE_COUNT(some))
        return some[choice];
    uint64_t bits = (uint64_t)random_bits(&growth->random) << 32 | random_bits(&growth->random);
    double number;
    memcpy(&number, &bits, sizeof number);
    return isnan(number) ? NAN : number;
}

static const struct node *any_tree(struct growth *growth, int depth);

static bool is_new_key(const struct node *map, int count, const char *key) {
    for (int i = 0; i < count; i++)
        if (!strcmp(map->entries[i].key, key))
            return false;
    return true;
}

static void grow_entries(struct growth *growth, struct node *node, int depth) {
    uint32_t wanted = random_below(&growth->random, 5);
    node->entries = arena_alloc(growth->arena, wanted, sizeof *node->entries);
    for (; wanted > 0; wanted--) {
        const char *key = node->kind == NODE_MAP ? any_string(growth) : NULL;
        if (key && !is_new_key(node, node->count, key))
            continue;
        node->entries[node->count].key = key;
        node->entries[node->count++].value = any_tree(growth, depth + 1);
    }
}

static const struct node *any_tree(struct growth *growth, int depth) {
    const struct pos nowhere = {0};
    uint32_t kinds = depth < 6 ? NODE_MAP + 1 : NODE_LIST;
    struct node *node = node_new(growth->arena, random_below(&growth->random, kinds), &nowhere);
    if (node->kind == NODE_BOOL)
        node->boolean = random_below(&growth->random, 2);
    else if (node->kind == NODE_INT)
        node->integer = (int64_t)((uint64_t)random_bits(&growth->random) << 32 >>
                                  random_below(&growth->random, 60));
    else if (node->kind == NODE_FLOAT)
        node->real = any_double(growth);
    else if (node->kind == NODE_STRING)
        node->string = any_string(growth);
    else if (node->kind != NODE_NULL)
        grow_entries(growth, node, depth);
    if (node->kind == NODE_STRING)
        node->quoted = random_below(&growth->random, 2);
    return node;
}

static void assert_same(const struct node *a, const struct node *b) {
    assert_int_equal(a->kind, b->kind);
    if (a->kind == NODE_BOOL)
        assert_int_equal(a->boolean, b->boolean);
    if (a->kind == NODE_INT)
        assert_true(a->integer == b->integer);
    if (a->kind == NODE_FLOAT)
        assert_memory_equal(&a->real, &b->real, sizeof a->real);
    if (a->kind == NODE_STRING)
        assert_string_equal(a->string, b->string);
    if (a->kind == NODE_STRING && a->quoted)
        assert_true(b->quoted);
    if (a->kind != NODE_LIST && a->kind != NODE_MAP)
        return;
    assert_int_equal(a->count, b->count);
    for (int i = 0; i < a->count; i++) {
        if (a->kind == NODE_MAP)
            assert_string_equal(a->entries[i].key, b->entries[i].key);
        assert_same(a->entries[i].value, b->entries[i].value);
    }
}

static void any_tree_reads_back(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        struct scene scene = scene_new();
        struct growth growth = {scene.arena, random_stream(1, RANDOM_TEST, i, 0)};
        const struct node *grown = any_tree(&growth, 0);
        assert_same(grown, tree(&scene, scene_text(&scene, scene_print_node, grown)));
        scene_end(&scene);
    }
}

static void a_full_disk_is_noticed(void **state) {
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    struct node node = {.kind = NODE_INT, .integer = 3};
    setbuf(full, NULL);
    assert_false(node_print(&node, full));
    fclose(full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_written_in_block_style),
        cmocka_unit_test(what_is_not_plain_is_quoted),
        cmocka_unit_test(a_quoted_dollar_stays_quoted),
        cmocka_unit_test(floats_stay_floats),
        cmocka_unit_test(any_tree_reads_back),
        cmocka_unit_test(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
