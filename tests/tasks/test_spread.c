/* Means and intervals, against values from a table of Student's t and by hand. */
#include "../../src/tasks/spread.h"
#include "check.h"

#include <math.h>

static void assert_near(double value, double expected) {
    if (fabs(value - expected) > 1e-9 * fmax(1, fabs(expected)))
        fail_msg("%.12g, not %.12g", value, expected);
}

static void one_value_has_no_interval(void **state) {
    (void)state;
    struct spread spread = spread_of((const double[]){3}, 1);
    assert_near(spread.mean, 3);
    assert_near(spread.low, 3);
    assert_near(spread.high, 3);
    assert_near(spread.deviation, 0);
    assert_near(spread.interval, 0);
}

/* 1, 2, 6: mean 3, population variance 14/3, sample variance 7; t(2) = 4.303. */
static void three_values(void **state) {
    (void)state;
    struct spread spread = spread_of((const double[]){2, 6, 1}, 3);
    assert_near(spread.mean, 3);
    assert_near(spread.low, 1);
    assert_near(spread.high, 6);
    assert_near(spread.deviation, sqrt(14.0 / 3));
    assert_near(spread.interval, 4.303 * sqrt(7.0 / 3));
}

/* t(60) = 2.000: 61 values, half of them (and one) 0, the others 1. */
static void many_values(void **state) {
    (void)state;
    double values[61] = {0};
    for (int i = 31; i < 61; i++)
        values[i] = 1;
    double mean = 30.0 / 61, sample = mean * (1 - mean) * 61 / 60;
    struct spread spread = spread_of(values, 61);
    assert_true(fabs(spread.interval - 2.000 * sqrt(sample / 61)) < 1e-3 * spread.interval);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_value_has_no_interval),
        cmocka_unit_test(three_values),
        cmocka_unit_test(many_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
