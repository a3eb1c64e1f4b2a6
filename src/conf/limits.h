/* The range of a number, as an attribute's row gives it. */
#ifndef CONF_LIMITS_H
#define CONF_LIMITS_H

#include "netrun/conf.h"

struct limits {
    double low, high; /* inclusive; those of an int, or infinite, where the row sets none */
    bool low_open;    /* the lower one itself is refused */
};

struct limits limits_of(const struct attr *attr);

bool limits_hold(const struct limits *limits, double value);

/* Was it set by the row, rather than by the type? */
bool limits_is_set(double limit);

/* What the value that was refused had to be: "at least 1", "over 0 and at most 1", "from 0 to 1", ... */
struct quoted limits_phrase(const struct limits *limits, double refused);

#endif
