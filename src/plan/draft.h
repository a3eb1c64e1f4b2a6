/* draft.h: a plan in the making - what exists, from when to when, and whose memory it takes.
 *
 * Time counts the calls of one step: forward of each layer, the loss, backward of each layer in reverse. A call
 * reads and writes at its own moment, so two things that are alive at the same moment never overlap, unless
 * one of them has moved into the memory of the other (share.c). */
#ifndef PLAN_DRAFT_H
#define PLAN_DRAFT_H

#include "netrun/plan.h"

/* A value or a gradient. */
struct item {
    bool exists;
    size_t bytes;
    int first_write, last_read; /* moments */
    int home;                   /* the item in whose memory it lies: itself, if it has not moved */
    int next;                   /* the next in the same memory, from the home on; -1: no more */
};

struct draft {
    struct arena *scratch; /* goes when the plan is done */
    const struct graph *graph;
    struct plan *plan;
    struct item *values, *gradients; /* layer_count + 1 of each */
    size_t total;                    /* bytes asked for so far, if nothing shared memory */
    bool too_large;
};

enum { TIME_START = -1 }; /* the input is there */

static inline int time_forward(int layer) {
    return layer;
}

static inline int time_loss(const struct draft *draft) {
    return draft->graph->layer_count;
}

static inline int time_backward(const struct draft *draft, int layer) {
    return 2 * draft->graph->layer_count - layer;
}

static inline int time_end(const struct draft *draft) {
    return 2 * draft->graph->layer_count + 1;
}

static inline const struct plan_step *draft_step(const struct draft *draft, int layer) {
    return &draft->plan->steps[layer];
}

/* When forward reads x: in its own call, or in that of the layer behind, which has y made. */
static inline int draft_forward(const struct draft *draft, int layer) {
    bool later = draft_step(draft, layer)->makes_later;
    return time_forward(later ? plan_yields(draft->plan, layer) : layer);
}

/* take_dy of this layer makes the gradient of a sum. */
static inline bool draft_takes_sum(const struct draft *draft, int layer) {
    const struct plan_step *step = draft_step(draft, layer);
    return step->adds && step->after && step->takes_dy;
}

/* When the gradient of a sum is made from that of what comes after, of the same layer's call: when the layer
 * behind offers it, else in a backward of its own. */
static inline int draft_slope(const struct draft *draft, int layer) {
    int y = plan_yields(draft->plan, layer);
    return time_backward(draft, draft_takes_sum(draft, layer) ? y : y - 1);
}

/* Up to the next multiple of PLAN_ALIGN. */
static inline size_t draft_round(size_t bytes) {
    return (bytes + PLAN_ALIGN - 1) / PLAN_ALIGN * PLAN_ALIGN;
}

/* count x size bytes, rounded up. Every size of a plan comes from here: once they are over PLAN_MOST_BYTES in
 * all, too_large is set and the result is 0. */
size_t draft_bytes(struct draft *draft, size_t count, size_t size);

/* A parameter tensor that gets a gradient, if its layer does. */
bool draft_trains(const struct draft *draft, int param);

/* fuse.c: fills what plan->steps says of fusion. */
void draft_fuse(struct draft *draft);

/* lifetime.c: fills the rest of plan->steps, and exists, bytes, first_write and last_read of all items. False: out of
 * memory. */
bool draft_lifetimes(struct draft *draft);

/* share.c: moves items into the memory of others. */
void draft_share(struct draft *draft);

#endif
