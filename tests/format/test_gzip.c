/* Files gzipped or not: bytes made by `printf TEXT | gzip -9n`, whole, cut at every byte, damaged. */
#include "check.h"
#include "format_scene.h"
#include "netrun/format.h"

#include <zlib.h>

static const char text[] = "netrun netrun netrun netrun\n";
static const unsigned char packed[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x4b, 0x2d, 0x29, 0x2a, 0xcd,
    0x53, 0xc8, 0xc3, 0x42, 0x71, 0x01, 0x00, 0x66, 0x66, 0x1a, 0xa0, 0x1c, 0x00, 0x00, 0x00,
};

static uint8_t *unpack(struct scene *scene, const void *bytes, size_t count, size_t *size) {
    scene_write(scene, "a.gz", bytes, count);
    return gzip_read(scene->arena, scene_path(scene, "a.gz"), 100, size, scene->report);
}

static void both_kinds_of_file_are_read(void **state) {
    struct scene *scene = *state;
    size_t size;
    uint8_t *bytes = unpack(scene, packed, sizeof packed, &size);
    assert_int_equal(size, sizeof text - 1);
    assert_memory_equal(bytes, text, size);
    bytes = unpack(scene, text, sizeof text - 1, &size);
    assert_int_equal(size, sizeof text - 1);
    assert_memory_equal(bytes, text, size);
    assert_non_null(unpack(scene, "", 0, &size));
    assert_int_equal(size, 0);
    assert_int_equal(report_count(scene->report), 0);
}

static void members_one_after_another_are_joined(void **state) {
    struct scene *scene = *state;
    unsigned char twice[2 * sizeof packed];
    memcpy(twice, packed, sizeof packed);
    memcpy(twice + sizeof packed, packed, sizeof packed);
    size_t size;
    uint8_t *bytes = unpack(scene, twice, sizeof twice, &size);
    assert_int_equal(size, 2 * (sizeof text - 1));
    assert_memory_equal(bytes + sizeof text - 1, text, sizeof text - 1);
}

/* A first byte alone does not make a file gzipped: cuts begin at two. */
static void a_file_cut_anywhere_is_refused(void **state) {
    struct scene *scene = *state;
    size_t size;
    for (size_t cut = 2; cut < sizeof packed; cut++)
        assert_null(unpack(scene, packed, cut, &size));
    assert_int_equal(report_count(scene->report), 1); /* the same message, kept once */
    assert_string_equal(scene_said(scene), "netrun: error: cannot unpack 'a.gz': unexpected end of "
                                           "file; the file is damaged, get it again\n");
}

static void damaged_bytes_are_refused(void **state) {
    struct scene *scene = *state;
    size_t size;
    unsigned char damaged[sizeof packed];
    memcpy(damaged, packed, sizeof packed);
    damaged[sizeof packed - 5] ^= 1; /* the checksum */
    assert_null(unpack(scene, damaged, sizeof packed, &size));
    memcpy(damaged, packed, sizeof packed);
    damaged[10] = 0xFF; /* a block of type 3 */
    assert_null(unpack(scene, damaged, sizeof packed, &size));
    assert_string_equal(scene_said(scene), "netrun: error: cannot unpack 'a.gz': incorrect data "
                                           "check; the file is damaged, get it again\n"
                                           "netrun: error: cannot unpack 'a.gz': invalid block "
                                           "type; the file is damaged, get it again\n");
}

/* Three and a half pieces of 1 MiB of bytes that follow a rule, and a limit just under them. */
static void large_files_are_joined_and_limited(void **state) {
    struct scene *scene = *state;
    size_t count = 3500000, size;
    uint8_t *bytes = arena_alloc(scene->arena, count, 1);
    for (size_t i = 0; i < count; i++)
        bytes[i] = (uint8_t)(i * i >> 8);
    const char *path = scene_path(scene, "large.gz");
    gzFile file = gzopen(path, "wb1");
    assert_int_equal(gzwrite(file, bytes, (unsigned)count), count);
    gzclose(file);
    uint8_t *read = gzip_read(scene->arena, path, count, &size, scene->report);
    assert_int_equal(size, count);
    assert_memory_equal(read, bytes, count);
    assert_null(gzip_read(scene->arena, path, count - 1, &size, scene->report));
    assert_string_equal(scene_said(scene), "netrun: error: 'large.gz' unpacks to more than 3.5 MB, "
                                           "the most that is read\n");
}

static void what_cannot_be_opened_is_said(void **state) {
    struct scene *scene = *state;
    size_t size;
    assert_null(gzip_read(scene->arena, scene_path(scene, "none"), 9, &size, scene->report));
    assert_null(gzip_read(scene->arena, scene_path(scene, "."), 9, &size, scene->report));
    assert_string_equal(scene_said(scene),
                        "netrun: error: cannot read 'none': No such file or directory\n"
                        "netrun: error: cannot read '.': Is a directory\n");
}

static void memory_that_runs_out_is_no_error_of_the_file(void **state) {
    struct scene *scene = *state;
    size_t size;
    scene_write(scene, "a.gz", packed, sizeof packed);
    const char *path = scene_path(scene, "a.gz");
    long n = 0;
    uint8_t *bytes = NULL;
    while (!bytes && ++n < 20) {
        arena_fail_at(scene->arena, n);
        bytes = gzip_read(scene->arena, path, 100, &size, scene->report);
    }
    arena_fail_at(scene->arena, 0);
    assert_non_null(bytes);
    assert_true(n > 2);
    assert_int_equal(report_count(scene->report), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)
        TEST(both_kinds_of_file_are_read),
        TEST(members_one_after_another_are_joined),
        TEST(a_file_cut_anywhere_is_refused),
        TEST(damaged_bytes_are_refused),
        TEST(large_files_are_joined_and_limited),
        TEST(what_cannot_be_opened_is_said),
        TEST(memory_that_runs_out_is_no_error_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
