/* Tests of spec: files in a folder of their own, read, and what the report says of them. */
#ifndef TESTS_SPEC_SCENE_H
#define TESTS_SPEC_SCENE_H

#include "conf_scene.h"
#include "netrun/spec.h"
#include "temporary.h"

/* What reading a file yields. */
struct reading_scene {
    struct temporary folder;
    struct scene scene;
    enum spec_kind kind;
    const struct netdef *netdef;
    const struct experiment *experiment;
};

/* Some files: name, text, name, text, ..., NULL. */
typedef const char *const spec_files[20];

static inline struct reading_scene spec_scene_new(spec_files files) {
    struct reading_scene reading = {.folder = temporary_new(), .scene = scene_new()};
    for (; files && *files; files += 2)
        temporary_write(&reading.folder, files[0], files[1]);
    return reading;
}

static inline void spec_scene_end(struct reading_scene *reading) {
    scene_end(&reading->scene);
    temporary_end(&reading->folder);
}

static inline void spec_scene_read(struct reading_scene *reading, const char *name,
                                   const struct override *overrides, int count) {
    struct temporary_path path = temporary_path(&reading->folder, name);
    reading->kind = spec_read(reading->scene.arena, path.text, overrides, count, &reading->netdef,
                              &reading->experiment, reading->scene.report);
}

/* Errors and notes, a line each, without the lines of text; paths begin in the folder. */
static inline const char *spec_scene_said(struct reading_scene *reading) {
    if (report_count(reading->scene.report) == 0)
        return "";
    struct temporary_path folder = temporary_path(&reading->folder, "");
    char *all = scene_text(&reading->scene, scene_print_report, reading->scene.report);
    char *said = arena_alloc(reading->scene.arena, strlen(all) + 1, 1), *to = said;
    for (char *line = strtok(all, "\n"); line; line = strtok(NULL, "\n")) {
        if (!strstr(line, ": error: ") && !strstr(line, ": note: "))
            continue;
        for (char *at; (at = strstr(line, folder.text));)
            memmove(at, at + strlen(folder.text), strlen(at + strlen(folder.text)) + 1);
        to += sprintf(to, "%s%s", to > said ? "\n" : "", line);
    }
    return said;
}

/* 1, and both are printed, where it says something else. */
static inline int spec_scene_differs(struct reading_scene *reading, const char *said) {
    const char *says = spec_scene_said(reading);
    if (strcmp(says, said) == 0)
        return 0;
    print_error("it says\n%s\nnot\n%s\n", says, said);
    return 1;
}

static inline void spec_scene_expect(struct reading_scene *reading, const char *said) {
    assert_int_equal(spec_scene_differs(reading, said), 0);
}

/* A tree as text. */
static inline const char *spec_scene_text(struct reading_scene *reading, const struct node *node) {
    return scene_text(&reading->scene, scene_print_node, node);
}

#endif
