/* What the rows of the registry promise to plan, kind by kind, on the entries of the golden files: traits,
 * functions of single values. */
#include "layers_golden.h"
#include "layers_guarded.h"

#include <math.h>

/* ---- running the golden cases --------------------------------------------------------------------- */

/* Inputs and parameters of a golden case, forward done. */
static void make(struct guarded *layer, const struct golden_case *at, bool training) {
    struct guarded_setup setup = {
        .entry = at->entry, .inputs = at->inputs, .images = at->images, .training = training};
    memcpy(setup.in, at->in, sizeof setup.in);
    guarded_make(layer, &setup);
    for (int i = 0; i < layer->info.inputs; i++) {
        char name[20];
        snprintf(name, sizeof name, "x%d", i);
        tensor_from_nchw(golden_array(at, name, guarded_count(layer->x[i])), layer->x[i]);
    }
    for (int i = 0; i < layer->info.param_count; i++) {
        size_t size = param_size(&layer->info.params[i]);
        memcpy(layer->params[i], golden_array(at, layer->info.params[i].name, size),
               size * sizeof(float));
    }
    guarded_forward(layer);
}

static void each_case(const char *kind, bool training,
                      void (*body)(struct guarded *layer, const struct golden_case *at)) {
    struct arena *arena = arena_new();
    struct golden golden = golden_read(arena, kind);
    for (int i = 0; i < golden.count; i++) {
        struct guarded layer;
        make(&layer, &golden.cases[i], training && golden.cases[i].training);
        body(&layer, &golden.cases[i]);
        guarded_end(&layer);
    }
    arena_free(arena);
}

/* All kinds for which a trait or a function is there. */
static void each_kind(bool (*has)(const struct layer_ops *ops), bool training,
                      void (*body)(struct guarded *layer, const struct golden_case *at)) {
    int found = 0;
    for (int i = 0; layer_at(i); i++)
        if (has(layer_at(i)) && ++found)
            each_case(layer_at(i)->name, training, body);
    assert_true(found > 0);
}

static void assert_same(const float *a, const float *b, size_t count, const char *entry) {
    if (memcmp(a, b, count * sizeof *a) != 0)
        fail_msg("%s: other bits", entry);
}

/* ---- traits --------------------------------------------------------------------------------------- */
static void y_is_x(struct guarded *layer, const struct golden_case *at) {
    assert_same(guarded_values(layer, layer->x[0]), guarded_values(layer, layer->call.y),
                guarded_count(layer->call.y), at->entry);
}

static bool is_only_training(const struct layer_ops *ops) {
    return ops->traits & LAYER_ONLY_TRAINING;
}

static void only_training(void **state) {
    (void)state;
    each_kind(is_only_training, false, y_is_x);
}

static bool is_renaming(const struct layer_ops *ops) {
    return ops->traits & LAYER_RENAMES;
}

static void renames(void **state) {
    (void)state;
    each_kind(is_renaming, true, y_is_x);
}

static bool is_sum(const struct layer_ops *ops) {
    return ops->traits & LAYER_SUM;
}

static void y_is_sum(struct guarded *layer, const struct golden_case *at) {
    size_t count = guarded_count(layer->call.y);
    const float *y = guarded_values(layer, layer->call.y);
    double *sums = arena_alloc(layer->scene.arena, count, sizeof *sums);
    for (int i = 0; i < layer->info.inputs; i++) {
        const float *x = guarded_values(layer, layer->x[i]);
        for (size_t j = 0; j < count; j++)
            sums[j] += (double)x[j];
    }
    for (size_t j = 0; j < count; j++)
        if (!(fabs((double)y[j] - sums[j]) <= 1e-5))
            fail_msg("%s: %g is not the sum %g", at->entry, (double)y[j], sums[j]);
}

static void sums(void **state) {
    (void)state;
    each_kind(is_sum, true, y_is_sum);
}

/* Plan lays y over x[0], so the two must have one shape. */
static bool is_in_place(const struct layer_ops *ops) {
    return ops->traits & (LAYER_IN_PLACE | LAYER_RENAMES);
}

static void y_fits_x(struct guarded *layer, const struct golden_case *at) {
    (void)at;
    assert_true(shape_size(layer->info.in[0]) == shape_size(layer->info.out));
    assert_int_equal(layer->info.in[0].channels, layer->info.out.channels);
}

static void in_place(void **state) {
    (void)state;
    each_kind(is_in_place, true, y_fits_x);
}

/* ---- functions of single values -------------------------------------------------------------------- */
static bool is_pointwise(const struct layer_ops *ops) {
    return ops->pointwise != NULL;
}

static void map_is_forward(struct guarded *layer, const struct golden_case *at) {
    size_t count = guarded_count(layer->call.y);
    float *values = guarded_values(layer, layer->x[0]);
    layer->ops->pointwise->map(layer->config, values, values, count);
    assert_same(guarded_values(layer, layer->call.y), values, count, at->entry);
}

static void slope_is_backward(struct guarded *layer, const struct golden_case *at) {
    size_t count = guarded_count(layer->call.y);
    bool reads_x = layer->ops->pointwise->reads_x;
    assert_true(layer->ops->traits & (reads_x ? LAYER_READS_X : LAYER_READS_Y));
    const float *value = guarded_values(layer, reads_x ? layer->x[0] : layer->call.y);
    tensor_from_nchw(golden_array(at, "dy", count), layer->call.dy);
    float *values = guarded_values(layer, layer->call.dy);
    layer->ops->pointwise->slope(layer->config, value, values, values, count);
    guarded_backward(layer);
    assert_same(guarded_values(layer, layer->dx[0]), values, count, at->entry);
}

static void pointwise(void **state) {
    (void)state;
    each_kind(is_pointwise, true, map_is_forward);
    each_kind(is_pointwise, true, slope_is_backward);
}

/* ---- rows of the registry --------------------------------------------------------------------------- */
static void registry(void **state) {
    (void)state;
    int count = 0;
    for (const struct layer_ops *ops; (ops = layer_at(count)); count++) {
        assert_ptr_equal(layer_find(ops->name), ops);
        assert_true(ops->summary && ops->infer && ops->forward && ops->backward);
        assert_true(ops->min_inputs >= 1 && ops->min_inputs <= ops->max_inputs);
        assert_true(ops->max_inputs <= LAYER_MOST_INPUTS);
        assert_true((ops->attrs == NULL) == (ops->attr_count == 0));
        for (int i = 0; i < ops->attr_count; i++)
            assert_true(ops->attrs[i].name && ops->attrs[i].summary &&
                        ops->attrs[i].offset < ops->config_size);
    }
    assert_true(count > 0);
    assert_null(layer_at(count + 1));
    assert_null(layer_find("no_such_kind"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registry), cmocka_unit_test(only_training), cmocka_unit_test(renames),
        cmocka_unit_test(sums),     cmocka_unit_test(in_place),      cmocka_unit_test(pointwise),
    };
    gemm_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
