/* synthetic: the same images for the same names, of any shape, with true masks, and a task that is not too easy. */
#include "data_scene.h"

#include <math.h>

/* A synthetic data set in a scene of its own. */
static struct dataset open_synthetic(struct scene *scene, const char *text, enum data_split split) {
    struct dataset dataset;
    assert_true(scene_open(scene, text, split, &dataset));
    assert_int_equal(report_count(scene->report), 0);
    return dataset;
}

enum { SIDE = 32, PLANE = SIDE * SIDE, BYTES = 3 * PLANE };

static bool same_image(const struct dataset *a, int i, const struct dataset *b, int j) {
    uint8_t first[BYTES], second[BYTES];
    int32_t label;
    a->fetch(a, i, first, &label);
    b->fetch(b, j, second, &label);
    return memcmp(first, second, BYTES) == 0;
}

static void an_image_is_a_function_of_seed_split_and_index(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const char *text = "{source: synthetic}";
    struct dataset train = open_synthetic(&scene, text, SPLIT_TRAIN);
    struct dataset again = open_synthetic(&scene, text, SPLIT_TRAIN);
    struct dataset test = open_synthetic(&scene, text, SPLIT_TEST);
    struct data_request request = {.folder = "", .split = SPLIT_TRAIN, .seed = 8};
    struct dataset other;
    assert_true(data_open(scene_check(&scene, text), &request, scene.arena, &other, scene.report));
    assert_int_equal(train.images, 10000);
    assert_int_equal(test.images, 2000);
    assert_false(train.stand_in);
    assert_true(same_image(&train, 40, &again, 40));
    assert_false(same_image(&train, 40, &train, 50));
    assert_false(same_image(&train, 40, &test, 40));
    assert_false(same_image(&train, 40, &other, 40));
    scene_end(&scene);
}

static void classes_are_named_and_balanced(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset =
        open_synthetic(&scene, "{source: synthetic, classes: 1000}", SPLIT_TRAIN);
    static const char *const first[] = {"disk",    "square",  "triangle",    "ring",
                                        "cross",   "stripes", "bars",        "diagonals",
                                        "checker", "dots",    "striped_disk"};
    for (int i = 0; i < BASE_COUNT(first); i++)
        assert_string_equal(dataset.class_names[i], first[i]);
    assert_string_equal(dataset.class_names[34], "dotted_cross");
    assert_string_equal(dataset.class_names[35], "disk_2");
    for (int i = 0; i < 1000; i++)
        for (int j = 0; j < i; j++)
            assert_string_not_equal(dataset.class_names[i], dataset.class_names[j]);
    int counts[1000] = {0};
    for (int i = 0; i < dataset.images; i++) {
        int32_t label;
        dataset.fetch(&dataset, i, NULL, &label);
        counts[label]++;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(counts[i], 10);
    scene_end(&scene);
}

/* Guard bytes behind the image show a pixel too many. */
static void any_shape_is_filled_and_nothing_else(void **state) {
    (void)state;
    static const char *const shapes[] = {"shape: [1, 8, 8]",
                                         "shape: [2, 9, 30]",
                                         "shape: [4, 40, 17], classes: 500",
                                         "shape: [64, 8, 100]",
                                         "shape: [1, 28, 28], objects: digits",
                                         "shape: [3, 50, 20], objects: digits, classes: 3"};
    for (int i = 0; i < BASE_COUNT(shapes); i++) {
        struct scene scene = scene_new();
        char text[200];
        snprintf(text, sizeof text, "{source: synthetic, masks: true, %s}", shapes[i]);
        struct dataset dataset = open_synthetic(&scene, text, SPLIT_TRAIN);
        size_t size = shape_size(dataset.shape), pixels = size / (size_t)dataset.shape.channels;
        uint8_t *image = arena_alloc(scene.arena, size + 1, 1);
        int32_t *labels = arena_alloc(scene.arena, pixels + 1, sizeof *labels);
        image[size] = 171;
        labels[pixels] = 171;
        for (int index = 0; index < 60; index++)
            dataset.fetch(&dataset, index, image, labels);
        assert_int_equal(image[size], 171);
        assert_int_equal(labels[pixels], 171);
        for (size_t k = 0; k < pixels; k++)
            assert_in_range(labels[k], 0, dataset.classes - 1);
        scene_end(&scene);
    }
}

/* ---- masks ------------------------------------------------------------------------------------- */

/* Extent and area of what a mask marks. */
struct extent {
    int left, right, top, bottom, area;
};

static struct extent extent_of(const int32_t *mask, int label) {
    struct extent extent = {SIDE, -1, SIDE, -1, 0};
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int32_t here = mask[y * SIDE + x];
            assert_true(here == 0 || here == label);
            if (here == 0)
                continue;
            extent.left = x < extent.left ? x : extent.left;
            extent.right = x > extent.right ? x : extent.right;
            extent.top = y < extent.top ? y : extent.top;
            extent.bottom = y;
            extent.area++;
        }
    return extent;
}

/* The share of its box that a shape fills is known: a disk pi/4, a triangle half, a ring is empty inside. */
static void masks_have_the_form_of_their_class(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset =
        open_synthetic(&scene, "{source: synthetic, masks: true}", SPLIT_TRAIN);
    double share[5] = {0};
    int whole[5] = {0}, hollow = 0;
    assert_int_equal(dataset.classes, 11);
    assert_string_equal(dataset.class_names[0], "background");
    assert_string_equal(dataset.class_names[4], "ring");
    for (int i = 0; i < 2000; i++) {
        uint8_t pixels[BYTES];
        int32_t mask[PLANE];
        dataset.fetch(&dataset, i, pixels, mask);
        struct extent extent = extent_of(mask, i % 10 + 1);
        assert_in_range(extent.area, 20, PLANE * 2 / 3);
        bool cut = extent.left == 0 || extent.top == 0 || extent.right == SIDE - 1 ||
                   extent.bottom == SIDE - 1;
        if (i % 10 >= 5 || cut)
            continue;
        int box = (extent.right - extent.left + 1) * (extent.bottom - extent.top + 1);
        share[i % 10] += (double)extent.area / box;
        whole[i % 10]++;
        int middle = (extent.top + extent.bottom) / 2 * SIDE + (extent.left + extent.right) / 2;
        hollow += i % 10 == 3 && mask[middle] == 0;
    }
    for (int k = 0; k < 5; k++)
        assert_true(whole[k] > 50);
    assert_true(fabs(share[0] / whole[0] - 0.785) < 0.04);
    assert_true(fabs(share[2] / whole[2] - 0.5) < 0.06);
    assert_true(share[1] / whole[1] > share[4] / whole[4] + 0.2);
    assert_int_equal(hollow, whole[3]);
    scene_end(&scene);
}

static void masks_leave_the_image_as_it_is(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset plain = open_synthetic(&scene, "{source: synthetic}", SPLIT_TEST);
    struct dataset masked = open_synthetic(&scene, "{source: synthetic, masks: true}", SPLIT_TEST);
    for (int i = 0; i < 20; i++) {
        uint8_t first[BYTES], second[BYTES];
        int32_t label, mask[PLANE];
        plain.fetch(&plain, i, first, &label);
        masked.fetch(&masked, i, second, mask);
        assert_memory_equal(first, second, BYTES);
    }
    scene_end(&scene);
}

/* ---- statistics --------------------------------------------------------------------------------- */

/* Those of CIFAR-10 are: means .491, .482, .447; deviations .247, .243, .261; neighbours correlate by .95. */
static void pixels_are_like_those_of_photographs(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset = open_synthetic(&scene, "{source: synthetic}", SPLIT_TRAIN);
    enum { IMAGES = 1000 };
    double sum = 0, squares = 0, products = 0;
    for (int i = 0; i < IMAGES; i++) {
        uint8_t pixels[BYTES];
        int32_t label;
        dataset.fetch(&dataset, i, pixels, &label);
        for (int k = 0; k < BYTES; k++) {
            double value = pixels[k] / 255.0, right = pixels[k + 3 < BYTES ? k + 3 : k] / 255.0;
            sum += value;
            squares += value * value;
            products += value * right;
        }
    }
    double count = (double)IMAGES * BYTES, mean = sum / count;
    double variance = squares / count - mean * mean;
    assert_true(fabs(mean - 0.48) < 0.03);
    assert_true(fabs(sqrt(variance) - 0.25) < 0.02);
    assert_true((products / count - mean * mean) / variance > 0.85);
    scene_end(&scene);
}

/* Those of MNIST are: mean .1307, deviation .3081. */
static void digits_have_as_much_ink_as_mnist(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset = open_synthetic(
        &scene, "{source: synthetic, shape: [1, 28, 28], objects: digits}", SPLIT_TRAIN);
    double sum = 0, squares = 0;
    for (int i = 0; i < 1000; i++) {
        uint8_t pixels[784];
        int32_t label;
        dataset.fetch(&dataset, i, pixels, &label);
        assert_int_equal(label, i % 10);
        for (int k = 0; k < 784; k++) {
            sum += pixels[k] / 255.0;
            squares += pixels[k] / 255.0 * pixels[k] / 255.0;
        }
    }
    double mean = sum / 784e3;
    assert_true(fabs(mean - 0.1307) < 0.02);
    assert_true(fabs(sqrt(squares / 784e3 - mean * mean) - 0.3081) < 0.03);
    scene_end(&scene);
}

/* The class whose mean image is nearest: what a model without shapes can see. */
static void mean_images_do_not_tell_the_class(void **state) {
    (void)state;
    static double means[10][BYTES];
    struct scene scene = scene_new();
    struct dataset dataset = open_synthetic(&scene, "{source: synthetic}", SPLIT_TRAIN);
    uint8_t pixels[BYTES];
    int32_t label;
    int right = 0;
    for (int i = 0; i < 2000; i++) {
        dataset.fetch(&dataset, i, pixels, &label);
        for (int k = 0; k < BYTES; k++)
            means[label][k] += pixels[k] / 200.0;
    }
    for (int i = 2000; i < 2500; i++) {
        dataset.fetch(&dataset, i, pixels, &label);
        int best = 0;
        double least = INFINITY;
        for (int c = 0; c < 10; c++) {
            double distance = 0;
            for (int k = 0; k < BYTES; k++)
                distance += (pixels[k] - means[c][k]) * (pixels[k] - means[c][k]);
            if (distance < least) {
                least = distance;
                best = c;
            }
        }
        right += best == label;
    }
    assert_true(right < 250);
    scene_end(&scene);
}

/* ---- standing in -------------------------------------------------------------------------------- */

static void a_stand_in_takes_after_what_is_missing(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset cifar10 =
        open_synthetic(&scene, "{source: cifar10, otherwise: synthetic}", SPLIT_TRAIN);
    assert_true(cifar10.stand_in && !cifar10.masks);
    assert_string_equal(cifar10.source, "cifar10");
    assert_int_equal(cifar10.images, 50000);
    assert_int_equal(cifar10.classes, 10);
    assert_string_equal(cifar10.class_names[3], "cat");
    assert_true(shape_equal(cifar10.shape, shape_map(3, 32, 32)));
    struct dataset shapes = open_synthetic(&scene, "{source: synthetic}", SPLIT_TRAIN);
    assert_true(same_image(&cifar10, 123, &shapes, 123));
    scene_end(&scene);
}

static void digits_stand_in_for_mnist(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset mnist =
        open_synthetic(&scene, "{source: mnist, otherwise: synthetic}", SPLIT_TEST);
    assert_true(mnist.stand_in);
    assert_int_equal(mnist.images, 10000);
    uint8_t pixels[784];
    int32_t label;
    int black = 0;
    mnist.fetch(&mnist, 5, pixels, &label);
    for (int i = 0; i < 784; i++)
        black += pixels[i] == 0;
    assert_int_equal(label, 5);
    assert_true(black > 400);
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_is_a_function_of_seed_split_and_index),
        cmocka_unit_test(classes_are_named_and_balanced),
        cmocka_unit_test(any_shape_is_filled_and_nothing_else),
        cmocka_unit_test(masks_have_the_form_of_their_class),
        cmocka_unit_test(masks_leave_the_image_as_it_is),
        cmocka_unit_test(pixels_are_like_those_of_photographs),
        cmocka_unit_test(digits_have_as_much_ink_as_mnist),
        cmocka_unit_test(mean_images_do_not_tell_the_class),
        cmocka_unit_test(a_stand_in_takes_after_what_is_missing),
        cmocka_unit_test(digits_stand_in_for_mnist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
