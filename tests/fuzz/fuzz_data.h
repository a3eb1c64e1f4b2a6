/* fuzz_data.h: a data set of files that are any bytes, opened, and its images and labels looked at. */
#ifndef TESTS_FUZZ_DATA_H
#define TESTS_FUZZ_DATA_H

#include "fuzz.h"
#include "netrun/data.h"

#include <string.h>

/* An image of whatever label is of none of the classes. */
static inline void fuzz_look(const struct fuzz *fuzz, const struct dataset *dataset, int most) {
    size_t size = shape_size(dataset->shape);
    uint8_t *pixels = arena_alloc(fuzz->arena, size, 1);
    int32_t label;
    for (int i = 0; i < dataset->images && i < most; i++) {
        dataset->fetch(dataset, i, pixels, &label);
        fuzz_touch(pixels, size);
        if (label < 0 || label >= dataset->classes)
            abort();
    }
}

/* The test split of the source in the fuzz's folder. */
static inline bool fuzz_open(const struct fuzz *fuzz, const char *text, int most) {
    const struct node *map = conf_parse(fuzz->arena, "a", text, strlen(text), fuzz->report);
    const struct data_spec *spec = data_check(fuzz->arena, map, fuzz->report);
    struct data_request request = {.folder = fuzz->folder, .split = SPLIT_TEST};
    struct dataset dataset;
    bool good = data_open(spec, &request, fuzz->arena, &dataset, fuzz->report);
    if (good)
        fuzz_look(fuzz, &dataset, most);
    return good;
}

#endif
