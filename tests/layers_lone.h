/* A layer on its own: made from an entry as a netdef holds it, then run on memory of its own. */
#ifndef TESTS_LAYERS_LONE_H
#define TESTS_LAYERS_LONE_H

#include "conf_scene.h"
#include "netrun/layers.h"

struct lone {
    struct scene scene;
    const struct layer_ops *ops;
    void *config;
    struct layer_info info;
    bool fits; /* what infer said */
    struct pool *pool;
    struct layer_call call;
    struct tensor x[LAYER_MOST_INPUTS], dx[LAYER_MOST_INPUTS];
    bool dx_add[LAYER_MOST_INPUTS];
    float *params[LAYER_MOST_PARAMS], *grads[LAYER_MOST_PARAMS];
};

/* The layer of an entry ("relu", "dropout: {p: 0.2}") for inputs of these shapes. */
static inline void lone_make(struct lone *lone, const char *entry, const struct shape *in,
                             int inputs) {
    *lone = (struct lone){.scene = scene_new()};
    const struct node *node = scene_parse(&lone->scene, entry);
    assert_non_null(node);
    const struct entry *first = node->kind == NODE_MAP ? &node->entries[0] : NULL;
    lone->ops = layer_find(first ? first->key : node_string(node));
    assert_non_null(lone->ops);
    struct attr_table table = {lone->ops->name, lone->ops->attrs, lone->ops->attr_count};
    lone->config = arena_alloc(lone->scene.arena, 1, lone->ops->config_size);
    assert_true(attrs_read(lone->scene.arena, &table, first ? first->value : NULL, &node->pos,
                           lone->config, lone->scene.report));
    memcpy(lone->info.in, in, (size_t)inputs * sizeof *in);
    lone->info.inputs = inputs;
    const struct pos *pos = first ? &first->key_pos : &node->pos;
    lone->fits = lone->ops->infer(lone->config, &lone->info, pos, lone->scene.report);
}

static inline struct tensor lone_tensor(struct lone *lone, int images, struct shape shape) {
    float *data = arena_alloc(lone->scene.arena, (size_t)images * shape_size(shape), sizeof *data);
    return tensor_at(data, images, shape, shape.channels);
}

/* Memory for a call in training, all of it zero but for parameters that start constant; gradients are
 * stored. */
static inline void lone_prepare(struct lone *lone, int images, int threads) {
    struct arena *arena = lone->scene.arena;
    struct layer_info *info = &lone->info;
    assert_true(lone->fits);
    lone->pool = pool_new(threads);
    lone->call = (struct layer_call){
        .config = lone->config,
        .info = info,
        .pool = lone->pool,
        .images = images,
        .training = true,
        .x = lone->x,
        .y = lone_tensor(lone, images, info->out),
        .dy = lone_tensor(lone, images, info->out),
        .dx = lone->dx,
        .dx_add = lone->dx_add,
        .params = lone->params,
        .grads = lone->grads,
        .saved =
            arena_alloc(arena, 1, info->saved_per_batch + (size_t)images * info->saved_per_image),
        .worker_scratch = arena_alloc(arena, (size_t)threads, info->worker_scratch + 64),
        .slice_scratch = arena_alloc(arena, SLICE_MOST, info->slice_scratch + 64),
        .shared_scratch = arena_alloc(arena, 1, info->shared_scratch),
        .worker_stride = info->worker_scratch,
        .slice_stride = info->slice_scratch};
    for (int i = 0; i < info->inputs; i++) {
        lone->x[i] = lone_tensor(lone, images, info->in[i]);
        lone->dx[i] = lone_tensor(lone, images, info->in[i]);
    }
    for (int i = 0; i < info->param_count; i++) {
        size_t size = param_size(&info->params[i]);
        lone->params[i] = arena_alloc(arena, size, sizeof(float));
        lone->grads[i] = arena_alloc(arena, size, sizeof(float));
        for (size_t j = 0; j < size; j++)
            lone->params[i][j] = info->params[i].constant;
    }
}

static inline void lone_end(struct lone *lone) {
    pool_free(lone->pool);
    scene_end(&lone->scene);
}

/* Elements of a dense batch. */
static inline size_t lone_size(struct tensor tensor) {
    return tensor_pixels(tensor) * (size_t)tensor.channels;
}

static inline void lone_fill(struct tensor tensor, struct random *random, double low, double high) {
    for (size_t i = 0; i < lone_size(tensor); i++)
        tensor.data[i] = (float)random_between(random, low, high);
}

#endif
