/* multistep: the rate times gamma at each milestone (torch.optim.lr_scheduler.MultiStepLR). Milestones are
 * counted from the beginning of the run; a warm-up does not shift them. */
#include "schedule.h"

#include <limits.h>
#include <math.h>

struct multistep {
    struct schedule_common common;
    struct attr_list milestones; /* in any order; one that is there twice counts twice */
    double gamma;
};

static const struct attr attrs[] = {
    {.name = "milestones",
     .summary = "epochs or steps, counted from 0, that begin with a drop",
     .type = ATTR_INT_LIST,
     .offset = offsetof(struct multistep, milestones),
     .required = true,
     .max = INT_MAX},
    {.name = "gamma",
     .summary = "what the rate is multiplied by at a drop",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct multistep, gamma),
     .fallback = 0.1,
     .min_open = true,
     .max = INFINITY},
    SCHEDULE_ATTRS(multistep, SCHEDULE_EPOCH),
};

static double curve(const void *config, struct schedule_time time) {
    const struct multistep *rule = config;
    const int *milestones = rule->milestones.items;
    int passed = 0;
    for (int i = 0; i < rule->milestones.count; i++)
        passed += milestones[i] <= time.at;
    return pow(rule->gamma, passed);
}

const struct schedule_ops schedule_multistep = {
    .name = "multistep",
    .summary = "the rate times gamma at each milestone",
    .example = "schedule: {multistep: {milestones: [80, 120], gamma: 0.1}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct multistep),
    .curve = curve,
};
