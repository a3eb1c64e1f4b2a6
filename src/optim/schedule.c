/* What all schedules share: how they are written, their unit, and the warm-up.
 *
 * The warm-up is torch.optim.lr_scheduler.LinearLR, times what the schedule begins with. */
#include "schedule.h"

const char *const schedule_units[] = {"epoch", "step", NULL};

/* ---- reading ----------------------------------------------------------------------------------- */

static const char *name_at(int index) {
    const struct schedule_ops *ops = schedule_at(index);
    return ops ? ops->name : NULL;
}

bool schedule_read(struct arena *arena, const struct node *node, const struct schedule_ops **ops,
                   const void **config, struct report *report) {
    struct choice choice;
    if (!choice_read(node, "schedule", &choice, report))
        return false;
    int index = choice_find(&choice, "schedule", "schedules", name_at, report);
    if (index < 0)
        return false;
    *ops = schedule_at(index);
    struct attr_table table = {(*ops)->name, (*ops)->attrs, (*ops)->attr_count};
    *config = choice_config(arena, &choice, &table, (*ops)->config_size, report);
    return *config != NULL;
}

/* ---- the factor -------------------------------------------------------------------------------- */

/* A warm-up that takes the whole run leaves one unit, so that no curve has the length 0. */
static struct schedule_time time_of(const struct schedule_common *common,
                                    struct schedule_position position) {
    bool steps = common->by == SCHEDULE_STEP;
    int64_t unit = steps ? 1 : position.steps_per_epoch;
    int64_t end = (position.steps + unit - 1) / unit, begin = common->warmup;
    return (struct schedule_time){position.step / unit, begin, end > begin ? end : begin + 1};
}

double schedule_factor(const struct schedule_ops *ops, const void *config,
                       struct schedule_position position) {
    const struct schedule_common *common = config;
    struct schedule_time time = time_of(common, position);
    if (time.at >= time.begin)
        return ops->curve(config, time);
    double share = (double)time.at / (double)time.begin;
    time.at = time.begin;
    return (common->warmup_factor + (1 - common->warmup_factor) * share) * ops->curve(config, time);
}
