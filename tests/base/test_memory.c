/* Arenas: alignment, zeroing, growth, families, and memory that runs out. */
#include "check.h"
#include "netrun/base.h"

static void pieces_are_zero_aligned_and_apart(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    unsigned char *last = NULL;
    size_t last_size = 0;
    for (size_t size = 1; size < 200000; size = size * 3 / 2 + 1) {
        unsigned char *piece = arena_alloc(arena, size, 1);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % (size >= 64 ? 64 : 16), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(piece[i], 0);
        memset(piece, 0xAB, size);
        if (last)
            assert_int_equal(last[last_size - 1], 0xAB);
        last = piece;
        last_size = size;
    }
    arena_free(arena);
}

static void products_that_overflow_are_refused(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    assert_null(arena_alloc(arena, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(arena, SIZE_MAX, 1));
    assert_non_null(arena_alloc(arena, 0, 8));
    arena_free(arena);
}

static void lists_keep_their_items_when_they_grow(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    int *items = NULL, capacity = 0;
    for (int count = 0; count < 1000; count++) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        assert_non_null(items);
        items[count] = count;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    arena_free(arena);
}

static void children_go_with_their_parent_or_before(void **state) {
    (void)state;
    struct arena *parent = arena_new();
    struct arena *first = arena_child(parent), *second = arena_child(parent),
                 *third = arena_child(parent);
    assert_non_null(arena_alloc(arena_child(third), 1, 1000));
    assert_int_equal(arena_used(parent), 1000);
    arena_free(second);
    arena_free(first);
    assert_int_equal(arena_used(parent), 1000);
    arena_free(parent); /* the leak checker sees what is forgotten */
}

static void memory_runs_out_where_a_test_says(void **state) {
    (void)state;
    struct arena *arena = arena_new(), *child = arena_child(arena);
    arena_fail_at(child, 2);
    assert_non_null(arena_alloc(arena, 1, 1));
    assert_null(arena_alloc(child, 1, 1));
    assert_null(arena_alloc(arena, 1, 1));
    assert_null(arena_child(arena));
    arena_fail_at(arena, 0);
    assert_non_null(arena_alloc(child, 1, 1));
    arena_free(arena);
}

static void printf_fits_any_length(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    char *text = arena_printf(arena, "%0*d|%s", 5000, 7, "end");
    assert_int_equal(strlen(text), 5004);
    assert_string_equal(text + 4999, "7|end");
    assert_string_equal(arena_copy(arena, "abcdef", 3), "abc");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zero_aligned_and_apart),
        cmocka_unit_test(products_that_overflow_are_refused),
        cmocka_unit_test(lists_keep_their_items_when_they_grow),
        cmocka_unit_test(children_go_with_their_parent_or_before),
        cmocka_unit_test(memory_runs_out_where_a_test_says),
        cmocka_unit_test(printf_fits_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
