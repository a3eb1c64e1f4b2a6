/* Tests of batches: a loader with memory for its batch, on a number of threads. */
#ifndef TESTS_DATA_LOADING_H
#define TESTS_DATA_LOADING_H

#include "data_scene.h"

struct loading {
    struct dataset *dataset;
    struct loader *loader;
    struct batch batch;
    struct pool *pool;
};

struct loading_options {
    enum data_split split;
    bool shuffle, augment;
    int threads, pitch; /* 0: one thread; as many floats as channels */
};

static inline struct loading loading_new(struct scene *scene, const char *text,
                                         struct loading_options options) {
    struct loading loading = {.pool = pool_new(options.threads > 0 ? options.threads : 1)};
    loading.dataset = arena_alloc(scene->arena, 1, sizeof *loading.dataset);
    assert_true(scene_open(scene, text, options.split, loading.dataset));
    const struct data_spec *spec = scene_check(scene, text);
    loading.loader = loader_new(scene->arena, spec, loading.dataset, 7, options.shuffle,
                                options.augment, scene->report);
    assert_non_null(loading.loader);
    struct shape shape = loading.dataset->shape;
    int pitch = options.pitch > 0 ? options.pitch : shape.channels;
    size_t pixels = (size_t)data_batch(spec) * (size_t)shape.height * (size_t)shape.width;
    float *values = arena_alloc(scene->arena, pixels * (size_t)pitch, sizeof *values);
    loading.batch.images = tensor_at(values, data_batch(spec), shape, pitch);
    loading.batch.labels = arena_alloc(scene->arena, pixels, sizeof(int32_t));
    return loading;
}

static inline void loading_fill(struct loading *loading, int64_t step) {
    loader_fill(loading->loader, step, &loading->batch, loading->pool);
}

static inline float loading_value(const struct loading *loading, int image, int y, int x, int c) {
    struct tensor images = loading->batch.images;
    return images.data[(((size_t)image * (size_t)images.height + (size_t)y) * (size_t)images.width +
                        (size_t)x) *
                           (size_t)images.pitch +
                       (size_t)c];
}

static inline void loading_end(struct loading *loading) {
    pool_free(loading->pool);
}

#endif
