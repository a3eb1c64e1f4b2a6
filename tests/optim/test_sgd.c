/* sgd against PyTorch over five steps (tests/golden/make_optim.py), and its check. */
#include "optim_config.h"
#include "said.h"

#include <math.h>

#include "golden/optim.h"

enum { SIZE = BASE_COUNT(golden_sgds[0].values) };

static void set_config(union optim_config *config, const struct golden_sgd *golden) {
    const struct optim_ops *sgd = optim_find("sgd");
    config_start(config, sgd->attrs, sgd->attr_count);
    config_set(config, sgd->attrs, sgd->attr_count, "lr", golden->lr);
    config_set(config, sgd->attrs, sgd->attr_count, "momentum", golden->momentum);
    config_set(config, sgd->attrs, sgd->attr_count, "dampening", golden->dampening);
    config_set(config, sgd->attrs, sgd->attr_count, "weight_decay", golden->weight_decay);
    config_set(config, sgd->attrs, sgd->attr_count, "nesterov", golden->nesterov);
}

static void values_are(const char *name, const float *values, const double *expected) {
    for (int i = 0; i < SIZE; i++)
        if (!(fabs((double)values[i] - expected[i]) <= 1e-6))
            fail_msg("%s: value %d is %.9g, not %.9g", name, i, (double)values[i], expected[i]);
}

/* Rates and decays that rules halve, of a config that doubles them, are the same steps. */
static void check_golden(const struct golden_sgd *golden, double factor) {
    const struct optim_ops *sgd = optim_find("sgd");
    union optim_config config;
    struct golden_sgd scaled = *golden;
    scaled.lr *= factor;
    scaled.weight_decay *= factor;
    set_config(&config, &scaled);
    assert_int_equal(sgd->slots(&config), golden->momentum > 0);
    float values[SIZE], gradient[SIZE], state[SIZE] = {0};
    for (int i = 0; i < SIZE; i++)
        values[i] = (float)golden->values[i];
    for (int step = 1; step <= 5; step++) {
        for (int i = 0; i < SIZE; i++)
            gradient[i] = (float)golden->gradients[(step - 1) * SIZE + i];
        sgd->step(&(struct optim_step){.config = &config,
                                       .rate_factor = 1 / factor,
                                       .decay_factor = 1 / factor,
                                       .step = step,
                                       .values = values,
                                       .gradient = gradient,
                                       .state = golden->momentum > 0 ? state : NULL,
                                       .size = SIZE});
        values_are(golden->name, values, golden->after + (step - 1) * SIZE);
    }
}

static void pytorch_agrees(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(golden_sgds); i++) {
        check_golden(&golden_sgds[i], 1);
        check_golden(&golden_sgds[i], 2);
    }
}

static void nesterov_needs_momentum(void **state) {
    (void)state;
    const struct golden_sgd cases[] = {{.lr = 1, .nesterov = true},
                                       {.lr = 1, .nesterov = true, .momentum = .9, .dampening = .1},
                                       {.lr = 1, .nesterov = true, .momentum = .9}};
    const struct optim_ops *sgd = optim_find("sgd");
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    struct pos pos = {0};
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        union optim_config config;
        set_config(&config, &cases[i]);
        assert_int_equal(sgd->check(&config, &pos, report), i == 2);
    }
    assert_string_equal(said(report).text,
                        "netrun: error: nesterov needs a momentum over 0 and no dampening; set "
                        "momentum: 0.9 or drop nesterov\n");
    arena_free(arena);
}

static void registry(void **state) {
    (void)state;
    assert_string_equal(optim_at(0)->name, "sgd");
    assert_null(optim_at(1));
    assert_null(optim_find("SGD"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pytorch_agrees),
        cmocka_unit_test(nesterov_needs_momentum),
        cmocka_unit_test(registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
