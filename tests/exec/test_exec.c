/* Start values, what may be read after a step, what is frozen, which layer is named when the numbers leave the
 * finite, and how an executor fails. */
#include "exec_scene.h"

#include <math.h>

static const char chain[] = "netdef: chain\n"
                            "input: [2, 4, 4]\n"
                            "layers:\n"
                            "  - conv2d: {name: first, out: 3, kernel: 3, padding: 1}\n"
                            "  - batchnorm2d: {name: norm}\n"
                            "  - relu\n"
                            "  - conv2d: {name: second, out: 50, kernel: 3}\n"
                            "  - flatten\n"
                            "  - linear: {name: head, out: 5}\n";

static const struct plan_options training = {
    .batch = 4, .threads = 2, .training = true, .optim_slots = 1};

static const int32_t labels[] = {0, 1, 4, 2};

static void fill_input(struct scene *scene) {
    struct tensor input = exec_input(scene->exec);
    struct random random = random_stream(3, RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < tensor_pixels(input) * (size_t)input.pitch; i++)
        input.data[i] = (float)random_normal(&random);
}

static void run_step(struct scene *scene) {
    fill_input(scene);
    exec_forward(scene->exec, 4, true, 0);
    scene_loss(scene, labels, 0);
    exec_backward(scene->exec, false);
    scene_optimize(scene);
}

/* ---- start values ------------------------------------------------------------------------------ */

static const float *values_of(const struct scene *scene, const char *path, size_t *size) {
    int index = scene_param(scene, path);
    *size = param_size(scene->graph->params[index].shape);
    return exec_param(scene->exec, index);
}

static void all_are(const struct scene *scene, const char *path, float expected) {
    size_t size;
    const float *values = values_of(scene, path, &size);
    for (size_t i = 0; i < size; i++)
        assert_true(values[i] == expected);
}

/* U(-bound, bound): inside, with the variance bound^2 / 3, and a mean near 0. */
static void is_uniform(const struct scene *scene, const char *path, double bound) {
    size_t size;
    const float *values = values_of(scene, path, &size);
    double sum = 0, squares = 0, count = (double)size;
    for (size_t i = 0; i < size; i++) {
        assert_true(fabs((double)values[i]) <= bound);
        sum += (double)values[i];
        squares += (double)values[i] * (double)values[i];
    }
    assert_true(fabs(sum / count) < 4 * bound / sqrt(3 * count));
    assert_true(fabs(squares / count / (bound * bound / 3) - 1) < 4 * sqrt(0.8 / count));
}

static void starts_as_pytorch_does(void **state) {
    (void)state;
    struct scene scene = scene_text(chain);
    scene_start(&scene, training, 1);
    is_uniform(&scene, "first.weight", 1 / sqrt(2 * 9));
    is_uniform(&scene, "first.bias", 1 / sqrt(2 * 9));
    is_uniform(&scene, "second.weight", 1 / sqrt(3 * 9));
    is_uniform(&scene, "second.bias", 1 / sqrt(3 * 9));
    is_uniform(&scene, "head.weight", 1 / sqrt(200));
    all_are(&scene, "norm.weight", 1);
    all_are(&scene, "norm.bias", 0);
    all_are(&scene, "norm.running_mean", 0);
    all_are(&scene, "norm.running_var", 1);
    scene_close(&scene);
}

static bool same_values(const struct scene *a, const struct scene *b, const char *path) {
    size_t size, other;
    const float *values = values_of(a, path, &size), *others = values_of(b, path, &other);
    return size == other && memcmp(values, others, size * sizeof(float)) == 0;
}

static void starts_by_seed_and_path(void **state) {
    (void)state;
    struct scene plain35 = scene_graph("netdefs/plain35.yaml");
    struct scene plain53 = scene_graph("netdefs/plain53.yaml");
    struct scene other = scene_graph("netdefs/plain35.yaml");
    struct plan_options options = {.batch = 1, .threads = 1};
    scene_start(&plain35, options, 1);
    scene_start(&plain53, options, 1);
    scene_start(&other, options, 2);
    assert_true(same_values(&plain35, &plain53, "stage1.0.conv2d.weight"));
    assert_true(same_values(&plain35, &plain53, "head.weight"));
    assert_false(same_values(&plain35, &other, "stage1.0.conv2d.weight"));
    scene_close(&plain35);
    scene_close(&plain53);
    scene_close(&other);
}

static void starts_as_the_netdef_says(void **state) {
    (void)state;
    struct scene scene = scene_text("netdef: x\n"
                                    "input: [1, 4, 4]\n"
                                    "init: {\"**\": orthogonal, head: kaiming}\n"
                                    "layers:\n"
                                    "  - conv2d: {out: 4, kernel: 3}\n"
                                    "  - batchnorm2d\n"
                                    "  - flatten\n"
                                    "  - linear: {name: head, out: 3}\n");
    scene_start(&scene, training, 1);
    all_are(&scene, "conv2d.bias", 0);
    all_are(&scene, "head.bias", 0);
    all_are(&scene, "batchnorm2d.weight", 1);
    size_t size;
    const float *values = values_of(&scene, "conv2d.weight", &size);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j <= i; j++) {
            double product = 0;
            for (int k = 0; k < 9; k++)
                product += (double)values[9 * i + k] * (double)values[9 * j + k];
            assert_true(fabs(product - (i == j)) < 1e-6);
        }
    scene_close(&scene);
}

/* exec_init after some steps is as good as a new executor. */
static void init_starts_over(void **state) {
    (void)state;
    struct scene fresh = scene_text(chain), used = scene_text(chain);
    scene_start(&fresh, training, 1);
    scene_start(&used, training, 1);
    run_step(&used);
    run_step(&used);
    assert_false(same_values(&fresh, &used, "head.weight"));
    exec_init(used.exec);
    run_step(&fresh);
    run_step(&used);
    for (int i = 0; i < fresh.graph->param_count; i++)
        assert_true(same_values(&fresh, &used, fresh.graph->params[i].path));
    scene_close(&fresh);
    scene_close(&used);
}

/* ---- views ------------------------------------------------------------------------------------- */

static void only_what_is_kept_is_shown(void **state) {
    (void)state;
    struct scene scene = scene_text(chain);
    bool keep[7] = {false};
    struct plan_options options = training;
    options.keep_values = options.keep_gradients = keep;
    keep[2] = true;
    scene_start(&scene, options, 1);
    run_step(&scene);
    for (int v = 0; v <= 6; v++) {
        assert_int_equal(exec_value(scene.exec, v).data != NULL, v == 0 || v == 2 || v == 6);
        assert_int_equal(exec_gradient(scene.exec, v).data != NULL, v == 2 || v == 6);
    }
    assert_int_equal(exec_value(scene.exec, 2).channels, 3);
    assert_int_equal(exec_value(scene.exec, 2).height, 4);
    exec_forward(scene.exec, 3, true, 0);
    assert_int_equal(exec_value(scene.exec, 2).images, 3);
    assert_int_equal(exec_input(scene.exec).images, 4);
    scene_close(&scene);
}

static void no_gradients_without_training(void **state) {
    (void)state;
    struct scene scene = scene_text(chain);
    scene_start(&scene, (struct plan_options){.batch = 4, .threads = 1}, 1);
    fill_input(&scene);
    exec_forward(scene.exec, 4, false, 0);
    assert_true(isfinite(scene_loss(&scene, labels, 0)));
    assert_null(exec_gradient(scene.exec, scene.graph->output).data);
    for (int i = 0; i < scene.graph->param_count; i++)
        assert_null(exec_param_gradient(scene.exec, i));
    scene_close(&scene);
}

static void frozen_parameters_stay(void **state) {
    (void)state;
    struct scene scene = scene_text(chain), start = scene_text(chain);
    bool frozen[16] = {false};
    frozen[scene_param(&scene, "first.weight")] = true;
    frozen[scene_param(&scene, "head.bias")] = true;
    struct plan_options options = training;
    options.frozen = frozen;
    scene_start(&scene, options, 1);
    scene_start(&start, training, 1);
    run_step(&scene);
    for (int i = 0; i < scene.graph->param_count; i++) {
        bool stays = frozen[i], buffer = scene.graph->params[i].shape->role == PARAM_BUFFER;
        assert_int_equal(exec_param_gradient(scene.exec, i) == NULL, stays || buffer);
        assert_int_equal(same_values(&scene, &start, scene.graph->params[i].path), stays);
    }
    scene_close(&scene);
    scene_close(&start);
}

/* The gradient of a value from which no path leads to the output is zero. */
static void what_leads_nowhere_has_gradient_zero(void **state) {
    (void)state;
    struct scene scene = scene_text("netdef: x\n"
                                    "input: [2, 4, 4]\n"
                                    "layers:\n"
                                    "  - conv2d: {name: used, out: 3, kernel: 3}\n"
                                    "  - conv2d: {name: unused, out: 3, kernel: 1}\n"
                                    "  - flatten: {from: used}\n"
                                    "  - linear: {out: 5}\n");
    bool keep[5] = {false, false, true, false, false};
    struct plan_options options = training;
    options.keep_gradients = keep;
    scene_start(&scene, options, 1);
    run_step(&scene);
    struct tensor gradient = exec_gradient(scene.exec, 2);
    assert_non_null(gradient.data);
    assert_true(tensor_norm(gradient) == 0);
    const float *weight = exec_param_gradient(scene.exec, scene_param(&scene, "unused.weight"));
    for (int i = 0; i < 9; i++)
        assert_true(weight[i] == 0);
    scene_close(&scene);
}

/* An autoencoder: the loss compares the output with the input, here through an identity of weights. */
static void the_input_can_be_the_target(void **state) {
    (void)state;
    struct scene scene = scene_text("netdef: x\n"
                                    "input: [1, 2, 2]\n"
                                    "layers: [conv2d: {out: 1, kernel: 1}]\n");
    const struct loss_ops *mse = loss_find("mse");
    union optim_config config;
    config_start(&config, mse->attrs, mse->attr_count);
    config_set(&config, mse->attrs, mse->attr_count, "target", 1);
    scene_start(&scene, training, 1);
    exec_change_param(scene.exec, 0)[0] = 1;
    exec_change_param(scene.exec, 1)[0] = 0.5f;
    fill_input(&scene);
    exec_forward(scene.exec, 3, true, 0);
    double loss = exec_loss(scene.exec, mse, &config, (struct target){0});
    assert_true(fabs(loss - 0.25) < 1e-6);
    scene_close(&scene);
}

/* ---- weights that stay packed -------------------------------------------------------------------- */

/* The output of an executor that has run before, and of one that has not, with the same parameters. */
static void same_as_fresh(struct scene *used, const char *network, float weight) {
    struct scene fresh = scene_text(network);
    scene_start(&fresh, (struct plan_options){.batch = 4, .threads = 2}, 1);
    exec_change_param(used->exec, 0)[0] = exec_change_param(fresh.exec, 0)[0] = weight;
    for (int i = 0; i < 3; i++) {
        fill_input(used);
        exec_forward(used->exec, 4, false, 0);
    }
    fill_input(&fresh);
    exec_forward(fresh.exec, 4, false, 0);
    struct tensor a = exec_value(used->exec, used->graph->output);
    struct tensor b = exec_value(fresh.exec, fresh.graph->output);
    assert_memory_equal(a.data, b.data, tensor_pixels(a) * (size_t)a.pitch * sizeof(float));
    scene_close(&fresh);
}

/* Each by an algorithm of its own: direct, Winograd's, columns, depthwise; and the transposed kind. */
static void changed_weights_are_packed_again(void **state) {
    (void)state;
    static const char *const layers[] = {
        "conv2d: {out: 8, kernel: 3, stride: 2}", "conv2d: {out: 8, kernel: 3, padding: 1}",
        "conv2d: {out: 8, kernel: 3, dilation: 2}", "conv2d: {out: 8, kernel: 3, groups: 8}",
        "conv_transpose2d: {out: 8, kernel: 2, stride: 2}"};
    for (int i = 0; i < BASE_COUNT(layers); i++) {
        char network[200];
        snprintf(network, sizeof network, "netdef: x\ninput: [8, 9, 9]\nlayers: [%s]\n", layers[i]);
        struct scene scene = scene_text(network);
        scene_start(&scene, (struct plan_options){.batch = 4, .threads = 2}, 1);
        same_as_fresh(&scene, network, 0.5f);
        same_as_fresh(&scene, network, -2);
        scene_close(&scene);
    }
}

/* ---- numbers that are not finite --------------------------------------------------------------- */

static int first_bad(struct scene *scene) {
    exec_forward(scene->exec, 4, true, 0);
    scene_loss(scene, labels, 0);
    exec_backward(scene->exec, false);
    return exec_first_not_finite(scene->exec, 4, 0);
}

static void the_first_layer_is_named(void **state) {
    (void)state;
    struct scene scene = scene_text(chain);
    scene_start(&scene, training, 1);
    fill_input(&scene);
    assert_int_equal(first_bad(&scene), -1);
    exec_change_param(scene.exec, scene_param(&scene, "head.bias"))[2] = INFINITY;
    assert_int_equal(first_bad(&scene), scene_value(&scene, "head") - 1);
    exec_change_param(scene.exec, scene_param(&scene, "second.weight"))[7] = NAN;
    assert_int_equal(first_bad(&scene), scene_value(&scene, "second") - 1);
    exec_input(scene.exec).data[5] = NAN;
    assert_int_equal(first_bad(&scene), 0);
    scene_close(&scene);
}

/* The search goes through layers that are frozen, and so work in place, as forward did. */
static void the_search_leaves_what_forward_left(void **state) {
    (void)state;
    struct scene scene = scene_text("netdef: x\n"
                                    "input: [8, 9, 9]\n"
                                    "layers:\n"
                                    "  - conv2d: {name: a, out: 8, kernel: 3, padding: 1}\n"
                                    "  - batchnorm2d: {name: b}\n"
                                    "  - conv2d: {name: c, out: 8, kernel: 3, padding: 1}\n"
                                    "  - add: {from: [b, c]}\n");
    const bool frozen[] = {true, true, true, true, true, true, false, false};
    struct plan_options options = {.batch = 4, .threads = 2, .training = true, .frozen = frozen};
    assert_int_equal(scene.graph->param_count, BASE_COUNT(frozen));
    scene_start(&scene, options, 1);
    int a = scene_value(&scene, "a"), b = scene_value(&scene, "b");
    assert_int_equal(scene.plan->values[a], scene.plan->values[b]);
    exec_change_param(scene.exec, scene_param(&scene, "b.weight"))[3] = 17;
    fill_input(&scene);
    exec_forward(scene.exec, 4, false, 0);
    struct tensor y = exec_value(scene.exec, scene.graph->output);
    float left[4 * 8 * 9 * 9];
    memcpy(left, y.data, sizeof left);
    assert_int_equal(exec_first_not_finite(scene.exec, 4, 0), -1);
    assert_memory_equal(left, y.data, sizeof left);
    scene_close(&scene);
}

/* ---- failure ----------------------------------------------------------------------------------- */

static void more_than_the_machine_has(void **state) {
    (void)state;
    struct scene scene = scene_text("netdef: x\n"
                                    "input: [1, 1024, 1024]\n"
                                    "layers:\n"
                                    "  - repeat: {times: 200, layers: [relu]}\n");
    struct plan_options options = {.batch = 2000, .threads = 1, .training = true, .no_reuse = true};
    scene.plan = plan_build(scene.arena, scene.graph, &options, scene.report);
    assert_non_null(scene.plan);
    assert_null(exec_new(scene.arena, scene.plan, NULL, 1, scene.report));
    char head[200];
    snprintf(head, sizeof head, "netrun: error: a batch of 2,000 needs %s of memory, and ",
             text_bytes(plan_resident(scene.plan, 0)).text);
    struct said words = said(scene.report);
    assert_memory_equal(words.text, head, strlen(head));
    assert_non_null(strstr(words.text, " are free; take a smaller batch\n"));
    scene_close(&scene);
}

static void every_allocation_fails(void **state) {
    (void)state;
    struct scene scene = scene_text(chain);
    scene.pool = pool_new(1);
    scene.plan = plan_build(scene.arena, scene.graph, &training, scene.report);
    for (long n = 1; !scene.exec; n++) {
        assert_true(n < 10);
        arena_fail_at(scene.arena, n);
        scene.exec = exec_new(scene.arena, scene.plan, scene.pool, 1, scene.report);
        assert_int_equal(report_count(scene.report), 0);
    }
    scene_close(&scene);
}

static void nothing_is_allocated_in_a_step(void **state) {
    (void)state;
    struct scene scene = scene_text(chain);
    scene_start(&scene, training, 1);
    size_t used = arena_used(scene.arena);
    arena_fail_at(scene.arena, 1);
    run_step(&scene);
    exec_forward(scene.exec, 2, false, 1);
    assert_int_equal(arena_used(scene.arena), used);
    scene_close(&scene);
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_as_pytorch_does),
        cmocka_unit_test(starts_by_seed_and_path),
        cmocka_unit_test(starts_as_the_netdef_says),
        cmocka_unit_test(init_starts_over),
        cmocka_unit_test(only_what_is_kept_is_shown),
        cmocka_unit_test(no_gradients_without_training),
        cmocka_unit_test(frozen_parameters_stay),
        cmocka_unit_test(what_leads_nowhere_has_gradient_zero),
        cmocka_unit_test(the_input_can_be_the_target),
        cmocka_unit_test(changed_weights_are_packed_again),
        cmocka_unit_test(the_first_layer_is_named),
        cmocka_unit_test(the_search_leaves_what_forward_left),
        cmocka_unit_test(more_than_the_machine_has),
        cmocka_unit_test(every_allocation_fails),
        cmocka_unit_test(nothing_is_allocated_in_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
