/* experiment.h: experiments from trees. */
#ifndef SPEC_EXPERIMENT_H
#define SPEC_EXPERIMENT_H

#include "netrun/spec.h"

enum {
    EXPERIMENT_MOST_KEYS = 200,
    EXPERIMENT_MOST_STAGES = 32,
    EXPERIMENT_MOST_ARMS = 100,
    EXPERIMENT_MOST_SEEDS = 1000
};

/* The keys that all tasks share; all others are for the task. */
extern const char *const experiment_keys[];

/* NULL: see the report. */
const struct experiment *experiment_build(struct arena *arena, const struct node *map,
                                          struct report *report);

/* Reads the map `arms:`. */
bool arms_read(struct arena *arena, const struct node *map, struct experiment *experiment,
               struct report *report);

/* Reads `task:` or `stages:`. */
bool stages_read(struct arena *arena, const struct node *map, struct experiment *experiment,
                 struct report *report);

#endif
