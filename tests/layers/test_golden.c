/* Every kind of the registry against PyTorch: outputs, gradients and buffers of the golden files, for every
 * instruction set that this CPU has, with and without gaps between the pixels. */
#include "layers_golden.h"
#include "layers_guarded.h"

#include <math.h>

#define TOLERANCE 1e-5

/* The largest difference over the largest magnitude of the reference; NaN and infinities must be the same. */
static double error_of(const float *values, const float *wanted, size_t count) {
    double difference = 0, magnitude = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(wanted[i]) && isnan(values[i]))
            continue;
        if (isinf(wanted[i]) && values[i] == wanted[i])
            continue;
        double d = fabs((double)values[i] - (double)wanted[i]);
        difference = isnan(d) ? INFINITY : fmax(difference, d);
        magnitude = fmax(magnitude, fabs((double)wanted[i]));
    }
    return difference == 0 ? 0 : difference / fmax(magnitude, 1e-30);
}

struct check {
    const struct golden_case *golden;
    struct guarded layer;
    const char *isa;
    int gap;
};

static void compare(const struct check *check, const char *name, const float *values,
                    size_t count) {
    double error = error_of(values, golden_array(check->golden, name, count), count);
    if (!(error <= TOLERANCE))
        fail_msg("%s (%s), %s %s, gap %d: %s is off by %g", check->golden->entry,
                 check->golden->name, check->isa, check->layer.info.algorithm, check->gap, name,
                 error);
}

static void compare_tensor(struct check *check, const char *name, struct tensor tensor) {
    compare(check, name, guarded_values(&check->layer, tensor), guarded_count(tensor));
}

static const char *array_name(struct check *check, const char *prefix, const char *name) {
    return arena_printf(check->layer.scene.arena, "%s%s", prefix, name);
}

static const char *input_name(struct check *check, const char *prefix, int index) {
    return arena_printf(check->layer.scene.arena, "%s%d", prefix, index);
}

static void load(struct check *check) {
    struct guarded *layer = &check->layer;
    for (int i = 0; i < layer->info.inputs; i++)
        tensor_from_nchw(
            golden_array(check->golden, input_name(check, "x", i), guarded_count(layer->x[i])),
            layer->x[i]);
    for (int i = 0; i < layer->info.param_count; i++) {
        size_t size = param_size(&layer->info.params[i]);
        memcpy(layer->params[i], golden_array(check->golden, layer->info.params[i].name, size),
               size * sizeof(float));
    }
    tensor_from_nchw(golden_array(check->golden, "dy", guarded_count(layer->call.dy)),
                     layer->call.dy);
}

static void compare_params(struct check *check) {
    const struct guarded *layer = &check->layer;
    for (int i = 0; i < layer->info.param_count; i++) {
        const struct layer_param *param = &layer->info.params[i];
        if (param->role == PARAM_TRAINED)
            compare(check, array_name(check, "d_", param->name), layer->grads[i],
                    param_size(param));
        else
            compare(check, array_name(check, "after_", param->name), layer->params[i],
                    param_size(param));
    }
}

static void compare_passes(struct check *check) {
    struct guarded *layer = &check->layer;
    load(check);
    guarded_forward(layer);
    compare_tensor(check, "y", layer->call.y);
    guarded_backward(layer);
    for (int i = 0; i < layer->info.inputs; i++)
        compare_tensor(check, input_name(check, "dx", i), layer->dx[i]);
    compare_params(check);
}

/* False: the kind does not know this way, or it does not fit the case. */
static bool knows(const struct guarded *layer, const char *algorithm) {
    return !algorithm || (layer->info.algorithm && !strcmp(layer->info.algorithm, algorithm));
}

static void run_case(const struct golden_case *golden, const char *algorithm, enum isa isa,
                     int gap) {
    struct check check = {.golden = golden, .isa = isa_name(isa), .gap = gap};
    struct guarded_setup setup = {.entry = golden->entry,
                                  .inputs = golden->inputs,
                                  .images = golden->images,
                                  .training = golden->training,
                                  .gap = gap,
                                  .algorithm = algorithm};
    memcpy(setup.in, golden->in, sizeof setup.in);
    struct guarded *layer = &check.layer;
    guarded_make(layer, &setup);
    assert_true(shape_equal(layer->info.out, golden->out));
    if (knows(layer, algorithm))
        compare_passes(&check);
    guarded_end(layer);
}

/* Every way that the kind knows, or its only one; with and without gaps. */
static void run_algorithms(const struct golden_case *golden, const char *const *algorithms,
                           enum isa isa) {
    static const char *const only[] = {NULL};
    for (const char *const *way = algorithms ? algorithms : only;; way++) {
        run_case(golden, *way, isa, 0);
        run_case(golden, *way, isa, 3);
        if (!*way)
            break;
    }
}

static void run_kind(void **state) {
    const char *kind = *state;
    struct arena *arena = arena_new();
    struct golden golden = golden_read(arena, kind);
    for (enum isa isa = 0; isa < ISA_COUNT; isa++) {
        setenv("NETRUN_ISA", isa_name(isa), 1);
        for (int i = 0; isa_chosen() == isa && i < golden.count; i++)
            run_algorithms(&golden.cases[i], layer_find(kind)->algorithms, isa);
    }
    unsetenv("NETRUN_ISA");
    arena_free(arena);
}

/* One test per kind, from the registry. */
int main(void) {
    static struct CMUnitTest tests[100];
    int count = 0;
    gemm_start();
    for (const struct layer_ops *ops; (ops = layer_at(count)); count++)
        tests[count] = (struct CMUnitTest){.name = ops->name,
                                           .test_func = run_kind,
                                           .initial_state = (void *)(uintptr_t)ops->name};
    return _cmocka_run_group_tests("golden", tests, (size_t)count, NULL, NULL);
}
