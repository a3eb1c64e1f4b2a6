/* Tests of graph: netdefs in a folder of their own, called t.yaml; errors come back as lines
 * "line:column: error: ...", graphs as lines "path kind inputs shape parameters". */
#ifndef TESTS_GRAPH_SCENE_H
#define TESTS_GRAPH_SCENE_H

#include "check.h"
#include "netrun/graph.h"
#include "temporary.h"

struct scene {
    struct temporary folder;
    struct arena *arena;
    struct report *report;
};

static inline struct scene scene_new(void) {
    struct scene scene = {.folder = temporary_new(), .arena = arena_new()};
    scene.report = report_new(scene.arena);
    return scene;
}

static inline void scene_end(struct scene *scene) {
    arena_free(scene->arena);
    temporary_end(&scene->folder);
}

/* Reads and builds a file; NULL: see the report. */
static inline const struct graph *scene_open(struct scene *scene, const char *path) {
    const struct netdef *netdef = netdef_read(scene->arena, path, scene->report, NULL);
    return netdef ? graph_build(scene->arena, netdef, scene->report) : NULL;
}

static inline const struct graph *scene_try(struct scene *scene, const char *text) {
    temporary_write(&scene->folder, "t.yaml", text);
    return scene_open(scene, temporary_path(&scene->folder, "t.yaml").text);
}

/* What `out` has been given, as text of the arena. */
static inline char *scene_kept(struct scene *scene, FILE *out, char **written, size_t *size) {
    fclose(out);
    char *kept = arena_copy(scene->arena, *written, *size);
    free(*written);
    return kept;
}

/* The report's errors and notes, without folder, "t.yaml:", lines of text and carets. */
static inline char *scene_said(struct scene *scene) {
    if (report_count(scene->report) == 0)
        return arena_copy(scene->arena, "", 0);
    char *written = NULL;
    size_t size = 0, folder = strlen(scene->folder.folder) + 1;
    FILE *out = open_memstream(&written, &size);
    report_print(scene->report, out, false);
    char *all = scene_kept(scene, out, &written, &size), *said = all, *to = said;
    for (char *line = strtok(all, "\n"); line; line = strtok(NULL, "\n")) {
        if (line[0] == ' ') /* the text, and the caret under it */
            continue;
        line += strncmp(line, scene->folder.folder, folder - 1) ? 0 : folder;
        line += strncmp(line, "t.yaml:", 7) ? 0 : 7;
        size_t length = strlen(line);
        if (to > said)
            *to++ = '\n';
        memmove(to, line, length);
        to += length;
    }
    *to = '\0';
    return said;
}

/* A netdef that is fine. */
static inline const struct graph *scene_graph(struct scene *scene, const char *text) {
    const struct graph *graph = scene_try(scene, text);
    assert_string_equal(scene_said(scene), "");
    assert_non_null(graph);
    return graph;
}

static inline void scene_list_layer(const struct graph *graph, int index, FILE *out) {
    const struct graph_layer *layer = &graph->layers[index];
    int64_t parameters = 0;
    fprintf(out, "%s %s ", layer->path, layer->ops->name);
    for (int i = 0; i < layer->info.inputs; i++)
        fprintf(out, "%s%s", i ? "," : "", graph_value_path(graph, layer->inputs[i]));
    for (int i = 0; i < graph->param_count; i++)
        if (graph->params[i].layer == index && graph->params[i].shape->role == PARAM_TRAINED)
            parameters += (int64_t)param_size(graph->params[i].shape);
    fprintf(out, " %s %lld\n", shape_text(layer->info.out).text, (long long)parameters);
}

static inline char *scene_listing(struct scene *scene, const struct graph *graph) {
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    for (int i = 0; i < graph->layer_count; i++)
        scene_list_layer(graph, i, out);
    return scene_kept(scene, out, &written, &size);
}

/* The paths alone, in one line. */
static inline char *scene_paths(struct scene *scene, const struct graph *graph) {
    char *written = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&written, &size);
    for (int i = 0; i < graph->layer_count; i++)
        fprintf(out, "%s%s", i ? " " : "", graph->layers[i].path);
    return scene_kept(scene, out, &written, &size);
}

/* A netdef that is refused with these lines. */
static inline void scene_refuses(const char *text, const char *lines) {
    struct scene scene = scene_new();
    const struct graph *graph = scene_try(&scene, text);
    assert_string_equal(scene_said(&scene), lines);
    assert_null(graph);
    scene_end(&scene);
}

#endif
