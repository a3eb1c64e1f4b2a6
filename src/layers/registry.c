/* The registry of layer kinds, made from kinds.def: a row per kind, a column per instruction set that this
 * program is compiled for. */
#include "netrun/layers.h"

#include <string.h>

#if defined(__x86_64__)
#define DECLARE(kind)                                                                              \
    extern const struct layer_ops layer_##kind##_baseline, layer_##kind##_avx2,                    \
        layer_##kind##_avx512;
#define ROW(kind) {&layer_##kind##_baseline, &layer_##kind##_avx2, &layer_##kind##_avx512},
#else
#define DECLARE(kind) extern const struct layer_ops layer_##kind##_baseline;
#define ROW(kind) {&layer_##kind##_baseline},
#endif

#define LAYER_KIND DECLARE
#include "kinds.def"
#undef LAYER_KIND

static const struct layer_ops *const kinds[][ISA_COUNT] = {
#define LAYER_KIND ROW
#include "kinds.def"
#undef LAYER_KIND
};

const struct layer_ops *layer_at(int index) {
    return index < BASE_COUNT(kinds) ? kinds[index][isa_chosen()] : NULL;
}

const struct layer_ops *layer_find(const char *name) {
    enum isa isa = isa_chosen();
    for (int i = 0; i < BASE_COUNT(kinds); i++)
        if (strcmp(kinds[i][isa]->name, name) == 0)
            return kinds[i][isa];
    return NULL;
}
