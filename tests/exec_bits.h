/* What two steps of a network leave, in all its bits, and whether two ways to run it leave the same. */
#ifndef TESTS_EXEC_BITS_H
#define TESTS_EXEC_BITS_H

#include "exec_scene.h"

struct variant {
    int threads, batch, images;
    bool no_reuse, no_fusion, keep_all, frozen, evaluation;
};

/* What two steps leave, one number after the other. */
struct outcome {
    float *numbers;
    size_t count, room;
};

static inline void take(struct outcome *outcome, const float *numbers, size_t count) {
    if (outcome->count + count > outcome->room) {
        outcome->room = 2 * (outcome->count + count);
        outcome->numbers = realloc(outcome->numbers, outcome->room * sizeof(float));
        assert_non_null(outcome->numbers);
    }
    memcpy(outcome->numbers + outcome->count, numbers, count * sizeof(float));
    outcome->count += count;
}

static inline void take_tensor(struct outcome *outcome, struct tensor tensor) {
    for (size_t p = 0; tensor.data && p < tensor_pixels(tensor); p++)
        take(outcome, tensor.data + p * (size_t)tensor.pitch, (size_t)tensor.channels);
}

static inline void take_all(struct outcome *outcome, const struct scene *scene) {
    for (int i = 0; i < scene->graph->param_count; i++) {
        size_t size = param_size(scene->graph->params[i].shape);
        const float *gradient = exec_param_gradient(scene->exec, i);
        take(outcome, exec_param(scene->exec, i), size);
        if (gradient)
            take(outcome, gradient, size);
    }
    take_tensor(outcome, exec_value(scene->exec, scene->graph->output));
    take_tensor(outcome, exec_gradient(scene->exec, 0));
}

static inline void take_kept(struct outcome *outcome, const struct scene *scene) {
    for (int v = 0; v <= scene->graph->layer_count; v++) {
        take_tensor(outcome, exec_value(scene->exec, v));
        take_tensor(outcome, exec_gradient(scene->exec, v));
    }
}

static inline void fill(struct tensor tensor, uint32_t stream) {
    struct random random = random_stream(5, RANDOM_TEST, 3, stream);
    for (size_t p = 0; p < tensor_pixels(tensor); p++)
        for (int c = 0; c < tensor.channels; c++)
            tensor.data[p * (size_t)tensor.pitch + (size_t)c] = (float)random_normal(&random);
}

static inline void run_steps(struct scene *scene, int images, bool training) {
    for (uint32_t step = 0; step < 2; step++) {
        struct tensor input = exec_input(scene->exec);
        input.images = images;
        fill(input, 2 * step);
        exec_forward(scene->exec, images, training, step);
        if (!scene->plan->options.training)
            continue;
        fill(exec_gradient(scene->exec, scene->graph->output), 2 * step + 1);
        exec_backward(scene->exec, false);
        if (step == 0)
            scene_optimize(scene);
    }
}

static inline struct outcome run_variant(struct scene scene, struct variant variant,
                                         bool training) {
    struct outcome outcome = {0};
    bool *keep = arena_alloc(scene.arena, (size_t)scene.graph->layer_count + 1, sizeof(bool));
    bool *frozen = arena_alloc(scene.arena, (size_t)scene.graph->param_count, sizeof(bool));
    for (int v = 0; v <= scene.graph->layer_count; v++)
        keep[v] = variant.keep_all;
    for (int i = 0; i < scene.graph->param_count; i++)
        frozen[i] = variant.frozen && i < 2 * scene.graph->param_count / 3;
    scene_start(&scene,
                (struct plan_options){.batch = variant.batch,
                                      .threads = variant.threads,
                                      .training = !variant.evaluation,
                                      .no_reuse = variant.no_reuse,
                                      .no_fusion = variant.no_fusion,
                                      .input_gradient = !variant.frozen,
                                      .frozen = frozen,
                                      .keep_values = keep,
                                      .keep_gradients = keep,
                                      .optim_slots = 1},
                7);
    run_steps(&scene, variant.images, training);
    take_all(&outcome, &scene);
    if (variant.keep_all)
        take_kept(&outcome, &scene);
    scene_close(&scene);
    return outcome;
}

struct trial {
    const char *path; /* or a text */
    bool training;    /* batch statistics and dropout, or as in evaluation */
};

static inline struct outcome run_trial(struct trial trial, struct variant variant) {
    bool text = strchr(trial.path, '\n') != NULL;
    struct scene scene = text ? scene_text(trial.path) : scene_graph(trial.path);
    return run_variant(scene, variant, trial.training);
}

static inline void same_bits(struct trial trial, struct variant a, struct variant b) {
    struct outcome left = run_trial(trial, a), right = run_trial(trial, b);
    assert_int_equal(left.count, right.count);
    for (size_t i = 0; i < left.count; i++)
        if (memcmp(&left.numbers[i], &right.numbers[i], sizeof(float)) != 0)
            fail_msg("number %zu of %zu, %g, is %g the other way:\n%s", i, left.count,
                     (double)left.numbers[i], (double)right.numbers[i], trial.path);
    free(left.numbers);
    free(right.numbers);
}

#endif
