/* What all libFuzzer targets share: any bytes as a file, read. Nothing may crash, leak, hang or take more than a
 * little memory; errors are welcome, but each failure has a reason and each success none. Run by `make fuzz`. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "netrun/base.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A folder of its own, in which nothing else is to be found. */
struct fuzz {
    char folder[32];
    struct arena *arena;
    struct report *report;
};

static inline struct fuzz fuzz_begin(void) {
    struct fuzz fuzz = {.folder = "/tmp/netrun-fuzz-XXXXXX", .arena = arena_new()};
    fuzz.report = report_new(fuzz.arena);
    if (!mkdtemp(fuzz.folder))
        abort();
    return fuzz;
}

static inline const char *fuzz_path(const struct fuzz *fuzz, const char *name) {
    return arena_printf(fuzz->arena, "%s/%s", fuzz->folder, name);
}

static inline const char *fuzz_write(const struct fuzz *fuzz, const char *name, const uint8_t *data,
                                     size_t size) {
    const char *path = fuzz_path(fuzz, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
    return path;
}

/* Holds the report against whether reading was `good`; removes the folder, whose files are `names` up to NULL. */
static inline int fuzz_end(struct fuzz *fuzz, bool good, const char *const *names) {
    FILE *nowhere = fopen("/dev/null", "w");
    if (good != (report_count(fuzz->report) == 0))
        abort();
    report_print(fuzz->report, nowhere, false);
    fclose(nowhere);
    for (; *names; names++)
        remove(fuzz_path(fuzz, *names));
    rmdir(fuzz->folder);
    arena_free(fuzz->arena);
    return 0;
}

/* For results that nothing else looks at, so that every byte of them is read. */
static inline void fuzz_touch(const void *bytes, size_t size) {
    volatile uint8_t last = 0;
    for (size_t i = 0; bytes && i < size; i++)
        last = ((const uint8_t *)bytes)[i];
    (void)last;
}

#endif
