/* What training asks of a step beside the gradient itself: its norm, factors, the place to go on from. The
 * network is one weight per input, so that all can be said by hand. */
#include "exec_scene.h"

#include <math.h>

static const struct plan_options training = {
    .batch = 1, .threads = 2, .training = true, .optim_slots = 1};

/* y = w x + b on an image of one pixel, with gradients that are set by hand. */
static struct scene scene_line(float weight, float bias) {
    struct scene scene = scene_text("netdef: x\n"
                                    "input: [1, 1, 1]\n"
                                    "layers: [conv2d: {out: 1, kernel: 1}]\n");
    scene_start(&scene, training, 1);
    exec_change_param(scene.exec, 0)[0] = weight;
    exec_change_param(scene.exec, 1)[0] = bias;
    return scene;
}

/* Backward with x and dy gives the gradients dy x and dy. */
static void backward(struct scene *scene, float x, float dy) {
    exec_input(scene->exec).data[0] = x;
    exec_forward(scene->exec, 1, true, 0);
    exec_gradient(scene->exec, scene->graph->output).data[0] = dy;
    exec_backward(scene->exec, false);
}

static void descend(struct scene *scene, double lr, double momentum) {
    const struct optim_ops *sgd = optim_find("sgd");
    union optim_config config;
    config_start(&config, sgd->attrs, sgd->attr_count);
    config_set(&config, sgd->attrs, sgd->attr_count, "lr", lr);
    config_set(&config, sgd->attrs, sgd->attr_count, "momentum", momentum);
    exec_optimize(scene->exec, sgd, &config);
}

static void the_norm_is_of_all_gradients(void **state) {
    (void)state;
    struct scene scene = scene_line(1, 0);
    backward(&scene, 0.75f, 4);
    assert_true(fabs(exec_gradient_norm(scene.exec) - 5) < 1e-12); /* 3 and 4 */
    backward(&scene, INFINITY, 4);
    assert_true(exec_gradient_norm(scene.exec) == INFINITY);
    scene_close(&scene);
}

static void factors_multiply_rate_and_gradient(void **state) {
    (void)state;
    struct scene scene = scene_line(1, 0);
    backward(&scene, 0.5f, 4);
    exec_set_factors(scene.exec, 0.5, 0.25);
    descend(&scene, 0.5, 0);
    /* 1 - (.5 x .5) (2 x .25), 0 - (.5 x .5) (4 x .25) */
    assert_true(exec_param(scene.exec, 0)[0] == 0.875f);
    assert_true(exec_param(scene.exec, 1)[0] == -0.25f);
    assert_true(exec_param_gradient(scene.exec, 0)[0] == 2);
    scene_close(&scene);
}

/* ---- tensors of many pieces -------------------------------------------------------------------- */

enum { WIDE = 200, SIZE = WIDE * WIDE };

static const char wide_text[] = "netdef: x\n"
                                "input: [200, 1, 1]\n"
                                "layers: [flatten, linear: {out: 200, bias: false}]\n";

/* A weight of 40,000 elements, all gradients set: dW = dy x'. */
static struct scene scene_wide(int threads) {
    struct scene scene = scene_text(wide_text);
    struct plan_options options = training;
    options.threads = threads;
    options.optim_slots = 3;
    scene_start(&scene, options, 1);
    struct tensor x = exec_input(scene.exec);
    struct tensor dy = exec_gradient(scene.exec, scene.graph->output);
    for (int i = 0; i < WIDE; i++) {
        x.data[i] = sinf((float)i);
        dy.data[i] = cosf((float)i) + 0.5f;
    }
    exec_forward(scene.exec, 1, true, 0);
    exec_backward(scene.exec, false);
    return scene;
}

static void the_norm_of_a_large_tensor(void **state) {
    (void)state;
    double norms[3], sum = 0;
    for (int i = 0; i < 3; i++) {
        struct scene scene = scene_wide(1 + i);
        norms[i] = exec_gradient_norm(scene.exec);
        const float *gradient = exec_param_gradient(scene.exec, 0);
        for (int j = 0; i == 0 && j < SIZE; j++)
            sum += (double)gradient[j] * (double)gradient[j];
        scene_close(&scene);
    }
    assert_true(fabs(norms[0] - sqrt(sum)) <= 1e-12 * norms[0]);
    assert_true(norms[1] == norms[0] && norms[2] == norms[0]);
}

/* Adam with all its state, in pieces, is adam on the whole tensor. */
static void pieces_make_one_step(void **state) {
    (void)state;
    static float values[SIZE], memory[3 * SIZE];
    struct scene scene = scene_wide(3);
    const struct optim_ops *adam = optim_find("adam");
    union optim_config config;
    config_start(&config, adam->attrs, adam->attr_count);
    config_set(&config, adam->attrs, adam->attr_count, "amsgrad", 1);
    memcpy(values, exec_param(scene.exec, 0), sizeof values);
    for (int step = 1; step <= 3; step++) {
        exec_optimize(scene.exec, adam, &config);
        adam->step(&(struct optim_step){.config = &config,
                                        .rate_factor = 1,
                                        .decay_factor = 1,
                                        .gradient_factor = 1,
                                        .step = step,
                                        .values = values,
                                        .gradient = exec_param_gradient(scene.exec, 0),
                                        .state = memory,
                                        .slot_stride = SIZE,
                                        .size = SIZE});
    }
    assert_memory_equal(exec_param(scene.exec, 0), values, sizeof values);
    assert_memory_equal(exec_optim_state(scene.exec, 0), memory, sizeof memory);
    scene_close(&scene);
}

/* A momentum that starts anew is another one than a momentum that goes on. */
static void a_run_goes_on_where_another_stood(void **state) {
    (void)state;
    struct scene first = scene_line(1, 0);
    for (int i = 0; i < 2; i++) {
        backward(&first, 1, 1);
        descend(&first, 0.125, 0.5);
    }
    struct scene second = scene_line(exec_param(first.exec, 0)[0], exec_param(first.exec, 1)[0]);
    for (int i = 0; i < 2; i++)
        exec_optim_state(second.exec, i)[0] = exec_optim_state(first.exec, i)[0];
    exec_set_steps(second.exec, exec_steps(first.exec));
    assert_int_equal(exec_steps(second.exec), 2);
    struct scene *both[] = {&first, &second};
    for (int i = 0; i < 2; i++) {
        backward(both[i], 1, 1);
        descend(both[i], 0.125, 0.5);
    }
    /* Momenta 1, 1.5, 1.75. */
    assert_true(exec_param(first.exec, 0)[0] == 1 - 0.125f * 4.25f);
    assert_true(exec_param(second.exec, 0)[0] == exec_param(first.exec, 0)[0]);
    assert_true(exec_param(second.exec, 1)[0] == exec_param(first.exec, 1)[0]);
    scene_close(&first);
    scene_close(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_norm_is_of_all_gradients),
        cmocka_unit_test(factors_multiply_rate_and_gradient),
        cmocka_unit_test(the_norm_of_a_large_tensor),
        cmocka_unit_test(pieces_make_one_step),
        cmocka_unit_test(a_run_goes_on_where_another_stood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
