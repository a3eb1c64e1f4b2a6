/* Views: where an element lies, parts of a batch, copies to and from PyTorch's order, the norm; and that
 * nothing of it depends on, or changes, what lies between channels and pitch. */
#include "check.h"
#include "netrun/tensor.h"
#include "tensor_near.h"

enum { IMAGES = 2, CHANNELS = 3, HEIGHT = 4, WIDTH = 5, PITCH = 8 };
enum { DENSE = IMAGES * CHANNELS * HEIGHT * WIDTH, PADDED = IMAGES * HEIGHT * WIDTH * PITCH };

static const float GAP = -77;

/* The place of an element as the door states it. */
static size_t place(int n, int c, int h, int w) {
    return (size_t)(((n * HEIGHT + h) * WIDTH + w) * PITCH + c);
}

static size_t place_nchw(int n, int c, int h, int w) {
    return (size_t)(((n * CHANNELS + c) * HEIGHT + h) * WIDTH + w);
}

static struct tensor padded(float *data) {
    for (int i = 0; i < PADDED; i++)
        data[i] = GAP;
    return tensor_at(data, IMAGES, shape_map(CHANNELS, HEIGHT, WIDTH), PITCH);
}

static void from_and_to_nchw(void **state) {
    (void)state;
    float nchw[DENSE], back[DENSE], data[PADDED];
    for (int i = 0; i < DENSE; i++)
        nchw[i] = (float)i;
    struct tensor tensor = padded(data);
    tensor_from_nchw(nchw, tensor);
    int values = 0;
    for (int n = 0; n < IMAGES; n++) {
        for (int c = 0; c < CHANNELS; c++) {
            for (int h = 0; h < HEIGHT; h++)
                for (int w = 0; w < WIDTH; w++)
                    assert_true(data[place(n, c, h, w)] == (float)place_nchw(n, c, h, w));
        }
    }
    for (int i = 0; i < PADDED; i++)
        values += data[i] != GAP;
    assert_int_equal(values, DENSE);
    tensor_to_nchw(tensor, back);
    assert_memory_equal(back, nchw, sizeof nchw);
}

static void some_images(void **state) {
    (void)state;
    float data[PADDED];
    struct tensor tensor = padded(data), second = tensor_images(tensor, 1, 1);
    assert_int_equal(tensor_pixels(tensor), IMAGES * HEIGHT * WIDTH);
    assert_int_equal(tensor_pixels(second), HEIGHT * WIDTH);
    assert_ptr_equal(second.data, data + place(1, 0, 0, 0));
    assert_int_equal(second.images, 1);
    assert_int_equal(second.pitch, PITCH);
}

static void some_channels(void **state) {
    (void)state;
    float data[PADDED];
    struct tensor tensor = padded(data), last = tensor_channels(tensor, 1, 2);
    assert_ptr_equal(last.data, data + place(0, 1, 0, 0));
    assert_int_equal(last.channels, 2);
    assert_int_equal(last.pitch, PITCH);
    assert_int_equal(tensor_pixels(last), IMAGES * HEIGHT * WIDTH);
}

static void norm_of_values_alone(void **state) {
    (void)state;
    float nchw[DENSE], data[PADDED];
    double sum = 0;
    for (int i = 0; i < DENSE; i++) {
        nchw[i] = (float)i / 8 - 3;
        sum += (double)nchw[i] * (double)nchw[i];
    }
    struct tensor tensor = padded(data);
    tensor_from_nchw(nchw, tensor);
    assert_near(tensor_norm(tensor), sqrt(sum), 1e-12);
}

/* 1e-30 squared is no float, and 1e8 such squares added in float would stop growing. */
static void norm_in_double(void **state) {
    (void)state;
    float data[10007];
    for (int i = 0; i < BASE_COUNT(data); i++)
        data[i] = 1e-30f;
    struct tensor tensor = tensor_at(data, 1, shape_vector(BASE_COUNT(data)), BASE_COUNT(data));
    assert_near(tensor_norm(tensor) / (1e-30 * sqrt(10007)), 1, 1e-7);
}

static void norm_keeps_what_is_not_finite(void **state) {
    (void)state;
    float data[20] = {1, 2, 3};
    data[17] = NAN;
    assert_true(isnan(tensor_norm(tensor_at(data, 1, shape_vector(20), 20))));
    data[17] = -INFINITY;
    assert_true(isinf(tensor_norm(tensor_at(data, 1, shape_vector(20), 20))));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_and_to_nchw), cmocka_unit_test(some_images),
        cmocka_unit_test(some_channels),    cmocka_unit_test(norm_of_values_alone),
        cmocka_unit_test(norm_in_double),   cmocka_unit_test(norm_keeps_what_is_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
