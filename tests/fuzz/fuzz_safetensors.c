/* Any bytes as a file of weights. */
#include "fuzz.h"
#include "netrun/format.h"

static void touch(const struct named_tensor *tensor) {
    size_t size = 1;
    for (int i = 0; i < tensor->rank; i++)
        size *= (size_t)tensor->dims[i];
    fuzz_touch(tensor->values, size * sizeof *tensor->values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"a.safetensors", NULL};
    struct fuzz fuzz = fuzz_begin();
    const char *path = fuzz_write(&fuzz, names[0], data, size);
    const struct tensor_file *file = safetensors_read(fuzz.arena, path, fuzz.report, NULL);
    for (int i = 0; file && i < file->count; i++)
        touch(&file->tensors[i]);
    return fuzz_end(&fuzz, file != NULL, names);
}
