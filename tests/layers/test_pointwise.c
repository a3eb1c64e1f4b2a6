/* Elementwise kinds: values and slopes against formulas in double, in rows that are longer than the pieces
 * in which gradients are added; and what becomes of NaN. */
#include "layers_guarded.h"
#include "tensor_near.h"

static double relu(double x) {
    return fmax(x, 0);
}
static double leaky_relu(double x) {
    return x > 0 ? x : .01 * x;
}
static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}
static double gelu(double x) {
    return x * erfc(-x / sqrt(2)) / 2;
}
static double silu(double x) {
    return x * sigmoid(x);
}

static double relu_slope(double x) {
    return x > 0;
}
static double leaky_relu_slope(double x) {
    return x > 0 ? 1 : .01;
}
static double tanh_slope(double x) {
    return 1 / (cosh(x) * cosh(x));
}
static double sigmoid_slope(double x) {
    return sigmoid(x) * sigmoid(-x);
}
static double gelu_slope(double x) {
    return erfc(-x / sqrt(2)) / 2 + x * exp(-x * x / 2) / sqrt(2 * acos(-1));
}
static double silu_slope(double x) {
    return sigmoid(x) + x * sigmoid_slope(x);
}

static const struct {
    const char *name;
    double (*f)(double x), (*slope)(double x);
} kinds[] = {
    {"relu", relu, relu_slope}, {"leaky_relu", leaky_relu, leaky_relu_slope},
    {"tanh", tanh, tanh_slope}, {"sigmoid", sigmoid, sigmoid_slope},
    {"gelu", gelu, gelu_slope}, {"silu", silu, silu_slope},
};

enum { IMAGES = 3, CHANNELS = 5, SIDE = 19, SIZE = IMAGES * CHANNELS * SIDE * SIDE };

struct values {
    float x[SIZE], dy[SIZE], dx[SIZE]; /* in PyTorch's order; dx is what is there before backward */
};

static void start(struct guarded *layer, const char *kind, int gap, const struct values *values) {
    struct guarded_setup setup = {.entry = kind,
                                  .in = {shape_map(CHANNELS, SIDE, SIDE)},
                                  .inputs = 1,
                                  .images = IMAGES,
                                  .training = true,
                                  .gap = gap};
    guarded_make(layer, &setup);
    tensor_from_nchw(values->x, layer->x[0]);
    tensor_from_nchw(values->dy, layer->call.dy);
    tensor_from_nchw(values->dx, layer->dx[0]);
}

static void check(int kind, int gap, bool add) {
    static struct values values;
    struct random random = random_stream(0, RANDOM_TEST, 2, 0);
    for (int i = 0; i < SIZE; i++) {
        values.x[i] = (float)random_between(&random, -6, 6);
        values.dy[i] = (float)random_between(&random, -2, 2);
        values.dx[i] = (float)random_between(&random, -2, 2);
    }
    struct guarded layer;
    start(&layer, kinds[kind].name, gap, &values);
    layer.dx_add[0] = add;
    guarded_forward(&layer);
    const float *y = guarded_values(&layer, layer.call.y);
    guarded_backward(&layer);
    const float *dx = guarded_values(&layer, layer.dx[0]);
    for (int i = 0; i < SIZE; i++) {
        double x = (double)values.x[i], before = add ? (double)values.dx[i] : 0;
        assert_near((double)y[i], kinds[kind].f(x), 1e-6);
        assert_near((double)dx[i], before + (double)values.dy[i] * kinds[kind].slope(x), 1e-6);
    }
    guarded_end(&layer);
}

static void values_and_slopes(void **state) {
    (void)state;
    for (int kind = 0; kind < BASE_COUNT(kinds); kind++)
        for (int gap = 0; gap <= 3; gap += 3)
            for (int add = 0; add < 2; add++)
                check(kind, gap, add);
}

/* A NaN must reach the loss, where it is seen. */
static void nan_stays(void **state) {
    (void)state;
    static struct values values;
    for (int i = 0; i < SIZE; i += 7)
        values.x[i] = NAN;
    for (int kind = 0; kind < BASE_COUNT(kinds); kind++) {
        struct guarded layer;
        start(&layer, kinds[kind].name, 0, &values);
        guarded_forward(&layer);
        const float *y = guarded_values(&layer, layer.call.y);
        for (int i = 0; i < SIZE; i++)
            assert_int_equal(!!isnan(y[i]), i % 7 == 0);
        guarded_end(&layer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_slopes),
        cmocka_unit_test(nan_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
