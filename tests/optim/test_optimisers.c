/* Optimisers against PyTorch over six steps (tests/golden/make_optim.py), and their checks. */
#include "optim_config.h"
#include "said.h"

#include <math.h>

#include "golden/optim.h"

/* The golden values over and over, so that loops over vectors have work, and a rest. */
enum { SIZE = 15 * GOLDEN_SIZE, MOST_SLOTS = 4, GAP = 3, STRIDE = SIZE + GAP };

/* The golden attributes; those of the rates and decays times `factor`. */
static void set_config(union optim_config *config, const struct golden_optimiser *golden,
                       const struct optim_ops *ops, double factor) {
    config_start(config, ops->attrs, ops->attr_count);
    for (int i = 0; i < BASE_COUNT(golden->attrs) && golden->attrs[i].name; i++)
        config_set(config, ops->attrs, ops->attr_count, golden->attrs[i].name,
                   golden->attrs[i].value);
    if (golden->betas[0] > 0)
        config_set_list(config, ops->attrs, ops->attr_count, "betas", (double *)golden->betas, 2);
    const char *const scaled[] = {"lr", "weight_decay"};
    for (int i = 0; i < BASE_COUNT(scaled); i++)
        config_set(config, ops->attrs, ops->attr_count, scaled[i],
                   factor * config_get(config, ops->attrs, ops->attr_count, scaled[i]));
}

static void values_are(const struct golden_optimiser *golden, const float *values, int step) {
    const double *expected = golden->after + (step - 1) * GOLDEN_SIZE;
    double most = 0;
    for (int i = 0; i < GOLDEN_SIZE; i++)
        most = fmax(most, fabs(expected[i]));
    for (int i = 0; i < SIZE; i++)
        if (!(fabs((double)values[i] - expected[i % GOLDEN_SIZE]) <= 1e-6 * most))
            fail_msg("%s, %s: value %d is %.9g after step %d, not %.9g", golden->rule, golden->name,
                     i, (double)values[i], step, expected[i % GOLDEN_SIZE]);
}

static void gaps_are_untouched(const float *state, int slots) {
    for (int slot = 0; slot < MOST_SLOTS; slot++)
        for (int i = 0; i < STRIDE; i++)
            if (slot >= slots || i >= SIZE)
                assert_true(state[slot * STRIDE + i] == 0);
}

/* `factor`: the config's rate and decay and the gradients are larger by it, and each step's factors make up
 * for that. */
static void check_golden(const struct golden_optimiser *golden, double factor) {
    const struct optim_ops *ops = optim_find(golden->rule);
    union optim_config config;
    set_config(&config, golden, ops, factor);
    assert_int_equal(ops->slots(&config), golden->slots);
    float values[SIZE], gradient[SIZE], state[MOST_SLOTS * STRIDE] = {0};
    for (int i = 0; i < SIZE; i++)
        values[i] = (float)golden->values[i % GOLDEN_SIZE];
    for (int step = 1; step <= GOLDEN_STEPS; step++) {
        const double *gradients = golden->gradients + (step - 1) * GOLDEN_SIZE;
        for (int i = 0; i < SIZE; i++)
            gradient[i] = (float)(gradients[i % GOLDEN_SIZE] * factor);
        ops->step(&(struct optim_step){.config = &config,
                                       .rate_factor = 1 / factor,
                                       .decay_factor = 1 / factor,
                                       .gradient_factor = 1 / factor,
                                       .step = step,
                                       .values = values,
                                       .gradient = gradient,
                                       .state = state,
                                       .slot_stride = STRIDE,
                                       .size = SIZE});
        values_are(golden, values, step);
    }
    gaps_are_untouched(state, golden->slots);
}

static void pytorch_agrees(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(golden_optimisers); i++) {
        check_golden(&golden_optimisers[i], 1);
        check_golden(&golden_optimisers[i], 2);
    }
}

static bool has_golden(const char *rule) {
    for (int i = 0; i < BASE_COUNT(golden_optimisers); i++)
        if (strcmp(golden_optimisers[i].rule, rule) == 0)
            return true;
    return false;
}

static void every_rule_is_tested(void **state) {
    (void)state;
    for (int i = 0; optim_at(i); i++) {
        assert_true(has_golden(optim_at(i)->name));
        assert_non_null(strstr(optim_at(i)->example, optim_at(i)->name));
    }
}

/* Gradients that stay the same have no deviation: rounding must not make roots of negative numbers. */
static void centered_rmsprop_of_constant_gradients(void **state) {
    (void)state;
    enum { COUNT = 64 };
    const struct optim_ops *ops = optim_find("rmsprop");
    union optim_config config;
    config_start(&config, ops->attrs, ops->attr_count);
    config_set(&config, ops->attrs, ops->attr_count, "alpha", 0.5);
    config_set(&config, ops->attrs, ops->attr_count, "centered", 1);
    float values[COUNT] = {0}, gradients[COUNT], memory[2 * COUNT] = {0};
    for (int i = 0; i < COUNT; i++)
        gradients[i] = 0.013f + 0.0137f * (float)i;
    for (int step = 1; step <= 100; step++)
        ops->step(&(struct optim_step){.config = &config,
                                       .rate_factor = 1,
                                       .decay_factor = 1,
                                       .gradient_factor = 1,
                                       .step = step,
                                       .values = values,
                                       .gradient = gradients,
                                       .state = memory,
                                       .slot_stride = COUNT,
                                       .size = COUNT});
    for (int i = 0; i < COUNT; i++)
        assert_true(isfinite(values[i]));
}

/* After one gradient, none: means decay to 0, past the numbers below the normal ones, where arithmetic is slow. */
static void check_decay(const struct golden_optimiser *written) {
    enum { STEPS = 2000 };
    const struct optim_ops *ops = optim_find(written->rule);
    union optim_config config;
    set_config(&config, written, ops, 1);
    float value = 1, gradient = 1, memory[MOST_SLOTS] = {0};
    for (int step = 1; step <= STEPS; step++) {
        ops->step(&(struct optim_step){.config = &config,
                                       .rate_factor = 1,
                                       .decay_factor = 1,
                                       .gradient_factor = 1,
                                       .step = step,
                                       .values = &value,
                                       .gradient = &gradient,
                                       .state = memory,
                                       .slot_stride = 1,
                                       .size = 1});
        gradient = 0;
        for (int slot = 0; slot < MOST_SLOTS; slot++)
            assert_true(fpclassify(memory[slot]) != FP_SUBNORMAL);
    }
    for (int slot = 0; slot < ops->slots(&config); slot++)
        assert_true(memory[slot] == 0);
    assert_true(isfinite(value));
}

static void state_decays_to_nothing(void **state) {
    (void)state;
    const struct golden_optimiser rules[] = {
        {"sgd", .attrs = {{"lr", 1}, {"momentum", 0.9}}},
        {"adam", .betas = {0.9, 0.875}},
        {"adamw", .betas = {0.9, 0.875}},
        {"rmsprop", .attrs = {{"alpha", 0.875}, {"momentum", 0.9}, {"centered", 1}}}};
    for (int i = 0; i < BASE_COUNT(rules); i++)
        check_decay(&rules[i]);
}

/* ---- check ------------------------------------------------------------------------------------- */

/* What the optimiser's check says of these attributes. */
static struct said check_says(const struct golden_optimiser *written, int betas) {
    const struct optim_ops *ops = optim_find(written->rule);
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    struct pos pos = {0};
    union optim_config config;
    set_config(&config, written, ops, 1);
    if (betas > 0)
        config_set_list(&config, ops->attrs, ops->attr_count, "betas", (double *)written->betas,
                        betas);
    bool good = ops->check(&config, &pos, report);
    struct said says = said(report);
    assert_true(good == (says.text[0] == 0));
    arena_free(arena);
    return says;
}

static void nesterov_needs_momentum(void **state) {
    (void)state;
    static const char refused[] =
        "netrun: error: nesterov needs a momentum over 0 and no dampening; set momentum: 0.9 or "
        "drop nesterov\n";
    struct golden_optimiser sgd = {"sgd", .attrs = {{"lr", 1}, {"nesterov", 1}}};
    assert_string_equal(check_says(&sgd, 0).text, refused);
    sgd.attrs[2].name = "momentum";
    sgd.attrs[2].value = 0.9;
    assert_string_equal(check_says(&sgd, 0).text, "");
    sgd.attrs[3].name = "dampening";
    sgd.attrs[3].value = 0.1;
    assert_string_equal(check_says(&sgd, 0).text, refused);
}

static void betas_are_two_under_one(void **state) {
    (void)state;
    static const char refused[] =
        "netrun: error: betas are two numbers from 0 to under 1, like [0.9, 0.999]\n";
    const char *const rules[] = {"adam", "adamw"};
    for (int i = 0; i < BASE_COUNT(rules); i++) {
        struct golden_optimiser adam = {rules[i], .betas = {0.9, 0.99}};
        assert_string_equal(check_says(&adam, 0).text, "");
        assert_string_equal(check_says(&adam, 1).text, refused);
        adam.betas[1] = 1;
        assert_string_equal(check_says(&adam, 2).text, refused);
        adam = (struct golden_optimiser){rules[i], .betas = {1, 0.9}};
        assert_string_equal(check_says(&adam, 2).text, refused);
        adam = (struct golden_optimiser){.rule = rules[i]};
        assert_string_equal(check_says(&adam, 0).text, "");
    }
}

static void registry(void **state) {
    (void)state;
    const char *const names[] = {"sgd", "adam", "adamw", "rmsprop"};
    for (int i = 0; i < BASE_COUNT(names); i++) {
        assert_string_equal(optim_at(i)->name, names[i]);
        assert_ptr_equal(optim_find(names[i]), optim_at(i));
    }
    assert_null(optim_at(BASE_COUNT(names)));
    assert_null(optim_find("SGD"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pytorch_agrees),
        cmocka_unit_test(every_rule_is_tested),
        cmocka_unit_test(centered_rmsprop_of_constant_gradients),
        cmocka_unit_test(state_decays_to_nothing),
        cmocka_unit_test(nesterov_needs_momentum),
        cmocka_unit_test(betas_are_two_under_one),
        cmocka_unit_test(registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
