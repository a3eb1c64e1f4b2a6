/* The language of values. What is right is written by hand, from Python's meaning of the operators. */
#include "conf_scene.h"
#include "netrun/spec.h"

static const char *const parameters =
    "{n: 5, m: -3, zero: 0, big: 9223372036854775807, small: -9223372036854775808, half: 0.5,"
    " none: 0.0, yes: true, no: false, act: relu, widths: [16, 32, 64], deep: [[1, 2], [3]],"
    " empty: [], leaky: {leaky_relu: {negative_slope: 0.1}}}";

/* The names that the tests use: `n` of an inner scope hides an outer one. */
static struct names names_of(struct scene *scene, struct names *outer) {
    static const struct node hidden = {.kind = NODE_INT, .integer = 99};
    static const struct node seen = {.kind = NODE_INT, .integer = 7};
    static const struct binding outside[] = {{"n", &hidden}, {"outer", &seen}};
    *outer = (struct names){outside, BASE_COUNT(outside), NULL};
    const struct node *map =
        conf_parse(scene->arena, "parameters", parameters, strlen(parameters), scene->report);
    struct binding *bindings = arena_alloc(scene->arena, (size_t)map->count, sizeof *bindings);
    for (int i = 0; i < map->count; i++)
        bindings[i] = (struct binding){map->entries[i].key, map->entries[i].value};
    return (struct names){bindings, map->count, outer};
}

static const struct node *resolve(struct scene *scene, const char *text) {
    struct names outer, names = names_of(scene, &outer);
    const struct node *written = scene_parse(scene, text);
    return written ? value_resolve(scene->arena, written, &names, scene->report) : NULL;
}

static const struct {
    const char *written, *value;
} values[] = {
    /* what has no `$` */
    {"relu", "relu"},
    {"12", "12"},
    {"[1, {a: no}]", "- 1\n- a: no"},
    /* names and elements */
    {"$n", "5"},
    {"$outer", "7"},
    {"\"$n\"", "5"},
    {"'$(n + 1)'", "6"},
    {"$act", "relu"},
    {"$yes", "true"},
    {"$true", "true"},
    {"$widths", "[16, 32, 64]"},
    {"$widths.0", "16"},
    {"$widths.-1", "64"},
    {"$widths.-3", "16"},
    {"$deep.0.1", "2"},
    {"$deep.-1", "[3]"},
    {"$(widths.1 * 2)", "64"},
    {"$((deep).1.0)", "3"},
    {"$leaky", "leaky_relu:\n  negative_slope: 0.1"},
    {"{a: $n, b: [$widths.1, x, $(n > 4)]}", "a: 5\nb:\n  - 32\n  - x\n  - true"},
    /* numbers and texts */
    {"$(12)", "12"},
    {"$(0012)", "12"},
    {"$(1.5)", "1.5"},
    {"$(.5)", "0.5"},
    {"$(1e-4)", "0.0001"},
    {"$(2E3)", "2000.0"},
    {"$('tanh')", "'tanh'"},
    {"$('')", "''"},
    {"$(9223372036854775807)", "9223372036854775807"},
    {"$(false)", "false"},
    /* arithmetic: types and order */
    {"$(2 + 3 * 4)", "14"},
    {"$((2 + 3) * 4)", "20"},
    {"$(10 - 3 - 2)", "5"},
    {"$(100 / 5 / 2)", "10.0"},
    {"$(2 * 7 // 3 % 3)", "1"},
    {"$(1 + 0.5)", "1.5"},
    {"$(n * half)", "2.5"},
    {"$(4 / 2)", "2.0"},
    {"$(1 / 3)", "0.3333333333333333"},
    {"$(-n)", "-5"},
    {"$(- -n)", "5"},
    {"$(-half)", "-0.5"},
    {"$(1.5 - 1)", "0.5"},
    {"$(2 - -2)", "4"},
    {"$(-n % 3)", "1"},
    {"$(-(n % 3))", "-2"},
    {"$(\tn+ 1 )", "6"},
    /* // and % round towards minus infinity; the remainder has the divisor's sign (Python) */
    {"$(7 // 2)", "3"},
    {"$(-7 // 2)", "-4"},
    {"$(7 // -2)", "-4"},
    {"$(-7 // -2)", "3"},
    {"$(7 % 2)", "1"},
    {"$(-7 % 2)", "1"},
    {"$(7 % -2)", "-1"},
    {"$(-7 % -2)", "-1"},
    {"$(6 // -2)", "-3"},
    {"$(6 % -2)", "0"},
    {"$(small % -1)", "0"},
    {"$(small // 1)", "-9223372036854775808"},
    {"$(7.5 // 2)", "3.0"},
    {"$(-7.5 // 2)", "-4.0"},
    {"$(7.5 // -2)", "-4.0"},
    {"$(7.5 % 2)", "1.5"},
    {"$(-7.5 % 2)", "0.5"},
    {"$(7.5 % -2)", "-0.5"},
    {"$(1 // 0.1)", "9.0"},
    {"$(1e300 // 1e-5)", "1e+305"},
    {"$(-1e-300 // 1e300)", "-1.0"},
    /* comparisons */
    {"$(n == 5)", "true"},
    {"$(n != 5)", "false"},
    {"$(n == 5.0)", "true"},
    {"$(half < n)", "true"},
    {"$(n <= 5)", "true"},
    {"$(n >= 6)", "false"},
    {"$(n > m)", "true"},
    {"$(m < -3)", "false"},
    {"$(big > big - 1)", "true"},
    {"$(act == 'relu')", "true"},
    {"$(act != 'relu')", "false"},
    {"$(act == 'rel')", "false"},
    {"$(yes == no)", "false"},
    {"$(yes != no)", "true"},
    {"$(n + 1 == 2 * 3)", "true"},
    /* booleans */
    {"$(yes and no)", "false"},
    {"$(yes or no)", "true"},
    {"$(not yes)", "false"},
    {"$(not not yes)", "true"},
    {"$(not yes == no)", "true"},
    {"$(no or yes and no)", "false"},
    {"$(yes or yes and no)", "true"},
    {"$(not no and no)", "false"},
    {"$(n > 1 and m < 0)", "true"},
    {"$(no and 1 // 0 == 1)", "false"},
    {"$(yes or 1 // 0 == 1)", "true"},
    {"$(no and 5)", "false"},
    /* choices */
    {"$(1 if yes else 2)", "1"},
    {"$(1 if no else 2)", "2"},
    {"$(8 // zero if zero > 0 else 8)", "8"},
    {"$(8 // n if n > 0 else 1 // 0)", "1"},
    {"$(1 if no else 2 if no else 3)", "3"},
    {"$(1 + 1 if yes else 0)", "2"},
    {"$('tanh' if n > 1 else act)", "'tanh'"},
    {"$((1 if no else 2) * 10)", "20"},
    {"$(widths if yes else empty)", "[16, 32, 64]"},
    {"$(android)", NULL}, /* begins like an operator */
};

static void test_values(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(values); i++) {
        struct scene scene = scene_new();
        const struct node *value = resolve(&scene, values[i].written);
        if (!values[i].value) {
            assert_null(value);
        } else {
            if (!value)
                fail_msg("%s: %s", values[i].written, scene_said(&scene));
            char *text = scene_text(&scene, scene_print_node, value);
            text[strlen(text) - 1] = '\0';
            if (strcmp(text, values[i].value) != 0)
                fail_msg("%s is %s, not %s", values[i].written, text, values[i].value);
        }
        scene_end(&scene);
    }
}

static const struct {
    const char *written, *said;
} refused[] = {
    /* form */
    {"a$n", "1:2: error: a value is a whole scalar; nothing can stand before its '$'"},
    {"\"häuser $n\"", "1:9: error: a value is a whole scalar; nothing can stand before its '$'"},
    {"$", "1:1: error: after '$' comes a name or an expression in parentheses: $x or $(x + 1)"},
    {"${n}", "1:1: error: after '$' comes a name or an expression in parentheses: $x or $(x + 1)"},
    {"$1", "1:1: error: after '$' comes a name or an expression in parentheses: $x or $(x + 1)"},
    {"$n + 1", "1:4: error: an expression stands in parentheses: $(x + 1)"},
    {"$widths[0]", "1:8: error: an expression stands in parentheses: $(x + 1)"},
    {"$(n) x", "1:6: error: a value is a whole scalar; nothing can follow its ')'"},
    {"$(n))", "1:5: error: a value is a whole scalar; nothing can follow its ')'"},
    {"\"$(n\"", "1:2: error: '$(n' has no ')'"},
    {"\"$((n)\"", "1:2: error: '$((n)' has no ')'"},
    {"$()", "1:3: error: a value is missing before ')'"},
    {"$(n +)", "1:6: error: a value is missing before ')'"},
    {"$(* 2)", "1:3: error: a value is missing before '*'"},
    {"$(2 ** 3)", "1:6: error: a value is missing before '*'"},
    {"$(n and or n)", "1:9: error: a value is missing before 'or'"},
    {"$(n == not yes)", "1:8: error: a value is missing before 'not'"},
    {"$(n 5)", "1:5: error: unexpected '5)' in an expression"},
    {"$(n; m)", "1:4: error: unexpected '; m)' in an expression"},
    {"$((n; m))", "1:5: error: unexpected '; m))' in an expression"},
    {"$(-(1 // 0))", "1:7: error: division by zero"},
    {"$(not (n and yes))", "1:10: error: 'and' takes true or false, not the integer 5"},
    {"$((1 // 0 == 1) or yes)", "1:6: error: division by zero"},
    {"$((1 // 0) + 1)", "1:6: error: division by zero"},
    {"$(é)", "1:3: error: a value is missing before 'é)'"},
    {"$(if)", "1:3: error: a value is missing before 'if)'"},
    {"$($n + 1)", "1:3: error: inside $(...) names stand without '$'"},
    {"$(n = 5)", "1:5: error: '=' compares nothing; write '=='"},
    {"$(!yes)", "1:3: error: write 'not', or '!=' between two values"},
    {"$(yes && no)", "1:7: error: write 'and'"},
    {"$(yes || no)", "1:7: error: write 'or'"},
    {"\"$(yes ? 1 : 2)\"", "1:8: error: write 'a if condition else b'"},
    {"$(widths[0])", "1:9: error: an element of a list is written like widths.0"},
    {"\"$([1, 2])\"", "1:4: error: an element of a list is written like widths.0"},
    {"\"$({a: 1})\"", "1:4: error: a map cannot be written in an expression; make it a parameter"},
    {"\"$(n, m)\"", "1:5: error: a comma has no place in an expression"},
    {"$(max(n))", "1:3: error: no parameter 'max' here"},
    {"$(n (2))", "1:5: error: there are no functions to call in an expression"},
    {"'$(act == \"relu\")'", "1:11: error: text stands in single quotes, like 'relu'"},
    {"\"$(act == 'relu)\"", "1:11: error: the text has no closing quote"},
    {"$('a$b')", "1:5: error: a text cannot hold '$'"},
    {"$(1 if yes)", "1:5: error: 'if' needs an 'else': a if condition else b"},
    {"$(1 < n < 9)", "1:9: error: comparisons do not chain; write 'a < b and b < c'"},
    {"$(2x)", "1:3: error: this is neither a number nor a name"},
    {"$(1e)", "1:3: error: this is neither a number nor a name"},
    {"$widths.x", "1:8: error: an element of a list is a number, like widths.0 or widths.-1"},
    {"$(widths .0)", "1:10: error: unexpected '.0)' in an expression"},
    /* names */
    {"$witdhs", "1:2: error: no parameter 'witdhs' here; did you mean 'widths'?"},
    {"$(1 + outr)", "1:7: error: no parameter 'outr' here; did you mean 'outer'?"},
    {"$(1 if yes else strid)", "1:17: error: no parameter 'strid' here"},
    {"$(no and half > halff)", "1:17: error: no parameter 'halff' here; did you mean 'half'?"},
    {"{k: [1, $xyz], l: $uvw}", "1:10: error: no parameter 'xyz' here\n"
                                "1:20: error: no parameter 'uvw' here"},
    /* elements */
    {"$widths.3", "1:8: error: no element 3 in a list of 3"},
    {"$widths.-4", "1:8: error: no element -4 in a list of 3"},
    {"$empty.0", "1:7: error: no element 0 in a list of 0"},
    {"$(n + widths.99999999999999999999)",
     "1:13: error: no element 9223372036854775807 in a list of 3"},
    {"$n.0", "1:3: error: only a list has elements, not the integer 5"},
    {"$leaky.0", "1:7: error: only a list has elements, not a map"},
    /* types */
    {"$(n + act)", "1:5: error: '+' takes two numbers, not the integer 5 and the string 'relu'"},
    {"$(yes * half)", "1:7: error: '*' takes two numbers, not true and the float 0.5"},
    {"$(act < 'x')", "1:7: error: '<' takes two numbers, not the string 'relu' and the string 'x'"},
    {"$(n == act)",
     "1:5: error: '==' takes two numbers, texts or booleans, not the integer 5 and the string "
     "'relu'"},
    {"$(yes == 1)",
     "1:7: error: '==' takes two numbers, texts or booleans, not true and the integer 1"},
    {"$(widths != widths)",
     "1:10: error: '!=' takes two numbers, texts or booleans, not a list of 3 and a list of 3"},
    {"$(n and yes)", "1:5: error: 'and' takes true or false, not the integer 5"},
    {"$(no or n)", "1:6: error: 'or' takes true or false, not the integer 5"},
    {"$(not n)", "1:3: error: 'not' takes true or false, not the integer 5"},
    {"$(1 if n else 2)", "1:5: error: 'if' takes true or false, not the integer 5"},
    {"$(-act)", "1:3: error: '-' takes a number, not the string 'relu'"},
    /* ranges */
    {"$(n / zero)", "1:5: error: division by zero"},
    {"$(n // 0)", "1:5: error: division by zero"},
    {"$(n % none)", "1:5: error: division by zero"},
    {"$(big + 1)", "1:7: error: the result does not fit 64 bits"},
    {"$(small - 1)", "1:9: error: the result does not fit 64 bits"},
    {"$(big * 2)", "1:7: error: the result does not fit 64 bits"},
    {"$(small // -1)", "1:9: error: the result does not fit 64 bits"},
    {"$(-small)", "1:3: error: the result does not fit 64 bits"},
    {"$(1e308 * 10)", "1:9: error: the result is not a finite number"},
    {"$(9223372036854775808)", "1:3: error: the number is too large"},
    {"$(1e999)", "1:3: error: the number is too large"},
};

static void test_refused(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        struct scene scene = scene_new();
        assert_null(resolve(&scene, refused[i].written));
        const char *said = scene_said(&scene);
        if (strcmp(said, refused[i].said) != 0)
            fail_msg("%s says\n%s\nnot\n%s", refused[i].written, said, refused[i].said);
        scene_end(&scene);
    }
}

/* ---- places ------------------------------------------------------------------------------------- */

/* Folded lines and escapes hide where a byte stands; the scalar's own place is said then. */
static void test_place_in_scalar(void **state) {
    (void)state;
    static const struct {
        const char *written, *said;
    } cases[] = {
        {"k: &mark $(n + qqq)", "1:16: error: no parameter 'qqq' here"},
        {"\xEF\xBB\xBF$(n + qqq)", "1:7: error: no parameter 'qqq' here"},
        {"a: 1\r\nk: 'é $(n'\r\n",
         "2:7: error: a value is a whole scalar; nothing can stand before its '$'"},
        {"'é' : $(n + qqq)", "1:13: error: no parameter 'qqq' here"},
        {"k: $(n +\n  qqq)", "1:4: error: no parameter 'qqq' here"},
        {"k: \"\\x24(n + qqq)\"", "1:4: error: no parameter 'qqq' here"},
        {"k: >-\n  $(n + qqq)", "1:4: error: no parameter 'qqq' here"},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct scene scene = scene_new();
        assert_null(resolve(&scene, cases[i].written));
        assert_string_equal(scene_said(&scene), cases[i].said);
        scene_end(&scene);
    }
}

static void test_place_of_results(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct node *map = resolve(&scene, "{a: $n,\n b: $leaky}");
    const struct node *scalar = node_get(map, "a"), *tree = node_get(map, "b");
    assert_int_equal(scalar->pos.line, 1);
    assert_int_equal(scalar->pos.column, 5);
    assert_string_equal(scalar->pos.file->path, "t");
    assert_string_equal(tree->pos.file->path, "parameters");
    const struct entry *entry = node_entry(tree, "leaky_relu");
    assert_string_equal(entry->key_pos.file->path, "parameters");
    assert_int_equal(entry->key_pos.used_from->line, 2);
    assert_int_equal(entry->key_pos.used_from->column, 5);
    assert_string_equal(entry->key_pos.used_from->file->path, "t");
    scene_end(&scene);
}

static void test_resolving_again_changes_nothing(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct names outer, names = names_of(&scene, &outer);
    const struct node *once = resolve(&scene, "[$n, {a: $widths}, $('x')]");
    assert_ptr_equal(value_resolve(scene.arena, once, &names, scene.report), once);
    scene_end(&scene);
}

/* ---- limits ------------------------------------------------------------------------------------- */

/* "$(" + `count` times `part` + `end`. */
static char *repeated(struct scene *scene, const char *part, int count, const char *end) {
    char *text = arena_alloc(scene->arena, (size_t)count * strlen(part) + 64, 1);
    strcpy(text, "$(");
    for (int i = 0; i < count; i++)
        strcpy(text + 2 + (size_t)i * strlen(part), part);
    return strcat(text, end);
}

static void expect_limit(const char *part, int count, const char *end, const char *said) {
    struct scene scene = scene_new();
    assert_null(resolve(&scene, repeated(&scene, part, count, end)));
    assert_string_equal(scene_said(&scene), said);
    scene_end(&scene);
}

static void test_limits_of_expressions(void **state) {
    (void)state;
    expect_limit("not ", 100000, "yes)", "1:262: error: the expression is nested too deeply");
    expect_limit("-", 100000, "1)", "1:68: error: the expression is nested too deeply");
    expect_limit("1 if no else ", 100, "1)", "1:847: error: the expression is nested too deeply");
    expect_limit("1 + ", 128, "1)",
                 "1:513: error: the expression is too long; compute a part of it in a parameter");
    struct scene scene = scene_new();
    const struct node *sum = resolve(&scene, repeated(&scene, "1 + ", 127, "1)"));
    assert_int_equal(sum->integer, 128);
    scene_end(&scene);
}

/* Each parameter ten times the one before: 10^8 parts after eight. */
static void test_limit_of_growth(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const char *text = "[$p, $p, $p, $p, $p, $p, $p, $p, $p, $p]";
    const struct node *written = scene_parse(&scene, text), *value = written;
    const struct node one = {.kind = NODE_INT, .integer = 1};
    value = &one;
    for (int i = 0; i < 8 && value; i++) {
        struct binding binding = {"p", value};
        struct names names = {&binding, 1, NULL};
        value = value_resolve(scene.arena, written, &names, scene.report);
    }
    assert_null(value);
    assert_non_null(
        strstr(scene_said(&scene), "this value grows too large: more than 10000 parts"));
    scene_end(&scene);
}

static void test_every_allocation_fails_once(void **state) {
    (void)state;
    for (long n = 1;; n++) {
        struct scene scene = scene_new();
        struct names outer, names = names_of(&scene, &outer);
        const struct node *written =
            scene_parse(&scene, "{a: [$n, $('x' if yes else act)], b: $leaky, c: $widths.-1}");
        arena_fail_at(scene.arena, n);
        const struct node *value = value_resolve(scene.arena, written, &names, scene.report);
        arena_fail_at(scene.arena, 0);
        assert_int_equal(report_count(scene.report), 0);
        scene_end(&scene);
        if (value)
            break;
        assert_in_range(n, 1, 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_place_in_scalar),
        cmocka_unit_test(test_place_of_results),
        cmocka_unit_test(test_resolving_again_changes_nothing),
        cmocka_unit_test(test_limits_of_expressions),
        cmocka_unit_test(test_limit_of_growth),
        cmocka_unit_test(test_every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
