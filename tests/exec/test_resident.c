/* The memory that a run takes, against what its plan said: within 5 % or 16 MB. A program of its own, because
 * the peak of a process counts all that it has done. */
#include "exec_scene.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* VmHWM, in bytes. */
static double peak_of_process(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    unsigned long long kilobytes = 0;
    assert_non_null(status);
    while (fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = strtoull(line + 6, NULL, 10);
    fclose(status);
    return (double)kilobytes * 1024;
}

static void as_planned(void **state) {
    (void)state;
    if (SANITIZED)
        skip(); /* shadow memory comes on top */
    enum { BATCH = 64 };
    const int32_t labels[BATCH] = {1, 2, 3};
    struct scene scene = scene_graph("netdefs/plain35.yaml");
    scene_start(
        &scene,
        (struct plan_options){.batch = BATCH, .threads = 2, .training = true, .optim_slots = 1}, 1);
    struct tensor input = exec_input(scene.exec);
    for (size_t i = 0; i < tensor_pixels(input) * (size_t)input.pitch; i++)
        input.data[i] = (float)(i % 255) / 255;
    exec_forward(scene.exec, BATCH, true, 0);
    scene_loss(&scene, labels, 0);
    exec_backward(scene.exec, false);
    scene_optimize(&scene);
    double planned = (double)plan_resident(scene.plan, 0), peak = peak_of_process();
    double allowed = planned * 0.05 > 16e6 ? planned * 0.05 : 16e6;
    if (peak > planned + allowed || peak < planned - allowed)
        fail_msg("planned %.1f MB, taken %.1f MB", planned / 1e6, peak / 1e6);
    scene_close(&scene);
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_planned)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
