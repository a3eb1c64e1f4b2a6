/* Elementwise kinds: their values against formulas in double, what becomes of NaN, and that memory - in
 * place, gaps between pixels, adding, several threads - changes no bit. Shapes are larger than the pieces
 * that the loops work in. */
#include "layers_lone.h"

#include <math.h>

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

enum { IMAGES = 3, CHANNELS = 5, SIDE = 19, PITCH = 8, PIXELS = IMAGES * SIDE * SIDE };

static void start(struct lone *lone, const char *name, int threads) {
    struct shape shape = shape_map(CHANNELS, SIDE, SIDE);
    lone_make(lone, name, &shape, 1);
    lone_prepare(lone, IMAGES, threads);
    struct random random = random_stream(0, RANDOM_TEST, 2, 0);
    lone_fill(lone->x[0], &random, -6, 6);
    lone_fill(lone->call.dy, &random, -2, 2);
    lone_fill(lone->dx[0], &random, -2, 2);
}

static void pass(struct lone *lone) {
    lone->ops->forward(&lone->call);
    lone->ops->backward(&lone->call);
}

static void assert_close(double value, double wanted) {
    if (!(fabs(value - wanted) <= 1e-6))
        fail_msg("%.9g is not %.9g", value, wanted);
}

static void values_and_slopes(void **state) {
    (void)state;
    for (int k = 0; k < BASE_COUNT(kinds); k++) {
        struct lone lone;
        start(&lone, kinds[k].name, 1);
        pass(&lone);
        for (size_t i = 0; i < lone_size(lone.x[0]); i++) {
            double x = (double)lone.x[0].data[i], dy = (double)lone.call.dy.data[i];
            assert_close((double)lone.call.y.data[i], kinds[k].f(x));
            assert_close((double)lone.dx[0].data[i], dy * kinds[k].slope(x));
        }
        lone_end(&lone);
    }
}

/* A copy whose pixels lie PITCH floats apart, with `gap` between them. */
static struct tensor spread(struct lone *lone, struct tensor from, float gap) {
    struct tensor to = from;
    to.pitch = PITCH;
    to.data = arena_alloc(lone->scene.arena, (size_t)PIXELS * PITCH, sizeof(float));
    for (size_t i = 0; i < (size_t)PIXELS * PITCH; i++)
        to.data[i] = i % PITCH < CHANNELS ? from.data[i / PITCH * CHANNELS + i % PITCH] : gap;
    return to;
}

static void assert_same(struct tensor spread, struct tensor dense, float gap) {
    for (size_t i = 0; i < (size_t)PIXELS * PITCH; i++) {
        float wanted = i % PITCH < CHANNELS ? dense.data[i / PITCH * CHANNELS + i % PITCH] : gap;
        assert_memory_equal(&spread.data[i], &wanted, sizeof wanted);
    }
}

static void gaps_threads_and_places_change_no_bit(void **state) {
    (void)state;
    for (int k = 0; k < BASE_COUNT(kinds); k++) {
        struct lone dense, gaps;
        start(&dense, kinds[k].name, 1);
        start(&gaps, kinds[k].name, 3);
        gaps.x[0] = spread(&gaps, gaps.x[0], 1e30f);
        gaps.call.dy = gaps.dx[0] = spread(&gaps, gaps.call.dy, 7);
        bool in_place = gaps.ops->traits & LAYER_IN_PLACE;
        gaps.call.y = in_place ? gaps.x[0] : spread(&gaps, gaps.call.y, 1e30f);
        pass(&dense);
        pass(&gaps);
        assert_same(gaps.call.y, dense.call.y, 1e30f);
        assert_same(gaps.dx[0], dense.dx[0], 7);
        lone_end(&dense);
        lone_end(&gaps);
    }
}

static void gradients_are_added_where_asked(void **state) {
    (void)state;
    for (int k = 0; k < BASE_COUNT(kinds); k++) {
        struct lone stored, added;
        start(&stored, kinds[k].name, 1);
        start(&added, kinds[k].name, 1);
        added.dx_add[0] = true;
        float before[PIXELS * CHANNELS];
        memcpy(before, added.dx[0].data, sizeof before);
        pass(&stored);
        pass(&added);
        for (int i = 0; i < PIXELS * CHANNELS; i++)
            assert_true(added.dx[0].data[i] == before[i] + stored.dx[0].data[i]);
        lone_end(&stored);
        lone_end(&added);
    }
}

static void an_unwanted_gradient_is_left_out(void **state) {
    (void)state;
    for (int k = 0; k < BASE_COUNT(kinds); k++) {
        struct lone lone;
        start(&lone, kinds[k].name, 1);
        lone.dx[0].data = NULL;
        pass(&lone);
        lone_end(&lone);
    }
}

/* A NaN must reach the loss, where it is seen. */
static void nan_stays(void **state) {
    (void)state;
    for (int k = 0; k < BASE_COUNT(kinds); k++) {
        struct lone lone;
        start(&lone, kinds[k].name, 1);
        for (size_t i = 0; i < lone_size(lone.x[0]); i += 7)
            lone.x[0].data[i] = NAN;
        pass(&lone);
        for (size_t i = 0; i < lone_size(lone.x[0]); i++)
            assert_int_equal(!!isnan(lone.call.y.data[i]), i % 7 == 0);
        lone_end(&lone);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_slopes),
        cmocka_unit_test(gaps_threads_and_places_change_no_bit),
        cmocka_unit_test(gradients_are_added_where_asked),
        cmocka_unit_test(an_unwanted_gradient_is_left_out),
        cmocka_unit_test(nan_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
