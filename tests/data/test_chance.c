/* What augmentations draw at random, told from what they did to images made for it: how often, how far, where,
 * and that all of the range is as likely. */
#include "../../src/data/sample.h"
#include "../../src/data/spec.h"
#include "data_scene.h"

#include <math.h>

enum { DRAWS = 2000, SPREAD = 5 }; /* standard deviations that chance is given */

/* One augmentation and an image for it. */
struct trial {
    struct scene scene;
    const struct augment_step *step;
    struct random random;
    struct sample sample;
};

static struct trial trial_new(const char *augment, struct shape shape) {
    struct trial trial = {.scene = scene_new()};
    char text[200];
    snprintf(text, sizeof text, "{source: synthetic, shape: [%d, %d, %d], augment: [%s]}",
             shape.channels, shape.height, shape.width, augment);
    const struct data_spec *spec = scene_check(&trial.scene, text);
    assert_non_null(spec);
    trial.step = &spec->augments[0];
    struct arena *arena = trial.scene.arena;
    sample_place(&trial.sample, shape, true, arena_alloc(arena, 1, sample_bytes(shape, true)));
    float *values = arena_alloc(arena, shape_size(shape), sizeof *values);
    trial.sample.values = tensor_at(values, 1, shape, shape.channels);
    return trial;
}

static void trial_run(struct trial *trial, int draw) {
    trial->random = random_stream(3, RANDOM_TEST, 0, (uint32_t)draw);
    trial->sample.random = &trial->random;
    trial->step->ops->apply(trial->step->config, &trial->sample);
}

static void trial_end(struct trial *trial) {
    scene_end(&trial->scene);
}

/* Moments of a uniform distribution, each value measured to `error`. */
static void assert_uniform(const double *values, int count, double low, double high, double error) {
    double width = high - low, mean = 0, variance = 0, least = high, most = low;
    for (int i = 0; i < count; i++) {
        mean += values[i] / count;
        least = fmin(least, values[i]);
        most = fmax(most, values[i]);
    }
    for (int i = 0; i < count; i++)
        variance += (values[i] - mean) * (values[i] - mean) / count;
    double deviation = width / sqrt(12);
    assert_true(least >= low - error && least <= low + 0.02 * width + error);
    assert_true(most <= high + error && most >= high - 0.02 * width - error);
    assert_true(fabs(mean - (low + high) / 2) < SPREAD * deviation / sqrt(count) + error);
    assert_true(fabs(variance / deviation / deviation - 1) <
                SPREAD * sqrt(0.8 / count) + 4 * error / width);
}

static void assert_probability(int times, int draws, double p) {
    assert_true(fabs(times - p * draws) < SPREAD * sqrt(p * (1 - p) * draws));
}

/* ---- rotation ---------------------------------------------------------------------------------- */

/* A mark right of the centre is found at the angle that the image was turned by. */
static double angle_of(const struct sample *sample, int side) {
    double x = 0, y = 0, count = 0;
    for (int i = 0; i < side * side; i++) {
        assert_int_equal(sample->mask[i], sample->pixels[i] / 255); /* the mask moves along */
        x += sample->mask[i] * (i % side - side / 2);
        y += sample->mask[i] * (i / side - side / 2);
        count += sample->mask[i];
    }
    assert_true(count > 0);
    return atan2(-y, x) * 180 / 3.14159265358979323846;
}

static void rotation_turns_to_both_sides(void **state) {
    (void)state;
    enum { SIDE = 101, SIZE = SIDE * SIDE };
    struct trial trial = trial_new("rotation: {degrees: 20}", shape_map(1, SIDE, SIDE));
    static double angles[DRAWS];
    for (int i = 0; i < DRAWS; i++) {
        for (int k = 0; k < SIZE; k++) {
            trial.sample.mask[k] = abs(k / SIDE - SIDE / 2) <= 1 && abs(k % SIDE - 95) <= 1;
            trial.sample.pixels[k] = trial.sample.mask[k] ? 255 : 0;
        }
        trial_run(&trial, i);
        angles[i] = angle_of(&trial.sample, SIDE);
    }
    assert_uniform(angles, DRAWS, -20, 20, 0.7);
    trial_end(&trial);
}

/* ---- colours ----------------------------------------------------------------------------------- */

/* Four patches of one colour each. */
static void paint(struct sample *sample, const uint8_t colours[4][3]) {
    for (int i = 0; i < 8; i++)
        memcpy(sample->pixels + 3 * i, colours[i / 2], 3);
}

static double brightness_of(const uint8_t *pixels) {
    return (pixels[0] + 0.5) / 160;
}

static double contrast_of(const uint8_t *pixels) {
    return (pixels[12] - pixels[0]) / 100.0;
}

static double saturation_of(const uint8_t *pixels) {
    return (pixels[0] - pixels[1]) / 100.0;
}

static double hue_of(const uint8_t *pixels) {
    return (pixels[1] - pixels[2]) / (6 * 255.0);
}

static void color_jitter_draws_even_factors(void **state) {
    (void)state;
    static const struct {
        const char *augment;
        uint8_t colours[4][3];
        double (*measure)(const uint8_t *pixels);
        double low, high, error;
    } cases[] = {
        {"color_jitter: {brightness: 0.5}", {{160, 160, 160}}, brightness_of, 0.5, 1.5, 0.004},
        {"color_jitter: {contrast: 0.5}",
         {{80, 80, 80}, {80, 80, 80}, {180, 180, 180}, {180, 180, 180}},
         contrast_of,
         0.5,
         1.5,
         0.015},
        {"color_jitter: {brightness: 1.2}", /* from 0, not from -0.2 */
         {{80, 80, 80}},
         brightness_of,
         0,
         1.1,
         0.004},
        {"color_jitter: {saturation: 0.5}", {{200, 100, 100}}, saturation_of, 0.5, 1.5, 0.015},
        {"color_jitter: {hue: 0.1}", {{255, 0, 0}}, hue_of, -0.1, 0.1, 0.007},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct trial trial = trial_new(cases[i].augment, shape_map(3, 8, 8));
        trial.sample.shape = shape_map(3, 2, 4);
        static double factors[DRAWS];
        for (int k = 0; k < DRAWS; k++) {
            paint(&trial.sample, cases[i].colours);
            trial_run(&trial, k);
            factors[k] = cases[i].measure(trial.sample.pixels);
        }
        assert_uniform(factors, DRAWS, cases[i].low, cases[i].high, cases[i].error);
        trial_end(&trial);
    }
}

/* Contrast that takes the brightest patch over 255 cuts it, before or after it is darkened: patches of 80 and
 * 180 about the mean of 130 tell both factors, that of 250 the order. */
static void color_jitter_changes_in_either_order(void **state) {
    (void)state;
    static const uint8_t patches[4][3] = {
        {10, 10, 10}, {80, 80, 80}, {180, 180, 180}, {250, 250, 250}};
    struct trial trial =
        trial_new("color_jitter: {brightness: 0.5, contrast: 0.5}", shape_map(3, 8, 8));
    trial.sample.shape = shape_map(3, 2, 4);
    int contrast_first = 0, seen = 0;
    for (int i = 0; i < 2 * DRAWS; i++) {
        paint(&trial.sample, patches);
        trial_run(&trial, i);
        const uint8_t *pixels = trial.sample.pixels;
        double brightness = (pixels[6] + pixels[12] + 1) / 260.0;
        double contrast = (pixels[12] - pixels[6]) / (100 * brightness);
        if (brightness > 0.8 || contrast < 1.25)
            continue;
        double first = brightness * 255, last = brightness * (130 + 120 * contrast);
        seen++;
        contrast_first += fabs(pixels[18] - first) < fabs(pixels[18] - last);
        assert_true(fmin(fabs(pixels[18] - first), fabs(pixels[18] - last)) < 6);
    }
    assert_true(seen > 100);
    assert_probability(contrast_first, seen, 0.5);
    trial_end(&trial);
}

/* ---- sharpness --------------------------------------------------------------------------------- */

static void sharpness_keeps_its_probability(void **state) {
    (void)state;
    struct trial trial = trial_new("sharpness: {factor: 2, p: 0.2}", shape_map(1, 8, 8));
    int sharpened = 0;
    for (int i = 0; i < DRAWS; i++) {
        memset(trial.sample.pixels, 0, 64);
        trial.sample.pixels[27] = 130;
        trial_run(&trial, i);
        /* 130 * 5/13 = 50 when smoothed, and as much over 130 when sharpened as 50 is under */
        assert_true(trial.sample.pixels[27] == 130 || trial.sample.pixels[27] == 210);
        sharpened += trial.sample.pixels[27] == 210;
    }
    assert_probability(sharpened, DRAWS, 0.2);
    trial_end(&trial);
}

/* ---- erasing ----------------------------------------------------------------------------------- */

struct box {
    int top, left, bottom, right, count;
};

static struct box erased_box(struct tensor values, float value) {
    struct box box = {values.height, values.width, 0, 0, 0};
    for (int y = 0; y < values.height; y++)
        for (int x = 0; x < values.width; x++)
            if (values.data[y * values.width + x] == value) {
                box.top = y < box.top ? y : box.top;
                box.left = x < box.left ? x : box.left;
                box.bottom = y + 1;
                box.right = x + 1 > box.right ? x + 1 : box.right;
                box.count++;
            }
    return box;
}

static void erasing_hides_a_box_of_any_place_and_form(void **state) {
    (void)state;
    enum { SIDE = 150 };
    struct trial trial =
        trial_new("erasing: {p: 0.75, scale: [0.02, 0.1], value: 1.5}", shape_map(1, SIDE, SIDE));
    static double areas[DRAWS], ratios[DRAWS], tops[DRAWS], lefts[DRAWS];
    int count = 0;
    for (int i = 0; i < DRAWS; i++) {
        memset(trial.sample.values.data, 0, sizeof(float) * SIDE * SIDE);
        trial_run(&trial, i);
        struct box box = erased_box(trial.sample.values, 1.5F);
        if (box.count == 0)
            continue;
        int height = box.bottom - box.top, width = box.right - box.left;
        assert_int_equal(height * width, box.count);
        areas[count] = (double)box.count / (SIDE * SIDE);
        ratios[count] = log((double)height / width);
        tops[count] = (double)box.top / (SIDE - height);
        lefts[count++] = (double)box.left / (SIDE - width);
    }
    assert_probability(count, DRAWS, 0.75);
    assert_uniform(areas, count, 0.02, 0.1, 0.002);
    assert_uniform(ratios, count, log(0.3), log(3.3), 0.06);
    assert_uniform(tops, count, 0, 1, 0.001);
    assert_uniform(lefts, count, 0, 1, 0.001);
    trial_end(&trial);
}

/* As in torchvision, a box that is as high or as wide as the image is not erased. */
static void erasing_leaves_what_it_cannot_fit(void **state) {
    (void)state;
    struct trial trial =
        trial_new("erasing: {p: 1, scale: [1, 1], ratio: [1, 1], value: 1}", shape_map(1, 16, 16));
    for (int i = 0; i < 100; i++)
        trial_run(&trial, i);
    assert_int_equal(erased_box(trial.sample.values, 1).count, 0);
    trial_end(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotation_turns_to_both_sides),
        cmocka_unit_test(color_jitter_draws_even_factors),
        cmocka_unit_test(color_jitter_changes_in_either_order),
        cmocka_unit_test(sharpness_keeps_its_probability),
        cmocka_unit_test(erasing_hides_a_box_of_any_place_and_form),
        cmocka_unit_test(erasing_leaves_what_it_cannot_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
