/* Sets the attributes of a loss or an optimiser by their names, as reading a file would do. */
#ifndef TESTS_OPTIM_CONFIG_H
#define TESTS_OPTIM_CONFIG_H

#include "check.h"
#include "netrun/optim.h"

/* Room for the struct of any rule. */
union optim_config {
    char bytes[256];
    double align;
};

static inline const struct attr *config_attr(const struct attr *attrs, int count,
                                             const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(attrs[i].name, name) == 0)
            return &attrs[i];
    fail_msg("no attribute %s", name);
    return NULL;
}

static inline void config_set(union optim_config *config, const struct attr *attrs, int count,
                              const char *name, double value) {
    const struct attr *attr = config_attr(attrs, count, name);
    void *field = config->bytes + attr->offset;
    if (attr->type == ATTR_FLOAT)
        *(double *)field = value;
    else if (attr->type == ATTR_BOOL)
        *(bool *)field = value != 0;
    else if (attr->type == ATTR_INT || attr->type == ATTR_CHOICE)
        *(int *)field = (int)value;
    else
        fail_msg("%s is no number", name);
}

/* The value of a number. */
static inline double config_get(const union optim_config *config, const struct attr *attrs,
                                int count, const char *name) {
    const struct attr *attr = config_attr(attrs, count, name);
    assert_int_equal(attr->type, ATTR_FLOAT);
    return *(const double *)(const void *)(config->bytes + attr->offset);
}

static inline void config_set_list(union optim_config *config, const struct attr *attrs, int count,
                                   const char *name, double *items, int item_count) {
    const struct attr *attr = config_attr(attrs, count, name);
    assert_int_equal(attr->type, ATTR_FLOAT_LIST);
    *(struct attr_list *)(void *)(config->bytes + attr->offset) =
        (struct attr_list){items, item_count};
}

/* Defaults of all attributes. */
static inline void config_start(union optim_config *config, const struct attr *attrs, int count) {
    memset(config, 0, sizeof *config);
    for (int i = 0; i < count; i++)
        if (attrs[i].type != ATTR_FLOAT_LIST)
            config_set(config, attrs, count, attrs[i].name, attrs[i].fallback);
}

#endif
