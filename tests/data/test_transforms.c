/* What augmentations do to pixels, bit for bit as torchvision's functional transforms do it. */
#include "../../src/data/transforms.h"
#include "../golden/augments.h"
#include "data_scene.h"

static const struct {
    const char *name;
    void (*apply)(struct sample *sample, double parameter);
} transforms[] = {
    {"rotate", transform_rotate},
    {"adjust_brightness", transform_brightness},
    {"adjust_contrast", transform_contrast},
    {"adjust_saturation", transform_saturation},
    {"adjust_sharpness", transform_sharpness},
    {"adjust_hue", transform_hue},
};

/* The image of make_augments.py. */
static void make_noise(struct sample *sample) {
    int channels = sample->shape.channels, size = (int)shape_size(sample->shape);
    uint32_t state = 1;
    for (int i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        sample->pixels[i] = (uint8_t)(state >> 24);
    }
    for (int i = 0; i < size; i++) {
        int pixel = i / channels;
        if (pixel % 5 == 0)
            sample->pixels[i] = sample->pixels[pixel * channels];
        if (pixel % 7 == 0)
            sample->pixels[i] = 0;
    }
}

static uint32_t hash_of(const uint8_t *bytes, size_t size) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static uint32_t transformed(const struct golden_augment *golden) {
    struct arena *arena = arena_new();
    struct shape shape = shape_map(golden->channels, golden->height, golden->width);
    struct sample sample = {0};
    sample_place(&sample, shape, false, arena_alloc(arena, 1, sample_bytes(shape, false)));
    make_noise(&sample);
    for (int i = 0; i < BASE_COUNT(transforms); i++)
        if (strcmp(transforms[i].name, golden->transform) == 0)
            transforms[i].apply(&sample, golden->parameter);
    uint32_t hash = hash_of(sample.pixels, shape_size(shape));
    arena_free(arena);
    return hash;
}

static void transforms_give_torchvisions_bits(void **state) {
    (void)state;
    int wrong = 0;
    for (int i = 0; i < BASE_COUNT(golden_augments); i++) {
        const struct golden_augment *golden = &golden_augments[i];
        if (transformed(golden) == golden->hash)
            continue;
        print_message("%s %g of %dx%dx%d differs\n", golden->transform, golden->parameter,
                      golden->height, golden->width, golden->channels);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transforms_give_torchvisions_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
