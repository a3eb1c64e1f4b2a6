/* A layer between guard bands: made from an entry as a netdef holds it, run on memory in which every byte that
 * it has no business with holds a sentinel - the gaps between channels and pitch, what lies before and after
 * each tensor, parameter and piece of scratch memory. The sentinel is a NaN, so reading it shows in the results.
 * Contents that a call must not rely on (scratch, y before forward, dx and gradients that are stored, and
 * what backward says it does not read) start as sentinels too. */
#ifndef TESTS_LAYERS_GUARDED_H
#define TESTS_LAYERS_GUARDED_H

#include "conf_scene.h"
#include "netrun/layers.h"

enum { GUARD = 64 }; /* bytes before and after each piece */

/* What a test wants; zeros are: no gaps, not in place, one thread, evaluation. */
struct guarded_setup {
    const char *entry;
    struct shape in[LAYER_MOST_INPUTS];
    int inputs, images, threads;
    bool training;
    int gap;               /* least floats between channels and pitch */
    bool in_place;         /* y at x[0], dx[0] at dy */
    const char *algorithm; /* where the kind knows several; NULL: its choice */
};

struct guarded_piece {
    unsigned char *start; /* of the payload */
    size_t size, until;   /* bytes of the payload; to the end of the band behind it */
};

struct guarded {
    struct scene scene;
    const struct layer_ops *ops;
    void *config;
    struct layer_info info;
    struct pool *pool;
    struct layer_call call;
    struct tensor x[LAYER_MOST_INPUTS], dx[LAYER_MOST_INPUTS];
    bool dx_add[LAYER_MOST_INPUTS];
    float *params[LAYER_MOST_PARAMS], *grads[LAYER_MOST_PARAMS];
    struct guarded_piece pieces[200];
    int piece_count;
};

/* ---- sentinels ---------------------------------------------------------------------------------- */
static const uint32_t guarded_sentinel = 0x7fe5a5a5;

static inline void guarded_wipe(void *memory, size_t size) {
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)memory)[i] = ((const unsigned char *)&guarded_sentinel)[i % 4];
}

static inline bool guarded_intact(const unsigned char *memory, size_t size, size_t phase) {
    for (size_t i = 0; i < size; i++)
        if (memory[i] != ((const unsigned char *)&guarded_sentinel)[(i + phase) % 4])
            return false;
    return true;
}

/* `count` pieces of `size` bytes, each with bands; `stride` is from one to the next. */
static inline void *guarded_pieces(struct guarded *g, int count, size_t size, size_t *stride) {
    *stride = (size + 63) / 64 * 64 + GUARD;
    unsigned char *memory = arena_alloc(g->scene.arena, GUARD + (size_t)count * *stride, 1);
    guarded_wipe(memory, GUARD + (size_t)count * *stride);
    for (int i = 0; i < count; i++) {
        assert_true(g->piece_count < BASE_COUNT(g->pieces));
        g->pieces[g->piece_count++] =
            (struct guarded_piece){memory + GUARD + (size_t)i * *stride, size, *stride};
    }
    return memory + GUARD;
}

static inline void *guarded_memory(struct guarded *g, size_t size) {
    size_t stride;
    return guarded_pieces(g, 1, size, &stride);
}

static inline struct tensor guarded_tensor(struct guarded *g, int images, struct shape shape,
                                           int gap) {
    struct tensor tensor = tensor_at(NULL, images, shape, shape.channels + gap);
    tensor.data = guarded_memory(g, tensor_pixels(tensor) * (size_t)tensor.pitch * sizeof(float));
    return tensor;
}

/* Every channel of every pixel to a sentinel. */
static inline void guarded_wipe_tensor(struct tensor tensor) {
    for (size_t p = 0; p < tensor_pixels(tensor); p++)
        guarded_wipe(tensor.data + p * (size_t)tensor.pitch,
                     (size_t)tensor.channels * sizeof(float));
}

static inline void guarded_check_gaps(struct tensor tensor) {
    size_t gap = (size_t)(tensor.pitch - tensor.channels) * sizeof(float);
    for (size_t p = 0; p < tensor_pixels(tensor); p++) {
        const float *pixel = tensor.data + p * (size_t)tensor.pitch;
        assert_true(guarded_intact((const unsigned char *)(pixel + tensor.channels), gap, 0));
    }
}

/* Nothing was written where nothing may be written. */
static inline void guarded_check(const struct guarded *g) {
    for (int i = 0; i < g->piece_count; i++) {
        const struct guarded_piece *piece = &g->pieces[i];
        assert_true(guarded_intact(piece->start - GUARD, GUARD, 0));
        assert_true(
            guarded_intact(piece->start + piece->size, piece->until - piece->size, piece->size));
    }
    for (int i = 0; i < g->info.inputs; i++) {
        guarded_check_gaps(g->x[i]);
        if (g->dx[i].data)
            guarded_check_gaps(g->dx[i]);
    }
    guarded_check_gaps(g->call.y);
    guarded_check_gaps(g->call.dy);
}

/* ---- making ------------------------------------------------------------------------------------- */

/* The attributes of an entry without `from`, which graph reads. */
static inline const struct node *guarded_attrs(struct scene *scene, const struct node *entry) {
    const struct node *written = entry->kind == NODE_MAP ? entry->entries[0].value : NULL;
    if (!written || !node_get(written, "from"))
        return written;
    struct node *attrs = node_new(scene->arena, NODE_MAP, &written->pos);
    attrs->entries = arena_alloc(scene->arena, (size_t)written->count, sizeof(struct entry));
    for (int i = 0; i < written->count; i++)
        if (strcmp(written->entries[i].key, "from") != 0)
            attrs->entries[attrs->count++] = written->entries[i];
    return attrs;
}

/* Reads the entry and infers; false: see scene.report. */
static inline bool guarded_infer(struct guarded *g, const struct guarded_setup *setup) {
    *g = (struct guarded){.scene = scene_new()};
    const struct node *entry = scene_parse(&g->scene, setup->entry);
    assert_non_null(entry);
    bool bare = entry->kind == NODE_STRING;
    g->ops = layer_find(bare ? node_string(entry) : entry->entries[0].key);
    assert_non_null(g->ops);
    struct attr_table table = {g->ops->name, g->ops->attrs, g->ops->attr_count};
    g->config = arena_alloc(g->scene.arena, 1, g->ops->config_size);
    memcpy(g->info.in, setup->in, sizeof setup->in);
    g->info.inputs = setup->inputs;
    g->info.algorithm = setup->algorithm;
    const struct pos *pos = bare ? &entry->pos : &entry->entries[0].key_pos;
    return attrs_read(g->scene.arena, &table, guarded_attrs(&g->scene, entry), pos, g->config,
                      g->scene.report) &&
           g->ops->infer(g->config, &g->info, pos, g->scene.report);
}

static inline void guarded_take_tensors(struct guarded *g, const struct guarded_setup *setup) {
    int gap = setup->gap, more = gap && !setup->in_place ? 1 : 0; /* every pitch another one */
    g->call.y = guarded_tensor(g, setup->images, g->info.out, gap);
    g->call.dy = guarded_tensor(g, setup->images, g->info.out, gap + more);
    for (int i = 0; i < setup->inputs; i++) {
        bool in_place = setup->in_place && i == 0;
        g->x[i] = in_place ? g->call.y
                           : guarded_tensor(g, setup->images, setup->in[i], gap + (2 + i) * more);
        g->dx[i] = in_place ? g->call.dy
                            : guarded_tensor(g, setup->images, setup->in[i], gap + (3 + i) * more);
    }
}

static inline void guarded_take_params(struct guarded *g) {
    for (int i = 0; i < g->info.param_count; i++) {
        size_t size = param_size(&g->info.params[i]) * sizeof(float);
        g->params[i] = guarded_memory(g, size);
        if (g->info.params[i].role == PARAM_TRAINED)
            g->grads[i] = guarded_memory(g, size);
    }
}

static inline void guarded_make(struct guarded *g, const struct guarded_setup *setup) {
    if (!guarded_infer(g, setup))
        fail_msg("%s: %s", setup->entry, scene_said(&g->scene));
    int threads = setup->threads > 0 ? setup->threads : 1;
    const struct layer_info *info = &g->info;
    g->pool = pool_new(threads);
    g->call = (struct layer_call){.config = g->config,
                                  .info = info,
                                  .pool = g->pool,
                                  .images = setup->images,
                                  .training = setup->training,
                                  .seed = 1,
                                  .step = 2,
                                  .path_hash = 3,
                                  .x = g->x,
                                  .params = g->params,
                                  .dx = g->dx,
                                  .dx_add = g->dx_add,
                                  .grads = g->grads};
    guarded_take_tensors(g, setup);
    guarded_take_params(g);
    g->call.saved =
        guarded_memory(g, info->saved_per_batch + (size_t)setup->images * info->saved_per_image);
    g->call.worker_scratch =
        guarded_pieces(g, threads, info->worker_scratch, &g->call.worker_stride);
    g->call.slice_scratch =
        guarded_pieces(g, SLICE_MOST, info->slice_scratch, &g->call.slice_stride);
    g->call.packed = guarded_memory(g, info->packed);
    g->call.shared_scratch = guarded_memory(g, layer_shared_bytes(info, setup->images));
}

static inline void guarded_end(struct guarded *g) {
    pool_free(g->pool);
    scene_end(&g->scene);
}

/* ---- running ------------------------------------------------------------------------------------ */
static inline void guarded_wipe_scratch(struct guarded *g) {
    struct layer_call *call = &g->call;
    for (int i = 0; i < pool_threads(g->pool); i++)
        guarded_wipe(call->worker_scratch + (size_t)i * call->worker_stride,
                     g->info.worker_scratch);
    for (int i = 0; i < SLICE_MOST; i++)
        guarded_wipe(call->slice_scratch + (size_t)i * call->slice_stride, g->info.slice_scratch);
    guarded_wipe(call->packed, g->info.packed);
    guarded_wipe(call->shared_scratch, layer_shared_bytes(&g->info, call->images));
}

static inline bool guarded_in_place(const struct guarded *g) {
    return g->x[0].data == g->call.y.data;
}

static inline void guarded_forward(struct guarded *g) {
    guarded_wipe_scratch(g);
    if (!guarded_in_place(g))
        guarded_wipe_tensor(g->call.y);
    g->ops->forward(&g->call);
    guarded_check(g);
}

/* What is stored, not added to, starts as sentinels; so do x and y where the kind does not read them. */
static inline void guarded_backward(struct guarded *g) {
    struct layer_call *call = &g->call;
    guarded_wipe_scratch(g);
    for (int i = 0; i < g->info.inputs; i++) {
        if (!(g->ops->traits & LAYER_READS_X) && !guarded_in_place(g))
            guarded_wipe_tensor(g->x[i]);
        if (g->dx[i].data && !g->dx_add[i] && g->dx[i].data != call->dy.data)
            guarded_wipe_tensor(g->dx[i]);
    }
    if (!(g->ops->traits & LAYER_READS_Y))
        guarded_wipe_tensor(call->y);
    for (int i = 0; i < g->info.param_count; i++)
        if (g->grads[i] && !call->grads_add)
            guarded_wipe(g->grads[i], param_size(&g->info.params[i]) * sizeof(float));
    g->ops->backward(call);
    guarded_check(g);
}

/* A tensor in PyTorch's order, in the layer's arena. */
static inline float *guarded_values(struct guarded *g, struct tensor tensor) {
    float *values = arena_alloc(g->scene.arena, tensor_pixels(tensor) * (size_t)tensor.channels,
                                sizeof *values);
    tensor_to_nchw(tensor, values);
    return values;
}

static inline size_t guarded_count(struct tensor tensor) {
    return tensor_pixels(tensor) * (size_t)tensor.channels;
}

#endif
