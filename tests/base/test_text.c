/* Words and numbers in messages. */
#include "check.h"
#include "netrun/base.h"

static void words_are_quoted_cut_and_made_harmless(void **state) {
    (void)state;
    assert_string_equal(quote("kernel").text, "'kernel'");
    assert_string_equal(quote("").text, "''");
    assert_string_equal(quote("a\nb\x1B[0m").text, "'a?b?[0m'");
    assert_string_equal(quote("1234567890123456789012345678901234567890").text,
                        "'1234567890123456789012345678901234567890'");
    assert_string_equal(quote("12345678901234567890123456789012345678901").text,
                        "'1234567890123456789012345678901234567890...'");
    char wide[200] = "";
    for (int i = 0; i < 45; i++)
        strcat(wide, "\xE2\x82\xAC");
    const char *text = quote(wide).text;
    assert_int_equal(strlen(text) % 3, 2); /* whole characters, two quotes and three dots */
    assert_string_equal(text + strlen(text) - 4, "...'");
    assert_string_equal(quote("\xE2").text, "'\xE2'");
}

static const char *hint(const char *word, const char *const *names) {
    static struct quoted kept;
    struct nearest nearest = {.word = word};
    for (; *names; names++)
        nearest_offer(&nearest, *names);
    kept = nearest_hint(&nearest);
    return kept.text;
}

static void the_nearest_name_is_offered_when_it_is_near(void **state) {
    (void)state;
    const char *const names[] = {"kernel", "stride", "padding", "out", NULL};
    assert_string_equal(hint("kernal", names), "; did you mean 'kernel'?");
    assert_string_equal(hint("ekrnel", names), "; did you mean 'kernel'?");
    assert_string_equal(hint("strid", names), "; did you mean 'stride'?");
    assert_string_equal(hint("paddings", names), "; did you mean 'padding'?");
    assert_string_equal(hint("otu", names), "; did you mean 'out'?");
    assert_string_equal(hint("xyz", names), "");
    assert_string_equal(hint("momentum", names), "");
    assert_string_equal(hint("", names), "");
    assert_string_equal(hint("a_word_of_more_than_forty_characters_is_left", names), "");
    const char *const none[] = {NULL};
    assert_string_equal(hint("kernel", none), "");
}

static void numbers_read_well(void **state) {
    (void)state;
    assert_string_equal(text_commas(0).text, "0");
    assert_string_equal(text_commas(999).text, "999");
    assert_string_equal(text_commas(558026).text, "558,026");
    assert_string_equal(text_commas(-1234567).text, "-1,234,567");
    assert_string_equal(text_commas(-123).text, "-123");
    assert_string_equal(text_commas(INT64_MIN).text, "-9,223,372,036,854,775,808");
    assert_string_equal(text_bytes(0).text, "0 bytes");
    assert_string_equal(text_bytes(999).text, "999 bytes");
    assert_string_equal(text_bytes(1500).text, "1.5 kB");
    assert_string_equal(text_bytes(999949999).text, "999.9 MB");
    assert_string_equal(text_bytes(999950000).text, "1.0 GB");
    assert_string_equal(text_seconds(0).text, "0.0 s");
    assert_string_equal(text_seconds(9.94).text, "9.9 s");
    assert_string_equal(text_seconds(59.4).text, "59 s");
    assert_string_equal(text_seconds(59.6).text, "1 min 00 s");
    assert_string_equal(text_seconds(3725).text, "1 h 02 min");
}

static void what_is_printed_becomes_a_text(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    struct text_writer writer;
    size_t size;
    assert_true(text_begin(&writer));
    fprintf(writer.out, "%d lines\n", 2);
    assert_string_equal(text_end(&writer, arena, &size), "2 lines\n");
    assert_int_equal(size, 8);
    assert_true(text_begin(&writer));
    arena_fail_at(arena, 1);
    assert_null(text_end(&writer, arena, &size));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_quoted_cut_and_made_harmless),
        cmocka_unit_test(the_nearest_name_is_offered_when_it_is_near),
        cmocka_unit_test(numbers_read_well),
        cmocka_unit_test(what_is_printed_becomes_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
