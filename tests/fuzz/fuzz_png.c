/* Any bytes as a picture. The checksums of its chunks are put right first, as no mutation would find them. */
#include "fuzz.h"
#include "netrun/format.h"

#include <string.h>
#include <zlib.h>

enum { SIGNATURE = 8, LENGTH = 4, NAME = 4, CHECKSUM = 4 };

static size_t word_at(const uint8_t *bytes) {
    return (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
}

/* A chunk is its length, its name, so many bytes, and the checksum of all but the length. */
static void mend(uint8_t *bytes, size_t size) {
    for (size_t at = SIGNATURE; at + LENGTH + NAME + CHECKSUM <= size;) {
        size_t length = word_at(bytes + at), left = size - at - LENGTH - NAME - CHECKSUM;
        if (length > left)
            return;
        uint8_t *name = bytes + at + LENGTH, *checksum = name + NAME + length;
        unsigned long sum = crc32(0, name, (uInt)(NAME + length));
        for (int i = 0; i < CHECKSUM; i++)
            checksum[i] = (uint8_t)(sum >> (24 - 8 * i));
        at += LENGTH + NAME + length + CHECKSUM;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"a.png", NULL};
    struct fuzz fuzz = fuzz_begin();
    uint8_t *bytes = arena_alloc(fuzz.arena, size, 1);
    if (size > 0)
        memcpy(bytes, data, size);
    mend(bytes, size);
    struct picture picture;
    bool good =
        png_read(fuzz.arena, fuzz_write(&fuzz, names[0], bytes, size), &picture, fuzz.report, NULL);
    if (good)
        fuzz_touch(picture.pixels,
                   (size_t)picture.width * (size_t)picture.height * (size_t)picture.channels);
    return fuzz_end(&fuzz, good, names);
}
