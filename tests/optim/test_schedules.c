/* Schedules against PyTorch (tests/golden/make_optim.py), by epochs and by steps; what is refused. */
#include "conf_scene.h"
#include "netrun/optim.h"

#include <math.h>

#include "golden/optim.h"

enum { STEPS_PER_EPOCH = 7 };

struct schedule {
    const struct schedule_ops *ops;
    const void *config;
};

static struct schedule read_schedule(struct scene *scene, const char *text) {
    struct schedule schedule = {0};
    const struct node *node = scene_parse(scene, text);
    assert_non_null(node);
    if (!schedule_read(scene->arena, node, &schedule.ops, &schedule.config, scene->report))
        fail_msg("%s: %s", text, scene_said(scene));
    return schedule;
}

static double factor_at(struct schedule schedule, int64_t step, int64_t steps) {
    return schedule_factor(schedule.ops, schedule.config,
                           (struct schedule_position){step, steps, STEPS_PER_EPOCH});
}

static void factor_is(const char *text, int64_t step, double factor, double expected) {
    if (!(fabs(factor - expected) <= 1e-12))
        fail_msg("%s: the factor of step %d is %.17g, not %.17g", text, (int)step, factor,
                 expected);
}

/* ---- PyTorch ----------------------------------------------------------------------------------- */

/* The text with its attributes and `by: unit`. */
static const char *text_by(struct scene *scene, const char *text, const char *unit) {
    const char *end = strrchr(text, '}');
    if (!end)
        return arena_printf(scene->arena, "%s: {by: %s}", text, unit);
    return arena_printf(scene->arena, "%.*s, by: %s}", (int)(end - text), text, unit);
}

static void check_by(const struct golden_schedule *golden, const char *unit, int steps_per_unit) {
    struct scene scene = scene_new();
    const char *text = text_by(&scene, golden->text, unit);
    struct schedule schedule = read_schedule(&scene, text);
    int64_t steps = GOLDEN_UNITS * steps_per_unit;
    for (int64_t step = 0; step < steps; step++)
        factor_is(text, step, factor_at(schedule, step, steps),
                  golden->factors[step / steps_per_unit]);
    scene_end(&scene);
}

static void pytorch_agrees(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(golden_schedules); i++) {
        check_by(&golden_schedules[i], "epoch", STEPS_PER_EPOCH);
        check_by(&golden_schedules[i], "step", 1);
    }
}

static bool has_golden(const char *name) {
    for (int i = 0; i < BASE_COUNT(golden_schedules); i++)
        if (strncmp(golden_schedules[i].text, name, strlen(name)) == 0)
            return true;
    return false;
}

/* Each has golden values, and an example that can be read. */
static void every_schedule_is_tested(void **state) {
    (void)state;
    for (int i = 0; schedule_at(i); i++) {
        struct scene scene = scene_new();
        const struct schedule_ops *ops = schedule_at(i);
        assert_true(has_golden(ops->name));
        assert_int_equal(strncmp(ops->example, "schedule: ", 10), 0);
        assert_ptr_equal(read_schedule(&scene, ops->example + 10).ops, ops);
        assert_ptr_equal(schedule_find(ops->name), ops);
        scene_end(&scene);
    }
    assert_null(schedule_find("Cosine"));
}

/* ---- by hand ----------------------------------------------------------------------------------- */

/* The unit that each takes when none is said. */
static void units(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct schedule epochs = read_schedule(&scene, "exponential: {gamma: 0.5}");
    for (int64_t step = 0; step < 21; step++)
        factor_is("by epoch", step, factor_at(epochs, step, 21), pow(0.5, (double)(step / 7)));
    struct schedule steps = read_schedule(&scene, "one_cycle: {pct_start: 0.5}");
    factor_is("by step", 9, factor_at(steps, 9, 20), 1);
    factor_is("by step", 19, factor_at(steps, 19, 20), 0.04 * 1e-4);
    scene_end(&scene);
}

/* A run of 3 epochs of 7 steps that stops after 16 steps. */
static void the_last_epoch_may_be_cut(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct schedule epochs = read_schedule(&scene, "polynomial");
    factor_is("by epoch", 15, factor_at(epochs, 15, 16), 1.0 / 3);
    struct schedule steps = read_schedule(&scene, "polynomial: {by: step}");
    factor_is("by step", 15, factor_at(steps, 15, 16), 1.0 / 16);
    scene_end(&scene);
}

/* The rate rises to what the schedule begins with: here 1/25, and a drop in the warm-up already made. */
static void a_warm_up_leads_to_the_beginning(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const char *cycle = "one_cycle: {warmup: 4, warmup_factor: 0.5}";
    struct schedule schedule = read_schedule(&scene, cycle);
    for (int step = 0; step <= 4; step++)
        factor_is(cycle, step, factor_at(schedule, step, 100), (0.5 + step / 8.0) / 25);
    const char *drop = "multistep: {milestones: [2], warmup: 4, warmup_factor: 0.5, by: step}";
    schedule = read_schedule(&scene, drop);
    for (int step = 0; step <= 4; step++)
        factor_is(drop, step, factor_at(schedule, step, 100), (0.5 + step / 8.0) / 10);
    scene_end(&scene);
}

/* What a schedule cannot be without. */
static const char *needed_by(const char *name) {
    static const char *const needed[][2] = {
        {"step", "size: 2, "}, {"multistep", "milestones: [1], "}, {"exponential", "gamma: 0.5, "}};
    for (int i = 0; i < BASE_COUNT(needed); i++)
        if (strcmp(needed[i][0], name) == 0)
            return needed[i][1];
    return "";
}

static void factors_are_shares(const char *name, int warmup, int64_t steps) {
    struct scene scene = scene_new();
    const char *text =
        arena_printf(scene.arena, "%s: {%sby: step, warmup: %d}", name, needed_by(name), warmup);
    struct schedule schedule = read_schedule(&scene, text);
    for (int64_t step = 0; step < steps; step++) {
        double factor = factor_at(schedule, step, steps);
        if (!(factor > 0 && factor <= 1))
            fail_msg("%s: the factor of step %d is %g", text, (int)step, factor);
    }
    scene_end(&scene);
}

/* Runs so short, or warm-ups so long, that a curve has hardly a length. */
static void nothing_divides_by_zero(void **state) {
    (void)state;
    for (int i = 0; schedule_at(i); i++)
        for (int warmup = 0; warmup <= 3; warmup++)
            for (int64_t steps = 1; steps <= 4; steps++)
                factors_are_shares(schedule_at(i)->name, warmup, steps);
}

/* ---- refusals ---------------------------------------------------------------------------------- */

static const struct refused {
    const char *text, *said;
} refused[] = {
    {"cosin", "1:1: error: there is no schedule 'cosin'; did you mean 'cosine'?"},
    {"plateau", "1:1: error: there is no schedule 'plateau'; netrun list schedules shows them all"},
    {"[cosine]", "1:1: error: schedule is one name, or one name with attributes, not a list of 1"},
    {"step", "1:1: error: step needs 'size' (epochs or steps from one drop to the next, from the "
             "beginning of the run)"},
    {"step: {step_size: 3}",
     "1:8: error: step has no attribute 'step_size'; here it is called 'size'"},
    {"multistep: {milestones: 30}", "1:25: error: milestones of multistep is a list of integers, "
                                    "not the integer 30"},
    {"exponential: {gamma: 0}", "1:22: error: gamma of exponential is over 0, not 0"},
    {"cosine: {by: steps}",
     "1:14: error: by of cosine is one of epoch, step, not the string 'steps'; did you mean "
     "'step'?"},
    {"cosine: {warmup: -1}", "1:18: error: warmup of cosine is at least 0, not -1"},
    {"constant: {warmup_factor: 0}",
     "1:27: error: warmup_factor of constant is over 0 and at most 1, not 0"},
};

static void refusals(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        struct scene scene = scene_new();
        struct schedule schedule;
        assert_false(schedule_read(scene.arena, scene_parse(&scene, refused[i].text), &schedule.ops,
                                   &schedule.config, scene.report));
        assert_string_equal(scene_said(&scene), refused[i].said);
        scene_end(&scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pytorch_agrees),
        cmocka_unit_test(every_schedule_is_tested),
        cmocka_unit_test(units),
        cmocka_unit_test(the_last_epoch_may_be_cut),
        cmocka_unit_test(a_warm_up_leads_to_the_beginning),
        cmocka_unit_test(nothing_divides_by_zero),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
