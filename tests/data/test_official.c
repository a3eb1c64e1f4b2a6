/* The official data, where NETRUN_DATA names a folder that holds it: counts, first labels, known moments. */
#include "data_scene.h"

#include <math.h>

struct official {
    const char *text;
    enum data_split split;
    int images, first_labels[10], per_class; /* 0: classes are not balanced */
    double mean[3], deviation[3];
};

static void check_moments(const struct dataset *dataset, const struct official *official) {
    double sum[3] = {0}, squares[3] = {0};
    int channels = dataset->shape.channels, size = (int)shape_size(dataset->shape);
    for (int i = 0; i < dataset->images; i++) {
        uint8_t pixels[3072];
        int32_t label;
        dataset->fetch(dataset, i, pixels, &label);
        for (int k = 0; k < size; k++) {
            sum[k % channels] += pixels[k] / 255.0;
            squares[k % channels] += pixels[k] / 255.0 * pixels[k] / 255.0;
        }
    }
    double count = (double)dataset->images * size / channels;
    for (int c = 0; c < channels; c++) {
        double mean = sum[c] / count;
        assert_true(fabs(mean - official->mean[c]) < 1e-4);
        assert_true(fabs(sqrt(squares[c] / count - mean * mean) - official->deviation[c]) < 1e-3);
    }
}

static void check_labels(const struct dataset *dataset, const struct official *official) {
    int counts[10] = {0};
    for (int i = 0; i < dataset->images; i++) {
        int32_t label;
        dataset->fetch(dataset, i, NULL, &label);
        if (i < 10)
            assert_int_equal(label, official->first_labels[i]);
        counts[label]++;
    }
    for (int c = 0; c < 10 && official->per_class > 0; c++)
        assert_int_equal(counts[c], official->per_class);
}

static void check(const struct official *official) {
    struct scene scene = scene_new();
    const struct data_spec *spec = scene_check(&scene, official->text);
    struct data_request request = {.folder = getenv("NETRUN_DATA"), .split = official->split};
    struct dataset dataset;
    assert_true(data_open(spec, &request, scene.arena, &dataset, scene.report));
    assert_int_equal(dataset.images, official->images);
    check_labels(&dataset, official);
    if (official->mean[0] > 0)
        check_moments(&dataset, official);
    scene_end(&scene);
}

/* Mean and deviation are the published ones that `normalize: cifar10` and `normalize: mnist` stand for; the
 * first labels are shown in the sets' own documentation: a frog, two trucks; a cat, two ships; 5 0 4; 7 2 1. */
static void cifar10_training_images(void **state) {
    (void)state;
    check(&(struct official){"{source: cifar10}",
                             SPLIT_TRAIN,
                             50000,
                             {6, 9, 9, 4, 1, 1, 2, 7, 8, 3},
                             5000,
                             {0.4914, 0.4822, 0.4465},
                             {0.247, 0.2435, 0.2616}});
}

static void cifar10_test_images(void **state) {
    (void)state;
    check(&(struct official){
        "{source: cifar10}", SPLIT_TEST, 10000, {3, 8, 8, 0, 6, 6, 1, 6, 3, 1}, 1000, {0}, {0}});
}

static void mnist_training_images(void **state) {
    (void)state;
    check(&(struct official){"{source: mnist}",
                             SPLIT_TRAIN,
                             60000,
                             {5, 0, 4, 1, 9, 2, 1, 3, 1, 4},
                             0,
                             {0.1307},
                             {0.3081}});
}

static void mnist_test_images(void **state) {
    (void)state;
    check(&(struct official){
        "{source: mnist}", SPLIT_TEST, 10000, {7, 2, 1, 0, 4, 1, 4, 9, 5, 9}, 0, {0}, {0}});
}

static bool is_there(const char *set) {
    const char *folder = getenv("NETRUN_DATA");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "", set);
    return folder && file_exists(path);
}

int main(void) {
    const struct CMUnitTest cifar10[] = {
        cmocka_unit_test(cifar10_training_images),
        cmocka_unit_test(cifar10_test_images),
    };
    const struct CMUnitTest mnist[] = {
        cmocka_unit_test(mnist_training_images),
        cmocka_unit_test(mnist_test_images),
    };
    int failed = 0;
    if (is_there("cifar-10-batches-bin"))
        failed += cmocka_run_group_tests(cifar10, NULL, NULL);
    else
        puts("ok - cifar10 # SKIP it is not in the folder NETRUN_DATA");
    if (is_there("mnist"))
        failed += cmocka_run_group_tests(mnist, NULL, NULL);
    else
        puts("ok - mnist # SKIP it is not in the folder NETRUN_DATA");
    return failed;
}
