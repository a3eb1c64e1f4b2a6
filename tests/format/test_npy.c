/* NumPy arrays, against bytes written by hand from the specification of format 1.0. */
#include "check.h"
#include "format_scene.h"
#include "netrun/format.h"

/* Six values, 2 x 3: 10 bytes of prefix and a head of 118 (0x76) make 128. */
static const char matrix[] = "\x93NUMPY\x01\x00\x76\x00"
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, ), }"
                             "                                                        \n"
                             "\x00\x00\x80\x3F\x00\x00\x00\x40\x00\x00\x40\x40"
                             "\x00\x00\x80\xBF\x00\x00\x00\x00\x00\x00\xC0\x7F";

static void a_matrix_has_the_bytes_of_the_specification(void **state) {
    struct scene *scene = *state;
    const float values[] = {1, 2, 3, -1, 0, __builtin_nanf("")};
    assert_true(npy_write(scene_path(scene, "a.npy"), values, 2, (int[]){2, 3}, scene->report));
    size_t size;
    char *bytes = scene_read(scene, "a.npy", &size);
    assert_int_equal(sizeof matrix - 1, 128 + 24);
    assert_int_equal(size, sizeof matrix - 1);
    assert_memory_equal(bytes, matrix, size);
}

static void every_rank_is_aligned_and_named(void **state) {
    struct scene *scene = *state;
    static const char *const shapes[] = {"()", "(1, )", "(1, 1, )", "(1, 1, 2, )",
                                         "(1, 1, 2, 2, )"};
    const int dims[] = {1, 1, 2, 2};
    const float values[4] = {7, 8, 9, 10};
    const size_t counts[] = {1, 1, 1, 2, 4};
    for (int rank = 0; rank <= 4; rank++) {
        assert_true(npy_write(scene_path(scene, "a.npy"), values, rank, dims, scene->report));
        size_t size;
        const char *bytes = scene_read(scene, "a.npy", &size);
        size_t head = 10 + (unsigned char)bytes[8] + 256 * (size_t)(unsigned char)bytes[9];
        assert_int_equal(head % 64, 0);
        assert_int_equal(bytes[head - 1], '\n');
        assert_int_equal(size, head + counts[rank] * sizeof(float));
        assert_memory_equal(bytes + head, values, counts[rank] * sizeof(float));
        const char *wanted = arena_printf(scene->arena, "'shape': %s, }", shapes[rank]);
        assert_non_null(strstr(bytes + 10, wanted));
    }
}

static void an_array_may_be_empty(void **state) {
    struct scene *scene = *state;
    assert_true(
        npy_write(scene_path(scene, "a.npy"), (float[]){0}, 2, (int[]){0, 3}, scene->report));
    size_t size;
    scene_read(scene, "a.npy", &size);
    assert_int_equal(size, 128);
}

static void what_cannot_be_written_is_said(void **state) {
    struct scene *scene = *state;
    const float values[1000] = {0};
    assert_false(npy_write(scene_path(scene, "no/a.npy"), values, 1, (int[]){1}, scene->report));
    scene_limit_files(1000);
    bool good = npy_write(scene_path(scene, "b.npy"), values, 1, (int[]){1000}, scene->report);
    scene_limit_files(0);
    assert_false(good);
    assert_false(file_exists(scene_path(scene, "b.npy")));
    assert_string_equal(scene_said(scene),
                        "netrun: error: cannot write 'no/a.npy': No such file or directory\n"
                        "netrun: error: cannot write 'b.npy': File too large\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(a_matrix_has_the_bytes_of_the_specification),
        TEST(every_rank_is_aligned_and_named),
        TEST(an_array_may_be_empty),
        TEST(what_cannot_be_written_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
