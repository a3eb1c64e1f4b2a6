/* step: the rate times gamma after every `size` epochs (torch.optim.lr_scheduler.StepLR). These are counted
 * from the beginning of the run, as a person counts who names them; a warm-up does not shift them. */
#include "schedule.h"

#include <limits.h>
#include <math.h>

struct step {
    struct schedule_common common;
    int size;
    double gamma;
};

static const struct attr attrs[] = {
    {.name = "size",
     .summary = "epochs or steps from one drop to the next, from the beginning of the run",
     .type = ATTR_INT,
     .offset = offsetof(struct step, size),
     .required = true,
     .min = 1,
     .max = INT_MAX,
     .also = "step_size"},
    {.name = "gamma",
     .summary = "what the rate is multiplied by at a drop",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct step, gamma),
     .fallback = 0.1,
     .min_open = true,
     .max = INFINITY},
    SCHEDULE_ATTRS(step, SCHEDULE_EPOCH),
};

static double curve(const void *config, struct schedule_time time) {
    const struct step *rule = config;
    return pow(rule->gamma, (double)(time.at / rule->size));
}

const struct schedule_ops schedule_step = {
    .name = "step",
    .summary = "the rate times gamma after every so many epochs",
    .example = "schedule: {step: {size: 30, gamma: 0.1}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct step),
    .curve = curve,
};
