/* Memory that runs out at any allocation ends a run with an error, or with none for "out of memory", and never
 * in any other way. A step from one allocation to the next but some keeps the test short. */
#include "netrun/tasks.h"
#include "said.h"
#include "temporary.h"

static const char text[] =
    "experiment: small\n"
    "seeds: [0, 1]\n"
    "data: {source: synthetic, shape: [1, 8, 8], classes: 3, images: 20, batch: 4}\n"
    "loss: cross_entropy\n"
    "stages:\n"
    "  - train: {epochs: 1, checkpoint_seconds: 0, optimizer: {sgd: {lr: 0.1, momentum: 0.9}}}\n"
    "  - evaluate: {worst: 2}\n"
    "  - predict: {show: 2, outputs: tanh}\n"
    "arms:\n"
    "  net:\n"
    "    net:\n"
    "      netdef: net\n"
    "      input: [1, 8, 8]\n"
    "      layers: [conv2d: {out: 2, kernel: 3}, tanh, flatten, linear: {out: 3}]\n";

/* False: it failed. */
static bool run_experiment(const struct temporary *temporary, struct arena *arena,
                           struct report *report, FILE *screen) {
    static const volatile sig_atomic_t stop;
    struct run_options options = {.threads = 1,
                                  .out = temporary->folder,
                                  .data = ".",
                                  .progress = PROGRESS_OFF,
                                  .screen = screen,
                                  .stop = &stop};
    const struct netdef *netdef;
    const struct experiment *experiment;
    const char *path = temporary_path(temporary, "small.yaml").text;
    if (spec_read(arena, path, NULL, 0, &netdef, &experiment, report) != SPEC_EXPERIMENT)
        return false;
    struct run *run = run_check(arena, experiment, &options, report);
    return run && run_start(run) == RUN_FINE;
}

static void every_allocation_fails(void **state) {
    (void)state;
    struct temporary temporary = temporary_new();
    temporary_write(&temporary, "small.yaml", text);
    setenv("PATH", "/none", 1); /* no gnuplot, which would take most of the time */
    FILE *screen = fopen("/dev/null", "w");
    bool good = false;
    int runs = 0;
    for (long n = 1; !good && runs < 1000; n += 1 + n / 16, runs++) {
        struct arena *arena = arena_new();
        struct report *report = report_new(arena);
        arena_fail_at(arena, n);
        good = run_experiment(&temporary, arena, report, screen);
        if (good && report_count(report) > 0)
            fail_msg("%s", said(report).text);
        arena_free(arena);
    }
    assert_true(good);
    assert_true(runs > 50);
    fclose(screen);
    temporary_end(&temporary);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_fails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
