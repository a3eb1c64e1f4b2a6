/* exponential: the rate times gamma after every epoch (torch.optim.lr_scheduler.ExponentialLR). */
#include "schedule.h"

#include <math.h>

struct exponential {
    struct schedule_common common;
    double gamma;
};

static const struct attr attrs[] = {
    {.name = "gamma",
     .summary = "what the rate is multiplied by after each epoch or step",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct exponential, gamma),
     .required = true,
     .min_open = true,
     .max = INFINITY},
    SCHEDULE_ATTRS(exponential, SCHEDULE_EPOCH),
};

static double curve(const void *config, struct schedule_time time) {
    const struct exponential *rule = config;
    return pow(rule->gamma, (double)(time.at - time.begin));
}

const struct schedule_ops schedule_exponential = {
    .name = "exponential",
    .summary = "the rate times gamma after every epoch",
    .example = "schedule: {exponential: {gamma: 0.95}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct exponential),
    .curve = curve,
};
