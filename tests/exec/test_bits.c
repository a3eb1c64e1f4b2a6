/* The same bits whatever the plan and the pool: threads, shared memory or none, fusion or none, what is kept, a
 * batch planned larger than the images at hand. */
#include "exec_bits.h"

/* All in all: sums of three and of one value twice, dropout, renames, channels appended, taps that live long,
 * a layer that leads nowhere. */
static const char odd_network[] = "netdef: odd\n"
                                  "input: [3, 9, 7]\n"
                                  "layers:\n"
                                  "  - conv2d: {name: a, out: 5, kernel: 3, padding: 1}\n"
                                  "  - dropout: {name: b, p: 0.3}\n"
                                  "  - identity: {name: c}\n"
                                  "  - leaky_relu: {name: d}\n"
                                  "  - add: {name: e, from: [d, d]}\n"
                                  "  - conv2d: {name: f, out: 5, kernel: 3, padding: 1}\n"
                                  "  - add: {name: g, from: [f, e, a]}\n"
                                  "  - conv2d: {name: dead, out: 2, kernel: 1}\n"
                                  "  - identity: {name: h, from: g}\n"
                                  "  - gelu: {name: i, from: h}\n"
                                  "  - add: {name: j, from: [h, i, e]}\n"
                                  "  - identity: {name: k, from: j}\n"
                                  "  - sigmoid: {name: l, from: j}\n"
                                  "  - add: {name: m, from: [k, l]}\n"
                                  "  - batchnorm2d\n"
                                  "  - dropout2d: {p: 0.2}\n"
                                  "  - pad_channels: {to: 8, before: 1}\n"
                                  "  - avgpool2d: {kernel: 3, stride: 2, padding: 1}\n"
                                  "  - upsample2d: {name: up, scale: 2, mode: bilinear}\n"
                                  "  - silu: {name: bent}\n"
                                  "  - concat: {from: [up, bent, up]}\n"
                                  "  - conv_transpose2d: {out: 4, kernel: 2}\n"
                                  "  - softmax\n";

/* Sums behind batch norm as they come: offered and not, of two norms, of three, of one twice, behind others of
 * their kind, with elementwise kinds of all sorts, read by many. */
static const char sums_network[] = "netdef: sums\n"
                                   "input: [3, 9, 7]\n"
                                   "layers:\n"
                                   "  - conv2d: {name: a, out: 5, kernel: 3, padding: 1}\n"
                                   "  - batchnorm2d: {name: b}\n"
                                   "  - relu: {name: c}\n"
                                   "  - conv2d: {out: 5, kernel: 3, padding: 1}\n"
                                   "  - batchnorm2d: {name: d}\n"
                                   "  - add: {from: [d, c]}\n"
                                   "  - relu: {name: e}\n"
                                   "  - conv2d: {out: 5, kernel: 3, padding: 1}\n"
                                   "  - batchnorm2d: {name: f}\n"
                                   "  - add: {from: [e, f]}\n"
                                   "  - tanh: {name: g}\n"
                                   "  - conv2d: {out: 5, kernel: 3, padding: 1}\n"
                                   "  - batchnorm2d: {name: h}\n"
                                   "  - add: {from: [h, g]}\n"
                                   "  - silu: {name: i}\n"
                                   "  - conv2d: {name: j, out: 5, kernel: 3, padding: 1}\n"
                                   "  - batchnorm2d: {name: k}\n"
                                   "  - conv2d: {name: l, from: i, out: 5, kernel: 3, padding: 1}\n"
                                   "  - batchnorm2d: {name: m}\n"
                                   "  - add: {name: n, from: [k, m]}\n"
                                   "  - relu: {name: o}\n"
                                   "  - dropout: {p: 0.3}\n"
                                   "  - batchnorm2d: {name: p}\n"
                                   "  - add: {from: [p, a]}\n"
                                   "  - conv2d: {out: 5, kernel: 3, padding: 1}\n"
                                   "  - batchnorm2d: {name: q}\n"
                                   "  - add: {name: r, from: [q, c, o]}\n"
                                   "  - batchnorm2d: {name: s}\n"
                                   "  - add: {name: t, from: [s, s]}\n"
                                   "  - conv2d: {out: 5, kernel: 1}\n"
                                   "  - batchnorm2d: {name: u}\n"
                                   "  - add: {from: [u, t]}\n"
                                   "  - relu: {name: v}\n"
                                   "  - add: {from: [v, r]}\n"
                                   "  - batchnorm2d: {name: w}\n"
                                   "  - add: {from: [w, e]}\n"
                                   "  - relu\n";

/* Convolutions that leave pixels of a batch norm unread, which others read. */
static const char gaps_network[] = "netdef: gaps\n"
                                   "input: [3, 16, 16]\n"
                                   "layers:\n"
                                   "  - conv2d: {out: 16, kernel: 3, padding: 1}\n"
                                   "  - batchnorm2d: {name: a}\n"
                                   "  - conv2d: {name: b, out: 16, kernel: 1, stride: 2}\n"
                                   "  - tanh: {from: a}\n"
                                   "  - maxpool2d: {name: c, kernel: 2}\n"
                                   "  - add: {from: [b, c]}\n"
                                   "  - batchnorm2d: {name: d}\n"
                                   "  - conv2d: {name: e, out: 16, kernel: 2, stride: 3}\n"
                                   "  - silu: {from: d}\n"
                                   "  - avgpool2d: {name: f, kernel: 2, stride: 3}\n"
                                   "  - add: {from: [e, f]}\n";

static void check_network(struct trial trial) {
    const struct variant plain = {.threads = 1, .batch = 3, .images = 3};
    const struct variant one = {.threads = 1, .batch = 1, .images = 1};
    const struct variant all = {
        .threads = 1, .batch = 3, .images = 3, .no_reuse = true, .keep_all = true};
    for (int i = 0; i < 3; i++) {
        struct variant threads = plain;
        threads.threads = (int[]){2, 3, 7}[i];
        same_bits(trial, plain, threads);
    }
    struct variant other = plain;
    other.no_reuse = true;
    same_bits(trial, plain, other);
    other.no_fusion = true;
    same_bits(trial, plain, other);
    other = all;
    other.no_reuse = false;
    same_bits(trial, all, other);
    other = plain;
    other.batch = 5;
    same_bits(trial, plain, other);
    other.images = 1;
    same_bits(trial, one, other);
}

/* Fusion where only the last layers are trained, and, as shared memory, in a plan for evaluation. */
static void check_parts(const char *path) {
    struct variant fused = {.threads = 2, .batch = 3, .images = 3, .frozen = true};
    struct variant alone = fused;
    alone.no_fusion = true;
    same_bits((struct trial){path, true}, fused, alone);
    fused.evaluation = alone.evaluation = true;
    same_bits((struct trial){path, false}, fused, alone);
    fused.no_reuse = true;
    same_bits((struct trial){path, false}, fused, alone);
}

/* What is kept changes nothing else. */
static void check_kept(struct trial trial) {
    const struct variant plain = {.threads = 1, .batch = 3, .images = 3};
    struct variant all = plain;
    all.keep_all = true;
    struct outcome left = run_trial(trial, plain), right = run_trial(trial, all);
    assert_true(left.count < right.count);
    assert_memory_equal(left.numbers, right.numbers, left.count * sizeof(float));
    free(left.numbers);
    free(right.numbers);
}

static void check_both_modes(const char *path) {
    check_network((struct trial){path, true});
    check_network((struct trial){path, false});
    check_kept((struct trial){path, true});
    check_parts(path);
}

static void odd(void **state) {
    (void)state;
    check_both_modes(odd_network);
}

static void sums(void **state) {
    (void)state;
    check_both_modes(sums_network);
}

static void gaps(void **state) {
    (void)state;
    check_both_modes(gaps_network);
}

static void small(void **state) {
    (void)state;
    check_both_modes("tests/golden/network.yaml");
}

static void residual(void **state) {
    (void)state;
    check_both_modes("netdefs/resnet20.yaml");
}

static void with_masks(void **state) {
    (void)state;
    check_both_modes("netdefs/fcn8.yaml");
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd),   cmocka_unit_test(sums),     cmocka_unit_test(gaps),
        cmocka_unit_test(small), cmocka_unit_test(residual), cmocka_unit_test(with_masks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
