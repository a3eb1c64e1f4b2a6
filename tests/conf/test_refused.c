/* Texts that are refused: exact messages and places. */
#include "conf_scene.h"

#define SEPARATORS "; text that holds any of , : [ ] { } # needs quotes"
#define KEY_EXPECTED "error: expected a key of the map; check the indentation and the quotes before"
#define COLON_UNEXPECTED                                                                           \
    "error: a ':' is not expected here; check the indentation, or put quotes around text that "    \
    "holds ': '"
#define STAR "error: '*' begins a YAML alias; put quotes around a pattern that begins with '*'"
#define TAG "error: '!' begins a YAML tag, which is not used here; put quotes around the text"
#define TAB "error: a tab cannot indent a line; use spaces"
#define CUT " has no closing ')': YAML ended the value there; put quotes around it"
#define ESCAPE                                                                                     \
    "error: unknown escape in double quotes; write \\\\ for a backslash, or use single quotes"
#define DIRECTIVE                                                                                  \
    "error: a line that begins with '%' is a YAML directive, which is not used here; delete or "   \
    "indent it"
#define EMPTY "1:1: error: there is nothing in this file"
#define AFTER_END                                                                                  \
    "error: nothing may follow the file's value; check the indentation and the brackets above"

struct refusal {
    const char *text, *said;
};

static void check(const struct refusal *refusals, int count) {
    for (int i = 0; i < count; i++) {
        struct scene scene = scene_new();
        const struct node *node = scene_parse(&scene, refusals[i].text);
        assert_string_equal(scene_said(&scene), refusals[i].said);
        assert_null(node);
        scene_end(&scene);
    }
}

static void brackets_quotes_and_indentation(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"a: [1, 2\nb: 3\n",
         "2:2: error: expected ',' or ']' to go on with or close the list" SEPARATORS
         "\n1:4: note: the list begins here"},
        {"a: {x: 1\nb: 3\n",
         "2:2: error: expected ',' or '}' to go on with or close the map" SEPARATORS
         "\n1:4: note: the map begins here"},
        {"a: {x: y[0]}\n",
         "1:9: error: expected ',' or '}' to go on with or close the map" SEPARATORS
         "\n1:4: note: the map begins here"},
        {"a: [b}\n", "1:6: error: expected ',' or ']' to go on with or close the list" SEPARATORS
                     "\n1:4: note: the list begins here"},
        {"a: ]\n", "1:4: error: expected a value" SEPARATORS},
        {"{a: 1, , b: 2}\n", "1:8: error: expected a value" SEPARATORS},
        {"{: x}\n", "1:2: error: expected a value" SEPARATORS},
        {"a: \"open\nb: 2\n", "1:4: error: this quote is never closed"},
        {"a: 'open\n", "1:4: error: this quote is never closed"},
        {"a: 'open\n--- \n'", "1:4: error: this quote is never closed"},
        {"a: 'it's'\n", "1:8: " KEY_EXPECTED "\n1:1: note: the map begins here"},
        {"a: 1\n}\n", "2:1: " KEY_EXPECTED "\n1:1: note: the map begins here"},
        {"a:\n  b: 1\n c: 2\n", "3:2: " KEY_EXPECTED "\n1:1: note: the map begins here"},
        {"a: 1\n- b\n", "2:1: " KEY_EXPECTED "\n1:1: note: the map begins here"},
        {": x\n", "1:1: " KEY_EXPECTED "\n1:1: note: the map begins here"},
        {"- a\nb: 1\n", "2:1: error: expected a list item '- '; check the indentation\n"
                        "1:1: note: the list begins here"},
        {"  a: 1\n b: 2\n", "2:2: " AFTER_END},
        {"[1, 2] 3\n", "1:8: " AFTER_END},
        {"a: b: c\n", "1:5: " COLON_UNEXPECTED},
        {"a: 1\n  b: 2\n", "2:4: " COLON_UNEXPECTED},
        {"a:1\nb: 2\n", "2:2: " COLON_UNEXPECTED},
        {"a: 1\nb\nc: 2\n", "2:1: error: a ':' is missing here, or this line is indented wrongly"},
        {"a: - b\n",
         "1:4: error: a list item '- ' is not expected here; put it on a line of its own"},
        {"a: ? b\n", "1:4: error: '? ' is not expected here; put quotes around the text"},
        {"{out:[1]}\n", "1:5: error: put a space behind this ':', or quotes around the text"},
        {"{out:16}\n", "1:2: error: 'out:16' is a key without a value; put a space behind the ':'"},
    };
    check(refusals, BASE_COUNT(refusals));
}

static void values_that_yaml_takes_for_something_else(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"watch: **.conv2d\n", "1:8: " STAR},
        {"init: {**.conv2d: kaiming}\n", "1:8: " STAR},
        {"watch: *.conv2d\n", "1:8: " STAR},
        {"*stage.x: 1\n", "1:1: " STAR},
        {"a: *conv2d\nb: *relu\n",
         "1:4: error: there is no anchor '&conv2d' before this alias; put quotes around a pattern "
         "that begins with '*'\n"
         "2:4: error: there is no anchor '&relu' before this alias; put quotes around a pattern "
         "that begins with '*'"},
        {"a: &.x 1\n",
         "1:4: error: '&' begins a YAML anchor; put quotes around text that begins with '&'"},
        {"a: @foo\n", "1:4: error: a value cannot begin with '@'; put quotes around it"},
        {"\xEF\xBB\xBF\xC3\xA4: `foo\n",
         "1:4: error: a value cannot begin with '`'; put quotes around it"},
        {"a: %d\n", "1:4: error: a value cannot begin with '%'; put quotes around it"},
        {"a: >3\n", "1:4: error: '|' and '>' begin a text on the lines below; put quotes around a "
                    "value that begins with one"},
        {"a: |0\n", "1:4: error: '|' and '>' begin a text on the lines below; put quotes around a "
                    "value that begins with one"},
        {"a: !foo 3\n",
         "1:4: error: the YAML tag '!foo' is not used here; delete it, or put quotes "
         "around the text"},
        {"a: !!str 3\n", "1:4: error: the YAML tag '!!str' is not used here; delete it, or put "
                         "quotes around the text"},
        {"a: ! [b]\n", "1:4: error: the YAML tag '!' is not used here; delete it, or put quotes "
                       "around the text"},
        {"a: !!map {b: 1}\n",
         "1:4: error: the YAML tag '!!map' is not used here; delete it, or put "
         "quotes around the text"},
        {"a: !e!foo 3\n", "1:4: " TAG},
        {"a: !<> 3\n", "1:4: " TAG},
        {"a: \"\\q\"\n", "1:5: " ESCAPE},
        {"a: \"\\u00zz\"\n", "1:7: " ESCAPE},
        {"a: \"\\ud800\"\n", "1:7: " ESCAPE},
        {"a: 1\n\tb: 2\n", "2:1: " TAB},
        {"a:\n\tb: 2\n", "2:1: " TAB},
        {"a: |\n\tx\n", "2:1: " TAB},
    };
    check(refusals, BASE_COUNT(refusals));
}

static void expressions_that_yaml_splits(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"{a: $(x, y)}\n", "1:5: error: '$(x'" CUT},
        {"{a: $(x, 2), b: $(x, 2)}\n", "1:5: error: '$(x'" CUT "\n1:17: error: '$(x'" CUT},
        {"[$(x, y)]\n", "1:2: error: '$(x'" CUT},
        {"{a: $(f(x, y), z: 1), b: 2}\n", "1:5: error: '$(f(x'" CUT},
        {"a: {x: $(p ? 1 : 2)}\n", "1:8: error: '$(p ? 1'" CUT},
        {"a: $(p ? 1 : 2)\n", "1:4: error: '$(p ? 1'" CUT},
        {"a: {x: $(w[0])}\n", "1:8: error: '$(w'" CUT},
        {"a: $(x #)\n", "1:4: error: '$(x'" CUT},
        {"a: $(x == '(\nb: 1\n", "1:4: error: '$(x == '('" CUT},
        {"{$(x, y): 1}\n", "1:2: error: '$(x'" CUT},
        {"a: {x: $(p, q)}\na: 2\n", "1:8: error: '$(p'" CUT "\n2:1: error: the key 'a' is written "
                                    "twice\n1:1: note: it is first written here"},
    };
    check(refusals, BASE_COUNT(refusals));
}

static void keys(void **state) {
    (void)state;
    char long_key[300];
    memset(long_key, 'k', 251);
    strcpy(long_key + 251, ": 1\n");
    const struct refusal refusals[] = {
        {"a: 1\nb: 2\na: 3\n", "3:1: error: the key 'a' is written twice\n"
                               "1:1: note: it is first written here"},
        {"x: {\"a\": 1, b: {a: 2}, 'a': 3, a: 4}\n",
         "1:24: error: the key 'a' is written twice\n1:5: note: it is first written here\n"
         "1:32: error: the key 'a' is written twice\n1:5: note: it is first written here"},
        {"a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n",
         "4:3: error: the key '<<' is written twice\n3:3: note: it is first written here"},
        {"a:\n  <<: 3\n", "2:7: error: '<<' takes a map or a list of maps, not the integer 3"},
        {"a: {<<: [{b: 1}, c]}\n",
         "1:9: error: '<<' takes a map or a list of maps, not a list of 2"},
        {"3: x\n", "1:1: error: a key is a text, not the integer 3; put quotes around it"},
        {"a:\n  true: x\n  0.5: y\n",
         "2:3: error: a key is a text, not true; put quotes around it\n"
         "3:3: error: a key is a text, not the float 0.5; put quotes around it"},
        {"null: x\n", "1:1: error: a key is a text, not nothing; put quotes around it"},
        {"? [a]\n: b\n", "1:3: error: a key is a text, not a list"},
        {"? {a: 1}\n: b\n", "1:3: error: a key is a text, not a map"},
        {long_key, "1:1: error: a key has at most 250 bytes"},
    };
    check(refusals, BASE_COUNT(refusals));
}

static void numbers_that_do_not_fit(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"a: 9223372036854775808\n",
         "1:4: error: '9223372036854775808' is too large a number; put quotes around a text"},
        {"- -9223372036854775809\n- 0x10000000000000000\n- 1e309\n",
         "1:3: error: '-9223372036854775809' is too large a number; put quotes around a text\n"
         "2:3: error: '0x10000000000000000' is too large a number; put quotes around a text\n"
         "3:3: error: '1e309' is too large a number; put quotes around a text"},
    };
    check(refusals, BASE_COUNT(refusals));
}

static void documents(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"", EMPTY},
        {"\n \n", EMPTY},
        {"# only a comment\n", EMPTY},
        {"---\n", EMPTY},
        {"\xEF\xBB\xBF", EMPTY},
        {"a: 1\n---\nb: 2\n", "2:1: error: a second document begins here; a file holds one"},
        {"a: 1\n...\nb: 2\n", "3:1: " AFTER_END},
        {"%YAML 1.2\n---\na: 1\n", "1:1: " DIRECTIVE},
        {"a: 1\n...\n%TAG !a! x\n---\nb: 1\n", "3:1: " DIRECTIVE},
    };
    check(refusals, BASE_COUNT(refusals));
}

static void damaged_characters(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"\xFF\xFE"
         "a",
         "1:1: error: this is no UTF-8 text; save the file as UTF-8, not UTF-16"},
        {"a: 1\nb: x\xE4y\n",
         "2:5: error: this is no UTF-8 text (byte 0xE4); save the file as UTF-8"},
        {"a: \xC3\xA4\xC0\xAF\n",
         "1:5: error: this is no UTF-8 text (byte 0xC0); save the file as UTF-8"},
        {"a: \xED\xA0\x80\n",
         "1:4: error: this is no UTF-8 text (byte 0xED); save the file as UTF-8"},
        {"a: \xE0\x80\x80\n",
         "1:4: error: this is no UTF-8 text (byte 0xE0); save the file as UTF-8"},
        {"a: \xF4\x90\x80\x80\n",
         "1:4: error: this is no UTF-8 text (byte 0xF4); save the file as UTF-8"},
        {"a: \xF0\x9F\x98",
         "1:4: error: this is no UTF-8 text (byte 0xF0); save the file as UTF-8"},
        {"\xE2\x82\xAC: \x1B[0m\n",
         "1:4: error: the character U+001B cannot stand in YAML; delete it"},
        {"a: b\xE2\x80\xA8\n", "1:5: error: the character U+2028 cannot stand in YAML; delete it"},
        {"a: b\xC2\x85\n", "1:5: error: the character U+0085 cannot stand in YAML; delete it"},
        {"a: \xEF\xBB\xBF"
         "b\n",
         "1:4: error: the character U+FEFF cannot stand in YAML; delete it"},
        {"a: \xEF\xBF\xBF\n", "1:4: error: the character U+FFFF cannot stand in YAML; delete it"},
        {"a: 1\rb: 2\r",
         "1:5: error: a carriage return without a line feed; save the file with Unix "
         "or Windows line ends"},
        {"a: \"\\0\"\n", "1:4: error: a text cannot hold the character \\0"},
    };
    check(refusals, BASE_COUNT(refusals));
}

static void a_nul_byte(void **state) {
    (void)state;
    struct scene scene = scene_new();
    assert_null(conf_parse(scene.arena, "t", "a: 1\nb: \0x\n", 11, scene.report));
    assert_string_equal(scene_said(&scene), "2:4: error: a NUL byte; is this a text file?");
    scene_end(&scene);
}

/* What comes before an error on a line must not move its column. */
static void columns_count_characters(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"\xEF\xBB\xBF"
         "a: @x\n",
         "1:4: error: a value cannot begin with '@'; put quotes around it"},
        {"a: 1\r\nb: @x\r\n", "2:4: error: a value cannot begin with '@'; put quotes around it"},
        {"a: [\t@x]\n", "1:6: error: a value cannot begin with '@'; put quotes around it"},
        {"{\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80: @x}\n",
         "1:7: error: a value cannot begin with '@'; put quotes around it"},
        {"{\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80: 1, 3: 4}\n",
         "1:10: error: a key is a text, not the integer 3; put quotes around it"},
        {"\xEF\xBB\xBF{a: 1, a: 2}\n",
         "1:8: error: the key 'a' is written twice\n1:2: note: it is first written here"},
        {"a: \"x\r\n  y\"\r\n\r\na: 2\r\n",
         "4:1: error: the key 'a' is written twice\n1:1: note: it is first written here"},
    };
    check(refusals, BASE_COUNT(refusals));
}

static void cycles(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"&x [*x]\n", "1:5: error: the alias '*x' stands inside its own anchor"},
        {"a: &x {b: [1, {c: *x}], d: *x}\n",
         "1:19: error: the alias '*x' stands inside its own anchor\n"
         "1:28: error: the alias '*x' stands inside its own anchor"},
        {"a: &x\n  <<: *x\n", "2:7: error: the alias '*x' stands inside its own anchor\n"
                              "2:7: error: '<<' takes a map or a list of maps, not nothing"},
    };
    check(refusals, BASE_COUNT(refusals));
}

/* ---- limits ------------------------------------------------------------------------------------ */

static char *repeated(struct scene *scene, const char *before, const char *part, int times,
                      const char *after) {
    size_t length = strlen(part);
    char *text =
        arena_alloc(scene->arena, strlen(before) + (size_t)times * length + strlen(after) + 1, 1);
    char *to = stpcpy(text, before);
    for (int i = 0; i < times; i++, to += length)
        memcpy(to, part, length);
    strcpy(to, after);
    return text;
}

static void check_text(struct scene *scene, const char *text, const char *said) {
    assert_true((scene_parse(scene, text) != NULL) == !*said);
    assert_string_equal(scene_said(scene), said);
    scene_end(scene);
}

static void nesting_is_bounded(void **state) {
    (void)state;
    struct scene scene = scene_new();
    char *closed = repeated(&scene, "", "]", 64, "");
    check_text(&scene, repeated(&scene, "", "[", 64, closed), "");
    scene = scene_new();
    check_text(&scene, repeated(&scene, "", "[", 1000000, ""),
               "1:65: error: maps and lists are nested more than 64 deep");
    scene = scene_new();
    check_text(&scene, repeated(&scene, "", "- ", 65, "a\n"),
               "1:129: error: maps and lists are nested more than 64 deep");
    scene = scene_new();
    closed = repeated(&scene, "", "]", 62, "\nb: [[*a]]\n");
    check_text(&scene, repeated(&scene, "a: &a ", "[", 62, closed),
               "2:6: error: maps and lists are nested more than 64 deep");
    scene = scene_new();
    closed = repeated(&scene, "", "]", 62, "\nb: [*a]\n");
    check_text(&scene, repeated(&scene, "a: &a ", "[", 62, closed), "");
}

#define MANY "error: more than 100,000 keys and values, with every alias written out"

static void the_number_of_values_is_bounded(void **state) {
    (void)state;
    struct scene scene = scene_new();
    check_text(&scene, repeated(&scene, "", "- a\n", 99999, ""), "");
    scene = scene_new();
    check_text(&scene, repeated(&scene, "", "- a\n", 100000, ""), "100000:3: " MANY);
    /* 10 to the power of 9 values when written out */
    scene = scene_new();
    check_text(&scene,
               "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
               "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
               "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
               "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
               "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
               "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n",
               "5:36: " MANY);
    scene = scene_new();
    check_text(
        &scene,
        repeated(&scene, "a: &a {b: [1, 2, 3, 4, 5, 6, 7, 8]}\nc: {<<: [", "*a, ", 10000, "]}\n"),
        "2:36366: " MANY);
}

static void the_size_is_bounded(void **state) {
    (void)state;
    struct scene scene = scene_new();
    check_text(&scene, repeated(&scene, "a: 1\n", "#", 4000000 - 5, ""), "");
    scene = scene_new();
    check_text(&scene, repeated(&scene, "a: 1\n", "#", 4000000 - 4, ""),
               "1:1: error: the text has 4.0 MB; at most 4.0 MB are read");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brackets_quotes_and_indentation),
        cmocka_unit_test(values_that_yaml_takes_for_something_else),
        cmocka_unit_test(expressions_that_yaml_splits),
        cmocka_unit_test(keys),
        cmocka_unit_test(numbers_that_do_not_fit),
        cmocka_unit_test(documents),
        cmocka_unit_test(damaged_characters),
        cmocka_unit_test(a_nul_byte),
        cmocka_unit_test(columns_count_characters),
        cmocka_unit_test(cycles),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(the_number_of_values_is_bounded),
        cmocka_unit_test(the_size_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
