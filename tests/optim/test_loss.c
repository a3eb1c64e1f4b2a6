/* Losses against PyTorch (golden values made by tests/golden/make_optim.py), the checks of output against
 * data, and that bits do not depend on threads. */
#include "optim_config.h"
#include "said.h"

#include <math.h>

#include "golden/optim.h"

enum { MOST = 4096, PITCH_GAP = 3 };

static const float GAP = -77;

/* A golden case in netrun's layout, with a gap between channels and pitch. */
struct scene {
    union optim_config config;
    const struct loss_ops *ops;
    struct loss_call call;
    float y[MOST], dy[MOST];
};

static struct tensor tensor_with_gap(float *data, const struct golden_loss *golden) {
    for (int i = 0; i < MOST; i++)
        data[i] = GAP;
    return tensor_at(data, golden->images,
                     shape_map(golden->channels, golden->height, golden->width),
                     golden->channels + PITCH_GAP);
}

static void set_attrs(struct scene *scene, const struct golden_loss *golden) {
    const struct attr *attrs = scene->ops->attrs;
    int count = scene->ops->attr_count;
    config_start(&scene->config, attrs, count);
    if (strcmp(golden->loss, "cross_entropy") != 0)
        return;
    config_set(&scene->config, attrs, count, "label_smoothing", golden->label_smoothing);
    config_set(&scene->config, attrs, count, "ignore_index", golden->ignore_index);
    config_set_list(&scene->config, attrs, count, "weight", (double *)golden->weight,
                    golden->weights);
}

static void set_scene(struct scene *scene, const struct golden_loss *golden, struct pool *pool) {
    float nchw[BASE_COUNT(golden->y)];
    for (int i = 0; i < BASE_COUNT(golden->y); i++)
        nchw[i] = (float)golden->y[i];
    scene->ops = loss_find(golden->loss);
    assert_non_null(scene->ops);
    set_attrs(scene, golden);
    scene->call = (struct loss_call){.config = &scene->config,
                                     .pool = pool,
                                     .y = tensor_with_gap(scene->y, golden),
                                     .dy = tensor_with_gap(scene->dy, golden),
                                     .target.labels = golden->labels,
                                     .scale = 1};
    tensor_from_nchw(nchw, scene->call.y);
}

static double largest(const double *values, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fabs(values[i]) > most ? fabs(values[i]) : most;
    return most;
}

static void gap_is_untouched(struct tensor tensor) {
    for (size_t p = 0; p < tensor_pixels(tensor); p++)
        for (int c = tensor.channels; c < tensor.pitch; c++)
            assert_true(tensor.data[p * (size_t)tensor.pitch + (size_t)c] == GAP);
}

static void gradient_is(struct tensor dy, const double *expected, double scale) {
    float nchw[BASE_COUNT(golden_losses[0].dy)];
    size_t count = tensor_pixels(dy) * (size_t)dy.channels;
    double most = largest(expected, count) * scale;
    tensor_to_nchw(dy, nchw);
    for (size_t i = 0; i < count; i++)
        if (!(fabs((double)nchw[i] - scale * expected[i]) <= 1e-6 * most))
            fail_msg("gradient %zu is %.9g, not %.9g", i, (double)nchw[i], scale * expected[i]);
    gap_is_untouched(dy);
}

static void check_golden(const struct golden_loss *golden, struct pool *pool) {
    struct scene scene;
    set_scene(&scene, golden, pool);
    double loss = scene.ops->run(&scene.call);
    if (!(fabs(loss - golden->loss_value) <= 1e-6 * golden->loss_value))
        fail_msg("%s, %s: the loss is %.9g, not %.9g", golden->loss, golden->name, loss,
                 golden->loss_value);
    gradient_is(scene.call.dy, golden->dy, 1);

    set_scene(&scene, golden, pool);
    scene.call.scale = 0.25;
    assert_true(scene.ops->run(&scene.call) == loss);
    gradient_is(scene.call.dy, golden->dy, 0.25);

    scene.call.dy.data = NULL;
    assert_true(scene.ops->run(&scene.call) == loss);
}

static void pytorch_agrees(void **state) {
    (void)state;
    struct pool *pool = pool_new(2);
    for (int i = 0; i < BASE_COUNT(golden_losses); i++)
        check_golden(&golden_losses[i], pool);
    pool_free(pool);
}

/* Three pixels of two channels; by hand: ((1-0)^2 + (2-1)^2 + (0-0)^2 + ...) / 6. */
static void mse_of_the_input(void **state) {
    (void)state;
    float y[] = {1, 2, 0, 1, 3, -1}, input[] = {0, 1, 9, 0, -1, 9, 1, 1, 9}, dy[6];
    float slopes[] = {2.0f / 6, 2.0f / 6, 0, 4.0f / 6, 4.0f / 6, -4.0f / 6};
    const struct loss_ops *mse = loss_find("mse");
    union optim_config config;
    struct pool *pool = pool_new(1);
    config_start(&config, mse->attrs, mse->attr_count);
    config_set(&config, mse->attrs, mse->attr_count, "target", 1);
    struct loss_call call = {.config = &config,
                             .pool = pool,
                             .y = tensor_at(y, 3, shape_vector(2), 2),
                             .dy = tensor_at(dy, 3, shape_vector(2), 2),
                             .target.values = tensor_at(input, 3, shape_vector(2), 3),
                             .scale = 1};
    assert_true(fabs(mse->run(&call) - 14.0 / 6) < 1e-15);
    for (int i = 0; i < 6; i++)
        assert_true(fabsf(dy[i] - slopes[i]) < 1e-7f);
    pool_free(pool);
}

static const struct loss_call uniform_call = {.scale = 1};

/* As in PyTorch: the mean over no labels is not a number, and gradients of ignored images are zero. */
static void all_ignored(void **state) {
    (void)state;
    float y[4] = {1, 2, 3, 4}, dy[4] = {9, 9, 9, 9};
    int32_t labels[] = {-100, -100};
    const struct loss_ops *ops = loss_find("cross_entropy");
    union optim_config config;
    struct pool *pool = pool_new(1);
    config_start(&config, ops->attrs, ops->attr_count);
    struct loss_call call = uniform_call;
    call.config = &config;
    call.pool = pool;
    call.y = tensor_at(y, 2, shape_vector(2), 2);
    call.dy = tensor_at(dy, 2, shape_vector(2), 2);
    call.target.labels = labels;
    assert_true(isnan(ops->run(&call)));
    for (int i = 0; i < 4; i++)
        assert_true(dy[i] == 0);
    pool_free(pool);
}

/* A score that is not finite must reach the loss, or a run would not notice that it has diverged. */
static void not_finite_is_seen(void **state) {
    (void)state;
    const float bad[] = {NAN, INFINITY};
    struct pool *pool = pool_new(1);
    for (int i = 0; i < BASE_COUNT(golden_losses); i++)
        for (int kind = 0; kind < 2; kind++) {
            struct scene scene;
            set_scene(&scene, &golden_losses[i], pool);
            size_t last = tensor_pixels(scene.call.y) - 2;
            scene.call.y.data[last * (size_t)scene.call.y.pitch + 1] = bad[kind];
            if (golden_losses[i].labels[last] != golden_losses[i].ignore_index)
                assert_true(!isfinite(scene.ops->run(&scene.call)));
        }
    pool_free(pool);
}

enum { IMAGES = 37, CHANNELS = 11, SIDE = 5, PIXELS = IMAGES * SIDE * SIDE };

/* The loss of a batch of masks on this many threads. */
static double run_batch(const char *name, int threads, float *y, float *dy, int32_t *labels) {
    struct random random = random_stream(1, RANDOM_TEST, 0, 0);
    for (int i = 0; i < PIXELS * CHANNELS; i++)
        y[i] = (float)random_normal(&random);
    for (int i = 0; i < PIXELS; i++)
        labels[i] = (int32_t)random_below(&random, CHANNELS);
    const struct loss_ops *ops = loss_find(name);
    union optim_config config;
    config_start(&config, ops->attrs, ops->attr_count);
    struct pool *pool = pool_new(threads);
    struct loss_call call = {.config = &config,
                             .pool = pool,
                             .y = tensor_at(y, IMAGES, shape_map(CHANNELS, SIDE, SIDE), CHANNELS),
                             .dy = tensor_at(dy, IMAGES, shape_map(CHANNELS, SIDE, SIDE), CHANNELS),
                             .target.labels = labels,
                             .scale = 1};
    double loss = ops->run(&call);
    pool_free(pool);
    return loss;
}

static void bits_do_not_depend_on_threads(void **state) {
    (void)state;
    static float y[PIXELS * CHANNELS], dy[PIXELS * CHANNELS], other[PIXELS * CHANNELS];
    static int32_t labels[PIXELS];
    const int threads[] = {2, 3, 7};
    for (int i = 0; loss_at(i); i++) {
        const char *name = loss_at(i)->name;
        double loss = run_batch(name, 1, y, dy, labels);
        for (int t = 0; t < BASE_COUNT(threads); t++) {
            assert_true(run_batch(name, threads[t], y, other, labels) == loss);
            assert_memory_equal(dy, other, sizeof dy);
        }
    }
}

/* ---- check ------------------------------------------------------------------------------------- */

struct fit {
    const char *loss;
    int target, weights;
    struct shape input, output;
    int classes;
    bool masks;
    const char *message; /* NULL: it fits */
};

#define VECTOR(c)                                                                                  \
    { 1, c, 1, 1 }
#define MAP(c, h, w)                                                                               \
    { 3, c, h, w }

static const struct fit fits[] = {
    {"cross_entropy", 0, 0, MAP(3, 32, 32), VECTOR(10), 10, false, NULL},
    {"cross_entropy", 0, 10, MAP(3, 32, 32), VECTOR(10), 10, false, NULL},
    {"cross_entropy", 0, 0, MAP(1, 28, 28), MAP(11, 28, 28), 11, true, NULL},
    {"cross_entropy", 0, 0, MAP(3, 32, 32), VECTOR(10), 11, false,
     "netrun: error: the network yields 10 scores, the data has 11 classes; let its last layer "
     "have 11 "
     "outputs\n"},
    {"cross_entropy", 0, 0, MAP(1, 28, 28), MAP(10, 28, 28), 11, true,
     "netrun: error: the network yields 10 scores per pixel, the data has 11 classes; let its last "
     "layer "
     "have 11 "
     "outputs\n"},
    {"cross_entropy", 0, 0, MAP(3, 32, 32), MAP(10, 1, 1), 10, false,
     "netrun: error: the data has one label per image, the network yields a map of 10x1x1; let it "
     "end in a "
     "vector "
     "(flatten, linear)\n"},
    {"cross_entropy", 0, 0, MAP(1, 28, 28), MAP(11, 14, 28), 11, true,
     "netrun: error: the data has a label for each pixel of 28x28, the network yields 11x14x28; "
     "let it end "
     "in a map "
     "of 28x28\n"},
    {"cross_entropy", 0, 0, MAP(1, 28, 28), VECTOR(11), 11, true,
     "netrun: error: the data has a label for each pixel of 28x28, the network yields 11; let it "
     "end in a "
     "map of "
     "28x28\n"},
    {"cross_entropy", 0, 3, MAP(3, 32, 32), VECTOR(10), 10, false,
     "netrun: error: weight has 3 numbers, the data has 10 classes; give one for each\n"},
    {"mse", 0, 0, MAP(3, 32, 32), VECTOR(10), 10, false, NULL},
    {"mse", 0, 0, MAP(3, 32, 32), VECTOR(10), 11, false,
     "netrun: error: the network yields 10 scores, the data has 11 classes; let its last layer "
     "have 11 "
     "outputs\n"},
    {"mse", 1, 0, MAP(3, 32, 32), MAP(3, 32, 32), 10, false, NULL},
    {"mse", 1, 0, MAP(3, 32, 32), VECTOR(10), 10, false,
     "netrun: error: target: input compares the network's output of 10 with its input of 3x32x32; "
     "let it "
     "end in the "
     "shape of its input\n"},
};

static void check_fit(const struct fit *fit) {
    double weights[10] = {0};
    const struct loss_ops *ops = loss_find(fit->loss);
    union optim_config config;
    config_start(&config, ops->attrs, ops->attr_count);
    if (fit->weights > 0)
        config_set_list(&config, ops->attrs, ops->attr_count, "weight", weights, fit->weights);
    if (fit->target > 0)
        config_set(&config, ops->attrs, ops->attr_count, "target", fit->target);
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    struct pos pos = {0};
    bool good =
        ops->check(&config, fit->input, fit->output, fit->classes, fit->masks, &pos, report);
    assert_int_equal(good, fit->message == NULL);
    assert_string_equal(said(report).text, fit->message ? fit->message : "");
    arena_free(arena);
}

static void output_against_data(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(fits); i++)
        check_fit(&fits[i]);
}

static void registry(void **state) {
    (void)state;
    assert_string_equal(loss_at(0)->name, "cross_entropy");
    assert_string_equal(loss_at(1)->name, "mse");
    assert_null(loss_at(2));
    assert_null(loss_find("mean"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pytorch_agrees),
        cmocka_unit_test(mse_of_the_input),
        cmocka_unit_test(all_ignored),
        cmocka_unit_test(not_finite_is_seen),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(output_against_data),
        cmocka_unit_test(registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
