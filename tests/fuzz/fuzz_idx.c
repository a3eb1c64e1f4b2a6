/* Any bytes as the IDX files of mnist, gzipped or not: the first two say how many are of the images' file, the
 * others are of the labels'. */
#include "fuzz_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"mnist/t10k-images-idx3-ubyte",
                                        "mnist/t10k-labels-idx1-ubyte", "mnist", NULL};
    if (size < 2)
        return 0;
    struct fuzz fuzz = fuzz_begin();
    size_t images = (size_t)data[0] << 8 | data[1];
    images = images < size - 2 ? images : size - 2;
    mkdir(fuzz_path(&fuzz, "mnist"), 0777);
    fuzz_write(&fuzz, names[0], data + 2, images);
    fuzz_write(&fuzz, names[1], data + 2 + images, size - 2 - images);
    return fuzz_end(&fuzz, fuzz_open(&fuzz, "{source: mnist}", 100), names);
}
