/* plan: where everything lies during a run - one slab, measured to the byte before any memory is taken.
 *
 * A value lives from its layer to its last reader (in training: to the last backward that reads it); a
 * gradient from its first writer to its layer's backward. Values that never live together share memory;
 * elementwise layers work in place. Kept values and gradients live to the end. */
#ifndef NETRUN_PLAN_H
#define NETRUN_PLAN_H

#include "netrun/graph.h"

struct plan_options {
    int batch; /* most images in one call */
    int threads;
    bool training;       /* backward too */
    bool no_reuse;       /* every value its own memory, nothing in place (tests compare the bits) */
    bool input_gradient; /* the gradient of the network's input is wanted */
    const bool
        *keep_values; /* per value (layer_count + 1): must be readable after the step; NULL: none */
    const bool *keep_gradients;
    const bool *frozen; /* per parameter tensor: no gradient; NULL: none */
    int optim_slots;    /* floats of optimiser state per trained parameter */
};

/* A piece of the slab: offset in bytes; PLAN_NONE: there is none. */
#define PLAN_NONE SIZE_MAX

struct plan_step {
    bool dx_add[LAYER_MOST_INPUTS]; /* another reader has written this gradient before */
    bool backward;                  /* some gradient is wanted from here down */
};

struct plan {
    const struct graph *graph;
    struct plan_options options;
    size_t *values;    /* per value: offset */
    size_t *gradients; /* per value: offset or PLAN_NONE */
    size_t *saved;     /* per layer: offset or PLAN_NONE */
    size_t *params, *param_gradients,
        *optim_state;        /* per parameter tensor; the last two may be PLAN_NONE */
    struct plan_step *steps; /* per layer */
    size_t worker_scratch, slice_scratch, shared_scratch; /* offsets */
    size_t worker_stride, slice_stride;                   /* bytes from one to the next */
    size_t slab;                                          /* bytes in all */
};

/* NULL: see the report (too large), or out of memory. Options' arrays are copied. */
const struct plan *plan_build(struct arena *arena, const struct graph *graph,
                              const struct plan_options *options, struct report *report);

/* What the process will hold at its peak, in bytes: slab, `data_bytes` of images and labels, and netrun
 * with its libraries. */
size_t plan_resident(const struct plan *plan, size_t data_bytes);

/* Memory that this process may still take: the least of MemAvailable, the cgroup's and the rlimit's. */
size_t plan_machine_memory(void);

#endif
