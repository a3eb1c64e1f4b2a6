/* constant: the optimiser's rate throughout, after a warm-up if there is one. */
#include "schedule.h"

struct constant {
    struct schedule_common common;
};

static const struct attr attrs[] = {SCHEDULE_ATTRS(constant, SCHEDULE_EPOCH)};

static double curve(const void *config, struct schedule_time time) {
    (void)config;
    (void)time;
    return 1;
}

const struct schedule_ops schedule_constant = {
    .name = "constant",
    .summary = "the optimizer's rate throughout, after a warm-up if wanted",
    .example = "schedule: {constant: {warmup: 5}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct constant),
    .curve = curve,
};
