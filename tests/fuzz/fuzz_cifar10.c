/* Any bytes in a batch of cifar10: the first says by how much it is longer than it should be, those after it are
 * spread over the records, so that labels are among them; the rest is black, and takes no room on the disk. */
#include "fuzz_data.h"

enum { RECORD = 3073, IMAGES = 10000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"cifar-10-batches-bin/test_batch.bin",
                                        "cifar-10-batches-bin", NULL};
    if (size < 1)
        return 0;
    struct fuzz fuzz = fuzz_begin();
    mkdir(fuzz_path(&fuzz, names[1]), 0777);
    FILE *file = fopen(fuzz_write(&fuzz, names[0], data, 0), "r+b");
    for (size_t i = 1; i < size; i++) {
        fseek(file, (long)(i % IMAGES * RECORD + i / IMAGES), SEEK_SET);
        fputc(data[i], file);
    }
    if (fflush(file) != 0 || ftruncate(fileno(file), IMAGES * RECORD + (int8_t)data[0]) != 0)
        abort();
    fclose(file);
    return fuzz_end(&fuzz, fuzz_open(&fuzz, "{source: cifar10}", 100), names);
}
