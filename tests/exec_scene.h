/* A network with all that it takes to run it. */
#ifndef TESTS_EXEC_SCENE_H
#define TESTS_EXEC_SCENE_H

#include "netrun/exec.h"
#include "optim_config.h"
#include "said.h"
#include "temporary.h"

struct scene {
    struct arena *arena;
    struct report *report;
    const struct graph *graph;
    struct pool *pool;
    const struct plan *plan;
    struct exec *exec;
};

/* The graph of a netdef file. */
static inline struct scene scene_graph(const char *path) {
    struct scene scene = {.arena = arena_new()};
    scene.report = report_new(scene.arena);
    const struct netdef *netdef = netdef_read(scene.arena, path, scene.report, NULL);
    scene.graph = netdef ? graph_build(scene.arena, netdef, scene.report) : NULL;
    if (!scene.graph)
        fail_msg("%s: %s", path, said(scene.report).text);
    return scene;
}

/* The graph of a netdef's text. */
static inline struct scene scene_text(const char *text) {
    struct temporary temporary = temporary_new();
    temporary_write(&temporary, "network.yaml", text);
    struct scene scene = scene_graph(temporary_path(&temporary, "network.yaml").text);
    temporary_end(&temporary);
    return scene;
}

static inline void scene_start(struct scene *scene, struct plan_options options, uint64_t seed) {
    scene->pool = pool_new(options.threads);
    scene->plan = plan_build(scene->arena, scene->graph, &options, scene->report);
    assert_non_null(scene->plan);
    scene->exec = exec_new(scene->arena, scene->plan, scene->pool, seed, scene->report);
    assert_non_null(scene->exec);
    exec_init(scene->exec);
}

static inline void scene_close(struct scene *scene) {
    pool_free(scene->pool);
    arena_free(scene->arena);
}

/* The value that a layer of this path yields. */
static inline int scene_value(const struct scene *scene, const char *path) {
    for (int v = 0; v <= scene->graph->layer_count; v++)
        if (strcmp(graph_value_path(scene->graph, v), path) == 0)
            return v;
    fail_msg("no layer %s", path);
    return -1;
}

static inline int scene_param(const struct scene *scene, const char *path) {
    for (int i = 0; i < scene->graph->param_count; i++)
        if (strcmp(scene->graph->params[i].path, path) == 0)
            return i;
    fail_msg("no parameter %s", path);
    return -1;
}

/* Cross-entropy with this label smoothing. */
static inline double scene_loss(struct scene *scene, const int32_t *labels, double smoothing) {
    const struct loss_ops *loss = loss_find("cross_entropy");
    union optim_config config;
    config_start(&config, loss->attrs, loss->attr_count);
    config_set(&config, loss->attrs, loss->attr_count, "label_smoothing", smoothing);
    return exec_loss(scene->exec, loss, &config, (struct target){.labels = labels});
}

/* A step of sgd with rate .5, momentum .9, weight decay .01. */
static inline void scene_optimize(struct scene *scene) {
    const struct optim_ops *sgd = optim_find("sgd");
    union optim_config config;
    config_start(&config, sgd->attrs, sgd->attr_count);
    config_set(&config, sgd->attrs, sgd->attr_count, "lr", 0.5);
    config_set(&config, sgd->attrs, sgd->attr_count, "momentum", 0.9);
    config_set(&config, sgd->attrs, sgd->attr_count, "weight_decay", 0.01);
    exec_optimize(scene->exec, sgd, &config);
}

#endif
