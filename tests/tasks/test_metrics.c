/* Metrics, against values computed by hand from the definitions of Long et al. (2015). */
#include "../../src/tasks/metrics.h"
#include "check.h"

#include <math.h>

static void assert_near(double value, double expected) {
    if (!(fabs(value - expected) < 1e-12))
        fail_msg("%.15g, not %.15g", value, expected);
}

/* Three classes: 6 of class 0 (5 found, 1 called 1), 3 of class 1 (2 found, 1 called 0), 1 of class 2 (called
 * 1). */
static const int32_t labels[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 2};
static const int32_t said[] = {0, 0, 0, 0, 0, 1, 1, 1, 0, 1};

static struct confusion counted(int64_t *counts, int classes) {
    struct confusion confusion = {classes, counts};
    confusion_add(&confusion, labels, said, 10);
    return confusion;
}

static void counts_go_by_truth_then_saying(void **state) {
    (void)state;
    int64_t counts[9] = {0};
    counted(counts, 3);
    const int64_t expected[9] = {5, 1, 0, 1, 2, 0, 0, 1, 0};
    assert_memory_equal(counts, expected, sizeof expected);
    assert_int_equal(metrics_right(labels, said, 10), 7);
}

static void scores_by_hand(void **state) {
    (void)state;
    int64_t counts[9] = {0};
    struct confusion confusion = counted(counts, 3);
    struct scores scores = confusion_scores(&confusion);
    assert_near(scores.accuracy, 0.7);
    assert_near(scores.mean_accuracy, (5.0 / 6 + 2.0 / 3 + 0) / 3);
    assert_near(scores.mean_iu, (5.0 / 7 + 2.0 / 5 + 0) / 3);
    assert_near(scores.frequency_weighted_iu, (6 * 5.0 / 7 + 3 * 2.0 / 5 + 0) / 10);
    assert_near(scores.object_accuracy, 2.0 / 4);
}

static void one_class(void **state) {
    (void)state;
    int64_t counts[9] = {0};
    struct confusion confusion = counted(counts, 3);
    struct class_scores scores = confusion_class(&confusion, 1);
    assert_int_equal(scores.count, 3);
    assert_near(scores.recall, 2.0 / 3);
    assert_near(scores.precision, 2.0 / 4);
    assert_near(scores.iu, 2.0 / 5);
}

/* A fourth class that neither occurs nor is ever called changes no mean. */
static void classes_that_do_not_occur_do_not_count(void **state) {
    (void)state;
    int64_t three[9] = {0}, four[16] = {0};
    struct confusion a = counted(three, 3), b = counted(four, 4);
    assert_true(isnan(confusion_class(&b, 3).recall));
    assert_true(isnan(confusion_class(&b, 3).precision));
    assert_true(isnan(confusion_class(&b, 3).iu));
    struct scores first = confusion_scores(&a), second = confusion_scores(&b);
    assert_memory_equal(&first, &second, sizeof first);
}

/* Two images of 1 x 2 pixels, 3 channels 4 floats apart; of equal scores the first counts. */
static void the_highest_score_is_said(void **state) {
    (void)state;
    float scores[] = {1, 2, 3, 9, -1, -2, -3, 9, 5, 5, 4, 9, 0, 7, 7, 9};
    struct tensor y = {scores, .images = 2, .height = 1, .width = 2, .channels = 3, .pitch = 4};
    struct pool *pool = pool_new(2);
    int32_t classes[4];
    metrics_classes(y, pool, classes);
    const int32_t expected[] = {2, 0, 0, 1};
    assert_memory_equal(classes, expected, sizeof expected);
    pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_go_by_truth_then_saying),
        cmocka_unit_test(scores_by_hand),
        cmocka_unit_test(one_class),
        cmocka_unit_test(classes_that_do_not_occur_do_not_count),
        cmocka_unit_test(the_highest_score_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
