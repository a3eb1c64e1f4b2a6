/* The choice of the instruction set for kernels that are compiled several times (PER_ISA).
 *
 * __builtin_cpu_supports asks the CPU and also the operating system: it is false where the wider registers
 * are not saved on a switch of tasks. Each test names all that the Makefile's flags let the compiler use. */
#include "cpu.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[ISA_COUNT] = {
    [ISA_BASELINE] = "baseline", [ISA_AVX2] = "avx2", [ISA_AVX512] = "avx512"};

const char *isa_name(enum isa isa) {
    return names[isa];
}

enum isa isa_of_cpu(void) {
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
        return ISA_BASELINE;
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                  __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return avx512 ? ISA_AVX512 : ISA_AVX2;
#else
    return ISA_BASELINE;
#endif
}

enum isa isa_chosen(void) {
    enum isa best = isa_of_cpu();
    const char *wanted = getenv("NETRUN_ISA");
    for (enum isa isa = ISA_BASELINE; wanted && isa < best; isa++)
        if (strcmp(wanted, names[isa]) == 0)
            return isa;
    return best;
}
