/* dropout and dropout2d: rate, scale and independence of what is dropped, by statistics whose bounds are five
 * standard deviations; and what names a mask - seed, step, layer, image - and nothing else. */
#include "layers_guarded.h"

#include <math.h>

enum { IMAGES = 8, CHANNELS = 64, SIDE = 16, SIZE = IMAGES * CHANNELS * SIDE * SIDE };

/* A layer over ones, so that y holds the mask's factors. */
static void start_with(struct guarded *layer, struct guarded_setup setup) {
    static float ones[64 * CHANNELS * SIDE * SIDE];
    for (int i = 0; i < BASE_COUNT(ones); i++)
        ones[i] = 1;
    setup.in[0] = shape_map(CHANNELS, SIDE, SIDE);
    setup.inputs = 1;
    setup.training = true;
    guarded_make(layer, &setup);
    tensor_from_nchw(ones, layer->x[0]);
    tensor_from_nchw(ones, layer->call.dy);
    layer->call.seed = 42;
    layer->call.step = 7;
    layer->call.path_hash = hash_text("stage1.0.dropout");
}

static void start(struct guarded *layer, const char *entry) {
    start_with(layer, (struct guarded_setup){.entry = entry, .images = IMAGES});
}

/* The factors of a layer's mask as they lie in memory, channels innermost. */
static const float *draw(struct guarded *layer, const char *entry) {
    start(layer, entry);
    guarded_forward(layer);
    return layer->call.y.data;
}

/* Is the share of `count` in `all` trials within five deviations of the probability? */
static void assert_rate(double count, double all, double probability) {
    double deviation = sqrt(probability * (1 - probability) / all);
    if (fabs(count / all - probability) > 5 * deviation)
        fail_msg("%g of %g, but the probability is %g", count, all, probability);
}

static void rate_and_scale(void **state) {
    (void)state;
    struct guarded layer;
    const float *y = draw(&layer, "dropout: {p: 0.3}");
    int dropped = 0;
    for (int i = 0; i < SIZE; i++) {
        assert_true(y[i] == 0 || y[i] == (float)(1 / .7));
        dropped += y[i] == 0;
    }
    assert_rate(dropped, SIZE, .3);
    guarded_end(&layer);
}

/* Neighbours along every axis are dropped independently: both with probability p^2. */
static void neighbours_are_independent(void **state) {
    (void)state;
    static const int distances[] = {1, 2, 4, CHANNELS, SIDE * CHANNELS, SIDE * SIDE * CHANNELS};
    struct guarded layer;
    const float *y = draw(&layer, "dropout: {p: 0.3}");
    for (int d = 0; d < BASE_COUNT(distances); d++) {
        int both = 0;
        for (int i = 0; i + distances[d] < SIZE; i++)
            both += y[i] == 0 && y[i + distances[d]] == 0;
        assert_rate(both, SIZE - distances[d], .09);
    }
    guarded_end(&layer);
}

static void backward_has_the_mask_of_forward(void **state) {
    (void)state;
    static const char *const entries[] = {"dropout", "dropout2d: {p: 0.3}"};
    for (int e = 0; e < BASE_COUNT(entries); e++) {
        struct guarded layer;
        draw(&layer, entries[e]);
        const float *y = guarded_values(&layer, layer.call.y);
        guarded_backward(&layer);
        assert_memory_equal(guarded_values(&layer, layer.dx[0]), y, SIZE * sizeof *y);
        layer.dx_add[0] = true;
        guarded_backward(&layer);
        const float *sum = guarded_values(&layer, layer.dx[0]);
        for (int i = 0; i < SIZE; i++)
            assert_true(sum[i] == 2 * y[i]);
        guarded_end(&layer);
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
    struct guarded first, other;
    const float *y = draw(&first, "dropout");
    for (int change = 0; change < 4; change++) {
        start(&other, "dropout");
        other.call.seed += change == 0;
        other.call.step += change == 1;
        other.call.path_hash = change == 2 ? hash_text("stage1.1.dropout") : other.call.path_hash;
        guarded_forward(&other);
        if (change < 3)
            assert_unrelated(y, other.call.y.data, SIZE);
        else
            assert_memory_equal(y, other.call.y.data, SIZE * sizeof *y);
        guarded_end(&other);
    }
    for (int n = 1; n < IMAGES; n++)
        assert_unrelated(y, tensor_images(first.call.y, n, 1).data, SIZE / IMAGES);
    guarded_end(&first);
}

/* Threads, the size of the batch and gaps between pixels do not matter. */
static void a_mask_has_no_other_name(void **state) {
    (void)state;
    static const char *const entries[] = {"dropout", "dropout2d"};
    for (int e = 0; e < BASE_COUNT(entries); e++) {
        struct guarded first, other;
        draw(&first, entries[e]);
        start_with(&other, (struct guarded_setup){
                               .entry = entries[e], .images = IMAGES / 2, .threads = 3, .gap = 3});
        guarded_forward(&other);
        assert_memory_equal(guarded_values(&other, other.call.y),
                            guarded_values(&first, first.call.y), SIZE / 2 * sizeof(float));
        guarded_end(&first);
        guarded_end(&other);
    }
}

/* Value i of an image is dropped where number i of the image's stream is under p 2^32. */
static void a_mask_is_a_random_stream(void **state) {
    (void)state;
    struct guarded layer;
    draw(&layer, "dropout: {p: 0.25}");
    uint32_t h = layer.call.path_hash + 5 * 0x9E3779B9u;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    struct random random = random_stream(42, RANDOM_DROPOUT, 7, h ^ h >> 16);
    const float *image = tensor_images(layer.call.y, 5, 1).data;
    for (int i = 0; i < SIZE / IMAGES; i++)
        assert_int_equal(image[i] == 0, random_bits(&random) < 0x40000000u);
    guarded_end(&layer);
}

static void all_or_nothing(void **state) {
    (void)state;
    static const char *const entries[] = {"dropout: {p: 0}", "dropout: {p: 1}", "dropout2d: {p: 0}",
                                          "dropout2d: {p: 1}"};
    for (int e = 0; e < BASE_COUNT(entries); e++) {
        struct guarded layer;
        const float *y = draw(&layer, entries[e]);
        for (int i = 0; i < SIZE; i++)
            assert_true(y[i] == (float)(e % 2 == 0));
        guarded_end(&layer);
    }
}

static void whole_channels(void **state) {
    (void)state;
    enum { MANY = 64 };
    struct guarded layer;
    start_with(&layer, (struct guarded_setup){.entry = "dropout2d: {p: 0.3}", .images = MANY});
    guarded_forward(&layer);
    int dropped = 0;
    for (int n = 0; n < MANY; n++) {
        const float *image = tensor_images(layer.call.y, n, 1).data;
        for (int c = 0; c < CHANNELS; c++) {
            assert_true(image[c] == 0 || image[c] == (float)(1 / .7));
            dropped += image[c] == 0;
        }
        for (int i = 0; i < SIDE * SIDE * CHANNELS; i++)
            assert_true(image[i] == image[i % CHANNELS]);
    }
    assert_rate(dropped, MANY * CHANNELS, .3);
    guarded_end(&layer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate_and_scale),
        cmocka_unit_test(neighbours_are_independent),
        cmocka_unit_test(backward_has_the_mask_of_forward),
        cmocka_unit_test(a_mask_has_its_name),
        cmocka_unit_test(a_mask_has_no_other_name),
        cmocka_unit_test(a_mask_is_a_random_stream),
        cmocka_unit_test(all_or_nothing),
        cmocka_unit_test(whole_channels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
