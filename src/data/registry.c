/* The registries of sources and augmentations, made from sources.def and augments.def. */
#include "netrun/data.h"

#include <string.h>

#define DATA_SOURCE(name) extern const struct source_ops data_source_##name;
#include "sources.def"
#undef DATA_SOURCE

#define DATA_AUGMENT(name) extern const struct augment_ops data_augment_##name;
#include "augments.def"
#undef DATA_AUGMENT

static const struct source_ops *const sources[] = {
#define DATA_SOURCE(name) &data_source_##name,
#include "sources.def"
#undef DATA_SOURCE
};

static const struct augment_ops *const augments[] = {
#define DATA_AUGMENT(name) &data_augment_##name,
#include "augments.def"
#undef DATA_AUGMENT
};

const struct source_ops *source_at(int index) {
    return index < BASE_COUNT(sources) ? sources[index] : NULL;
}

const struct source_ops *source_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(sources); i++)
        if (strcmp(sources[i]->name, name) == 0)
            return sources[i];
    return NULL;
}

const struct augment_ops *augment_at(int index) {
    return index < BASE_COUNT(augments) ? augments[index] : NULL;
}

const struct augment_ops *augment_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(augments); i++)
        if (strcmp(augments[i]->name, name) == 0)
            return augments[i];
    return NULL;
}
