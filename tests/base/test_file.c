/* Files: what is read, refused, written whole; names beside names. */
#include "check.h"
#include "netrun/base.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    struct arena *arena;
    struct report *report;
    char folder[64];
};

static int set_up(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    scene->arena = arena_new();
    scene->report = report_new(scene->arena);
    strcpy(scene->folder, "/tmp/netrun-test-XXXXXX");
    *state = scene;
    return mkdtemp(scene->folder) ? 0 : -1;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", scene->folder);
    arena_free(scene->arena);
    int status = system(command);
    free(scene);
    return status;
}

static const char *in(struct scene *scene, const char *name) {
    return arena_printf(scene->arena, "%s/%s", scene->folder, name);
}

static const char *said(struct scene *scene) {
    char *text = arena_alloc(scene->arena, 4096, 1);
    FILE *out = fmemopen(text, 4096, "w");
    report_print(scene->report, out, false);
    fclose(out);
    return text;
}

static void a_file_is_written_whole_and_read_back(void **state) {
    struct scene *scene = *state;
    const char *path = in(scene, "a b.txt");
    struct file_writer writer;
    assert_true(file_begin(&writer, path, scene->report));
    fputs("hello", writer.out);
    assert_false(file_exists(path));
    assert_true(file_commit(&writer, scene->report));
    size_t size;
    char *text = file_read(scene->arena, path, 100, &size, scene->report, NULL);
    assert_int_equal(size, 5);
    assert_string_equal(text, "hello");
    assert_int_equal(report_count(scene->report), 0);
}

static void a_discarded_file_leaves_the_old_one(void **state) {
    struct scene *scene = *state;
    const char *path = in(scene, "kept");
    struct file_writer writer;
    for (int round = 0; round < 2; round++) {
        assert_true(file_begin(&writer, path, scene->report));
        fputs(round ? "new" : "old", writer.out);
        if (round)
            file_discard(&writer);
        else
            assert_true(file_commit(&writer, scene->report));
    }
    file_discard(&writer);
    size_t size;
    assert_string_equal(file_read(scene->arena, path, 9, &size, scene->report, NULL), "old");
    assert_false(file_exists(in(scene, "kept.tmp")));
}

static void a_full_disk_leaves_nothing_half_written(void **state) {
    struct scene *scene = *state;
    const char *path = in(scene, "big");
    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){1000, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    struct file_writer writer;
    assert_true(file_begin(&writer, path, scene->report));
    for (int i = 0; i < 100000; i++)
        fputc('x', writer.out);
    bool committed = file_commit(&writer, scene->report);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(committed);
    assert_false(file_exists(path));
    assert_false(file_exists(in(scene, "big.tmp")));
    assert_non_null(strstr(said(scene), "cannot write '"));
}

static void what_cannot_be_read_is_said(void **state) {
    struct scene *scene = *state;
    size_t size;
    assert_null(file_read(scene->arena, in(scene, "none"), 9, &size, scene->report, NULL));
    assert_null(file_read(scene->arena, scene->folder, 9, &size, scene->report, NULL));
    struct file_writer writer;
    assert_true(file_begin(&writer, in(scene, "long"), scene->report));
    fputs("0123456789", writer.out);
    assert_true(file_commit(&writer, scene->report));
    assert_null(file_read(scene->arena, in(scene, "long"), 9, &size, scene->report, NULL));
    assert_non_null(strstr(said(scene), "/none': No such file or directory\n"));
    assert_non_null(strstr(said(scene), "': it is not a file\n"));
    assert_non_null(strstr(said(scene), "/long' is larger than 9 bytes, the most that is read\n"));
}

static void folders_are_made_with_those_above(void **state) {
    struct scene *scene = *state;
    assert_true(file_make_folder(in(scene, "x/y z/w"), scene->report));
    assert_true(file_make_folder(in(scene, "x/y z/w"), scene->report));
    assert_true(file_exists(in(scene, "x/y z/w")));
    struct file_writer writer;
    assert_true(file_begin(&writer, in(scene, "taken"), scene->report));
    assert_true(file_commit(&writer, scene->report));
    assert_false(file_make_folder(in(scene, "taken"), scene->report));
    assert_false(file_make_folder(in(scene, "taken/below"), scene->report));
}

static void names_are_seen_from_a_file(void **state) {
    struct scene *scene = *state;
    static const char *const cases[][3] = {
        {"experiments/a.yaml", "../netdefs/b.yaml", "netdefs/b.yaml"},
        {"a.yaml", "b.yaml", "b.yaml"},
        {"a.yaml", "../b.yaml", "../b.yaml"},
        {"x/a.yaml", "./y//b.yaml", "x/y/b.yaml"},
        {"x/a.yaml", "/abs/../b.yaml", "/b.yaml"},
        {"/r/x/a.yaml", "../b.yaml", "/r/b.yaml"},
        {"../../x/a.yaml", "../../b.yaml", "../../../b.yaml"},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++)
        assert_string_equal(file_beside(scene->arena, cases[i][0], cases[i][1]), cases[i][2]);
}

static void a_link_to_a_folder_is_followed(void **state) {
    struct scene *scene = *state;
    assert_true(file_make_folder(in(scene, "far/deep"), scene->report));
    assert_int_equal(symlink(in(scene, "far/deep"), in(scene, "link")), 0);
    struct file_writer writer;
    assert_true(file_begin(&writer, in(scene, "far/b.yaml"), scene->report));
    assert_true(file_commit(&writer, scene->report));
    char *path = file_beside(scene->arena, in(scene, "link/a.yaml"), "../b.yaml");
    assert_true(file_exists(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_written_whole_and_read_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_discarded_file_leaves_the_old_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing_half_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folders_are_made_with_those_above, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_seen_from_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_link_to_a_folder_is_followed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
