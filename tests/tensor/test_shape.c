/* Shapes: equality, size, text; and the cut of a batch into slices. */
#include "check.h"
#include "netrun/tensor.h"

static void maps_and_vectors(void **state) {
    (void)state;
    struct shape map = shape_map(16, 32, 8), vector = shape_vector(10);
    assert_int_equal(map.rank, 3);
    assert_int_equal(shape_size(map), 4096);
    assert_string_equal(shape_text(map).text, "16x32x8");
    assert_int_equal(vector.rank, 1);
    assert_int_equal(vector.height, 1);
    assert_int_equal(vector.width, 1);
    assert_int_equal(shape_size(vector), 10);
    assert_string_equal(shape_text(vector).text, "10");
}

static void equality(void **state) {
    (void)state;
    assert_true(shape_equal(shape_map(3, 4, 5), shape_map(3, 4, 5)));
    assert_false(shape_equal(shape_map(3, 4, 5), shape_map(3, 5, 4)));
    assert_false(shape_equal(shape_map(3, 4, 5), shape_map(2, 4, 5)));
    assert_false(shape_equal(shape_map(10, 1, 1), shape_vector(10)));
}

static void size_beyond_32_bits(void **state) {
    (void)state;
    assert_true(shape_size(shape_map(1 << 16, 1 << 16, 4)) == (size_t)1 << 34);
}

static void slices_cover_the_batch(void **state) {
    (void)state;
    for (int images = 1; images <= 300; images++) {
        int next = 0, least = images, most = 0;
        assert_int_equal(slice_count(images), images < SLICE_MOST ? images : SLICE_MOST);
        for (int i = 0; i < slice_count(images); i++) {
            struct slice slice = slice_of(images, i);
            assert_int_equal(slice.index, i);
            assert_int_equal(slice.first, next);
            next += slice.count;
            least = slice.count < least ? slice.count : least;
            most = slice.count > most ? slice.count : most;
        }
        assert_int_equal(next, images);
        assert_in_range(least, 1, images);
        assert_in_range(most - least, 0, 1);
    }
}

static void slices_of_a_huge_batch(void **state) {
    (void)state;
    struct slice last = slice_of(INT32_MAX, SLICE_MOST - 1);
    assert_int_equal(last.first + last.count, INT32_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_and_vectors),       cmocka_unit_test(equality),
        cmocka_unit_test(size_beyond_32_bits),    cmocka_unit_test(slices_cover_the_batch),
        cmocka_unit_test(slices_of_a_huge_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
