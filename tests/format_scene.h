/* Where the tests of format write: a folder of their own under /tmp, an arena, a report. Include after
 * check.h. */
#ifndef FORMAT_SCENE_H
#define FORMAT_SCENE_H

#include "netrun/base.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

struct scene {
    struct arena *arena;
    struct report *report;
    char folder[64];
};

static inline int scene_set_up(void **state) {
    struct scene *scene = calloc(1, sizeof *scene);
    scene->arena = arena_new();
    scene->report = report_new(scene->arena);
    strcpy(scene->folder, "/tmp/netrun test'XXXXXX"); /* a space and a quote, as users have them */
    *state = scene;
    return mkdtemp(scene->folder) ? 0 : -1;
}

static inline int scene_tear_down(void **state) {
    struct scene *scene = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf \"%s\"", scene->folder);
    arena_free(scene->arena);
    int status = system(command);
    free(scene);
    return status;
}

static inline const char *scene_path(struct scene *scene, const char *name) {
    return arena_printf(scene->arena, "%s/%s", scene->folder, name);
}

/* The bytes of a file in the folder, NUL-terminated; the test fails when there is none. */
static inline char *scene_read(struct scene *scene, const char *name, size_t *size) {
    size_t ignored;
    char *bytes = file_read(scene->arena, scene_path(scene, name), 1 << 24, size ? size : &ignored,
                            scene->report, NULL);
    assert_non_null(bytes);
    return bytes;
}

static inline void scene_write(struct scene *scene, const char *name, const void *bytes,
                               size_t size) {
    FILE *out = fopen(scene_path(scene, name), "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

/* All errors so far, as the user would see them, with the folder's name taken out. */
static inline const char *scene_said(struct scene *scene) {
    char *text = arena_alloc(scene->arena, 8192, 1);
    FILE *out = fmemopen(text, 8192, "w");
    report_print(scene->report, out, false);
    fclose(out);
    for (char *found; (found = strstr(text, scene->folder));)
        memmove(found, found + strlen(scene->folder) + 1, strlen(found + strlen(scene->folder)));
    return text;
}

/* From now on files can hold no more than `bytes`, as if the disk were full; 0: no limit again. */
static inline void scene_limit_files(size_t bytes) {
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes ? bytes : limit.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
}

#endif
