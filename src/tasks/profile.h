/* profile.h: the numbers of a profile, per batch; shared by what prints them and what writes them. */
#ifndef TASKS_PROFILE_H
#define TASKS_PROFILE_H

#include "netrun/tasks.h"

/* What a layer, or all of them, took and did. Operations are floating-point ones, a multiply-add is two. */
struct profile_work {
    double forward, backward; /* seconds */
    double operations;        /* by the layers' definition */
    double products;          /* that their algorithms made of them */
    double bytes;             /* that must pass through memory */
};

struct profile_work profile_layer(const struct profile *profile, int layer);

/* All layers, and the bytes of the optimiser. */
struct profile_work profile_layers(const struct profile *profile);

/* A part of a batch, all layers together. */
double profile_seconds(const struct profile *profile, enum exec_part part);

/* All parts. */
double profile_step(const struct profile *profile);

/* Operations a second by the definition, and the share of the machine's multipliers that was busy; 0 where there
 * are none. */
double profile_rate(const struct profile_work *work);
double profile_share(const struct profile *profile, const struct profile_work *work);

/* Seconds that products and bytes take at least. */
double profile_floor(const struct profile *profile, const struct profile_work *work);

#endif
