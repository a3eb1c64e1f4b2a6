/* one_cycle: from a fraction of the rate up to the rate, then down to nearly nothing, both as half a cosine wave.
 *
 * torch.optim.lr_scheduler.OneCycleLR (Smith and Topin 2018) with max_lr the optimiser's lr; the momentum stays
 * as it is (PyTorch's cycle_momentum=False). */
#include "schedule.h"

#include <math.h>

struct one_cycle {
    struct schedule_common common;
    double pct_start, div_factor, final_div_factor;
};

static const struct attr attrs[] = {
    {.name = "pct_start",
     .summary = "share of the run that goes up",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct one_cycle, pct_start),
     .fallback = 0.3,
     .max = 1},
    {.name = "div_factor",
     .summary = "it starts at the rate divided by this",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct one_cycle, div_factor),
     .fallback = 25,
     .min_open = true,
     .max = INFINITY},
    {.name = "final_div_factor",
     .summary = "it ends at the start divided by this",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct one_cycle, final_div_factor),
     .fallback = 1e4,
     .min_open = true,
     .max = INFINITY},
    SCHEDULE_ATTRS(one_cycle, SCHEDULE_STEP),
};

/* `at` on its way from `begin` to `end`; a way of no length is behind. */
static double between(double from, double to, double at, double begin, double end) {
    double share = end > begin ? (at - begin) / (end - begin) : 1;
    return to + (from - to) * (1 + cos(M_PI * share)) / 2;
}

static double curve(const void *config, struct schedule_time time) {
    const struct one_cycle *rule = config;
    double length = (double)(time.end - time.begin), at = (double)(time.at - time.begin);
    double top = rule->pct_start * length - 1, start = 1 / rule->div_factor;
    if (at <= top)
        return between(start, 1, at, 0, top);
    return between(1, start / rule->final_div_factor, at, top, length - 1);
}

const struct schedule_ops schedule_one_cycle = {
    .name = "one_cycle",
    .summary = "up to the rate, then down to nearly nothing; momentum is left alone",
    .example = "schedule: {one_cycle: {pct_start: 0.3}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct one_cycle),
    .curve = curve,
};
