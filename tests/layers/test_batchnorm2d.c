/* batchnorm2d against its formulas in double, where PyTorch's values (test_golden) do not reach: frozen
 * statistics, a mean far from 0, what is not finite, evaluation that keeps nothing. */
#include "layers_guarded.h"
#include "tensor_near.h"

enum { CHANNELS = 5, HEIGHT = 6, WIDTH = 7, IMAGES = 19, PIXELS = IMAGES * HEIGHT * WIDTH };
enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR };

static const double eps = 1e-5;

/* Inputs about `offset`, parameters and dy at random. */
static void start(struct guarded *layer, double offset) {
    struct guarded_setup setup = {.entry = "batchnorm2d",
                                  .in = {shape_map(CHANNELS, HEIGHT, WIDTH)},
                                  .inputs = 1,
                                  .images = IMAGES,
                                  .threads = 2,
                                  .training = true};
    struct random random = random_stream(0, RANDOM_TEST, 4, 0);
    guarded_make(layer, &setup);
    for (int i = 0; i < PIXELS * CHANNELS; i++) {
        layer->x[0].data[i] = (float)random_between(&random, offset - 1, offset + 2);
        layer->call.dy.data[i] = (float)random_between(&random, -1, 1);
    }
    for (int i = WEIGHT; i <= RUNNING_VAR; i++)
        for (int c = 0; c < CHANNELS; c++)
            layer->params[i][c] = (float)random_between(&random, .5, 2);
}

static double at(struct tensor tensor, int pixel, int c) {
    return (double)tensor.data[pixel * CHANNELS + c];
}

static double param(const struct guarded *layer, int index, int c) {
    return (double)layer->params[index][c];
}

/* One channel's pass with constant statistics: y = weight (x - mean) s + bias, dx = weight s dy. */
static void check_frozen(const struct guarded *layer, int c) {
    double mean = param(layer, RUNNING_MEAN, c), s = 1 / sqrt(param(layer, RUNNING_VAR, c) + eps);
    double weight = param(layer, WEIGHT, c), d_weight = 0, d_bias = 0;
    for (int p = 0; p < PIXELS; p++) {
        double x = at(layer->x[0], p, c) - mean, dy = at(layer->call.dy, p, c);
        assert_near(at(layer->call.y, p, c), weight * x * s + param(layer, BIAS, c), 3e-6);
        assert_near(at(layer->dx[0], p, c), weight * s * dy, 1e-6);
        d_weight += dy * x * s;
        d_bias += dy;
    }
    assert_near((double)layer->grads[WEIGHT][c], d_weight, 1e-4);
    assert_near((double)layer->grads[BIAS][c], d_bias, 1e-4);
}

static void frozen_statistics(void **state) {
    (void)state;
    struct guarded layer;
    float mean[CHANNELS], var[CHANNELS];
    start(&layer, 0);
    layer.call.freeze_stats = true;
    memcpy(mean, layer.params[RUNNING_MEAN], sizeof mean);
    memcpy(var, layer.params[RUNNING_VAR], sizeof var);
    guarded_forward(&layer);
    layer.ops->backward(&layer.call);
    for (int c = 0; c < CHANNELS; c++)
        check_frozen(&layer, c);
    assert_memory_equal(layer.params[RUNNING_MEAN], mean, sizeof mean);
    assert_memory_equal(layer.params[RUNNING_VAR], var, sizeof var);
    guarded_end(&layer);
}

/* Values of 10,000 +- 1: sums of squares in float would leave nothing of the variance. */
static void a_mean_far_from_zero(void **state) {
    (void)state;
    struct guarded layer;
    start(&layer, 10000);
    guarded_forward(&layer);
    for (int c = 0; c < CHANNELS; c++) {
        double mean = 0, variance = 0;
        for (int p = 0; p < PIXELS; p++)
            mean += at(layer.x[0], p, c) / PIXELS;
        for (int p = 0; p < PIXELS; p++)
            variance += pow(at(layer.x[0], p, c) - mean, 2) / PIXELS;
        double scale = param(&layer, WEIGHT, c) / sqrt(variance + eps);
        for (int p = 0; p < PIXELS; p++)
            assert_near(at(layer.call.y, p, c),
                        (at(layer.x[0], p, c) - mean) * scale + param(&layer, BIAS, c),
                        5e-4 * scale); /* the mean as a float is off by so much */
    }
    guarded_end(&layer);
}

static void a_constant_channel(void **state) {
    (void)state;
    struct guarded layer;
    start(&layer, 0);
    for (int i = 0; i < PIXELS * CHANNELS; i++)
        layer.x[0].data[i] = 3.3f;
    guarded_forward(&layer);
    for (int i = 0; i < PIXELS * CHANNELS; i++)
        assert_true(layer.call.y.data[i] == layer.params[BIAS][i % CHANNELS]);
    guarded_end(&layer);
}

/* Without memory for a backward pass: y = weight (x - running_mean) / sqrt(running_var + eps) + bias. */
static void evaluation_alone(void **state) {
    (void)state;
    struct guarded layer;
    start(&layer, 0);
    layer.call.training = false;
    layer.call.saved = NULL;
    guarded_forward(&layer);
    for (int p = 0; p < PIXELS; p++)
        for (int c = 0; c < CHANNELS; c++) {
            double s = 1 / sqrt(param(&layer, RUNNING_VAR, c) + eps);
            double x = at(layer.x[0], p, c) - param(&layer, RUNNING_MEAN, c);
            assert_near(at(layer.call.y, p, c),
                        param(&layer, WEIGHT, c) * x * s + param(&layer, BIAS, c), 2e-6);
        }
    guarded_end(&layer);
}

static void what_is_not_finite_is_seen(void **state) {
    (void)state;
    struct guarded layer;
    start(&layer, 0);
    layer.x[0].data[7 * CHANNELS + 1] = NAN;
    layer.x[0].data[9 * CHANNELS + 3] = INFINITY;
    guarded_forward(&layer);
    for (int i = 0; i < PIXELS * CHANNELS; i++)
        assert_int_equal(!!isfinite(layer.call.y.data[i]), i % CHANNELS != 1 && i % CHANNELS != 3);
    guarded_end(&layer);
}

static void parameters(void **state) {
    (void)state;
    static const struct layer_param wanted[] = {
        {.name = "weight", .role = PARAM_TRAINED, .constant = 1},
        {.name = "bias", .role = PARAM_TRAINED, .constant = 0},
        {.name = "running_mean", .role = PARAM_BUFFER, .constant = 0},
        {.name = "running_var", .role = PARAM_BUFFER, .constant = 1},
    };
    struct guarded layer;
    start(&layer, 0);
    assert_int_equal(layer.info.param_count, BASE_COUNT(wanted));
    for (int i = 0; i < BASE_COUNT(wanted); i++) {
        const struct layer_param *is = &layer.info.params[i];
        assert_string_equal(is->name, wanted[i].name);
        assert_int_equal(is->role, wanted[i].role);
        assert_true(is->constant == wanted[i].constant);
        assert_int_equal(is->rank, 1);
        assert_int_equal(is->dims[0], CHANNELS);
        assert_int_equal(is->fan_in, 0);
    }
    guarded_end(&layer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frozen_statistics),          cmocka_unit_test(a_mean_far_from_zero),
        cmocka_unit_test(a_constant_channel),         cmocka_unit_test(evaluation_alone),
        cmocka_unit_test(what_is_not_finite_is_seen), cmocka_unit_test(parameters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
