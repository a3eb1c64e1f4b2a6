/* batchnorm2d against its formulas in double: batch statistics, running statistics, evaluation, frozen
 * statistics, a mean far from 0, the fold into scale and shift. */
#include "layers_lone.h"

#include <math.h>

enum { CHANNELS = 5, HEIGHT = 6, WIDTH = 7, IMAGES = 19, PIXELS = IMAGES * HEIGHT * WIDTH };
enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR };

static const double eps = 1e-5, momentum = .1;

static void start(struct lone *lone, double offset, int threads) {
    struct shape shape = shape_map(CHANNELS, HEIGHT, WIDTH);
    struct random random = random_stream(0, RANDOM_TEST, 4, 0);
    lone_make(lone, "batchnorm2d", &shape, 1);
    lone_prepare(lone, IMAGES, threads);
    lone_fill(lone->x[0], &random, offset - 1, offset + 2);
    lone_fill(lone->call.dy, &random, -1, 1);
    for (int i = WEIGHT; i <= RUNNING_VAR; i++)
        for (int c = 0; c < CHANNELS; c++)
            lone->params[i][c] = (float)random_between(&random, .5, 2);
}

static void pass(struct lone *lone) {
    lone->ops->forward(&lone->call);
    lone->ops->backward(&lone->call);
}

static double at(struct tensor tensor, int pixel, int c) {
    return (double)tensor.data[pixel * CHANNELS + c];
}

/* One channel's truth, in double. */
struct truth {
    double mean, variance, dy, dy_x; /* sums of dy and of dy (x - mean) */
};

static struct truth truth_of(const struct lone *lone, int c) {
    struct truth truth = {0};
    for (int p = 0; p < PIXELS; p++)
        truth.mean += at(lone->x[0], p, c) / PIXELS;
    for (int p = 0; p < PIXELS; p++)
        truth.variance += pow(at(lone->x[0], p, c) - truth.mean, 2) / PIXELS;
    return truth;
}

static void add_gradient_sums(const struct lone *lone, int c, struct truth *truth) {
    for (int p = 0; p < PIXELS; p++) {
        truth->dy += at(lone->call.dy, p, c);
        truth->dy_x += at(lone->call.dy, p, c) * (at(lone->x[0], p, c) - truth->mean);
    }
}

static void assert_close(double value, double wanted, double error) {
    if (!(fabs(value - wanted) <= error))
        fail_msg("%.9g is not %.9g", value, wanted);
}

/* y, dx and the gradients of one channel; `batch`: the statistics were the batch's. */
static void check_channel(const struct lone *lone, int c, struct truth truth, bool batch) {
    double weight = (double)lone->params[WEIGHT][c], bias = (double)lone->params[BIAS][c];
    double s = 1 / sqrt(truth.variance + eps), share = batch ? 1. / PIXELS : 0;
    add_gradient_sums(lone, c, &truth);
    for (int p = 0; p < PIXELS; p++) {
        double x = at(lone->x[0], p, c) - truth.mean, dy = at(lone->call.dy, p, c);
        double dx = weight * s * (dy - truth.dy * share - x * s * s * truth.dy_x * share);
        assert_close(at(lone->call.y, p, c), weight * x * s + bias, 3e-6);
        assert_close(at(lone->dx[0], p, c), dx, 3e-6);
    }
    assert_close((double)lone->grads[WEIGHT][c], truth.dy_x * s, 1e-4);
    assert_close((double)lone->grads[BIAS][c], truth.dy, 1e-4);
}

static void training(void **state) {
    (void)state;
    struct lone lone;
    start(&lone, 0, 2);
    float mean[CHANNELS], var[CHANNELS];
    memcpy(mean, lone.params[RUNNING_MEAN], sizeof mean);
    memcpy(var, lone.params[RUNNING_VAR], sizeof var);
    pass(&lone);
    for (int c = 0; c < CHANNELS; c++) {
        struct truth truth = truth_of(&lone, c);
        double unbiased = truth.variance * PIXELS / (PIXELS - 1);
        check_channel(&lone, c, truth, true);
        assert_close((double)lone.params[RUNNING_MEAN][c],
                     (1 - momentum) * (double)mean[c] + momentum * truth.mean, 1e-6);
        assert_close((double)lone.params[RUNNING_VAR][c],
                     (1 - momentum) * (double)var[c] + momentum * unbiased, 1e-6);
    }
    lone_end(&lone);
}

/* Evaluation, and training with frozen statistics: the running ones are used, and stay. */
static void running_statistics(void **state) {
    (void)state;
    for (int frozen = 0; frozen < 2; frozen++) {
        struct lone lone;
        start(&lone, 0, 2);
        lone.call.training = lone.call.freeze_stats = frozen;
        float mean[CHANNELS], var[CHANNELS];
        memcpy(mean, lone.params[RUNNING_MEAN], sizeof mean);
        memcpy(var, lone.params[RUNNING_VAR], sizeof var);
        pass(&lone);
        for (int c = 0; c < CHANNELS; c++) {
            struct truth truth = {.mean = (double)mean[c], .variance = (double)var[c]};
            check_channel(&lone, c, truth, false);
        }
        assert_memory_equal(lone.params[RUNNING_MEAN], mean, sizeof mean);
        assert_memory_equal(lone.params[RUNNING_VAR], var, sizeof var);
        lone_end(&lone);
    }
}

/* Values of 10,000 +- 1: sums of squares in float would leave nothing of the variance. */
static void a_mean_far_from_zero(void **state) {
    (void)state;
    struct lone lone;
    start(&lone, 10000, 1);
    lone.ops->forward(&lone.call);
    for (int c = 0; c < CHANNELS; c++) {
        struct truth truth = truth_of(&lone, c);
        double scale = (double)lone.params[WEIGHT][c] / sqrt(truth.variance + eps);
        for (int p = 0; p < PIXELS; p++) {
            double wanted =
                (at(lone.x[0], p, c) - truth.mean) * scale + (double)lone.params[BIAS][c];
            assert_close(at(lone.call.y, p, c), wanted, 5e-4 * scale); /* half a float's step */
        }
    }
    lone_end(&lone);
}

static void a_constant_channel(void **state) {
    (void)state;
    struct lone lone;
    start(&lone, 0, 1);
    for (size_t i = 0; i < lone_size(lone.x[0]); i++)
        lone.x[0].data[i] = 3.3f;
    pass(&lone);
    for (int p = 0; p < PIXELS; p++)
        for (int c = 0; c < CHANNELS; c++)
            assert_true(lone.call.y.data[p * CHANNELS + c] == lone.params[BIAS][c]);
    lone_end(&lone);
}

static void threads_change_no_bit(void **state) {
    (void)state;
    struct lone one, three;
    start(&one, 0, 1);
    start(&three, 0, 3);
    pass(&one);
    pass(&three);
    assert_memory_equal(one.call.y.data, three.call.y.data, lone_size(one.call.y) * sizeof(float));
    assert_memory_equal(one.dx[0].data, three.dx[0].data, lone_size(one.dx[0]) * sizeof(float));
    for (int i = WEIGHT; i <= BIAS; i++)
        assert_memory_equal(one.grads[i], three.grads[i], CHANNELS * sizeof(float));
    lone_end(&one);
    lone_end(&three);
}

static void gradients_are_added_or_left_out(void **state) {
    (void)state;
    struct lone lone;
    start(&lone, 0, 1);
    pass(&lone);
    float dx = lone.dx[0].data[17], weight = lone.grads[WEIGHT][2];
    lone.dx_add[0] = lone.call.grads_add = true;
    lone.grads[BIAS] = NULL;
    lone.ops->backward(&lone.call);
    assert_close((double)lone.dx[0].data[17], 2 * (double)dx, 1e-6);
    assert_true(lone.grads[WEIGHT][2] == 2 * weight);
    lone.dx[0].data = NULL;
    lone.ops->backward(&lone.call);
    assert_true(lone.grads[WEIGHT][2] == 3 * weight);
    lone_end(&lone);
}

/* Without saved memory (no backward will follow) the outputs are the same. */
static void evaluation_alone_and_folded(void **state) {
    (void)state;
    struct lone lone;
    float scale[CHANNELS], shift[CHANNELS];
    start(&lone, 0, 1);
    lone.call.training = false;
    lone.call.saved = NULL;
    lone.ops->forward(&lone.call);
    lone.ops->affine(lone.config, &lone.info, lone.params, scale, shift);
    for (int p = 0; p < PIXELS; p++)
        for (int c = 0; c < CHANNELS; c++)
            assert_close(at(lone.call.y, p, c),
                         at(lone.x[0], p, c) * (double)scale[c] + (double)shift[c], 2e-6);
    lone_end(&lone);
}

static void what_is_not_finite_is_seen(void **state) {
    (void)state;
    struct lone lone;
    start(&lone, 0, 1);
    lone.x[0].data[7 * CHANNELS + 1] = NAN;
    lone.x[0].data[9 * CHANNELS + 3] = INFINITY;
    lone.ops->forward(&lone.call);
    for (int c = 0; c < CHANNELS; c++)
        assert_int_equal(!!isfinite(lone.call.y.data[c]), c != 1 && c != 3);
    lone_end(&lone);
}

static void parameters(void **state) {
    (void)state;
    static const struct layer_param wanted[] = {
        {.name = "weight", .role = PARAM_TRAINED, .constant = 1},
        {.name = "bias", .role = PARAM_TRAINED, .constant = 0},
        {.name = "running_mean", .role = PARAM_BUFFER, .constant = 0},
        {.name = "running_var", .role = PARAM_BUFFER, .constant = 1},
    };
    struct lone lone;
    start(&lone, 0, 1);
    assert_int_equal(lone.info.param_count, 4);
    for (int i = 0; i < 4; i++) {
        const struct layer_param *param = &lone.info.params[i];
        assert_string_equal(param->name, wanted[i].name);
        assert_int_equal(param->role, wanted[i].role);
        assert_true(param->constant == wanted[i].constant);
        assert_int_equal(param->rank, 1);
        assert_int_equal(param->dims[0], CHANNELS);
        assert_int_equal(param->fan_in, 0);
    }
    lone_end(&lone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training),
        cmocka_unit_test(running_statistics),
        cmocka_unit_test(a_mean_far_from_zero),
        cmocka_unit_test(a_constant_channel),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(gradients_are_added_or_left_out),
        cmocka_unit_test(evaluation_alone_and_folded),
        cmocka_unit_test(what_is_not_finite_is_seen),
        cmocka_unit_test(parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
