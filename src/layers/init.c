/* The registry of initialisations, in the order of the manual. */
#include "init.h"

#include <string.h>

static const struct init_ops *const inits[] = {
    &init_default,    &init_kaiming, &init_kaiming_uniform, &init_xavier,   &init_xavier_normal,
    &init_orthogonal, &init_normal,  &init_uniform,         &init_constant, &init_zeros,
};

const struct init_ops *init_at(int index) {
    return index < BASE_COUNT(inits) ? inits[index] : NULL;
}

const struct init_ops *init_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(inits); i++)
        if (strcmp(inits[i]->name, name) == 0)
            return inits[i];
    return NULL;
}
