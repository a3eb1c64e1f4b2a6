/* A small network end to end against PyTorch (tests/golden/network.yaml, make_network.py): two steps of
 * training in batch-norm training mode, residual sum, concat, pooling, transposed and grouped convolutions,
 * and the gradient of a class score in evaluation. */
#include "exec_scene.h"

#include <math.h>

#include "golden/network.h"

enum { MOST = 2048 };

/* Smaller magnitudes count as this: the gradient of a bias before batch norm is 0 but for rounding. */
static const double least_magnitude = 1e-3;

/* The largest difference is at most `tolerance` times the largest magnitude. */
static void near(const char *what, const float *values, const double *expected, size_t count,
                 double tolerance) {
    double magnitude = least_magnitude, difference = 0;
    for (size_t i = 0; i < count; i++) {
        magnitude = fmax(magnitude, fabs(expected[i]));
        difference = fmax(difference, fabs((double)values[i] - expected[i]));
    }
    if (!(difference <= tolerance * magnitude))
        fail_msg("%s is off by %.3g of %.3g", what, difference, magnitude);
}

static void near_tensor(const char *what, struct tensor tensor, const double *expected,
                        double tolerance) {
    float nchw[MOST];
    size_t count = tensor_pixels(tensor) * (size_t)tensor.channels;
    assert_non_null(tensor.data);
    assert_true(count <= MOST);
    tensor_to_nchw(tensor, nchw);
    near(what, nchw, expected, count, tolerance);
}

static void put_images(struct scene *scene) {
    float nchw[BASE_COUNT(golden_images)];
    for (int i = 0; i < BASE_COUNT(golden_images); i++)
        nchw[i] = (float)golden_images[i];
    tensor_from_nchw(nchw, exec_input(scene->exec));
}

static void put_params(struct scene *scene) {
    for (int i = 0; i < BASE_COUNT(golden_params); i++) {
        const struct golden_param *golden = &golden_params[i];
        int index = scene_param(scene, golden->path);
        assert_int_equal(param_size(scene->graph->params[index].shape), golden->size);
        for (int j = 0; j < golden->size; j++)
            exec_change_param(scene->exec, index)[j] = (float)golden->start[j];
    }
}

/* With the values and gradients kept that PyTorch's are known of. */
static struct scene open_network(void) {
    struct scene scene = scene_graph("tests/golden/network.yaml");
    bool *keep = arena_alloc(scene.arena, (size_t)scene.graph->layer_count + 1, sizeof(bool));
    keep[scene_value(&scene, "deep")] = true;
    scene_start(&scene,
                (struct plan_options){.batch = GOLDEN_IMAGES,
                                      .threads = 2,
                                      .training = true,
                                      .input_gradient = true,
                                      .keep_values = keep,
                                      .keep_gradients = keep,
                                      .optim_slots = 1},
                1);
    put_params(&scene);
    put_images(&scene);
    return scene;
}

static void step(struct scene *scene, int index) {
    exec_forward(scene->exec, GOLDEN_IMAGES, true, (uint32_t)index);
    double loss = scene_loss(scene, golden_labels, 0.1);
    if (!(fabs(loss - golden_losses[index]) <= 1e-6 * golden_losses[index]))
        fail_msg("the loss of step %d is %.9g, not %.9g", index, loss, golden_losses[index]);
}

static void first_step(struct scene *scene) {
    const struct graph *graph = scene->graph;
    int deep = scene_value(scene, "deep");
    step(scene, 0);
    exec_backward(scene->exec, false);
    near_tensor("scores", exec_value(scene->exec, graph->output), golden_scores, 1e-5);
    near_tensor("deep", exec_value(scene->exec, deep), golden_deep, 1e-5);
    near_tensor("gradient of deep", exec_gradient(scene->exec, deep), golden_deep_gradient, 1e-4);
    near_tensor("gradient of the input", exec_gradient(scene->exec, 0), golden_input_gradient,
                1e-4);
    for (int i = 0; i < BASE_COUNT(golden_params); i++) {
        const struct golden_param *golden = &golden_params[i];
        int index = scene_param(scene, golden->path);
        near(golden->path, exec_param_gradient(scene->exec, index), golden->gradient,
             (size_t)golden->size, 1e-4);
    }
}

static void after_two_steps(struct scene *scene) {
    for (int i = 0; i < BASE_COUNT(golden_params); i++) {
        const struct golden_param *golden = &golden_params[i];
        near(golden->path, exec_param(scene->exec, scene_param(scene, golden->path)), golden->after,
             (size_t)golden->size, 1e-4);
    }
    for (int i = 0; i < BASE_COUNT(golden_buffers); i++)
        near(golden_buffers[i].path,
             exec_param(scene->exec, scene_param(scene, golden_buffers[i].path)),
             golden_buffers[i].values, BASE_COUNT(golden_buffers[i].values), 1e-5);
}

static void two_steps_of_training(void **state) {
    (void)state;
    struct scene scene = open_network();
    first_step(&scene);
    scene_optimize(&scene);
    step(&scene, 1);
    exec_backward(scene.exec, false);
    scene_optimize(&scene);
    step(&scene, 2);
    after_two_steps(&scene);
    scene_close(&scene);
}

/* torch.nn.utils.clip_grad_norm_, then a step of plain sgd. */
static void a_step_with_clipped_gradients(void **state) {
    (void)state;
    struct scene scene = open_network();
    const struct optim_ops *sgd = optim_find("sgd");
    union optim_config config;
    config_start(&config, sgd->attrs, sgd->attr_count);
    config_set(&config, sgd->attrs, sgd->attr_count, "lr", 0.5);
    step(&scene, 0);
    exec_backward(scene.exec, false);
    double norm = exec_gradient_norm(scene.exec);
    assert_true(fabs(norm - golden_norm) <= 1e-5 * golden_norm);
    assert_true(optim_clip(norm, 10) == 1);
    exec_set_factors(scene.exec, 1, optim_clip(norm, 0.25));
    exec_optimize(scene.exec, sgd, &config);
    near("head.weight", exec_param(scene.exec, scene_param(&scene, "head.weight")), golden_clipped,
         BASE_COUNT(golden_clipped), 1e-5);
    scene_close(&scene);
}

/* What Grad-CAM does: the gradient of one class's scores, in evaluation mode, at a layer. */
static void gradient_of_a_score(void **state) {
    (void)state;
    struct scene scene = open_network();
    for (int i = 0; i < 3; i++) {
        step(&scene, i);
        exec_backward(scene.exec, false);
        if (i < 2)
            scene_optimize(&scene);
    }
    exec_forward(scene.exec, GOLDEN_IMAGES, false, 0);
    near_tensor("scores", exec_value(scene.exec, scene.graph->output), golden_evaluation, 1e-5);
    struct tensor seed = exec_gradient(scene.exec, scene.graph->output);
    for (int i = 0; i < GOLDEN_IMAGES * seed.pitch; i++)
        seed.data[i] = i % seed.pitch == 2;
    exec_backward(scene.exec, false);
    near_tensor("gradient of deep", exec_gradient(scene.exec, scene_value(&scene, "deep")),
                golden_cam, 1e-4);
    scene_close(&scene);
}

/* Two backwards without a step between them add up. */
static void gradients_add_up(void **state) {
    (void)state;
    struct scene scene = open_network();
    for (int i = 0; i < 2; i++) {
        exec_forward(scene.exec, GOLDEN_IMAGES, true, 0);
        scene_loss(&scene, golden_labels, 0.1);
        exec_backward(scene.exec, i > 0);
    }
    for (int i = 0; i < BASE_COUNT(golden_params); i++) {
        const struct golden_param *golden = &golden_params[i];
        const float *gradient = exec_param_gradient(scene.exec, scene_param(&scene, golden->path));
        float half[BASE_COUNT(golden->gradient)];
        for (int j = 0; j < golden->size; j++)
            half[j] = gradient[j] / 2;
        near(golden->path, half, golden->gradient, (size_t)golden->size, 1e-4);
    }
    scene_close(&scene);
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_steps_of_training),
        cmocka_unit_test(a_step_with_clipped_gradients),
        cmocka_unit_test(gradient_of_a_score),
        cmocka_unit_test(gradients_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
