/* schedule.h: what the files of the schedules share. */
#ifndef OPTIM_SCHEDULE_H
#define OPTIM_SCHEDULE_H

#include "netrun/optim.h"

#include <limits.h>

/* The first member `common` of every schedule's struct. */
struct schedule_common {
    int by; /* of enum schedule_unit */
    int warmup;
    double warmup_factor;
};

enum schedule_unit { SCHEDULE_EPOCH, SCHEDULE_STEP };
extern const char *const schedule_units[];

/* The rows for it. */
/* clang-format off */
#define SCHEDULE_ATTRS(type, unit)                                                                 \
    {"by", "the unit of the schedule", ATTR_CHOICE, offsetof(struct type, common.by),              \
     .fallback = (unit), .choices = schedule_units},                                               \
    {"warmup", "epochs or steps at the beginning in which the rate rises in a straight line",      \
     ATTR_INT, offsetof(struct type, common.warmup), .max = INT_MAX},                              \
    {"warmup_factor", "where the warm-up starts, a share of the rate", ATTR_FLOAT,                 \
     offsetof(struct type, common.warmup_factor), .fallback = 1.0 / 3, .min_open = true,           \
     .max = 1, .shown = "1/3"}
/* clang-format on */

/* The share of the way from begin to end that lies behind, 0 <= share < 1. */
static inline double schedule_share(struct schedule_time time) {
    return (double)(time.at - time.begin) / (double)(time.end - time.begin);
}

#endif
