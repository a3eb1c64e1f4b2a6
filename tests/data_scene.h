/* Tests of data: a `data:` map read from text, a folder of data sets, and what was said about them. */
#ifndef TESTS_DATA_SCENE_H
#define TESTS_DATA_SCENE_H

#include "netrun/data.h"
#include "said.h"
#include "temporary.h"

struct scene {
    struct arena *arena;
    struct report *report;
    struct temporary data; /* the folder of all data sets */
};

static inline struct scene scene_new(void) {
    struct scene scene = {.arena = arena_new(), .data = temporary_new()};
    scene.report = report_new(scene.arena);
    return scene;
}

static inline void scene_end(struct scene *scene) {
    temporary_end(&scene->data);
    arena_free(scene->arena);
}

/* What is written under `data:`; NULL: see the report. */
static inline const struct data_spec *scene_check(struct scene *scene, const char *text) {
    const struct node *map = conf_parse(scene->arena, "t", text, strlen(text), scene->report);
    assert_non_null(map);
    return data_check(scene->arena, map, scene->report);
}

/* The same, opened. False: see the report. */
static inline bool scene_open(struct scene *scene, const char *text, enum data_split split,
                              struct dataset *dataset) {
    const struct data_spec *spec = scene_check(scene, text);
    struct data_request request = {.folder = scene->data.folder, .split = split, .seed = 7};
    return spec && data_open(spec, &request, scene->arena, dataset, scene->report);
}

/* The messages alone, one a line, as "line:column: message", or "message" without a place; the folder of the
 * data sets is shown as DATA. Empties the report. */
static inline char *scene_said(struct scene *scene) {
    struct said all = said(scene->report);
    char *text = arena_alloc(scene->arena, 1, sizeof all.text), *to = text;
    for (char *line = strtok(all.text, "\n"); line; line = strtok(NULL, "\n")) {
        char *message = strstr(line, " error: ");
        if (!message || line[0] == ' ')
            continue;
        if (line[0] == 't')
            to += sprintf(to, "%.*s ", (int)(message - line - 2), line + 2);
        for (message += strlen(" error: "); *message; message++)
            if (strncmp(message, scene->data.folder, strlen(scene->data.folder)) == 0) {
                to += sprintf(to, "DATA");
                message += strlen(scene->data.folder) - 1;
            } else {
                *to++ = *message;
            }
        *to++ = '\n';
    }
    if (to > text)
        to[-1] = 0;
    scene->report = report_new(scene->arena);
    return text;
}

/* One text that is refused with these messages. */
struct refused {
    const char *text, *messages;
};

static inline void assert_refused(const struct refused *cases, int count) {
    for (int i = 0; i < count; i++) {
        struct scene scene = scene_new();
        assert_null(scene_check(&scene, cases[i].text));
        assert_string_equal(scene_said(&scene), cases[i].messages);
        scene_end(&scene);
    }
}

#endif
