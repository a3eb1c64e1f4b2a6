/* Offsets for pieces of memory: nothing that exists together overlaps, and the total is near the least. */
#include "check.h"
#include "netrun/plan.h"

#include "../../src/plan/place.h"

enum { PIECES = 150, MOMENTS = 60 };

static bool overlap(const struct piece *a, const struct piece *b) {
    bool in_time = a->from <= b->to && b->from <= a->to;
    return in_time && a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

static size_t most_alive(const struct piece *pieces, int count) {
    size_t most = 0;
    for (int t = -1; t < MOMENTS; t++) {
        size_t alive = 0;
        for (int i = 0; i < count; i++)
            if (pieces[i].from <= t && t <= pieces[i].to)
                alive += pieces[i].bytes;
        most = alive > most ? alive : most;
    }
    return most;
}

/* Places the pieces and returns how many bytes that takes. */
static size_t check_places(struct piece *pieces, int count) {
    struct arena *arena = arena_new();
    size_t end = 0, bound = 0, last = 0;
    assert_true(place_pieces(arena, pieces, count, &end));
    assert_true(place_bound(arena, pieces, count, -1, MOMENTS, &bound));
    assert_int_equal(bound, most_alive(pieces, count));
    assert_true(end >= bound);
    for (int i = 0; i < count; i++) {
        assert_int_equal(pieces[i].offset % PLAN_ALIGN, 0);
        last =
            pieces[i].offset + pieces[i].bytes > last ? pieces[i].offset + pieces[i].bytes : last;
        for (int j = 0; j < i; j++)
            assert_false(overlap(&pieces[i], &pieces[j]));
    }
    assert_int_equal(end, last);
    arena_free(arena);
    return end;
}

static void random_pieces(void **state) {
    (void)state;
    struct piece pieces[PIECES];
    for (uint32_t round = 0; round < 50; round++) {
        struct random random = random_stream(round, RANDOM_TEST, 0, 0);
        for (int i = 0; i < PIECES; i++) {
            int from = (int)random_below(&random, MOMENTS) - 1;
            int to = from + (int)random_below(&random, (uint32_t)(MOMENTS - from));
            size_t lines = 1 + random_below(&random, 1u << random_below(&random, 12));
            pieces[i] = (struct piece){.bytes = lines * PLAN_ALIGN, .from = from, .to = to};
        }
        check_places(pieces, PIECES);
    }
}

/* Pieces nested around a moment, as in training, fit without loss. */
static void nested_pieces(void **state) {
    (void)state;
    struct piece pieces[20];
    for (int i = 0; i < 20; i++)
        pieces[i] = (struct piece){.bytes = (size_t)(i % 7 + 1) * 640, .from = i, .to = 40 - i};
    assert_int_equal(check_places(pieces, 20), most_alive(pieces, 20));
}

/* The hole that the middle piece leaves takes the next that fits. */
static void a_hole_is_filled(void **state) {
    (void)state;
    struct piece pieces[] = {{.bytes = 640, .from = 0, .to = 9},
                             {.bytes = 320, .from = 0, .to = 3},
                             {.bytes = 256, .from = 4, .to = 9},
                             {.bytes = 64, .from = 4, .to = 5},
                             {.bytes = 64, .from = 6, .to = 9}};
    assert_int_equal(check_places(pieces, 5), 960);
}

static void nothing_to_place(void **state) {
    (void)state;
    struct piece none;
    assert_int_equal(check_places(&none, 0), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_pieces),
        cmocka_unit_test(nested_pieces),
        cmocka_unit_test(a_hole_is_filled),
        cmocka_unit_test(nothing_to_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
