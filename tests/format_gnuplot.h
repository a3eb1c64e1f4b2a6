/* Tests with gnuplot, without it, and with programs that only bear its name. Include after
 * format_scene.h. */
#ifndef FORMAT_GNUPLOT_H
#define FORMAT_GNUPLOT_H

#include "netrun/format.h"

#include <stdlib.h>
#include <sys/stat.h>

/* Skips the test where gnuplot is not installed; to be called before PATH is changed. */
static inline void format_need_gnuplot(void) {
    if (system("command -v gnuplot >/dev/null") != 0)
        skip();
}

/* Makes the scene's folder the whole PATH, until format_restore_path. */
static inline char *format_empty_path(struct scene *scene) {
    const char *path = getenv("PATH");
    char *old = arena_copy(scene->arena, path, strlen(path));
    setenv("PATH", scene->folder, 1);
    return old;
}

static inline void format_restore_path(const char *old) {
    setenv("PATH", old, 1);
}

/* Puts a shell script named gnuplot into the scene's folder. */
static inline void format_fake_gnuplot(struct scene *scene, const char *script) {
    char *text = arena_printf(scene->arena, "#!/bin/sh\n%s\n", script);
    scene_write(scene, "gnuplot", text, strlen(text));
    assert_int_equal(chmod(scene_path(scene, "gnuplot"), 0755), 0);
}

#endif
