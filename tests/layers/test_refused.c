/* What the kinds with windows, upsample2d and linear refuse, word for word, and the sizes they compute. */
#include "layers_guarded.h"

struct case_of {
    const char *entry;
    struct shape in;
    const char *said; /* "" where it fits */
    struct shape out;
};

#define MAP(c, h, w)                                                                               \
    { 3, c, h, w }
#define VECTOR(c)                                                                                  \
    { 1, c, 1, 1 }
#define NONE                                                                                       \
    { 0, 0, 0, 0 }

static void check(const struct case_of *wanted) {
    struct guarded layer;
    struct guarded_setup setup = {.entry = wanted->entry, .in = {wanted->in}, .inputs = 1};
    bool fits = guarded_infer(&layer, &setup);
    assert_string_equal(scene_said(&layer.scene), wanted->said);
    assert_int_equal(fits, wanted->said[0] == 0);
    if (fits)
        assert_string_equal(shape_text(layer.info.out).text, shape_text(wanted->out).text);
    scene_end(&layer.scene);
}

static void check_all(const struct case_of *cases, int count) {
    for (int i = 0; i < count; i++)
        check(&cases[i]);
}

static void conv2d(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"conv2d: {out: 6, kernel: [3, 5], groups: 2}", MAP(4, 8, 9), "", MAP(6, 6, 5)},
        {"conv2d: {out: 6, kernel: 3, stride: 2, padding: 1}", MAP(3, 8, 7), "", MAP(6, 4, 4)},
        {"conv2d: {out: 1, kernel: 3, dilation: 2}", MAP(1, 5, 6), "", MAP(1, 1, 2)},
        {"conv2d: {out: 8, kernel: 5}", MAP(3, 3, 3),
         "1:1: error: conv2d: a 5x5 kernel does not fit its 3x3 input (padding 0)", NONE},
        {"conv2d: {out: 8, kernel: 8}", MAP(3, 5, 4),
         "1:1: error: conv2d: an 8x8 kernel does not fit its 5x4 input (padding 0)", NONE},
        {"conv2d: {out: 8, kernel: [5, 1], padding: [0, 2]}", MAP(3, 3, 3),
         "1:1: error: conv2d: a 5x1 kernel does not fit its 3x3 input (padding 0x2)", NONE},
        {"conv2d: {out: 8, kernel: 3, dilation: 4}", MAP(3, 3, 3),
         "1:1: error: conv2d: a 3x3 kernel with dilation 4 covers 9x9 and does not fit its 3x3 "
         "input (padding 0)",
         NONE},
        {"conv2d: {out: 8, kernel: 3, groups: 3}", MAP(16, 8, 8),
         "1:1: error: conv2d: 3 groups do not divide the 16 channels of its input", NONE},
        {"conv2d: {out: 10, kernel: 3, groups: 4}", MAP(16, 8, 8),
         "1:1: error: conv2d: 4 groups do not divide the 10 channels of its output", NONE},
        {"conv2d: {out: 8, kernel: 3}", VECTOR(10),
         "1:1: error: conv2d takes a map (channels x height x width), but its input is a vector of "
         "10; put it before flatten",
         NONE},
        {"conv2d: {out: 2000000, kernel: 1}", MAP(4, 64, 64),
         "1:1: error: conv2d: its output of 2000000x64x64 would hold more than 2,147,483,647 "
         "elements",
         NONE},
        {"conv2d: {out: 200000, kernel: 100}", MAP(3, 100, 100),
         "1:1: error: conv2d: its weight of 200000x3x100x100 would hold more than 2,147,483,647 "
         "elements",
         NONE},
        {"conv2d: {out: 2147483647, kernel: 2147483647, padding: 2147483647}", MAP(1, 1, 1),
         "1:1: error: conv2d: its output of 2147483647x2147483649x2147483649 would hold more than "
         "2,147,483,647 elements",
         NONE},
        {"conv2d: {out: 0, kernel: 3}", MAP(3, 8, 8),
         "1:15: error: out of conv2d is at least 1, not 0", NONE},
        {"conv2d: {out_channels: 3, kernel_size: 3}", MAP(3, 8, 8),
         "1:10: error: conv2d has no attribute 'out_channels'; here it is called 'out'\n1:27: "
         "error: conv2d has no attribute 'kernel_size'; here it is called 'kernel'",
         NONE},
        {"conv2d: {out: 3, kernel: 3, stride: 0}", MAP(3, 8, 8),
         "1:37: error: stride of conv2d is at least 1, not 0", NONE},
        {"conv2d: {out: 3, kernel: 3, padding: -1}", MAP(3, 8, 8),
         "1:38: error: padding of conv2d is at least 0, not -1", NONE},
        {"conv2d: {out: 3, kernel: 3, output_padding: 1}", MAP(3, 8, 8),
         "1:29: error: conv2d has no attribute 'output_padding'", NONE},
    };
    check_all(cases, BASE_COUNT(cases));
}

static void conv_transpose2d(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"conv_transpose2d: {out: 8, kernel: 2, stride: 2}", MAP(4, 3, 3), "", MAP(8, 6, 6)},
        {"conv_transpose2d: {out: 8, kernel: 3, stride: 2, padding: 1, output_padding: [0, 1]}",
         MAP(4, 3, 3), "", MAP(8, 5, 6)},
        {"conv_transpose2d: {out: 8, kernel: 2, padding: 3}", MAP(4, 2, 2),
         "1:1: error: conv_transpose2d: its output has no height left: (2 - 1) x stride 1 - 2 x "
         "padding 3 + dilation 1 x (kernel 2 - 1) + output_padding 0 + 1 = -3",
         NONE},
        {"conv_transpose2d: {out: 8, kernel: [2, 1], padding: [0, 4]}", MAP(4, 2, 3),
         "1:1: error: conv_transpose2d: its output has no width left: (3 - 1) x stride 1 - 2 x "
         "padding 4 + dilation 1 x (kernel 1 - 1) + output_padding 0 + 1 = -5",
         NONE},
        {"conv_transpose2d: {out: 8, kernel: 2, stride: 2, output_padding: 2}", MAP(4, 2, 2),
         "1:1: error: conv_transpose2d: output_padding 2 must be less than stride 2 or dilation 1",
         NONE},
        {"conv_transpose2d: {out: 6, kernel: 3, groups: 3}", MAP(4, 2, 2),
         "1:1: error: conv_transpose2d: 3 groups do not divide the 4 channels of its input", NONE},
        {"conv_transpose2d: {out: 7, kernel: 3, groups: 2}", MAP(4, 2, 2),
         "1:1: error: conv_transpose2d: 2 groups do not divide the 7 channels of its output", NONE},
        {"conv_transpose2d: {out: 8, kernel: 2}", VECTOR(10),
         "1:1: error: conv_transpose2d takes a map (channels x height x width), but its input is a "
         "vector of 10; put it before flatten",
         NONE},
        {"conv_transpose2d: {out: 8, kernel: 2, stride: 2147483647}", MAP(4, 9, 9),
         "1:1: error: conv_transpose2d: its output of 8x17179869178x17179869178 would hold more "
         "than 2,147,483,647 elements",
         NONE},
    };
    check_all(cases, BASE_COUNT(cases));
}

static void pools(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"maxpool2d: {kernel: 2}", MAP(4, 5, 7), "", MAP(4, 2, 3)},
        {"maxpool2d: {kernel: 3, stride: 2, padding: 1}", MAP(4, 8, 7), "", MAP(4, 4, 4)},
        {"maxpool2d: {kernel: 2, padding: 2}", MAP(4, 4, 4),
         "1:1: error: maxpool2d: padding 2 is more than half the kernel 2", NONE},
        {"maxpool2d: {kernel: [2, 3], padding: [1, 2]}", MAP(4, 4, 4),
         "1:1: error: maxpool2d: padding 1x2 is more than half the kernel 2x3", NONE},
        {"maxpool2d: {kernel: 5}", MAP(4, 4, 4),
         "1:1: error: maxpool2d: a 5x5 kernel does not fit its 4x4 input (padding 0)", NONE},
        {"maxpool2d: {kernel: 300}", MAP(1, 300, 300),
         "1:1: error: maxpool2d: a 300x300 kernel has more than 65535 pixels", NONE},
        {"maxpool2d: {kernel: 2}", VECTOR(4),
         "1:1: error: maxpool2d takes a map (channels x height x width), but its input is a vector "
         "of 4; put it before flatten",
         NONE},
        {"avgpool2d: {kernel: 8}", MAP(64, 8, 8), "", MAP(64, 1, 1)},
        {"avgpool2d: {kernel: 8}", MAP(64, 4, 4),
         "1:1: error: avgpool2d: an 8x8 kernel does not fit its 4x4 input (padding 0)", NONE},
        {"avgpool2d", MAP(64, 4, 4),
         "1:1: error: avgpool2d needs 'kernel' (size of the window, pixels)", NONE},
        {"avgpool2d: {kernel: 2}", VECTOR(4),
         "1:1: error: avgpool2d takes a map (channels x height x width), but its input is a vector "
         "of 4; put it before flatten",
         NONE},
        {"global_avgpool2d", MAP(64, 4, 3), "", MAP(64, 1, 1)},
        {"global_avgpool2d", VECTOR(64),
         "1:1: error: global_avgpool2d takes a map (channels x height x width), but its input is a "
         "vector of 64; put it before flatten",
         NONE},
        {"global_avgpool2d: {kernel: 2}", MAP(64, 4, 4),
         "1:20: error: global_avgpool2d has no attribute 'kernel'", NONE},
    };
    check_all(cases, BASE_COUNT(cases));
}

static void upsample2d(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"upsample2d: {scale: [3, 2]}", MAP(4, 4, 5), "", MAP(4, 12, 10)},
        {"upsample2d: {scale: 2, align_corners: true}", MAP(4, 4, 4),
         "1:1: error: upsample2d: align_corners works with mode bilinear only", NONE},
        {"upsample2d: {scale: 100000}", MAP(64, 4, 4),
         "1:1: error: upsample2d: its output of 64x400000x400000 would hold more than "
         "2,147,483,647 elements",
         NONE},
        {"upsample2d: {scale: 2, mode: bicubic}", MAP(64, 4, 4),
         "1:30: error: mode of upsample2d is one of nearest, bilinear, not the string 'bicubic'",
         NONE},
        {"upsample2d: {scale_factor: 2}", MAP(64, 4, 4),
         "1:14: error: upsample2d has no attribute 'scale_factor'; here it is called 'scale'",
         NONE},
        {"upsample2d: {scale: 2}", VECTOR(4),
         "1:1: error: upsample2d takes a map (channels x height x width), but its input is a "
         "vector of 4; put it before flatten",
         NONE},
    };
    check_all(cases, BASE_COUNT(cases));
}

static void linear(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {"linear: {out: 10}", VECTOR(64), "", VECTOR(10)},
        {"linear: {out: 10}", MAP(16, 8, 8),
         "1:1: error: linear takes a vector, but its input is a map of 16x8x8; put flatten before "
         "it",
         NONE},
        {"linear: {out: 100000}", VECTOR(100000),
         "1:1: error: linear: its weight of 100000x100000 would hold more than 2,147,483,647 "
         "elements",
         NONE},
        {"linear: {out_features: 10}", VECTOR(10),
         "1:10: error: linear has no attribute 'out_features'; here it is called 'out'", NONE},
    };
    check_all(cases, BASE_COUNT(cases));
}

/* Shapes and fans of torch.nn.Conv2d(4, 6, (3, 5), groups=2), ConvTranspose2d(4, 8, 3, groups=2) and
 * Linear(64, 10): fan_in is weight.size(1) times the taps, also for biases (torch.nn.init). */
static void parameters(void **state) {
    (void)state;
    static const struct {
        const char *entry;
        struct shape in;
        int rank, dims[4], fan_in, fan_out;
        int64_t multiply_adds;
    } cases[] = {
        {"conv2d: {out: 6, kernel: [3, 5], groups: 2}",
         MAP(4, 8, 9),
         4,
         {6, 2, 3, 5},
         30,
         90,
         5400},
        {"conv_transpose2d: {out: 8, kernel: 3, groups: 2}",
         MAP(4, 3, 3),
         4,
         {4, 4, 3, 3},
         36,
         36,
         1296},
        {"conv_transpose2d: {out: 8, kernel: 2, stride: 2}",
         MAP(4, 3, 3),
         4,
         {4, 8, 2, 2},
         32,
         16,
         1152},
        {"linear: {out: 10}", VECTOR(64), 2, {10, 64}, 64, 10, 640},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct guarded layer;
        struct guarded_setup setup = {.entry = cases[i].entry, .in = {cases[i].in}, .inputs = 1};
        assert_true(guarded_infer(&layer, &setup));
        const struct layer_param *weight = &layer.info.params[0], *bias = &layer.info.params[1];
        assert_int_equal(layer.info.param_count, 2);
        assert_string_equal(weight->name, "weight");
        assert_int_equal(weight->rank, cases[i].rank);
        assert_memory_equal(weight->dims, cases[i].dims, sizeof weight->dims);
        assert_int_equal(weight->fan_in, cases[i].fan_in);
        assert_int_equal(weight->fan_out, cases[i].fan_out);
        assert_string_equal(bias->name, "bias");
        assert_int_equal(bias->dims[0], layer.info.out.channels);
        assert_int_equal(bias->fan_in, cases[i].fan_in);
        assert_int_equal(layer.info.multiply_adds, cases[i].multiply_adds);
        scene_end(&layer.scene);
    }
}

/* An output tile of 4x4 takes 6x6 products of a channel with a channel instead of 16 times 9, one of 5x5
 * takes 7x7; 8x9 pixels are two tiles by three, or two by two. */
static void products_of_algorithms(void **state) {
    (void)state;
    static const struct {
        const char *algorithm;
        int64_t products;
    } cases[] = {{"columns", 8 * 9 * 9 * 4 * 6},
                 {"winograd4", 2 * 3 * 36 * 4 * 6},
                 {"winograd5", 2 * 2 * 49 * 4 * 6}};
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct guarded layer;
        struct guarded_setup setup = {.entry = "conv2d: {out: 6, kernel: 3, padding: 1}",
                                      .in = {MAP(4, 8, 9)},
                                      .inputs = 1,
                                      .algorithm = cases[i].algorithm};
        assert_true(guarded_infer(&layer, &setup));
        assert_string_equal(layer.info.algorithm, cases[i].algorithm);
        assert_int_equal(layer.info.multiply_adds, 8 * 9 * 9 * 4 * 6);
        assert_int_equal(layer.info.products, cases[i].products);
        scene_end(&layer.scene);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conv2d),
        cmocka_unit_test(conv_transpose2d),
        cmocka_unit_test(pools),
        cmocka_unit_test(upsample2d),
        cmocka_unit_test(linear),
        cmocka_unit_test(parameters),
        cmocka_unit_test(products_of_algorithms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
