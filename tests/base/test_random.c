/* The generator against the known answers of its authors (Random123, kat_vectors), and its distributions. */
#include "check.h"
#include "netrun/base.h"

#include <math.h>

static void philox_gives_the_published_numbers(void **state) {
    (void)state;
    static const struct {
        struct random random;
        uint32_t expected[4];
    } cases[] = {
        {{.key = {0, 0}, .counter = {0, 0, 0, 0}},
         {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{.key = {0xffffffff, 0xffffffff},
          .counter = {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{.key = {0xa4093822, 0x299f31d0},
          .counter = {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int c = 0; c < BASE_COUNT(cases); c++) {
        struct random random = cases[c].random;
        for (int i = 0; i < 4; i++)
            assert_int_equal(random_bits(&random), cases[c].expected[i]);
    }
}

static void streams_differ_in_every_part_of_their_name(void **state) {
    (void)state;
    struct random streams[] = {
        random_stream(1, RANDOM_INIT, 2, 3),          random_stream(2, RANDOM_INIT, 2, 3),
        random_stream(1ull << 32, RANDOM_INIT, 2, 3), random_stream(1, RANDOM_SHUFFLE, 2, 3),
        random_stream(1, RANDOM_INIT, 3, 3),          random_stream(1, RANDOM_INIT, 2, 4),
    };
    uint32_t first[BASE_COUNT(streams)];
    for (int i = 0; i < BASE_COUNT(streams); i++) {
        first[i] = random_bits(&streams[i]);
        for (int j = 0; j < i; j++)
            assert_int_not_equal(first[i], first[j]);
    }
}

static void uniform_and_normal_have_their_moments(void **state) {
    (void)state;
    struct random random = random_stream(7, RANDOM_TEST, 0, 0);
    enum { N = 200000 };
    double sum = 0, squares = 0, normal = 0, normal_squares = 0;
    for (int i = 0; i < N; i++) {
        double u = random_uniform(&random), z = random_normal(&random);
        assert_true(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
        normal += z;
        normal_squares += z * z;
    }
    /* five standard errors */
    assert_true(fabs(sum / N - 0.5) < 5 * sqrt(1 / 12.0 / N));
    assert_true(fabs(squares / N - 1 / 3.0) < 5 * sqrt(4 / 45.0 / N));
    assert_true(fabs(normal / N) < 5 / sqrt(N));
    assert_true(fabs(normal_squares / N - 1) < 5 * sqrt(2.0 / N));
}

static void below_is_even(void **state) {
    (void)state;
    struct random random = random_stream(8, RANDOM_TEST, 0, 0);
    int counts[6] = {0};
    enum { N = 60000 };
    for (int i = 0; i < N; i++)
        counts[random_below(&random, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_true(fabs(counts[i] - N / 6.0) < 5 * sqrt(N * 5 / 36.0));
    for (int i = 0; i < 100; i++)
        assert_int_equal(random_below(&random, 1), 0);
}

static void a_shuffle_keeps_all_and_moves_most(void **state) {
    (void)state;
    struct random random = random_stream(9, RANDOM_TEST, 0, 0);
    int items[1000], seen[1000] = {0}, stayed = 0;
    for (int i = 0; i < 1000; i++)
        items[i] = i;
    random_shuffle(&random, items, 1000);
    for (int i = 0; i < 1000; i++) {
        seen[items[i]]++;
        stayed += items[i] == i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(seen[i], 1);
    assert_true(stayed < 10); /* one expected */
}

static void the_hash_is_fnv_1a(void **state) {
    (void)state;
    assert_int_equal(hash_text(""), 0x811c9dc5);
    assert_int_equal(hash_text("a"), 0xe40c292c);
    assert_int_equal(hash_text("foobar"), 0xbf9cf968);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox_gives_the_published_numbers),
        cmocka_unit_test(streams_differ_in_every_part_of_their_name),
        cmocka_unit_test(uniform_and_normal_have_their_moments),
        cmocka_unit_test(below_is_even),
        cmocka_unit_test(a_shuffle_keeps_all_and_moves_most),
        cmocka_unit_test(the_hash_is_fnv_1a),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
