/* The registries of losses, optimisers and schedules, made from rules.def: a row per rule and, for what is
 * compiled per instruction set, a column for each of those. */
#include "netrun/optim.h"

#include <string.h>

#if defined(__x86_64__)
#define DECLARE(type, rule) extern const struct type rule##_baseline, rule##_avx2, rule##_avx512;
#define ROW(rule) {&rule##_baseline, &rule##_avx2, &rule##_avx512},
#else
#define DECLARE(type, rule) extern const struct type rule##_baseline;
#define ROW(rule) {&rule##_baseline},
#endif

#define LOSS(name) DECLARE(loss_ops, loss_##name)
#define OPTIM(name) DECLARE(optim_ops, optim_##name)
#define SCHEDULE(name) extern const struct schedule_ops schedule_##name;
#include "rules.def"
#undef LOSS
#undef OPTIM
#undef SCHEDULE

static const struct loss_ops *const losses[][ISA_COUNT] = {
#define LOSS(name) ROW(loss_##name)
#define OPTIM(name)
#define SCHEDULE(name)
#include "rules.def"
#undef LOSS
#undef OPTIM
#undef SCHEDULE
};

static const struct optim_ops *const optimisers[][ISA_COUNT] = {
#define LOSS(name)
#define OPTIM(name) ROW(optim_##name)
#define SCHEDULE(name)
#include "rules.def"
#undef LOSS
#undef OPTIM
#undef SCHEDULE
};

static const struct schedule_ops *const schedules[] = {
#define LOSS(name)
#define OPTIM(name)
#define SCHEDULE(name) &schedule_##name,
#include "rules.def"
#undef LOSS
#undef OPTIM
#undef SCHEDULE
};

const struct loss_ops *loss_at(int index) {
    return index < BASE_COUNT(losses) ? losses[index][isa_chosen()] : NULL;
}

const struct loss_ops *loss_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(losses); i++)
        if (strcmp(loss_at(i)->name, name) == 0)
            return loss_at(i);
    return NULL;
}

const struct optim_ops *optim_at(int index) {
    return index < BASE_COUNT(optimisers) ? optimisers[index][isa_chosen()] : NULL;
}

const struct optim_ops *optim_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(optimisers); i++)
        if (strcmp(optim_at(i)->name, name) == 0)
            return optim_at(i);
    return NULL;
}

const struct schedule_ops *schedule_at(int index) {
    return index < BASE_COUNT(schedules) ? schedules[index] : NULL;
}

const struct schedule_ops *schedule_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(schedules); i++)
        if (strcmp(schedules[i]->name, name) == 0)
            return schedules[i];
    return NULL;
}
