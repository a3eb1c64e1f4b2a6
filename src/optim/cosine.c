/* cosine: half a cosine wave from the rate down to its `minimum` at the end of the run.
 *
 * torch.optim.lr_scheduler.CosineAnnealingLR (Loshchilov and Hutter 2017, without restarts) with T_max the
 * length of the run less the warm-up, and eta_min = minimum lr. */
#include "schedule.h"

#include <math.h>

struct cosine {
    struct schedule_common common;
    double minimum;
};

static const struct attr attrs[] = {
    {.name = "minimum",
     .summary = "where it ends, a share of the rate",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct cosine, minimum),
     .max = 1},
    SCHEDULE_ATTRS(cosine, SCHEDULE_EPOCH),
};

static double curve(const void *config, struct schedule_time time) {
    const struct cosine *rule = config;
    return rule->minimum + (1 - rule->minimum) * (1 + cos(M_PI * schedule_share(time))) / 2;
}

const struct schedule_ops schedule_cosine = {
    .name = "cosine",
    .summary = "half a cosine wave from the rate down to a minimum at the end of the run",
    .example = "schedule: {cosine: {warmup: 5}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct cosine),
    .curve = curve,
};
