/* Initialisations: mean, spread and bounds against the formulas of their papers (as torch.nn.init has them),
 * with statistical bounds of five standard deviations; orthogonality; and that a stream decides all. */
#include "conf_scene.h"
#include "netrun/layers.h"
#include "tensor_near.h"

/* A conv2d of 24 kernels over 16 channels, 3x3. */
static const struct layer_param conv = {
    .name = "weight", .rank = 4, .dims = {24, 16, 3, 3}, .fan_in = 144, .fan_out = 216};
enum { CONV_SIZE = 24 * 16 * 9, MOST = 100000 };

/* Fills values as the entry says ("kaiming", "normal: {std: 2}"). */
static void fill(const char *entry, const struct layer_param *param, uint32_t stream,
                 float *values) {
    struct scene scene = scene_new();
    const struct node *node = scene_parse(&scene, entry);
    const struct entry *first = node->kind == NODE_MAP ? &node->entries[0] : NULL;
    const struct init_ops *ops = init_find(first ? first->key : node_string(node));
    assert_non_null(ops);
    void *config = arena_alloc(scene.arena, 1, ops->config_size);
    struct attr_table table = {ops->name, ops->attrs, ops->attr_count};
    assert_true(attrs_read(scene.arena, &table, first ? first->value : NULL, &node->pos, config,
                           scene.report));
    struct random random = random_stream(0, RANDOM_INIT, stream, 0);
    ops->fill(config, param, &random, values);
    scene_end(&scene);
}

struct moments {
    double mean, std, fourth, least, most; /* fourth: E x^4 / std^4, 3 if normal, 9/5 if uniform */
};

static struct moments moments_of(const float *values, int count) {
    struct moments moments = {.least = HUGE_VAL, .most = -HUGE_VAL};
    double square = 0, fourth = 0;
    for (int i = 0; i < count; i++) {
        double x = (double)values[i];
        moments.mean += x / count;
        square += x * x / count;
        fourth += x * x * x * x / count;
        moments.least = fmin(moments.least, x);
        moments.most = fmax(moments.most, x);
    }
    moments.std = sqrt(square);
    moments.fourth = fourth / (square * square);
    return moments;
}

/* Mean 0 and the given spread, normal (fourth 3) or uniform (fourth 1.8). The variance of a sample variance
 * is std^4 (fourth - 1) / count. */
static void check(const char *entry, double std, double fourth) {
    static float values[CONV_SIZE];
    fill(entry, &conv, 1, values);
    struct moments moments = moments_of(values, CONV_SIZE);
    assert_near(moments.mean, 0, 5 * std / sqrt(CONV_SIZE));
    assert_near(moments.std, std, 5 * std * sqrt((fourth - 1) / CONV_SIZE) / 2);
    assert_near(moments.fourth, fourth, .35);
    if (fourth < 2) {
        assert_near(moments.most, sqrt(3) * std, std * .01);
        assert_near(moments.least, -sqrt(3) * std, std * .01);
        assert_true(moments.most <= sqrt(3) * std * (1 + 1e-7));
    }
}

static void spread(void **state) {
    (void)state;
    const double normal = 3, uniform = 1.8;
    check("default", 1 / sqrt(3 * 144), uniform);
    check("kaiming", sqrt(2. / 144), normal);
    check("kaiming: {mode: fan_out}", sqrt(2. / 216), normal);
    check("kaiming: {nonlinearity: tanh}", 5. / 3 / sqrt(144), normal);
    check("kaiming: {nonlinearity: leaky_relu, negative_slope: 0.5}", sqrt(2 / 1.25 / 144), normal);
    check("kaiming: {nonlinearity: linear}", sqrt(1. / 144), normal);
    check("kaiming: {nonlinearity: sigmoid}", sqrt(1. / 144), normal);
    check("kaiming_uniform: {mode: fan_out}", sqrt(2. / 216), uniform);
    check("xavier: {gain: 2}", 2 * sqrt(2. / (144 + 216)), uniform);
    check("xavier_normal", sqrt(2. / (144 + 216)), normal);
    check("normal: {std: 0.02}", .02, normal);
    check("uniform: {bound: 3}", sqrt(3), uniform);
}

static void constants(void **state) {
    (void)state;
    static const struct layer_param scale = {
        .name = "weight", .rank = 1, .dims = {7}, .constant = 1};
    static const struct {
        const char *entry;
        float value;
    } cases[] = {{"constant: {value: -2.5}", -2.5f}, {"default", 1}, {"zeros", 0}};
    float values[7];
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        fill(cases[i].entry, &scale, 1, values);
        for (int j = 0; j < 7; j++)
            assert_true(values[j] == cases[i].value);
    }
}

/* The product of two rows of a matrix, or of two columns. */
static double product(const float *matrix, int rows, int columns, int a, int b, bool of_rows) {
    double sum = 0;
    for (int i = 0; i < (of_rows ? columns : rows); i++)
        sum += of_rows ? (double)matrix[a * columns + i] * (double)matrix[b * columns + i]
                       : (double)matrix[i * columns + a] * (double)matrix[i * columns + b];
    return sum;
}

static void check_orthogonal(const char *entry, const struct layer_param *param, double gain) {
    static float values[MOST];
    int rows = param->dims[0], columns = (int)param_size(param) / rows;
    int vectors = rows < columns ? rows : columns;
    fill(entry, param, 2, values);
    for (int a = 0; a < vectors; a++)
        for (int b = 0; b < vectors; b++)
            assert_near(product(values, rows, columns, a, b, rows <= columns),
                        a == b ? gain * gain : 0, 1e-6 * gain * gain);
}

static void orthogonal(void **state) {
    (void)state;
    static const struct layer_param wide = {.rank = 2, .dims = {30, 200}},
                                    tall = {.rank = 2, .dims = {200, 30}},
                                    square = {.rank = 2, .dims = {150, 150}},
                                    one = {.rank = 2, .dims = {1, 5}};
    check_orthogonal("orthogonal", &conv, 1);
    check_orthogonal("orthogonal", &wide, 1);
    check_orthogonal("orthogonal: {gain: 3}", &tall, 3);
    check_orthogonal("orthogonal", &square, 1);
    check_orthogonal("orthogonal", &one, 1);
}

static void a_stream_decides(void **state) {
    (void)state;
    static float first[CONV_SIZE], same[CONV_SIZE], other[CONV_SIZE];
    static const char *const entries[] = {"default", "kaiming", "xavier", "orthogonal"};
    for (int i = 0; i < BASE_COUNT(entries); i++) {
        fill(entries[i], &conv, 1, first);
        fill(entries[i], &conv, 1, same);
        fill(entries[i], &conv, 2, other);
        assert_memory_equal(first, same, sizeof first);
        int alike = 0;
        for (int j = 0; j < CONV_SIZE; j++)
            alike += first[j] == other[j];
        assert_in_range(alike, 0, 10);
    }
}

static void registry(void **state) {
    (void)state;
    int count = 0;
    for (; init_at(count); count++) {
        assert_ptr_equal(init_find(init_at(count)->name), init_at(count));
        assert_true(strlen(init_at(count)->summary) > 0);
    }
    assert_int_equal(count, 10);
    assert_null(init_find("kaiming_"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread),     cmocka_unit_test(constants),
        cmocka_unit_test(orthogonal), cmocka_unit_test(a_stream_decides),
        cmocka_unit_test(registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
