/* cifar10: records as the format's author describes them, in files of the official size, and every damage. */
#include "data_scene.h"

#include <fcntl.h>

enum { RECORD = 3073, IMAGES = 10000, BYTES = IMAGES * RECORD };

static const char train[] = "{source: cifar10}", test[] = "{source: cifar10, split: test}";

/* A batch of black airplanes that takes no room on the disk. */
static void write_batch(const struct scene *scene, const char *name, long bytes) {
    struct temporary_path path = temporary_path(&scene->data, name);
    temporary_write(&scene->data, name, "");
    assert_int_equal(truncate(path.text, bytes), 0);
}

static void write_byte(const struct scene *scene, const char *name, long offset, uint8_t byte) {
    int file = open(temporary_path(&scene->data, name).text, O_WRONLY);
    assert_int_equal(pwrite(file, &byte, 1, offset), 1);
    close(file);
}

static const char *const train_names[] = {
    "cifar-10-batches-bin/data_batch_1.bin", "cifar-10-batches-bin/data_batch_2.bin",
    "cifar-10-batches-bin/data_batch_3.bin", "cifar-10-batches-bin/data_batch_4.bin",
    "cifar-10-batches-bin/data_batch_5.bin"};
static const char test_name[] = "cifar-10-batches-bin/test_batch.bin";

static void records_come_in_order_with_channels_together(void **state) {
    (void)state;
    struct scene scene = scene_new();
    for (int i = 0; i < BASE_COUNT(train_names); i++)
        write_batch(&scene, train_names[i], BYTES);
    long last = (long)(IMAGES - 1) * RECORD;
    write_byte(&scene, train_names[1], last, 9);
    write_byte(&scene, train_names[1], last + 1 + 5 * 32 + 7, 10); /* red of row 5, column 7 */
    write_byte(&scene, train_names[1], last + 1 + 1024 + 5 * 32 + 7, 20); /* green */
    write_byte(&scene, train_names[1], last + 1 + 2048 + 5 * 32 + 7, 30); /* blue */
    struct dataset dataset;
    assert_true(scene_open(&scene, train, SPLIT_TRAIN, &dataset));
    assert_int_equal(dataset.images, 50000);
    assert_int_equal(dataset.classes, 10);
    assert_string_equal(dataset.class_names[3], "cat");
    assert_string_equal(dataset.source, "cifar10");
    assert_string_equal(dataset.split, "train");
    assert_false(dataset.stand_in || dataset.masks);
    uint8_t pixels[3072];
    int32_t label;
    dataset.fetch(&dataset, 19999, pixels, &label);
    assert_int_equal(label, 9);
    for (int i = 0; i < 3072; i++)
        assert_int_equal(pixels[i], i / 3 == 5 * 32 + 7 ? 10 * (i % 3 + 1) : 0);
    dataset.fetch(&dataset, 20000, NULL, &label);
    assert_int_equal(label, 0);
    scene_end(&scene);
}

static void data_that_is_not_there(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    assert_false(scene_open(&scene, train, SPLIT_TRAIN, &dataset));
    assert_string_equal(scene_said(&scene),
                        "1:10: cifar10 is not in 'DATA/cifar-10-batches-bin': run make data, or "
                        "name the folder with --data or NETRUN_DATA, or allow the stand-in with "
                        "\"otherwise: synthetic\"");
    scene_end(&scene);
}

/* Half a data set is a fault, not a reason for a stand-in. */
static void data_that_is_not_complete(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    write_batch(&scene, test_name, BYTES);
    write_batch(&scene, train_names[0], BYTES);
    write_batch(&scene, train_names[1], BYTES);
    write_batch(&scene, train_names[3], BYTES);
    assert_false(
        scene_open(&scene, "{source: cifar10, otherwise: synthetic}", SPLIT_TRAIN, &dataset));
    assert_string_equal(scene_said(&scene),
                        "1:10: cifar10 is not complete, it lacks "
                        "'DATA/cifar-10-batches-bin/data_batch_3.bin': run make data\n"
                        "1:10: cifar10 is not complete, it lacks "
                        "'DATA/cifar-10-batches-bin/data_batch_5.bin': run make data");
    assert_true(scene_open(&scene, test, SPLIT_TEST, &dataset));
    scene_end(&scene);
}

static void batches_of_any_other_size_are_refused(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    for (long bytes = 0; bytes <= 2 * RECORD; bytes++) {
        write_batch(&scene, test_name, bytes);
        assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
        assert_int_equal(report_count(scene.report), 1);
        scene_said(&scene);
    }
    write_batch(&scene, test_name, 2 * RECORD);
    assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
    assert_string_equal(scene_said(&scene),
                        "1:10: 'DATA/cifar-10-batches-bin/test_batch.bin' is damaged: it has 6,146 "
                        "bytes instead of 30,730,000; run make data");
    static const long wrong[] = {BYTES - 1, BYTES + 1, BYTES - RECORD, BYTES + RECORD};
    for (int i = 0; i < BASE_COUNT(wrong); i++) {
        write_batch(&scene, test_name, wrong[i]);
        assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
        assert_non_null(strstr(scene_said(&scene), " bytes instead of 30,730,000; run make data"));
    }
    scene_end(&scene);
}

static void labels_out_of_range_are_refused(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    write_batch(&scene, test_name, BYTES);
    write_byte(&scene, test_name, 17L * RECORD, 10);
    write_byte(&scene, test_name, 18L * RECORD + 1, 200);
    assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
    assert_string_equal(scene_said(&scene),
                        "1:10: 'DATA/cifar-10-batches-bin/test_batch.bin' is damaged: the label of "
                        "its image 17 is 10, not 0 to 9; run make data");
    scene_end(&scene);
}

static void a_folder_in_place_of_a_file(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    temporary_write(&scene.data, "cifar-10-batches-bin/test_batch.bin/x", "");
    assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
    assert_string_equal(
        scene_said(&scene),
        "1:10: cannot read 'DATA/cifar-10-batches-bin/test_batch.bin': it is not a file");
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_come_in_order_with_channels_together),
        cmocka_unit_test(data_that_is_not_there),
        cmocka_unit_test(data_that_is_not_complete),
        cmocka_unit_test(batches_of_any_other_size_are_refused),
        cmocka_unit_test(labels_out_of_range_are_refused),
        cmocka_unit_test(a_folder_in_place_of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
