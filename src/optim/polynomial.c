/* polynomial: the rate times the share of the run that is left, to a power
 * (torch.optim.lr_scheduler.PolynomialLR with total_iters the length of the run less the warm-up). */
#include "schedule.h"

#include <math.h>

struct polynomial {
    struct schedule_common common;
    double power;
};

static const struct attr attrs[] = {
    {.name = "power",
     .summary = "of the share of the run that is left; 1: a straight line",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct polynomial, power),
     .fallback = 1,
     .min_open = true,
     .max = 100},
    SCHEDULE_ATTRS(polynomial, SCHEDULE_EPOCH),
};

static double curve(const void *config, struct schedule_time time) {
    const struct polynomial *rule = config;
    return pow(1 - schedule_share(time), rule->power);
}

const struct schedule_ops schedule_polynomial = {
    .name = "polynomial",
    .summary = "the rate times a power of the share of the run that is left",
    .example = "schedule: {polynomial: {power: 0.9, by: step}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct polynomial),
    .curve = curve,
};
