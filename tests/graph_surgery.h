/* Surgery for tests: an arm of an experiment called t.yaml on a netdef called n.yaml, with files of weights, all
 * in a folder of their own that messages leave out. */
#ifndef TESTS_GRAPH_SURGERY_H
#define TESTS_GRAPH_SURGERY_H

#include "check.h"
#include "netrun/graph.h"
#include "temporary.h"

struct theatre {
    struct temporary folder;
    struct arena *arena;
    struct report *report;
};

static inline struct theatre theatre_new(void) {
    struct theatre theatre = {.folder = temporary_new(), .arena = arena_new()};
    theatre.report = report_new(theatre.arena);
    return theatre;
}

static inline void theatre_end(struct theatre *theatre) {
    arena_free(theatre->arena);
    temporary_end(&theatre->folder);
}

/* A text without "<folder>/". */
static inline char *theatre_tidy(const struct theatre *theatre, char *text) {
    size_t length = strlen(theatre->folder.folder) + 1;
    for (char *found; (found = strstr(text, theatre->folder.folder));)
        memmove(found, found + length, strlen(found + length) + 1);
    return text;
}

/* The errors as printed, without the lines of text and carets; "" when there are none. */
static inline char *theatre_said(const struct theatre *theatre) {
    char *text = calloc(1, 1 << 16), *kept = arena_alloc(theatre->arena, 1 << 16, 1);
    FILE *out = fmemopen(text, 1 << 16, "w");
    if (report_count(theatre->report) > 0)
        report_print(theatre->report, out, false);
    fclose(out);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        if (line[0] != ' ')
            strcat(strcat(kept, *kept ? "\n" : ""), line);
    free(text);
    return theatre_tidy(theatre, kept);
}

/* A file in the folder of tensors named "a.weight:2x3 b.bias:4"; number i of the file is i. */
static inline void theatre_weights(const struct theatre *theatre, const char *name,
                                   const char *tensors) {
    static float numbers[1 << 20];
    struct named_tensor made[256] = {{0}};
    int count = 0, used = 0;
    char *copy = arena_copy(theatre->arena, tensors, strlen(tensors)), *save = NULL;
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        struct named_tensor *tensor = &made[count++];
        char *dims = strchr(word, ':');
        int size = 1;
        *tensor = (struct named_tensor){.name = word, .values = numbers + used};
        *dims++ = '\0';
        for (; *dims; dims += *dims == 'x')
            size *= tensor->dims[tensor->rank++] = (int)strtol(dims, &dims, 10);
        for (int i = 0; i < size; i++, used++)
            numbers[used] = (float)used;
    }
    assert_true(safetensors_write(temporary_path(&theatre->folder, name).text, made, count, NULL, 0,
                                  theatre->report));
}

/* The graph of the arm `arm` ("    weights: ...\n    rules: ...\n") on a netdef file. */
static inline const struct graph *theatre_arm(struct theatre *theatre, const char *net,
                                              const char *text, struct arm *arm) {
    const char *experiment = arena_printf(
        theatre->arena, "experiment: e\ntask: gradients\narms:\n  a:\n    net: %s\n%s", net, text);
    const struct netdef *netdef = NULL;
    const struct experiment *read = NULL;
    temporary_write(&theatre->folder, "t.yaml", experiment);
    spec_read(theatre->arena, temporary_path(&theatre->folder, "t.yaml").text, NULL, 0, &netdef,
              &read, theatre->report);
    if (!read)
        fail_msg("%s", theatre_said(theatre));
    *arm = read->arms[0];
    const struct graph *graph = graph_build(theatre->arena, arm->net, theatre->report);
    if (!graph)
        fail_msg("%s", theatre_said(theatre));
    return graph;
}

/* The surgery of such an arm on a netdef file; NULL: see the report. */
static inline const struct surgery *theatre_on(struct theatre *theatre, const char *net,
                                               const char *text) {
    struct arm arm;
    const struct graph *graph = theatre_arm(theatre, net, text, &arm);
    return surgery_build(theatre->arena, graph, &arm, theatre->report);
}

/* The same on a netdef's text. */
static inline const struct surgery *theatre_try(struct theatre *theatre, const char *netdef,
                                                const char *text) {
    temporary_write(&theatre->folder, "n.yaml", netdef);
    return theatre_on(theatre, "n.yaml", text);
}

#endif
