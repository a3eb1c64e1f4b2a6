/* The record of where the time goes: what is counted, and that it is no more than the time that passed. */
#include "exec_scene.h"

enum { BATCH = 4, STEPS = 3 };

static const int32_t labels[BATCH] = {0, 1, 2, 3};

static struct scene scene_ready(bool training) {
    struct scene scene =
        scene_text("netdef: t\ninput: [2, 8, 8]\n"
                   "layers: [conv2d: {out: 8, kernel: 3}, relu, flatten, linear: {out: 4}]\n");
    scene_start(
        &scene,
        (struct plan_options){.batch = BATCH, .threads = 2, .training = training, .optim_slots = 1},
        1);
    return scene;
}

static void step(struct scene *scene, int images) {
    exec_forward(scene->exec, images, true, 0);
    scene_loss(scene, labels, 0);
    exec_backward(scene->exec, false);
    scene_optimize(scene);
}

static double sum(const double *seconds, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
        assert_true(seconds[i] >= 0);
        sum += seconds[i];
    }
    return sum;
}

static double sum_of_all(const struct scene *scene, const struct exec_record *record) {
    int layers = scene->graph->layer_count;
    return sum(record->seconds[EXEC_FORWARD], layers) + sum(record->seconds[EXEC_LOSS], 1) +
           sum(record->seconds[EXEC_BACKWARD], layers) + sum(record->seconds[EXEC_OPTIMIZE], 1);
}

static void steps_of_training(void **state) {
    (void)state;
    struct scene scene = scene_ready(true);
    struct exec_record *record = exec_record_new(scene.arena, scene.graph);
    exec_set_record(scene.exec, record);
    double start = clock_seconds();
    for (int i = 0; i < STEPS; i++)
        step(&scene, i == 0 ? BATCH - 1 : BATCH);
    double passed = clock_seconds() - start;
    assert_int_equal(record->batches, STEPS);
    assert_int_equal(record->images, STEPS * BATCH - 1);
    assert_true(record->seconds[EXEC_FORWARD][0] > 0 && record->seconds[EXEC_BACKWARD][0] > 0);
    assert_true(record->seconds[EXEC_LOSS][0] > 0 && record->seconds[EXEC_OPTIMIZE][0] > 0);
    assert_true(sum_of_all(&scene, record) <= passed);
    scene_close(&scene);
}

static void nothing_else(void **state) {
    (void)state;
    struct scene scene = scene_ready(true);
    struct exec_record *record = exec_record_new(scene.arena, scene.graph);
    exec_set_record(scene.exec, record);
    exec_forward(scene.exec, BATCH, false, 0); /* evaluation */
    scene_loss(&scene, labels, 0);
    exec_set_record(scene.exec, NULL);
    step(&scene, BATCH);
    assert_int_equal(record->batches, 0);
    assert_true(sum_of_all(&scene, record) == 0);
    scene_close(&scene);
}

static void evaluation_in_a_plan_for_it(void **state) {
    (void)state;
    struct scene scene = scene_ready(false);
    struct exec_record *record = exec_record_new(scene.arena, scene.graph);
    exec_set_record(scene.exec, record);
    exec_forward(scene.exec, BATCH, false, 0);
    assert_int_equal(record->batches, 1);
    assert_true(record->seconds[EXEC_FORWARD][0] > 0);
    assert_true(record->seconds[EXEC_BACKWARD][0] == 0);
    scene_close(&scene);
}

static void memory_that_runs_out(void **state) {
    (void)state;
    struct scene scene = scene_ready(false);
    for (long n = 1; n <= 1 + EXEC_PARTS; n++) {
        arena_fail_at(scene.arena, n);
        assert_null(exec_record_new(scene.arena, scene.graph));
    }
    arena_fail_at(scene.arena, 0);
    assert_non_null(exec_record_new(scene.arena, scene.graph));
    scene_close(&scene);
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_of_training),
        cmocka_unit_test(nothing_else),
        cmocka_unit_test(evaluation_in_a_plan_for_it),
        cmocka_unit_test(memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
