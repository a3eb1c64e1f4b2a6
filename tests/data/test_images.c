/* The user's own pictures: resized as Pillow does it, labelled by their folders, and what is refused. */
#include "../../src/data/resize.h"
#include "../data_scene.h"
#include "../golden/resize.h"

#include <sys/stat.h>

static void sizes_are_pillows(void **state) {
    (void)state;
    struct arena *arena = arena_new();
    for (int i = 0; i < BASE_COUNT(golden_resizes); i++) {
        const struct golden_resize *golden = &golden_resizes[i];
        struct shape shape = shape_map(golden->to_channels, golden->to_height, golden->to_width);
        struct picture picture = {golden->width, golden->height, golden->channels,
                                  (uint8_t *)(uintptr_t)golden->from};
        uint8_t *to = arena_alloc(arena, shape_size(shape), 1);
        assert_true(resize_picture(arena, &picture, shape, to));
        for (size_t k = 0; k < shape_size(shape); k++)
            if (abs(to[k] - golden->to[k]) > 1)
                fail_msg("case %d, byte %zu: %d instead of %d", i, k, to[k], golden->to[k]);
    }
    arena_free(arena);
}

/* ---- folders ----------------------------------------------------------------------------------- */

static const char *path_of(struct scene *scene, const char *name) {
    return arena_printf(scene->arena, "%s/%s", scene->data.folder, name);
}

/* A grey picture of one tone, 2 x 2. */
static void put(struct scene *scene, const char *name, uint8_t tone) {
    uint8_t pixels[] = {tone, tone, tone, tone};
    assert_true(png_write(path_of(scene, name), (struct picture){2, 2, 1, pixels}, scene->report));
}

static void put_folder(struct scene *scene, const char *name) {
    assert_int_equal(mkdir(path_of(scene, name), 0777), 0);
}

static bool open_images(struct scene *scene, const char *path, const char *more,
                        enum data_split split, struct dataset *dataset) {
    const char *text =
        arena_printf(scene->arena, "{source: images, path: \"%s\"%s}", path_of(scene, path), more);
    return scene_open(scene, text, split, dataset);
}

static void check_image(const struct dataset *dataset, int index, int label, uint8_t tone) {
    uint8_t *pixels = malloc(shape_size(dataset->shape));
    int32_t found = -1;
    dataset->fetch(dataset, index, pixels, &found);
    assert_int_equal(found, label);
    for (size_t i = 0; i < shape_size(dataset->shape); i++)
        assert_int_equal(pixels[i], tone);
    free(pixels);
}

static void folders_are_classes(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    put_folder(&scene, "pets");
    put_folder(&scene, "pets/dog");
    put_folder(&scene, "pets/cat");
    put(&scene, "pets/dog/a.png", 10);
    put(&scene, "pets/cat/b.PNG", 20);
    put(&scene, "pets/cat/a.png", 30);
    put(&scene, "pets/cat/.hidden.png", 40);
    assert_true(open_images(&scene, "pets", "", SPLIT_TRAIN, &dataset));
    assert_int_equal(dataset.images, 3);
    assert_int_equal(dataset.classes, 2);
    assert_string_equal(dataset.class_names[1], "dog");
    assert_true(shape_equal(dataset.shape, shape_map(3, 32, 32)) && !dataset.unlabelled);
    check_image(&dataset, 0, 0, 30);
    check_image(&dataset, 1, 0, 20);
    check_image(&dataset, 2, 1, 10);
    assert_true(open_images(&scene, "pets", ", classes: [bird, dog, cat], shape: [1, 4, 4]",
                            SPLIT_TEST, &dataset));
    check_image(&dataset, 0, 2, 30);
    struct picture picture;
    assert_true(dataset.original(&dataset, 2, scene.arena, &picture, scene.report));
    assert_true(picture.width == 2 && picture.channels == 1 && picture.pixels[0] == 10);
    assert_string_equal(dataset.name(&dataset, 1), "b.PNG");
    scene_end(&scene);
}

/* What is known of labels before a picture is read. */
static void check_known(struct scene *scene, const char *path, enum data_split split,
                        bool unlabelled) {
    const struct data_spec *spec = scene_check(
        scene, arena_printf(scene->arena, "{source: images, path: \"%s\"}", path_of(scene, path)));
    assert_non_null(spec);
    assert_int_equal(data_unlabelled(spec, split, scene->arena), unlabelled);
}

static void splits_and_choices(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    put_folder(&scene, "all");
    put_folder(&scene, "all/test");
    for (int i = 0; i < 4; i++) {
        char name[32];
        snprintf(name, sizeof name, "all/test/%d.png", i);
        put(&scene, name, (uint8_t)(i + 1));
    }
    assert_true(open_images(&scene, "all", ", split: test, index: [3, 1]", SPLIT_TEST, &dataset));
    assert_int_equal(dataset.images, 2);
    assert_int_equal(dataset.numbers[0], 3);
    assert_string_equal(dataset.name(&dataset, 1), "1.png");
    check_image(&dataset, 1, 0, 2);
    check_known(&scene, "all", SPLIT_TEST, true);
    check_known(&scene, "all", SPLIT_TRAIN, false); /* `test` is a class of it */
    struct picture picture;
    assert_true(dataset.original(&dataset, 0, scene.arena, &picture, scene.report));
    assert_int_equal(picture.pixels[0], 4);
    scene_end(&scene);
}

static void one_picture_has_no_label(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    put(&scene, "me.png", 99);
    assert_true(open_images(&scene, "me.png", ", classes: [cat, dog]", SPLIT_TRAIN, &dataset));
    assert_true(dataset.unlabelled);
    assert_int_equal(dataset.classes, 2);
    check_known(&scene, "me.png", SPLIT_TRAIN, true);
    check_known(&scene, "nobody.png", SPLIT_TRAIN, false);
    check_image(&dataset, 0, 0, 99);
    scene_end(&scene);
}

static void what_is_no_picture_is_refused(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    put_folder(&scene, "empty");
    put_folder(&scene, "pets");
    put_folder(&scene, "pets/cats");
    put(&scene, "pets/cats/a.png", 1);
    temporary_write(&scene.data, "text.png", "no picture");
    assert_false(open_images(&scene, "empty", "", SPLIT_TRAIN, &dataset));
    assert_false(open_images(&scene, "none", "", SPLIT_TRAIN, &dataset));
    assert_false(open_images(&scene, "text.png", "", SPLIT_TRAIN, &dataset));
    assert_false(open_images(&scene, "pets", ", classes: [cat, dog]", SPLIT_TRAIN, &dataset));
    assert_false(open_images(&scene, "pets", ", shape: [2, 8, 8]", SPLIT_TRAIN, &dataset));
    assert_string_equal(
        scene_said(&scene),
        "1:10: there are no PNG pictures in 'DATA/empty'\n"
        "1:10: cannot read 'DATA/none': No such file or directory\n"
        "1:10: 'DATA/text.png' is no PNG picture\n"
        "1:10: the folder 'cats' is none of the classes; did you mean 'cat'?\n"
        "1:10: the shape of images is [channels, height, width]: 1 or 3 channels, height and width "
        "from 1 to 4096");
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_pillows),
        cmocka_unit_test(folders_are_classes),
        cmocka_unit_test(splits_and_choices),
        cmocka_unit_test(one_picture_has_no_label),
        cmocka_unit_test(what_is_no_picture_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
