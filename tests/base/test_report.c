/* Errors as the user sees them: place, line, caret, notes, chains, limits. */
#include "check.h"
#include "netrun/base.h"

static char *printed(struct report *report) {
    static char text[8192];
    FILE *out = fmemopen(text, sizeof text, "w");
    report_print(report, out, false);
    fclose(out);
    return text;
}

static struct text_file file_of(const char *text) {
    return (struct text_file){"a.yaml", text, strlen(text)};
}

static void an_error_shows_its_line_and_a_caret(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    struct text_file file = file_of("one: 1\r\n  two: 2\r\nthree");
    assert_false(
        report_at(report, &(struct pos){&file, 2, 3, NULL}, "no key %s", quote("two").text));
    assert_false(report_at(report, &(struct pos){&file, 3, 6, NULL}, "ends here"));
    assert_false(report_error(report, "no place"));
    assert_int_equal(report_count(report), 3);
    assert_string_equal(printed(report), "a.yaml:2:3: error: no key 'two'\n"
                                         "    2 |   two: 2\n"
                                         "      |   ^\n"
                                         "a.yaml:3:6: error: ends here\n"
                                         "    3 | three\n"
                                         "      |      ^\n"
                                         "netrun: error: no place\n");
    arena_free(arena);
}

static void carets_stand_right_under_tabs_utf8_and_a_bom(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    struct text_file file = file_of("\xEF\xBB\xBF"
                                    "k\xC3\xA4se: x\n\t\xE2\x82\xAC: y");
    report_at(report, &(struct pos){&file, 1, 7, NULL}, "here");
    report_at(report, &(struct pos){&file, 2, 4, NULL}, "there");
    assert_string_equal(printed(report), "a.yaml:1:7: error: here\n"
                                         "    1 | k\xC3\xA4se: x\n"
                                         "      |       ^\n"
                                         "a.yaml:2:4: error: there\n"
                                         "    2 | \t\xE2\x82\xAC: y\n"
                                         "      | \t  ^\n");
    arena_free(arena);
}

static void notes_and_uses_follow_their_error(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    struct text_file file = file_of("a\nb\nc");
    struct pos outer = {&file, 3, 1, NULL}, inner = {&file, 1, 1, &outer},
               other = {&file, 2, 1, NULL};
    report_at(report, &inner, "wrong");
    report_note(report, &other, "first written here");
    assert_string_equal(printed(report),
                        "a.yaml:1:1: error: wrong\n    1 | a\n      | ^\n"
                        "a.yaml:2:1: note: first written here\n    2 | b\n      | ^\n"
                        "a.yaml:3:1: note: used from here\n    3 | c\n      | ^\n");
    arena_free(arena);
}

static void the_same_error_is_said_once_and_many_are_counted(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    struct text_file file = file_of("a");
    for (int i = 0; i < 3; i++)
        report_at(report, &(struct pos){&file, 1, 1, NULL}, "again");
    report_note(report, &(struct pos){&file, 1, 1, NULL}, "not for a repeated error");
    assert_int_equal(report_count(report), 1);
    assert_null(strstr(printed(report), "repeated"));
    for (int i = 0; i < 40; i++)
        report_error(report, "error %d", i);
    assert_int_equal(report_count(report), 41);
    char *text = printed(report);
    assert_non_null(strstr(text, "error 18\n"));
    assert_null(strstr(text, "error 19\n"));
    assert_non_null(strstr(text, "netrun: and 21 more like these\n"));
    arena_free(arena);
}

static void an_error_is_counted_even_without_memory_for_its_text(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    arena_fail_at(arena, 1);
    report_error(report, "text");
    assert_int_equal(report_count(report), 1);
    assert_string_equal(printed(report), "netrun: error: out of memory\n");
    arena_free(arena);
}

static void places_outside_the_text_do_no_harm(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    struct text_file file = file_of("ab");
    report_at(report, &(struct pos){&file, 9, 1, NULL}, "below");
    report_at(report, &(struct pos){&file, 1, 99, NULL}, "beyond");
    assert_non_null(strstr(printed(report), "a.yaml:1:99: error: beyond\n"));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_shows_its_line_and_a_caret),
        cmocka_unit_test(carets_stand_right_under_tabs_utf8_and_a_bom),
        cmocka_unit_test(notes_and_uses_follow_their_error),
        cmocka_unit_test(the_same_error_is_said_once_and_many_are_counted),
        cmocka_unit_test(an_error_is_counted_even_without_memory_for_its_text),
        cmocka_unit_test(places_outside_the_text_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
