/* The choice of an instruction set, against what Linux says of the CPU (/proc/cpuinfo). */
#include "check.h"
#include "netrun/tensor.h"

/* Does the kernel list all of these flags for the first CPU? */
static bool cpu_has(const char *const *flags) {
    char line[8192] = "";
    FILE *file = fopen("/proc/cpuinfo", "r");
    while (file && fgets(line, sizeof line, file) && strncmp(line, "flags", 5) != 0) {
    }
    if (file)
        fclose(file);
    line[strcspn(line, "\n")] = ' ';
    for (; *flags; flags++) {
        char word[32];
        snprintf(word, sizeof word, " %s ", *flags);
        if (!strstr(line, word))
            return false;
    }
    return true;
}

static enum isa best(void) {
    static const char *const avx2[] = {"avx2", "fma", NULL};
    static const char *const avx512[] = {"avx512f", "avx512dq", "avx512bw", "avx512vl", NULL};
    if (!cpu_has(avx2))
        return ISA_BASELINE;
    return cpu_has(avx512) ? ISA_AVX512 : ISA_AVX2;
}

static void the_best_unless_told(void **state) {
    (void)state;
    unsetenv("NETRUN_ISA");
    assert_int_equal(isa_chosen(), best());
}

static void a_lower_one_on_request(void **state) {
    (void)state;
    for (enum isa isa = ISA_BASELINE; isa < ISA_COUNT; isa++) {
        setenv("NETRUN_ISA", isa_name(isa), 1);
        assert_int_equal(isa_chosen(), isa < best() ? isa : best());
    }
}

static void unknown_names_are_ignored(void **state) {
    (void)state;
    static const char *const wrong[] = {"", "AVX2", "avx", "baseline "};
    for (int i = 0; i < BASE_COUNT(wrong); i++) {
        setenv("NETRUN_ISA", wrong[i], 1);
        assert_int_equal(isa_chosen(), best());
    }
}

static void names(void **state) {
    (void)state;
    assert_string_equal(isa_name(ISA_BASELINE), "baseline");
    assert_string_equal(isa_name(ISA_AVX2), "avx2");
    assert_string_equal(isa_name(ISA_AVX512), "avx512");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_unless_told),
        cmocka_unit_test(a_lower_one_on_request),
        cmocka_unit_test(unknown_names_are_ignored),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
