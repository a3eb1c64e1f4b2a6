/* The `data:` map: what is read, every fault with its message and place, and what is known without files. */
#include "data_scene.h"

static void a_map_is_read(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct data_spec *spec = scene_check(
        &scene,
        "{source: cifar10, split: test, batch: 32, limit: 100, index: [3, 9], only: [cat, 9],\n"
        " augment: [horizontal_flip, crop: 4, normalize: cifar10], otherwise: synthetic}");
    assert_string_equal(scene_said(&scene), "");
    assert_non_null(spec);
    assert_int_equal(data_batch(spec), 32);
    assert_int_equal(data_split_of(spec), SPLIT_TEST);
    scene_end(&scene);
}

static void defaults(void **state) {
    (void)state;
    struct scene scene = scene_new();
    const struct data_spec *spec = scene_check(&scene, "{source: mnist}");
    assert_int_equal(data_batch(spec), 128);
    assert_int_equal(data_split_of(spec), SPLIT_TRAIN);
    scene_end(&scene);
}

static void shapes_are_known_without_files(void **state) {
    (void)state;
    static const struct {
        const char *text;
        struct shape shape;
        int classes;
        bool masks;
    } cases[] = {
        {"{source: cifar10}", {3, 3, 32, 32}, 10, false},
        {"{source: mnist}", {3, 1, 28, 28}, 10, false},
        {"{source: synthetic}", {3, 3, 32, 32}, 10, false},
        {"{source: synthetic, shape: [1, 20, 40], classes: 35}", {3, 1, 20, 40}, 35, false},
        {"{source: segmented, of: mnist}", {3, 1, 28, 28}, 11, true},
        {"{source: digit_grid, of: mnist, rows: 4, columns: 2}", {3, 1, 112, 56}, 11, true},
        {"{source: synthetic, shape: [1, 28, 28], objects: digits, masks: true}",
         {3, 1, 28, 28},
         11,
         true},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct scene scene = scene_new();
        struct shape shape;
        int classes;
        bool masks;
        const struct data_spec *spec = scene_check(&scene, cases[i].text);
        assert_non_null(spec);
        assert_true(data_expected(spec, &shape, &classes, &masks));
        assert_true(shape_equal(shape, cases[i].shape));
        assert_int_equal(classes, cases[i].classes);
        assert_int_equal(masks, cases[i].masks);
        scene_end(&scene);
    }
}

static void faults_of_attributes(void **state) {
    (void)state;
    static const struct refused cases[] = {
        {"[cifar10]", "1:1: data is a map, like {source: cifar10, batch: 128}, not a list of 1"},
        {"{batch: 3}", "1:1: data has no source; write source: cifar10"},
        {"{source: [mnist]}", "1:10: source is the name of a data source, not a list of 1"},
        {"{source: cifar1}", "1:10: no data source 'cifar1'; did you mean 'cifar10'?"},
        {"{source: photographs}",
         "1:10: no data source 'photographs'; there are cifar10, mnist, segmented, "
         "digit_grid, synthetic, images"},
        {"{source: mnist, bacth: 3}", "1:17: data has no attribute 'bacth'; did you mean 'batch'?"},
        {"{source: mnist, images: 3}", "1:17: data has no attribute 'images'"},
        {"{source: synthetic, image: 3}",
         "1:21: data has no attribute 'image'; did you mean 'images'?"},
        {"{source: mnist, batch: 0, split: tset, limit: 0}",
         "1:24: batch of data is from 1 to 65536, not 0\n"
         "1:34: split of data is one of train, test, not the string 'tset'; did you mean 'test'?\n"
         "1:47: limit of data is at least 1, not 0"},
        {"{source: mnist, otherwise: synthetics}",
         "1:28: otherwise of data is one of error, synthetic, not the string 'synthetics'; did you "
         "mean 'synthetic'?"},
        {"{source: mnist, index: [0, -1]}", "1:28: each of index of data is at least 0, not -1"},
    };
    assert_refused(cases, BASE_COUNT(cases));
}

static void faults_of_choosing(void **state) {
    (void)state;
    static const struct refused cases[] = {
        {"{source: cifar10, index: [50000]}",
         "1:26: no image 50000 in cifar10 train, whose images are 0 to 49999"},
        {"{source: cifar10, split: test, index: [10000]}",
         "1:39: no image 10000 in cifar10 test, whose images are 0 to 9999"},
        {"{source: cifar10, only: [cat, dgo]}",
         "1:31: no class 'dgo' in cifar10; did you mean 'dog'?"},
        {"{source: cifar10, only: 10}", "1:25: no class 10 in cifar10, whose classes are 0 to 9"},
        {"{source: cifar10, only: [-1]}", "1:26: no class -1 in cifar10, whose classes are 0 to 9"},
        {"{source: cifar10, only: [2.5]}",
         "1:26: a class is a name or a number, not the float 2.5"},
        {"{source: synthetic, masks: true, only: disk}",
         "1:40: only needs images of one class each; synthetic has one for every pixel"},
    };
    assert_refused(cases, BASE_COUNT(cases));
}

static void faults_of_synthetic(void **state) {
    (void)state;
#define SHAPE                                                                                      \
    "1:10: the shape of synthetic is [channels, height, width]: 1 to 64 channels, height and "     \
    "width from 8 to 1024"
    static const struct refused cases[] = {
        {"{source: synthetic, shape: [3, 32]}", SHAPE},
        {"{source: synthetic, shape: [3, 7, 32]}", SHAPE},
        {"{source: synthetic, shape: [0, 32, 32]}", SHAPE},
        {"{source: synthetic, shape: [65, 32, 32]}", SHAPE},
        {"{source: synthetic, shape: [3, 32, 1025]}", SHAPE},
        {"{source: synthetic, objects: digits, classes: 11}",
         "1:10: synthetic has digits for at most 10 classes, not 11"},
        {"{source: synthetic, shape: [1, 32, 32], classes: 36}",
         "1:10: synthetic has shapes for at most 35 classes in one channel, not 36; further ones "
         "differ in colour"},
        {"{source: synthetic, classes: 1001}", "1:30: classes of data is from 1 to 1000, not 1001"},
    };
    assert_refused(cases, BASE_COUNT(cases));
}

static void faults_of_augmentations(void **state) {
    (void)state;
#define ENTRY "an augmentation is a name, or one name with its attributes, like crop: {padding: 4}"
    static const struct refused cases[] = {
        {"{source: mnist, augment: normalize}",
         "1:26: augment is a list, like [normalize: cifar10], not the string 'normalize'"},
        {"{source: mnist, augment: [3]}", "1:27: " ENTRY},
        {"{source: mnist, augment: [{crop: 4, normalize: mnist}]}", "1:27: " ENTRY},
        {"{source: mnist, augment: [{}]}", "1:27: " ENTRY},
        {"{source: mnist, augment: [normalise: mnist]}",
         "1:27: no augmentation 'normalise'; did you mean 'normalize'?"},
        {"{source: mnist, augment: [mirror]}",
         "1:27: no augmentation 'mirror'; there are horizontal_flip, rotation, crop, color_jitter, "
         "sharpness, normalize, erasing"},
        {"{source: mnist, augment: [crop]}",
         "1:27: crop needs 'padding' (black pixels added on every side)"},
        {"{source: mnist, augment: [crop: 0]}", "1:33: padding of crop is from 1 to 1024, not 0"},
        {"{source: mnist, augment: [horizontal_flip: {p: 1.5, q: 1}]}",
         "1:48: p of horizontal_flip is from 0 to 1, not 1.5\n"
         "1:53: horizontal_flip has no attribute 'q'; did you mean 'p'?"},
        {"{source: mnist, augment: [horizontal_flip: ]}",
         "1:44: p of horizontal_flip has no value"},
        {"{source: mnist, augment: [normalize: mnist, crop: 4]}",
         "1:45: crop works on 8-bit images and normalize makes floats of them: put crop first"},
        {"{source: mnist, augment: [erasing, sharpness: 2]}",
         "1:36: sharpness works on 8-bit images and erasing makes floats of them: put sharpness "
         "first"},
    };
    assert_refused(cases, BASE_COUNT(cases));
}

static void faults_of_what_is_drawn_at_random(void **state) {
    (void)state;
    static const struct refused cases[] = {
        {"{source: mnist, augment: [rotation]}",
         "1:27: rotation needs 'degrees' (most that the image is turned, to either side)"},
        {"{source: mnist, augment: [rotation: -20]}",
         "1:37: degrees of rotation is from 0 to 360, not -20"},
        {"{source: mnist, augment: [color_jitter]}",
         "1:27: color_jitter changes nothing: give brightness, contrast, saturation or hue, like "
         "{brightness: 0.1}"},
        {"{source: mnist, augment: [color_jitter: {hue: 0.6}]}",
         "1:47: hue of color_jitter is from 0 to 0.5, not 0.6"},
        {"{source: synthetic, shape: [4, 8, 8], augment: [color_jitter: {contrast: 1}]}",
         "1:49: color_jitter takes images of 1 or 3 channels, but these have 4"},
        {"{source: mnist, augment: [sharpness: {p: 1}]}",
         "1:27: sharpness needs 'factor' (0 smoothed, 1 as it is, 2 sharpened)"},
        {"{source: mnist, augment: [erasing: {scale: [0.1, 0.02], ratio: [2]}]}",
         "1:27: scale of erasing is [least, most], like [0.02, 0.33]\n"
         "1:27: ratio of erasing is [least, most], like [0.3, 3.3]"},
        {"{source: mnist, augment: [erasing: {ratio: [0, 1]}]}",
         "1:45: each of ratio of erasing is over 0 and at most 1000, not 0"},
    };
    assert_refused(cases, BASE_COUNT(cases));
}

static void faults_of_normalize(void **state) {
    (void)state;
#define EITHER "normalize takes either a preset (cifar10, mnist, imagenet, half) or mean and std"
    static const struct refused cases[] = {
        {"{source: mnist, augment: [normalize]}", "1:27: " EITHER},
        {"{source: mnist, augment: [normalize: {preset: half, mean: [1]}]}", "1:27: " EITHER},
        {"{source: mnist, augment: [normalize: {mean: [1]}]}",
         "1:27: normalize has 1 in mean and 0 in std; give as many of both"},
        {"{source: mnist, augment: [normalize: {mean: [1], std: [0]}]}",
         "1:27: normalize divides by std, which must be over 0; this is 0"},
        {"{source: mnist, augment: [normalize: cifar10]}",
         "1:27: normalize has mean and std for 3 channels, but the images have 1"},
        {"{source: mnist, augment: [normalize: cifar100]}",
         "1:38: preset of normalize is one of none, cifar10, mnist, imagenet, half, not the string "
         "'cifar100'; did you mean 'cifar10'?"},
    };
    assert_refused(cases, BASE_COUNT(cases));
}

static void registries_can_be_walked(void **state) {
    (void)state;
    int sources = 0, augments = 0;
    for (; source_at(sources); sources++)
        assert_ptr_equal(source_find(source_at(sources)->name), source_at(sources));
    for (; augment_at(augments); augments++)
        assert_ptr_equal(augment_find(augment_at(augments)->name), augment_at(augments));
    assert_true(sources >= 3 && augments >= 3);
    assert_null(source_find("none"));
    assert_null(augment_find("none"));
    assert_int_equal(data_attributes().count, 8);
}

/* The examples that help shows are read without a fault. */
static void examples_are_right(void **state) {
    (void)state;
    for (int i = 0; source_at(i); i++) {
        struct scene scene = scene_new();
        const char *example = source_at(i)->example;
        assert_int_equal(strncmp(example, "data: ", 6), 0);
        assert_non_null(scene_check(&scene, example + 6));
        scene_end(&scene);
    }
    for (int i = 0; augment_at(i); i++) {
        struct scene scene = scene_new();
        char text[200];
        snprintf(text, sizeof text, "{source: cifar10, augment: [%s]}", augment_at(i)->example);
        assert_non_null(scene_check(&scene, text));
        scene_end(&scene);
    }
}

/* Memory that runs out anywhere is no crash and no wrong word. */
static void every_allocation_may_fail(void **state) {
    (void)state;
    for (long n = 1;; n++) {
        struct scene scene = scene_new();
        const char *text = "{source: synthetic, classes: 40, only: [disk], index: [1],\n"
                           " augment: [crop: 4, normalize: half]}";
        const struct node *map = conf_parse(scene.arena, "t", text, strlen(text), scene.report);
        arena_fail_at(scene.arena, n);
        const struct data_spec *spec = data_check(scene.arena, map, scene.report);
        arena_fail_at(scene.arena, 0);
        assert_int_equal(report_count(scene.report), 0);
        scene_end(&scene);
        if (spec)
            break;
        assert_true(n < 1000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_is_read),
        cmocka_unit_test(defaults),
        cmocka_unit_test(shapes_are_known_without_files),
        cmocka_unit_test(faults_of_attributes),
        cmocka_unit_test(faults_of_choosing),
        cmocka_unit_test(faults_of_synthetic),
        cmocka_unit_test(faults_of_augmentations),
        cmocka_unit_test(faults_of_what_is_drawn_at_random),
        cmocka_unit_test(faults_of_normalize),
        cmocka_unit_test(registries_can_be_walked),
        cmocka_unit_test(examples_are_right),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
