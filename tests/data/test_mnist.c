/* mnist: IDX files as their authors describe them, gzipped or not, and every damage. */
#include "data_scene.h"

#include <zlib.h>

enum { PLANE = 784, HEAD = 16 };

static const char test[] = "{source: mnist, split: test}";
static const char images_name[] = "mnist/t10k-images-idx3-ubyte",
                  labels_name[] = "mnist/t10k-labels-idx1-ubyte";

/* A file in the making. */
struct bytes {
    uint8_t data[HEAD + 3 * PLANE];
    size_t size;
};

static void add_word(struct bytes *bytes, uint32_t word) {
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes->data[bytes->size++] = (uint8_t)(word >> shift);
}

/* Pixel j of image i is (i * 50 + j) % 251. */
static struct bytes images_of(uint32_t magic, uint32_t count, uint32_t rows, uint32_t columns) {
    struct bytes bytes = {.size = 0};
    add_word(&bytes, magic);
    add_word(&bytes, count);
    add_word(&bytes, rows);
    add_word(&bytes, columns);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < PLANE; j++)
            bytes.data[bytes.size++] = (uint8_t)((i * 50 + j) % 251);
    return bytes;
}

static struct bytes labels_of(uint32_t magic, uint32_t count, uint8_t first, uint8_t second,
                              uint8_t third) {
    struct bytes bytes = {.size = 0};
    add_word(&bytes, magic);
    add_word(&bytes, count);
    bytes.data[bytes.size++] = first;
    bytes.data[bytes.size++] = second;
    bytes.data[bytes.size++] = third;
    return bytes;
}

static void write_bytes(const struct scene *scene, const char *name, const struct bytes *bytes,
                        bool gzipped) {
    char full[64];
    snprintf(full, sizeof full, "%s%s", name, gzipped ? ".gz" : "");
    temporary_write(&scene->data, full, "");
    gzFile file = gzopen(temporary_path(&scene->data, full).text, gzipped ? "wb" : "wbT");
    assert_int_equal(gzwrite(file, bytes->data, (unsigned)bytes->size), (int)bytes->size);
    assert_int_equal(gzclose(file), Z_OK);
}

static struct scene scene_of(struct bytes images, struct bytes labels, bool gzipped) {
    struct scene scene = scene_new();
    write_bytes(&scene, images_name, &images, gzipped);
    write_bytes(&scene, labels_name, &labels, gzipped);
    return scene;
}

static void images_and_labels_are_read_gzipped_or_not(void **state) {
    (void)state;
    for (int gzipped = 0; gzipped <= 1; gzipped++) {
        struct scene scene =
            scene_of(images_of(2051, 3, 28, 28), labels_of(2049, 3, 7, 0, 9), gzipped);
        struct dataset dataset;
        assert_true(scene_open(&scene, test, SPLIT_TEST, &dataset));
        assert_int_equal(dataset.images, 3);
        assert_true(shape_equal(dataset.shape, shape_map(1, 28, 28)));
        assert_string_equal(dataset.class_names[9], "9");
        static const int labels[] = {7, 0, 9};
        for (int i = 0; i < 3; i++) {
            uint8_t pixels[PLANE];
            int32_t label;
            dataset.fetch(&dataset, i, pixels, &label);
            assert_int_equal(label, labels[i]);
            for (int j = 0; j < PLANE; j++)
                assert_int_equal(pixels[j], (i * 50 + j) % 251);
        }
        scene_end(&scene);
    }
}

static void assert_damage(struct bytes images, struct bytes labels, const char *message) {
    struct scene scene = scene_of(images, labels, false);
    struct dataset dataset;
    assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
    assert_string_equal(scene_said(&scene), message);
    scene_end(&scene);
}

static void damage_is_named(void **state) {
    (void)state;
    struct bytes images = images_of(2051, 3, 28, 28), labels = labels_of(2049, 3, 7, 0, 9);
    assert_damage(images_of(2049, 3, 28, 28), labels,
                  "1:10: 'DATA/mnist/t10k-images-idx3-ubyte' is no IDX file of images: it begins "
                  "with 2049 instead of 2051; run make data");
    assert_damage(images, labels_of(2051, 3, 7, 0, 9),
                  "1:10: 'DATA/mnist/t10k-labels-idx1-ubyte' is no IDX file of labels: it begins "
                  "with 2051 instead of 2049; run make data");
    assert_damage(
        images_of(2051, 3, 32, 28), labels,
        "1:10: 'DATA/mnist/t10k-images-idx3-ubyte' holds images of 32x28 pixels; those of "
        "mnist are 28x28");
    assert_damage(images_of(2051, 0, 28, 28), labels,
                  "1:10: 'DATA/mnist/t10k-images-idx3-ubyte' holds no images; run make data");
    assert_damage(
        images_of(2051, 4, 28, 28), labels,
        "1:10: 'DATA/mnist/t10k-images-idx3-ubyte' is damaged: 4 images take 3,152 bytes, "
        "but it has 2,368; run make data");
    assert_damage(images_of(2051, 4294967295u, 28, 28), labels,
                  "1:10: 'DATA/mnist/t10k-images-idx3-ubyte' is damaged: 4,294,967,295 images take "
                  "3,367,254,359,296 bytes, but it has 2,368; run make data");
    assert_damage(images, labels_of(2049, 2, 7, 0, 9),
                  "1:10: 'DATA/mnist/t10k-labels-idx1-ubyte' is damaged: 2 labels take 10 bytes, "
                  "but it has 11; run make data");
    assert_damage(images, labels_of(2049, 3, 7, 10, 9),
                  "1:10: 'DATA/mnist/t10k-labels-idx1-ubyte' is damaged: the label of image 1 is "
                  "10, not 0 to 9; run make data");
    labels = labels_of(2049, 2, 7, 0, 9);
    labels.size--;
    assert_damage(images, labels,
                  "1:10: 'DATA/mnist/t10k-images-idx3-ubyte' holds 3 images, but "
                  "'DATA/mnist/t10k-labels-idx1-ubyte' 2 labels; run make data");
}

static void assert_refused_cut(struct bytes images, struct bytes labels, bool gzipped) {
    struct scene scene = scene_of(images, labels, gzipped);
    struct dataset dataset;
    assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
    assert_int_equal(report_count(scene.report), 1);
    scene_end(&scene);
}

static void files_cut_at_any_byte_are_refused(void **state) {
    (void)state;
    struct bytes images = images_of(2051, 3, 28, 28), labels = labels_of(2049, 3, 7, 0, 9);
    for (struct bytes cut = images; cut.size > 0;) {
        cut.size--;
        assert_refused_cut(cut, labels, cut.size % 2);
    }
    for (struct bytes cut = labels; cut.size > 0;) {
        cut.size--;
        assert_refused_cut(images, cut, cut.size % 2);
    }
}

/* Errors of unpacking say who asked for the data. */
static void damaged_gzip_is_placed(void **state) {
    (void)state;
    struct scene scene = scene_of(images_of(2051, 3, 28, 28), labels_of(2049, 3, 7, 0, 9), true);
    struct temporary_path path = temporary_path(&scene.data, "mnist/t10k-images-idx3-ubyte.gz");
    assert_int_equal(truncate(path.text, 100), 0);
    struct dataset dataset;
    assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
    struct said all = said(scene.report);
    assert_non_null(strstr(all.text, "cannot unpack '"));
    assert_non_null(strstr(all.text, "t:1:10: note: the data is asked for here"));
    scene_end(&scene);
}

static void data_that_is_not_there_or_not_complete(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
    assert_string_equal(
        scene_said(&scene),
        "1:10: mnist is not in 'DATA/mnist': run make data, or name the folder with "
        "--data or NETRUN_DATA, or allow the stand-in with \"otherwise: "
        "synthetic\"");
    struct bytes labels = labels_of(2049, 3, 7, 0, 9);
    write_bytes(&scene, labels_name, &labels, false);
    assert_false(scene_open(&scene, test, SPLIT_TEST, &dataset));
    assert_string_equal(scene_said(&scene),
                        "1:10: mnist is not complete, it lacks "
                        "'DATA/mnist/t10k-images-idx3-ubyte.gz': run make data");
    scene_end(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_and_labels_are_read_gzipped_or_not),
        cmocka_unit_test(damage_is_named),
        cmocka_unit_test(files_cut_at_any_byte_are_refused),
        cmocka_unit_test(damaged_gzip_is_placed),
        cmocka_unit_test(data_that_is_not_there_or_not_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
