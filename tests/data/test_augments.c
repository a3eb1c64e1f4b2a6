/* Augmentations against what torchvision's transforms of the same names do. */
#include "data_loading.h"

#include <math.h>

enum { SIDE = 32, PLANE = SIDE * SIDE };

/* One batch of a small synthetic set, augmented as the text says. */
static struct loading augmented(struct scene *scene, const char *augment, bool masks) {
    char text[300];
    snprintf(text, sizeof text,
             "{source: synthetic, images: 200, batch: 200, masks: %s, augment: [%s]}",
             masks ? "true" : "false", augment);
    struct loading loading = loading_new(scene, text, (struct loading_options){.augment = true});
    loading_fill(&loading, 0);
    return loading;
}

/* PyTorch 1.13: (torch.tensor([0., 1., 128., 255.]) / 255 - mean) / std. */
static void normalize_gives_pytorchs_bits(void **state) {
    (void)state;
    static const struct {
        const char *augment;
        int channel;
        float values[4]; /* of pixels 0, 1, 128, 255 */
    } cases[] = {
        {"normalize: cifar10",
         0,
         {-0x1.fd4e26p+0F, -0x1.f93da6p+0F, 0x1.5e4280p-5F, 0x1.0790e6p+1F}},
        {"normalize: cifar10",
         2,
         {-0x1.b5f244p+0F, -0x1.b21994p+0F, 0x1.b32fcep-3F, 0x1.0f72c2p+1F}},
        {"normalize: mnist", 1, {-0x1.b264e2p-2F, -0x1.a55c40p-2F, 0x1.347af4p+0F, 0x1.69267ap+1F}},
        {"normalize: half", 0, {-1, -0x1.fbfbfcp-1F, 0x1.0102p-8F, 1}},
        {"normalize: imagenet",
         2,
         {-0x1.cdf012p+0F, -0x1.c979d4p+0F, 0x1.b4ba78p-2F, 0x1.51eb86p+1F}},
        {"normalize: {mean: [0.1, 0.5, 9], std: [1, 0.5, 1]}",
         1,
         {-1, -0x1.fbfbfcp-1F, 0x1.0102p-8F, 1}},
    };
    static const int bytes[] = {0, 1, 128, 255};
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct scene scene = scene_new();
        struct loading loading = augmented(&scene, cases[i].augment, false);
        int found = 0;
        for (int image = 0; image < 200; image++) {
            uint8_t pixels[3 * PLANE];
            int32_t label;
            loading.dataset->fetch(loading.dataset, image, pixels, &label);
            for (int k = 0; k < PLANE; k++)
                for (int b = 0; b < 4; b++)
                    if (pixels[3 * k + cases[i].channel] == bytes[b]) {
                        float value =
                            loading_value(&loading, image, k / SIDE, k % SIDE, cases[i].channel);
                        assert_true(value == cases[i].values[b]);
                        found |= 1 << b;
                    }
        }
        assert_int_equal(found, 15);
        loading_end(&loading);
        scene_end(&scene);
    }
}

/* How image `index` of b relates to that of a. */
static bool is_flipped(const struct loading *a, const struct loading *b, int index, bool flipped) {
    for (int k = 0; k < 3 * PLANE; k++) {
        int y = k / 3 / SIDE, x = k / 3 % SIDE, c = k % 3;
        if (loading_value(b, index, y, x, c) !=
            loading_value(a, index, y, flipped ? SIDE - 1 - x : x, c))
            return false;
    }
    return true;
}

static void horizontal_flip_mirrors_with_its_probability(void **state) {
    (void)state;
    static const struct {
        const char *augment;
        int least, most; /* of 200: five standard deviations */
    } cases[] = {{"horizontal_flip", 65, 135},
                 {"horizontal_flip: 0.1", 1, 41},
                 {"horizontal_flip: {p: 0}", 0, 0},
                 {"horizontal_flip: {p: 1}", 200, 200}};
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct scene scene = scene_new();
        struct loading plain = augmented(&scene, "", false);
        struct loading flipped = augmented(&scene, cases[i].augment, false);
        int count = 0;
        for (int k = 0; k < 200; k++) {
            bool is = is_flipped(&plain, &flipped, k, true);
            assert_true(is || is_flipped(&plain, &flipped, k, false));
            count += is;
        }
        assert_in_range(count, cases[i].least, cases[i].most);
        loading_end(&plain);
        loading_end(&flipped);
        scene_end(&scene);
    }
}

/* Is the image moved by so much, black coming in at the edges? */
static bool is_moved(const struct loading *a, const struct loading *b, int index, int down,
                     int right) {
    for (int k = 0; k < 3 * PLANE; k++) {
        int y = k / 3 / SIDE, x = k / 3 % SIDE, c = k % 3;
        int from_y = y + down, from_x = x + right;
        bool inside = from_y >= 0 && from_y < SIDE && from_x >= 0 && from_x < SIDE;
        float expected = inside ? loading_value(a, index, from_y, from_x, c) : 0;
        if (loading_value(b, index, y, x, c) != expected)
            return false;
    }
    return true;
}

static void crop_moves_evenly_in_both_directions(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading plain = augmented(&scene, "", false);
    struct loading cropped = augmented(&scene, "crop: {padding: 2}", false);
    int counts[25] = {0};
    for (int i = 0; i < 200; i++)
        for (int k = 0; k < 25; k++)
            counts[k] += is_moved(&plain, &cropped, i, k / 5 - 2, k % 5 - 2);
    int all = 0;
    for (int k = 0; k < 25; k++) {
        assert_in_range(counts[k], 1, 22); /* 8 are expected */
        all += counts[k];
    }
    assert_int_equal(all, 200);
    loading_end(&plain);
    loading_end(&cropped);
    scene_end(&scene);
}

static void a_crop_may_leave_nothing(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading cropped = augmented(&scene, "crop: {padding: 1000}", false);
    int black = 0;
    for (int i = 0; i < 200; i++)
        black += loading_value(&cropped, i, 16, 16, 0) == 0;
    assert_true(black > 150);
    loading_end(&cropped);
    scene_end(&scene);
}

static void masks_move_with_their_images(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading plain = augmented(&scene, "", true);
    struct loading moved = augmented(&scene, "horizontal_flip: {p: 1}, crop: 3", true);
    for (int i = 0; i < 200; i++) {
        int found = 0;
        for (int k = 0; k < 49; k++) {
            int down = k / 7 - 3, right = k % 7 - 3;
            bool same = true;
            for (int p = 0; p < PLANE && same; p++) {
                int y = p / SIDE + down, x = p % SIDE + right;
                bool inside = y >= 0 && y < SIDE && x >= 0 && x < SIDE;
                int from = inside ? y * SIDE + SIDE - 1 - x : 0;
                int32_t label = inside ? plain.batch.labels[i * PLANE + from] : 0;
                float red = inside ? loading_value(&plain, i, y, SIDE - 1 - x, 0) : 0;
                same = moved.batch.labels[i * PLANE + p] == label &&
                       loading_value(&moved, i, p / SIDE, p % SIDE, 0) == red;
            }
            found += same;
        }
        assert_int_equal(found, 1);
    }
    loading_end(&plain);
    loading_end(&moved);
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalize_gives_pytorchs_bits),
        cmocka_unit_test(horizontal_flip_mirrors_with_its_probability),
        cmocka_unit_test(crop_moves_evenly_in_both_directions),
        cmocka_unit_test(a_crop_may_leave_nothing),
        cmocka_unit_test(masks_move_with_their_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
