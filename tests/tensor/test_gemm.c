/* Products against sums in double; and what is said of OpenBLAS's kernels, asked of a second process of
 * this program (`test_gemm --warning`), because OpenBLAS reads the environment when it is loaded. */
#include "check.h"
#include "netrun/tensor.h"
#include "tensor_near.h"

enum { MOST = 40, STRIDE = 48 };

static float element(const float *matrix, bool transposed, int row, int column) {
    return transposed ? matrix[column * STRIDE + row] : matrix[row * STRIDE + column];
}

static double product(const struct gemm *gemm, int row, int column) {
    double sum = 0;
    for (int i = 0; i < gemm->k; i++) {
        sum += (double)element(gemm->a, gemm->transpose_a, row, i) *
               (double)element(gemm->b, gemm->transpose_b, i, column);
    }
    return sum;
}

/* Every element of C, and that nothing around C changed. `start`: what C held before. */
static void check_product(const struct gemm *gemm, const float *start) {
    for (int row = 0; row < MOST; row++) {
        for (int column = 0; column < STRIDE; column++) {
            float before = start[row * STRIDE + column], after = gemm->c[row * STRIDE + column];
            if (row >= gemm->m || column >= gemm->n) {
                assert_memory_equal(&after, &before, sizeof after);
                continue;
            }
            double wanted = product(gemm, row, column) + (gemm->add ? (double)before : 0);
            assert_near((double)after, wanted, 1e-5);
        }
    }
}

static void fill(float *values, struct random *random) {
    for (int i = 0; i < MOST * STRIDE; i++)
        values[i] = (float)random_between(random, -1, 1);
}

static void run_and_check(int m, int n, int k, int variant, struct random *random) {
    static float a[MOST * STRIDE], b[MOST * STRIDE], c[MOST * STRIDE], start[MOST * STRIDE];
    fill(a, random);
    fill(b, random);
    fill(c, random);
    bool add = variant & 4;
    for (int i = 0; i < MOST * STRIDE && !add; i++)
        c[i] = NAN; /* what C held must not matter */
    memcpy(start, c, sizeof c);
    struct gemm gemm = {.m = m,
                        .n = n,
                        .k = k,
                        .a = a,
                        .b = b,
                        .c = c,
                        .a_stride = STRIDE,
                        .b_stride = STRIDE,
                        .c_stride = STRIDE,
                        .transpose_a = variant & 1,
                        .transpose_b = variant & 2,
                        .add = add};
    gemm_run(&gemm);
    check_product(&gemm, start);
}

static void products(void **state) {
    (void)state;
    static const int sizes[][3] = {{1, 1, 1},    {2, 3, 4},  {40, 16, 9},
                                   {17, 40, 33}, {5, 1, 40}, {1, 31, 7}};
    struct random random = random_stream(0, RANDOM_TEST, 1, 0);
    for (int i = 0; i < BASE_COUNT(sizes); i++)
        for (int variant = 0; variant < 8; variant++)
            run_and_check(sizes[i][0], sizes[i][1], sizes[i][2], variant, &random);
}

/* The line that a process of this program prints when started with OPENBLAS_CORETYPE as given. */
static struct quoted warning_with(const char *setting) {
    char self[1024] = "", command[2048];
    struct quoted line = {""};
    FILE *link = popen("readlink /proc/$PPID/exe", "r");
    assert_non_null(link);
    assert_non_null(fgets(self, sizeof self, link));
    pclose(link);
    self[strcspn(self, "\n")] = 0;
    snprintf(command, sizeof command, "env -u OPENBLAS_CORETYPE %s '%s' --warning", setting, self);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    char *read = fgets(line.text, sizeof line.text, out);
    assert_int_equal(pclose(out), 0);
    assert_non_null(read);
    line.text[strcspn(line.text, "\n")] = 0;
    return line;
}

static void weak_kernels_are_told(void **state) {
    (void)state;
    unsetenv("NETRUN_ISA");
    static const char *const warnings[ISA_COUNT][2] = {
        [ISA_BASELINE] = {"fine", "fine"},
        [ISA_AVX2] = {"fine",
                      "OPENBLAS_CORETYPE holds OpenBLAS to SSE or AVX kernels, this CPU has AVX2; "
                      "for full speed: unset OPENBLAS_CORETYPE"},
        [ISA_AVX512] =
            {"OPENBLAS_CORETYPE holds OpenBLAS to AVX2 kernels, this CPU has AVX-512; "
             "for full speed: unset OPENBLAS_CORETYPE",
             "OPENBLAS_CORETYPE holds OpenBLAS to SSE or AVX kernels, this CPU has AVX-512; "
             "for full speed: unset OPENBLAS_CORETYPE"},
    };
    enum isa cpu = isa_chosen();
    assert_string_equal(warning_with("OPENBLAS_CORETYPE=haswell").text, warnings[cpu][0]);
    assert_string_equal(warning_with("OPENBLAS_CORETYPE=Prescott").text, warnings[cpu][1]);
}

/* Left alone, OpenBLAS runs kernels that fit the CPU, even where it does not know the CPU. */
static void kernels_fit_by_themselves(void **state) {
    (void)state;
    assert_string_equal(warning_with("").text, "fine");
    if (isa_chosen() >= ISA_AVX2 && !getenv("OPENBLAS_CORETYPE"))
        assert_string_not_equal(gemm_kernel(), "Prescott");
}

int main(int count, char **arguments) {
    gemm_start();
    if (count == 2 && strcmp(arguments[1], "--warning") == 0) {
        const char *warning = gemm_warning();
        return puts(warning ? warning : "fine") < 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products),
        cmocka_unit_test(weak_kernels_are_told),
        cmocka_unit_test(kernels_fit_by_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
