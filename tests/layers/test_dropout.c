/* dropout and dropout2d: rate, scale and independence of what is dropped, by statistics whose bounds are five
 * standard deviations; and what names a mask - seed, step, layer, image - and nothing else. */
#include "layers_lone.h"

#include <math.h>

enum { IMAGES = 8, CHANNELS = 64, SIDE = 16, SIZE = IMAGES * CHANNELS * SIDE * SIDE };

/* A layer over ones, so that y is the mask's factors; dy and dx hold ones and the backward mask. */
static void start_with(struct lone *lone, const char *entry, int images, int threads) {
    struct shape shape = shape_map(CHANNELS, SIDE, SIDE);
    lone_make(lone, entry, &shape, 1);
    lone_prepare(lone, images, threads);
    for (size_t i = 0; i < lone_size(lone->x[0]); i++)
        lone->x[0].data[i] = lone->call.dy.data[i] = 1;
    lone->call.seed = 42;
    lone->call.step = 7;
    lone->call.path_hash = hash_text("stage1.0.dropout");
}

static void start(struct lone *lone, const char *entry) {
    start_with(lone, entry, IMAGES, 1);
}

static void pass(struct lone *lone) {
    lone->ops->forward(&lone->call);
    lone->ops->backward(&lone->call);
}

/* Is the share of `count` in `all` trials within five deviations of the probability? */
static void assert_rate(double count, double all, double probability) {
    double deviation = sqrt(probability * (1 - probability) / all);
    if (fabs(count / all - probability) > 5 * deviation)
        fail_msg("%g of %g, but the probability is %g", count, all, probability);
}

static void rate_and_scale(void **state) {
    (void)state;
    struct lone lone;
    start(&lone, "dropout: {p: 0.3}");
    pass(&lone);
    int dropped = 0;
    for (int i = 0; i < SIZE; i++) {
        float y = lone.call.y.data[i];
        assert_true(y == 0 || y == (float)(1 / .7));
        dropped += y == 0;
    }
    assert_rate(dropped, SIZE, .3);
    lone_end(&lone);
}

/* Neighbours along every axis are dropped independently: both with probability p^2. */
static void neighbours_are_independent(void **state) {
    (void)state;
    static const int distances[] = {1, 2, 4, CHANNELS, SIDE * CHANNELS, SIDE * SIDE * CHANNELS};
    struct lone lone;
    start(&lone, "dropout: {p: 0.3}");
    pass(&lone);
    const float *y = lone.call.y.data;
    for (int d = 0; d < BASE_COUNT(distances); d++) {
        int both = 0;
        for (int i = 0; i + distances[d] < SIZE; i++)
            both += y[i] == 0 && y[i + distances[d]] == 0;
        assert_rate(both, SIZE - distances[d], .09);
    }
    lone_end(&lone);
}

static void backward_has_the_mask_of_forward(void **state) {
    (void)state;
    static const char *const entries[] = {"dropout", "dropout2d: {p: 0.3}"};
    for (int e = 0; e < BASE_COUNT(entries); e++) {
        struct lone lone;
        start(&lone, entries[e]);
        for (int i = 0; i < SIZE; i++)
            lone.dx[0].data[i] = 100;
        pass(&lone);
        assert_memory_equal(lone.dx[0].data, lone.call.y.data, SIZE * sizeof(float));
        lone.dx_add[0] = true;
        lone.ops->backward(&lone.call);
        for (int i = 0; i < SIZE; i++)
            assert_true(lone.dx[0].data[i] == 2 * lone.call.y.data[i]);
        lone_end(&lone);
    }
}

/* Values that two masks treat alike: with p = .5 half of them when the masks have nothing in common. */
static void assert_unrelated(const float *a, const float *b, int count) {
    int alike = 0;
    for (int i = 0; i < count; i++)
        alike += a[i] == b[i];
    assert_rate(alike, count, .5);
}

static void a_mask_has_its_name(void **state) {
    (void)state;
    struct lone first, other;
    start(&first, "dropout");
    pass(&first);
    for (int change = 0; change < 4; change++) {
        start(&other, "dropout");
        other.call.seed += change == 0;
        other.call.step += change == 1;
        other.call.path_hash = change == 2 ? hash_text("stage1.1.dropout") : other.call.path_hash;
        pass(&other);
        if (change < 3)
            assert_unrelated(first.call.y.data, other.call.y.data, SIZE);
        else
            assert_memory_equal(first.call.y.data, other.call.y.data, SIZE * sizeof(float));
        lone_end(&other);
    }
    for (int n = 1; n < IMAGES; n++)
        assert_unrelated(first.call.y.data, tensor_images(first.call.y, n, 1).data, SIZE / IMAGES);
    lone_end(&first);
}

/* Threads, the size of the batch and gaps between pixels do not matter. */
static void a_mask_has_no_other_name(void **state) {
    (void)state;
    static const char *const entries[] = {"dropout", "dropout2d"};
    for (int e = 0; e < BASE_COUNT(entries); e++) {
        struct lone first, other;
        start(&first, entries[e]);
        start_with(&other, entries[e], IMAGES / 2, 3);
        other.call.y.pitch = CHANNELS + 3;
        other.call.y.data = arena_alloc(other.scene.arena, (size_t)SIZE * 2, sizeof(float));
        pass(&first);
        pass(&other);
        for (int p = 0; p < SIZE / 2 / CHANNELS; p++)
            for (int c = 0; c < CHANNELS + 3; c++)
                assert_true(other.call.y.data[p * (CHANNELS + 3) + c] ==
                            (c < CHANNELS ? first.call.y.data[p * CHANNELS + c] : 0));
        lone_end(&first);
        lone_end(&other);
    }
}

/* Value i of an image is dropped where number i of the image's stream is under p 2^32. */
static void a_mask_is_a_random_stream(void **state) {
    (void)state;
    struct lone lone;
    start(&lone, "dropout: {p: 0.25}");
    pass(&lone);
    uint32_t h = lone.call.path_hash + 5 * 0x9E3779B9u;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    struct random random = random_stream(42, RANDOM_DROPOUT, 7, h ^ h >> 16);
    const float *image = tensor_images(lone.call.y, 5, 1).data;
    for (int i = 0; i < SIZE / IMAGES; i++)
        assert_int_equal(image[i] == 0, random_bits(&random) < 0x40000000u);
    lone_end(&lone);
}

static void evaluation_is_the_identity(void **state) {
    (void)state;
    static const char *const entries[] = {"dropout", "dropout2d"};
    for (int e = 0; e < BASE_COUNT(entries); e++) {
        struct lone lone;
        start(&lone, entries[e]);
        lone.call.training = false;
        struct random random = random_stream(0, RANDOM_TEST, 3, 0);
        lone_fill(lone.x[0], &random, -1, 1);
        pass(&lone);
        assert_memory_equal(lone.call.y.data, lone.x[0].data, SIZE * sizeof(float));
        assert_memory_equal(lone.dx[0].data, lone.call.dy.data, SIZE * sizeof(float));
        lone_end(&lone);
    }
}

static void all_or_nothing(void **state) {
    (void)state;
    static const char *const entries[] = {"dropout: {p: 0}", "dropout: {p: 1}", "dropout2d: {p: 0}",
                                          "dropout2d: {p: 1}"};
    for (int e = 0; e < BASE_COUNT(entries); e++) {
        struct lone lone;
        start(&lone, entries[e]);
        pass(&lone);
        for (int i = 0; i < SIZE; i++)
            assert_true(lone.call.y.data[i] == (float)(e % 2 == 0));
        lone_end(&lone);
    }
}

static void whole_channels(void **state) {
    (void)state;
    struct lone lone;
    start_with(&lone, "dropout2d: {p: 0.3}", 64, 1);
    pass(&lone);
    int dropped = 0;
    for (int n = 0; n < 64; n++) {
        const float *image = tensor_images(lone.call.y, n, 1).data;
        for (int c = 0; c < CHANNELS; c++) {
            assert_true(image[c] == 0 || image[c] == (float)(1 / .7));
            dropped += image[c] == 0;
        }
        for (int i = 0; i < SIDE * SIDE * CHANNELS; i++)
            assert_true(image[i] == image[i % CHANNELS]);
    }
    assert_rate(dropped, 64 * CHANNELS, .3);
    lone_end(&lone);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_and_scale),
        cmocka_unit_test(neighbours_are_independent),
        cmocka_unit_test(backward_has_the_mask_of_forward),
        cmocka_unit_test(a_mask_has_its_name),
        cmocka_unit_test(a_mask_has_no_other_name),
        cmocka_unit_test(a_mask_is_a_random_stream),
        cmocka_unit_test(evaluation_is_the_identity),
        cmocka_unit_test(all_or_nothing),
        cmocka_unit_test(whole_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
