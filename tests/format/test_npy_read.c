/* NumPy arrays, read: as NumPy 1.24 wrote them, and damaged in every way. */
#include "check.h"
#include "format_scene.h"
#include "netrun/format.h"

/* numpy.save of numpy.array([[1, 2, 3], [-1, 0, 0.5]], dtype='<f4'). */
static const char single[] = "\x93NUMPY\x01\x00\x76\x00"
                             "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
                             "                                                          \n"
                             "\x00\x00\x80\x3F\x00\x00\x00\x40\x00\x00\x40\x40"
                             "\x00\x00\x80\xBF\x00\x00\x00\x00\x00\x00\x00\x3F";

/* numpy.array(0.1), as format 2.0 with the keys in another order. */
static const char number[] = "\x93NUMPY\x02\x00\x34\x00\x00\x00"
                             "{'shape': (), 'fortran_order': True, 'descr': '<f8'}"
                             "\x9A\x99\x99\x99\x99\x99\xB9\x3F";

static bool read_bytes(struct scene *scene, const char *bytes, size_t size, struct npy *npy) {
    scene_write(scene, "a.npy", bytes, size);
    return npy_read(scene->arena, scene_path(scene, "a.npy"), npy, scene->report, NULL);
}

static void arrays_of_both_widths(void **state) {
    struct scene *scene = *state;
    struct npy npy;
    assert_int_equal(sizeof single - 1, 128 + 24);
    assert_true(read_bytes(scene, single, sizeof single - 1, &npy));
    assert_int_equal(npy.rank, 2);
    assert_int_equal(npy.dims[0], 2);
    assert_int_equal(npy.dims[1], 3);
    const float values[] = {1, 2, 3, -1, 0, 0.5f};
    assert_memory_equal(npy.values, values, sizeof values);
    assert_true(read_bytes(scene, number, sizeof number - 1, &npy));
    assert_int_equal(npy.rank, 0);
    assert_true(npy.values[0] == 0.1f);
}

static void what_is_written_is_read(void **state) {
    struct scene *scene = *state;
    const float values[] = {1, 2, 3, 4, 5, 6};
    const int dims[] = {1, 3, 2, 1};
    struct npy npy;
    assert_true(npy_write(scene_path(scene, "b.npy"), values, 4, dims, scene->report));
    assert_true(npy_read(scene->arena, scene_path(scene, "b.npy"), &npy, scene->report, NULL));
    assert_int_equal(npy.rank, 4);
    assert_memory_equal(npy.dims, dims, sizeof dims);
    assert_memory_equal(npy.values, values, sizeof values);
}

static void cut_short_at_every_byte(void **state) {
    struct scene *scene = *state;
    struct npy npy;
    for (size_t size = 0; size < sizeof single - 1; size++) {
        struct report *report = scene->report = report_new(scene->arena);
        assert_false(read_bytes(scene, single, size, &npy));
        assert_int_equal(report_count(report), 1);
    }
}

/* Whatever a byte of the head becomes, the array is refused, or has the size of the file. */
static void every_byte_of_the_head_changed(void **state) {
    struct scene *scene = *state;
    char bytes[sizeof single];
    struct npy npy;
    for (size_t i = 0; i < 128; i++)
        for (int value = 0; value < 256; value += 5) {
            memcpy(bytes, single, sizeof single);
            bytes[i] = (char)value;
            scene->report = report_new(scene->arena);
            if (read_bytes(scene, bytes, sizeof single - 1, &npy))
                assert_int_equal(npy.dims[0] * npy.dims[1], 6);
        }
}

static void what_is_refused(void **state) {
    static const struct {
        const char *head, *reason;
    } cases[] = {
        {"{'descr': '<i4', 'fortran_order': False, 'shape': (1,)}",
         "its values are no float32; save array.astype('float32')"},
        {"{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}",
         "it is in Fortran order; save numpy.ascontiguousarray of the array"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
         "its size is not that of the shape in its head"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647)}",
         "its size is not that of the shape in its head"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (2147483648,)}",
         "its head is damaged, or not as NumPy writes it"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}",
         "its head is damaged, or not as NumPy writes it"},
        {"{'descr': '<f4', 'fortran_order': False}",
         "its head is damaged, or not as NumPy writes it"},
        {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
         "its head is damaged, or not as NumPy writes it"},
        {"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}",
         "its head is damaged, or not as NumPy writes it"},
    };
    struct scene *scene = *state;
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        char bytes[256];
        struct npy npy;
        int length = (int)strlen(cases[i].head);
        memcpy(bytes, "\x93NUMPY\x01\x00", 8);
        bytes[8] = (char)length;
        bytes[9] = 0;
        memcpy(bytes + 10, cases[i].head, (size_t)length);
        memcpy(bytes + 10 + length, "\x00\x00\x80\x3F", 4);
        scene->report = report_new(scene->arena);
        assert_false(read_bytes(scene, bytes, (size_t)length + 14, &npy));
        const char *said = scene_said(scene);
        assert_non_null(strstr(said, "cannot read 'a.npy' as a NumPy array: "));
        assert_non_null(strstr(said, cases[i].reason));
    }
}

static void every_allocation_fails(void **state) {
    struct scene *scene = *state;
    struct npy npy;
    assert_true(read_bytes(scene, single, sizeof single - 1, &npy));
    struct arena *arena = arena_new();
    arena_fail_at(arena, 1);
    assert_false(npy_read(arena, scene_path(scene, "a.npy"), &npy, scene->report, NULL));
    assert_int_equal(report_count(scene->report), 0);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(arrays_of_both_widths, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(what_is_written_is_read, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(cut_short_at_every_byte, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(every_byte_of_the_head_changed, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(what_is_refused, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(every_allocation_fails, scene_set_up, scene_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
