/* Matrix products by OpenBLAS, and what there is to say about its choice of kernels.
 *
 * One product runs on one thread: netrun's own workers share the images, which keeps the bits independent
 * of their number, and OpenBLAS's threads were measured to be slower at these sizes. */
#include "cpu.h"

#include <cblas.h>
#include <stdlib.h>
#include <strings.h>

/* OpenBLAS's own choice of kernels, made when it is loaded; absent where it was built for one CPU. */
void gotoblas_dynamic_quit(void) __attribute__((weak));
void gotoblas_dynamic_init(void) __attribute__((weak));

static CBLAS_TRANSPOSE transpose(bool transposed) {
    return transposed ? CblasTrans : CblasNoTrans;
}

void gemm_run(const struct gemm *gemm) {
    cblas_sgemm(CblasRowMajor, transpose(gemm->transpose_a), transpose(gemm->transpose_b), gemm->m,
                gemm->n, gemm->k, 1, gemm->a, gemm->a_stride, gemm->b, gemm->b_stride,
                gemm->add ? 1 : 0, gemm->c, gemm->c_stride);
}

const char *gemm_kernel(void) {
    return openblas_get_corename();
}

/* OpenBLAS's kernels without AVX-512 (driver/others/dynamic.c, which knows no more old ones to come);
 * every other name stands for kernels as good as the CPU. */
static const struct {
    const char *name;
    enum isa isa;
} weak_kernels[] = {
    {"Unknown", ISA_BASELINE},     {"Generic", ISA_BASELINE},    {"Katmai", ISA_BASELINE},
    {"Coppermine", ISA_BASELINE},  {"Northwood", ISA_BASELINE},  {"Prescott", ISA_BASELINE},
    {"Banias", ISA_BASELINE},      {"Atom", ISA_BASELINE},       {"Core2", ISA_BASELINE},
    {"Penryn", ISA_BASELINE},      {"Dunnington", ISA_BASELINE}, {"Nehalem", ISA_BASELINE},
    {"Athlon", ISA_BASELINE},      {"Opteron", ISA_BASELINE},    {"Opteron_SSE3", ISA_BASELINE},
    {"Barcelona", ISA_BASELINE},   {"Nano", ISA_BASELINE},       {"Bobcat", ISA_BASELINE},
    {"Sandybridge", ISA_BASELINE}, {"Bulldozer", ISA_BASELINE},  {"Piledriver", ISA_BASELINE},
    {"Steamroller", ISA_BASELINE}, {"Haswell", ISA_AVX2},        {"Zen", ISA_AVX2},
    {"Excavator", ISA_AVX2},
};

static enum isa isa_of_kernel(const char *kernel) {
    for (int i = 0; i < BASE_COUNT(weak_kernels); i++)
        if (strcasecmp(kernel, weak_kernels[i].name) == 0)
            return weak_kernels[i].isa;
    return ISA_AVX512;
}

/* Until 0.3.25 OpenBLAS takes its oldest kernels (Prescott, a fifth of the speed) on an Intel CPU that it
 * has not heard of (its issue 4267); it is asked to choose again. A choice of the user's stands. */
static void fit_kernels_to_cpu(void) {
    enum isa cpu = isa_of_cpu();
    if (getenv("OPENBLAS_CORETYPE") || isa_of_kernel(gemm_kernel()) >= cpu ||
        !gotoblas_dynamic_quit || !gotoblas_dynamic_init)
        return;
    if (setenv("OPENBLAS_CORETYPE", cpu == ISA_AVX512 ? "SkylakeX" : "Haswell", 1) == 0) {
        gotoblas_dynamic_quit();
        gotoblas_dynamic_init();
        unsetenv("OPENBLAS_CORETYPE");
    }
}

void gemm_start(void) {
    fit_kernels_to_cpu();
    openblas_set_num_threads(1);
}

#define WARNING(kernels, cpu)                                                                      \
    "OPENBLAS_CORETYPE holds OpenBLAS to " kernels " kernels, this CPU has " cpu                   \
    "; for full speed: unset OPENBLAS_CORETYPE"

const char *gemm_warning(void) {
    enum isa kernel = isa_of_kernel(gemm_kernel()), cpu = isa_of_cpu();
    if (!getenv("OPENBLAS_CORETYPE") || kernel >= cpu)
        return NULL;
    if (kernel == ISA_AVX2)
        return WARNING("AVX2", "AVX-512");
    return cpu == ISA_AVX2 ? WARNING("SSE or AVX", "AVX2") : WARNING("SSE or AVX", "AVX-512");
}
