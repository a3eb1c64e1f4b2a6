/* Any bytes as a NumPy array. */
#include "fuzz.h"
#include "netrun/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"a.npy", NULL};
    struct fuzz fuzz = fuzz_begin();
    const char *path = fuzz_write(&fuzz, names[0], data, size);
    struct npy npy;
    bool good = npy_read(fuzz.arena, path, &npy, fuzz.report, NULL);
    size_t count = good;
    for (int i = 0; good && i < npy.rank; i++)
        count *= (size_t)npy.dims[i];
    if (good)
        fuzz_touch(npy.values, count * sizeof *npy.values);
    return fuzz_end(&fuzz, good, names);
}
