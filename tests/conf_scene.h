/* Tests of conf: a text is read under the name "t", errors come back as lines "line:column: error: ...". */
#ifndef TESTS_CONF_SCENE_H
#define TESTS_CONF_SCENE_H

#include "check.h"
#include "netrun/conf.h"

struct scene {
    struct arena *arena;
    struct report *report;
};

static inline struct scene scene_new(void) {
    struct scene scene = {.arena = arena_new()};
    scene.report = report_new(scene.arena);
    return scene;
}

static inline void scene_end(struct scene *scene) {
    arena_free(scene->arena);
}

static inline const struct node *scene_parse(struct scene *scene, const char *text) {
    return conf_parse(scene->arena, "t", text, strlen(text), scene->report);
}

/* What `print` writes, as text of the arena. */
static inline char *scene_text(struct scene *scene, void (*print)(const void *what, FILE *out),
                               const void *what) {
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    print(what, out);
    fclose(out);
    char *kept = arena_copy(scene->arena, written, size);
    free(written);
    return kept;
}

static inline void scene_print_report(const void *report, FILE *out) {
    report_print(report, out, false);
}

static inline void scene_print_node(const void *node, FILE *out) {
    assert_true(node_print(node, out));
}

/* The messages of the report, without the lines of text and carets. */
static inline char *scene_said(struct scene *scene) {
    if (report_count(scene->report) == 0)
        return arena_copy(scene->arena, "", 0);
    char *all = scene_text(scene, scene_print_report, scene->report);
    char *said = arena_alloc(scene->arena, strlen(all) + 1, 1), *to = said;
    for (char *line = strtok(all, "\n"); line; line = strtok(NULL, "\n"))
        if (line[0] == 't' && line[1] == ':')
            to += sprintf(to, "%s%s", to > said ? "\n" : "", line + 2);
    return said;
}

/* Follows keys and list indices, separated by blanks: "layers 0 conv2d". */
static inline const struct node *scene_at(const struct node *node, const char *path) {
    char words[200];
    strcpy(words, path);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
        assert_non_null(node);
        if (node->kind == NODE_LIST)
            node = atoi(word) < node->count ? node->entries[atoi(word)].value : NULL;
        else
            node = node_get(node, word);
    }
    return node;
}

#endif
