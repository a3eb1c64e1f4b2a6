/* plan: where everything lies during a run - one slab, measured to the byte before any memory is taken.
 *
 * A value lives from its layer to its last reader (in training: to the last backward that reads it); a
 * gradient from its first writer to its layer's backward. Values that never live together share memory;
 * elementwise layers work in place; inputs of a sum share the gradient of the sum where nobody changes it.
 * What is kept lives to the end: the network's input, its output, the output's gradient, and what the
 * options name.
 *
 * Layers are fused where their kinds offer it (layers.h), so that some values and gradients are never stored:
 * they have no place. Fusion changes no bits. */
#ifndef NETRUN_PLAN_H
#define NETRUN_PLAN_H

#include "netrun/graph.h"

struct plan_options {
    int batch; /* most images in one call */
    int threads;
    bool training;       /* backward too */
    bool no_reuse;       /* every value its own memory, nothing in place (tests compare the bits) */
    bool no_fusion;      /* every layer by itself (likewise) */
    bool input_gradient; /* the gradient of the network's input is wanted */
    /* Per value (layer_count + 1): must be readable after the step. NULL: none. */
    const bool *keep_values;
    const bool *keep_gradients;
    const bool *frozen; /* per parameter tensor: no gradient; NULL: none */
    int optim_slots;    /* floats of optimiser state per trained parameter */
};

/* A piece of the slab: offset in bytes, a multiple of PLAN_ALIGN; PLAN_NONE: there is none. */
#define PLAN_NONE SIZE_MAX
enum { PLAN_ALIGN = 64 };

/* No plan is larger (70 TB), so that sizes can be added without care. */
#define PLAN_MOST_BYTES ((size_t)1 << 46)

struct plan_step {
    /* A writer before has stored this gradient: add to it. Of an input named twice the first counts. */
    bool dx_add[LAYER_MOST_INPUTS];
    bool backward; /* a gradient of a parameter or an input is wanted, and there is one to give */
    bool adds;     /* the next layer, a sum of y and one value, runs inside this one's calls ... */
    bool after;    /* ... and so does the next elementwise one (call->adds, call->after) ... */
    bool included; /* ... and this is such a layer: forward has no call of its own */
    bool makes_y;  /* nobody stores what its call yields: whoever reads it has it made */
    bool makes_later; /* y is stored by the next layer with calls: it has y made in its forward */
    bool makes_dx;    /* nobody stores its dx: the layer before has it made */
    bool takes_x;     /* in training, the layer before offers its y while writing it */
    bool
        takes_dy; /* the layer that reads y offers its dx while writing it; it is the next with calls */
};

struct plan {
    const struct graph *graph;
    struct plan_options options; /* keep_* here name all that is kept, and no list is NULL */
    size_t *values;              /* per value, or PLAN_NONE; equal: one lies in the other's place */
    size_t *gradients;           /* per value, or PLAN_NONE */
    size_t *saved;               /* per layer, or PLAN_NONE */
    size_t *params;              /* per parameter tensor */
    size_t *param_gradients;     /* likewise, or PLAN_NONE */
    size_t *packed;              /* per layer: packed weights, or PLAN_NONE */
    size_t *optim_state;         /* likewise */
    struct plan_step *steps;     /* per layer */
    size_t worker_scratch, slice_scratch, shared_scratch; /* offsets */
    size_t worker_stride, slice_stride;                   /* bytes from one to the next */
    size_t slab;                                          /* bytes in all */
    size_t bound; /* bytes alive at the worst moment: no slab could be smaller */
};

/* NULL: see the report (too large), or out of memory. Options' arrays are copied. */
const struct plan *plan_build(struct arena *arena, const struct graph *graph,
                              const struct plan_options *options, struct report *report);

/* The value that a layer's call yields, with what it includes. */
int plan_yields(const struct plan *plan, int layer);

/* The layer whose call yields a value, or has it inside (of a layer, not of the network's input). */
int plan_maker(const struct plan *plan, int value);

/* How a layer works: its algorithm, "when read" (by whoever reads its y first), "with the above" (in the calls
 * of a layer before), or "". */
const char *plan_how(const struct plan *plan, int layer);

/* A table of the layers of which plan_how has something to say, with their work for one image. */
void plan_print(const struct plan *plan, FILE *out);

/* The value whose gradient is a layer's dy. */
int plan_dy(const struct plan *plan, int layer);

/* For a layer that adds: the value that is added. */
int plan_added(const struct plan *plan, int layer);

/* Floats from one pixel of a value or gradient to the next. */
int plan_pitch(int channels);

/* What the process will hold at its peak, in bytes: slab, `data_bytes` of images and labels, and netrun
 * with its libraries. */
size_t plan_resident(const struct plan *plan, size_t data_bytes);

/* Memory that this process may still take: the least of MemAvailable, the cgroup's and the rlimit's. */
size_t plan_machine_memory(void);

#endif
