/* The mean-field factor against the values of the theory: for small tanh signals a layer shrinks the gradient by
 * sqrt(fan_in var(W)), which is 0.577 with PyTorch's default weights and 1 with Xavier's; where a sum or a norm
 * comes between, nothing is known. */
#include "../../src/tasks/gradients.h"
#include "exec_scene.h"

#include <math.h>

/* A probe of all convolutions and linear layers, as the task makes it. */
static struct probe probe_of(struct scene *scene) {
    const struct graph *graph = scene->graph;
    struct probe probe = {.graph = graph};
    probe.weighted = arena_alloc(scene->arena, (size_t)graph->layer_count, sizeof(int));
    probe.weights = arena_alloc(scene->arena, (size_t)graph->layer_count, sizeof(int));
    for (int i = 0; i < graph->layer_count; i++) {
        const struct graph_layer *layer = &graph->layers[i];
        if (layer->info.param_count > 0 && layer->info.params[0].fan_in > 0) {
            probe.weights[probe.weighted_count] = layer->first_param;
            probe.weighted[probe.weighted_count++] = i;
        }
    }
    return probe;
}

/* Predicts after one forward pass of inputs of the size `scale`. */
static const double *predict(struct scene *scene, struct probe *probe, double scale) {
    size_t values = (size_t)scene->graph->layer_count + 1;
    bool *keep = arena_alloc(scene->arena, values, sizeof *keep);
    for (size_t v = 0; v < values; v++)
        keep[v] = true;
    scene_start(scene, (struct plan_options){.batch = 8, .threads = 1, .keep_values = keep}, 5);
    struct tensor input = exec_input(scene->exec);
    struct random random = random_stream(1, RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < tensor_pixels(input) * (size_t)input.pitch; i++)
        input.data[i] = (float)(scale * random_normal(&random));
    exec_forward(scene->exec, 8, false, 0);
    struct record record = {
        .theory = arena_alloc(scene->arena, (size_t)probe->weighted_count, sizeof(double))};
    mean_field_predict(probe, scene->exec, &record);
    return record.theory;
}

static struct scene chain(const char *init, const char *kind) {
    struct arena *arena = arena_new();
    struct scene scene = scene_text(arena_printf(arena,
                                                 "netdef: chain\ninput: [400]\n%slayers: [repeat: "
                                                 "{name: r, times: 6, layers: [linear: {out: "
                                                 "400, bias: false}, %s]}]\n",
                                                 init, kind));
    arena_free(arena);
    return scene;
}

static void check_chain(const char *init, const char *kind, double scale, double expected) {
    struct scene scene = chain(init, kind);
    struct probe probe = probe_of(&scene);
    const double *theory = predict(&scene, &probe, scale);
    assert_int_equal(probe.weighted_count, 6);
    assert_true(theory[5] == 1);
    for (int k = 0; k < 5; k++)
        assert_true(fabs(theory[k] / theory[k + 1] - expected) < 0.01 * expected);
    scene_close(&scene);
}

static void small_tanh_signals_shrink_as_the_weights_say(void **state) {
    (void)state;
    check_chain("", "tanh", 0.01, 1 / sqrt(3));
    check_chain("init: {\"**.linear\": xavier}\n", "tanh", 0.01, 1);
}

/* Half of the signals are cut off: a factor of sqrt(1/2) more (He et al. 2015, "Delving deep into
 * rectifiers"). */
static void relu_halves_the_square(void **state) {
    (void)state;
    check_chain("", "relu", 1, 1 / sqrt(6));
    check_chain("init: {\"**.linear\": kaiming}\n", "relu", 1, 1);
}

static void nothing_is_known_of_sums_norms_and_short_chains(void **state) {
    (void)state;
    static const char *const texts[] = {
        "netdef: n\ninput: [4, 8, 8]\nlayers: [repeat: {name: r, times: 6, layers: [conv2d: {out: "
        "4, "
        "kernel: 3, padding: 1}, batchnorm2d, tanh]}]\n",
        "netdef: n\ninput: [4, 8, 8]\nlayers: [repeat: {name: r, times: 6, layers: [residual: "
        "{body: "
        "[conv2d: {out: 4, kernel: 3, padding: 1}, tanh]}]}]\n",
        "netdef: n\ninput: [4, 8, 8]\nlayers: [repeat: {name: r, times: 3, layers: [conv2d: {out: "
        "4, "
        "kernel: 3, padding: 1}, tanh]}]\n",
    };
    for (int i = 0; i < BASE_COUNT(texts); i++) {
        struct scene scene = scene_text(texts[i]);
        struct probe probe = probe_of(&scene);
        const double *theory = predict(&scene, &probe, 1);
        for (int k = 0; k < probe.weighted_count; k++)
            assert_true(isnan(theory[k]));
        scene_close(&scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_tanh_signals_shrink_as_the_weights_say),
        cmocka_unit_test(relu_halves_the_square),
        cmocka_unit_test(nothing_is_known_of_sums_norms_and_short_chains),
    };
    gemm_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
