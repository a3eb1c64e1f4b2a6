/* Batches: every image once an epoch, the same bits whoever loads them and in whatever order, chosen images. */
#include "data_loading.h"

#define SMALL "source: synthetic, shape: [3, 8, 8], images: 50, batch: 16"

static const struct loading_options shuffled = {.shuffle = true, .augment = true};

/* The numbers of the images of a batch, told by their bytes (augmentations off). */
static int number_of(const struct loading *loading, int image) {
    const struct dataset *dataset = loading->dataset;
    for (int i = 0; i < dataset->images; i++) {
        uint8_t pixels[192];
        int32_t label;
        dataset->fetch(dataset, i, pixels, &label);
        bool same = label == loading->batch.labels[image];
        for (int k = 0; k < 192 && same; k++)
            same =
                loading_value(loading, image, k / 24, k / 3 % 8, k % 3) == (float)pixels[k] / 255;
        if (same)
            return i;
    }
    return -1;
}

/* The order of an epoch. */
static void read_epoch(struct loading *loading, int epoch, int *numbers) {
    int batches = loader_batches(loading->loader);
    for (int k = 0; k < batches; k++) {
        loading_fill(loading, (int64_t)epoch * batches + k);
        for (int i = 0; i < loading->batch.count; i++)
            *numbers++ = number_of(loading, i);
    }
}

static void every_image_comes_once_an_epoch(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading loading = loading_new(&scene, "{" SMALL "}", shuffled);
    assert_int_equal(loader_batches(loading.loader), 4);
    int orders[3][50], equal = 0;
    for (int epoch = 0; epoch < 3; epoch++) {
        bool seen[50] = {false};
        read_epoch(&loading, epoch, orders[epoch]);
        for (int i = 0; i < 50; i++) {
            assert_in_range(orders[epoch][i], 0, 49);
            assert_false(seen[orders[epoch][i]]);
            seen[orders[epoch][i]] = true;
            equal += epoch > 0 && orders[epoch][i] == orders[epoch - 1][i];
        }
    }
    assert_true(equal < 15);
    assert_int_equal(loading.batch.count, 2); /* 50 = 3 x 16 + 2 */
    loading_end(&loading);
    scene_end(&scene);
}

static void without_shuffling_the_order_is_kept(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading loading = loading_new(&scene, "{" SMALL "}", (struct loading_options){0});
    int order[50];
    for (int epoch = 0; epoch < 2; epoch++) {
        read_epoch(&loading, epoch, order);
        for (int i = 0; i < 50; i++)
            assert_int_equal(order[i], i);
    }
    loading_end(&loading);
    scene_end(&scene);
}

#define AUGMENTED "{" SMALL ", augment: [horizontal_flip, crop: 2, normalize: half]}"

/* Step 6 alone, on 7 threads, is step 6 after all before it, on one. */
static void a_batch_is_the_same_whoever_loads_it(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading_options many = shuffled;
    many.threads = 7;
    struct loading first = loading_new(&scene, AUGMENTED, shuffled);
    struct loading second = loading_new(&scene, AUGMENTED, many);
    for (int step = 0; step <= 6; step++)
        loading_fill(&first, step);
    loading_fill(&second, 6);
    assert_int_equal(first.batch.count, second.batch.count);
    assert_memory_equal(first.batch.images.data, second.batch.images.data,
                        sizeof(float) * 16 * 192);
    assert_memory_equal(first.batch.labels, second.batch.labels, sizeof(int32_t) * 16);
    loading_fill(&first, 2);
    assert_memory_not_equal(first.batch.images.data, second.batch.images.data,
                            sizeof(float) * 16 * 192);
    loading_end(&first);
    loading_end(&second);
    scene_end(&scene);
}

static void images_that_are_not_trained_on_are_only_normalized(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading plain =
        loading_new(&scene, "{" SMALL ", augment: [normalize: half]}", (struct loading_options){0});
    struct loading augmented = loading_new(&scene, AUGMENTED, (struct loading_options){0});
    loading_fill(&plain, 1);
    loading_fill(&augmented, 1);
    assert_memory_equal(plain.batch.images.data, augmented.batch.images.data,
                        sizeof(float) * 16 * 192);
    loading_end(&plain);
    loading_end(&augmented);
    scene_end(&scene);
}

static void what_lies_between_pixels_is_left_alone(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading dense = loading_new(&scene, AUGMENTED, shuffled);
    struct loading_options wide = shuffled;
    wide.pitch = 5;
    struct loading pitched = loading_new(&scene, AUGMENTED, wide);
    size_t pixels = tensor_pixels(pitched.batch.images);
    for (size_t i = 0; i < 5 * pixels; i++)
        pitched.batch.images.data[i] = -77;
    loading_fill(&dense, 0);
    loading_fill(&pitched, 0);
    for (size_t i = 0; i < pixels; i++) {
        assert_memory_equal(pitched.batch.images.data + 5 * i, dense.batch.images.data + 3 * i,
                            3 * sizeof(float));
        assert_true(pitched.batch.images.data[5 * i + 3] == -77 &&
                    pitched.batch.images.data[5 * i + 4] == -77);
    }
    loading_end(&dense);
    loading_end(&pitched);
    scene_end(&scene);
}

static void images_are_chosen_by_index_class_and_limit(void **state) {
    (void)state;
    static const struct {
        const char *choice;
        enum data_split split;
        int images, labels[6];
    } cases[] = {
        {"index: [7, 3, 3, 41]", SPLIT_TRAIN, 4, {7, 3, 3, 1}},
        {"index: [7, 3]", SPLIT_TEST, 10, {0, 1, 2, 3, 4, 5}}, /* of the split that is named */
        {"split: test, index: [7, 3]", SPLIT_TEST, 2, {7, 3}},
        {"only: [ring, 9]", SPLIT_TRAIN, 10, {3, 9, 3, 9, 3, 9}},
        {"only: disk, limit: 2", SPLIT_TRAIN, 2, {0, 0}},
        {"limit: 6", SPLIT_TEST, 6, {0, 1, 2, 3, 4, 5}},
        {"limit: 1000", SPLIT_TEST, 10, {0, 1, 2, 3, 4, 5}},
        {"index: [9, 8, 7, 19, 29, 12], only: [dots, square, triangle], limit: 3",
         SPLIT_TRAIN,
         3,
         {9, 9, 9}},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct scene scene = scene_new();
        char text[200];
        snprintf(text, sizeof text, "{" SMALL ", %s}", cases[i].choice);
        struct dataset dataset;
        assert_true(scene_open(&scene, text, cases[i].split, &dataset));
        assert_int_equal(dataset.images, cases[i].images);
        for (int k = 0; k < cases[i].images && k < 6; k++) {
            uint8_t pixels[192];
            int32_t label;
            dataset.fetch(&dataset, k, pixels, &label);
            assert_int_equal(label, cases[i].labels[k]);
        }
        scene_end(&scene);
    }
}

static void a_choice_that_leaves_nothing_is_refused(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    assert_false(
        scene_open(&scene, "{" SMALL ", index: [0, 1], only: [ring]}", SPLIT_TRAIN, &dataset));
    assert_string_equal(scene_said(&scene),
                        "1:83: no image of synthetic train is of these classes");
    scene_end(&scene);
}

/* The estimate of memory is of what is taken: here 30 MB of files, the order, and the samples of a batch. */
static void memory_is_foretold(void **state) {
    (void)state;
    struct scene scene = scene_new();
    temporary_write(&scene.data, "cifar-10-batches-bin/test_batch.bin", "");
    struct temporary_path path = temporary_path(&scene.data, "cifar-10-batches-bin/test_batch.bin");
    assert_int_equal(truncate(path.text, 30730000), 0);
    const struct data_spec *spec = scene_check(&scene, "{source: cifar10, batch: 512}");
    struct data_request request = {.folder = scene.data.folder, .split = SPLIT_TEST};
    size_t before = arena_used(scene.arena);
    struct dataset dataset;
    assert_true(data_open(spec, &request, scene.arena, &dataset, scene.report));
    assert_non_null(loader_new(scene.arena, spec, &dataset, 0, true, true, scene.report));
    size_t taken = arena_used(scene.arena) - before, foretold = data_bytes(spec, SPLIT_TEST);
    assert_in_range(taken, foretold - foretold / 1000, foretold + foretold / 1000);
    assert_true(data_bytes(spec, SPLIT_TRAIN) > 153000000);
    scene_end(&scene);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    bool made = false;
    for (long n = 1; !made; n++) {
        struct scene scene = scene_new();
        const struct data_spec *spec = scene_check(&scene, "{" SMALL ", only: [ring]}");
        struct data_request request = {.folder = "", .split = SPLIT_TRAIN};
        struct dataset dataset;
        arena_fail_at(scene.arena, n);
        made = data_open(spec, &request, scene.arena, &dataset, scene.report) &&
               loader_new(scene.arena, spec, &dataset, 0, true, true, scene.report);
        assert_int_equal(report_count(scene.report), 0);
        scene_end(&scene);
        assert_true(n < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_image_comes_once_an_epoch),
        cmocka_unit_test(without_shuffling_the_order_is_kept),
        cmocka_unit_test(a_batch_is_the_same_whoever_loads_it),
        cmocka_unit_test(images_that_are_not_trained_on_are_only_normalized),
        cmocka_unit_test(what_lies_between_pixels_is_left_alone),
        cmocka_unit_test(images_are_chosen_by_index_class_and_limit),
        cmocka_unit_test(a_choice_that_leaves_nothing_is_refused),
        cmocka_unit_test(memory_is_foretold),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
