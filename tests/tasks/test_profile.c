/* The table of a profile, against numbers worked out by hand. */
#include "exec_scene.h"
#include "netrun/tasks.h"

#include <stdlib.h>

/* Two images of 16 channels and 16x16 pixels are 32,768 bytes wherever they lie.
 * a: 65,536 multiply-adds an image, forward and for the weights. It reads x, writes y, reads dy and x; its
 *    parameters, 1,088 bytes, are read twice and their gradients written: 134,336 bytes.
 * b: 589,824 multiply-adds, forward, for the input and for the weights, by Winograd 147,456; two maps
 *    forward, three backward, and three times 9,280 bytes: 191,680.
 * add: reads the sum's second input. The optimizer moves 5 times 10,368 bytes (one slot). */
static const char network[] = "netdef: t\n"
                              "input: [16, 16, 16]\n"
                              "layers:\n"
                              "  - conv2d: {name: a, out: 16, kernel: 1}\n"
                              "  - relu\n"
                              "  - conv2d: {name: b, out: 16, kernel: 3, padding: 1}\n"
                              "  - add: {from: [b, relu]}\n";

static const char table[] =
    "layer   kind    algorithm  forward ms  backward ms  GFLOP/s  of peak  floor ms\n"
    "------------------------------------------------------------------------------\n"
    "a       conv2d  direct          1.000        3.000      0.1      13%     0.659\n"
    "relu    relu                    0.250        0.500                       0.000\n"
    "b       conv2d  winograd4       2.000        4.000      1.2      29%     1.961\n"
    "add     add                     0.500                                    0.033\n"
    "------------------------------------------------------------------------------\n"
    "in all                          3.750        7.500      0.7      20%     2.704\n"
    "a batch of 2 images takes 11.500 ms: forward 3.750, loss 0.100, backward 7.500, optimizer "
    "0.150 (mean of 4)\n"
    "floor 2.704 ms: products 2.294 at 1.0 GFLOP/s, memory 0.411 at 1.0 GB/s; the time is 4.3 "
    "times that\n"
    "(GFLOP/s: what the layers are defined to do; of peak: what their algorithms make of it)\n";

/* As if four batches had taken these milliseconds each. */
static void fill(struct exec_record *record) {
    static const double forward[] = {1, 0.25, 2, 0.5}, backward[] = {3, 0.5, 4, 0};
    record->batches = 4;
    record->images = 8;
    for (int i = 0; i < 4; i++) {
        record->seconds[EXEC_FORWARD][i] = 4e-3 * forward[i];
        record->seconds[EXEC_BACKWARD][i] = 4e-3 * backward[i];
    }
    record->seconds[EXEC_LOSS][0] = 4e-4;
    record->seconds[EXEC_OPTIMIZE][0] = 6e-4;
}

/* What is printed of a network of four layers. */
static char *printed(const char *text) {
    struct scene scene = scene_text(text);
    scene_start(&scene,
                (struct plan_options){.batch = 2, .threads = 1, .training = true, .optim_slots = 1},
                1);
    struct profile profile = {.plan = scene.plan,
                              .record = exec_record_new(scene.arena, scene.graph),
                              .limits = {.operations = 1e9, .bytes = 1e9}};
    fill(profile.record);
    char *said = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&said, &size);
    profile_print(&profile, out);
    fclose(out);
    scene_close(&scene);
    return said;
}

static void as_worked_out(void **state) {
    (void)state;
    char *said = printed(network);
    assert_string_equal(said, table);
    free(said);
}

/* The activation runs inside batch norm's calls, and both when the second convolution reads. */
static void layers_that_others_do(void **state) {
    (void)state;
    char *said = printed("netdef: t\n"
                         "input: [16, 16, 16]\n"
                         "layers:\n"
                         "  - conv2d: {name: a, out: 16, kernel: 3}\n"
                         "  - batchnorm2d\n"
                         "  - relu\n"
                         "  - conv2d: {name: b, out: 16, kernel: 3}\n");
    assert_non_null(strstr(said, "\nbatchnorm2d  batchnorm2d  when read "));
    assert_non_null(strstr(said, "\nrelu         relu         with the above "));
    free(said);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_worked_out),
                                       cmocka_unit_test(layers_that_others_do)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
