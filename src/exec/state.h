/* state.h: what an executor holds, and where things lie in its slab. */
#ifndef EXEC_STATE_H
#define EXEC_STATE_H

#include "netrun/exec.h"

/* Elements `first` .. `first + count - 1` of a parameter tensor that has a gradient: what one task of the pool
 * works on. */
struct piece {
    int param;
    size_t first, count;
};

struct exec {
    const struct plan *plan;
    struct pool *pool;
    uint64_t seed;
    const struct surgery *rules; /* NULL: none */
    char *slab;
    int images; /* these three of the last forward */
    bool training;
    bool packed; /* all weights lie packed, as the parameters are */
    uint32_t step;
    int64_t optimized;                   /* steps of the optimiser so far */
    double rate_factor, gradient_factor; /* of its next one */
    struct piece *pieces;                /* all of them, in the order of the parameters */
    double *piece_norms;                 /* of the gradients */
    int piece_count;
    struct exec_record *record; /* NULL: none */
    enum exec_part part;        /* what is being recorded, */
    double lap;                 /* and since when */
};

/* record.c: a part begins; the time since then, or since the last entry, goes to the layer at `index` (loss and
 * optimiser: 0). */
void record_begin(struct exec *exec, enum exec_part part);
void record_add(struct exec *exec, int index);

/* Cuts the parameters into pieces. False: out of memory. */
bool params_cut(struct exec *exec, struct arena *arena);

/* What lies at an offset of the plan; NULL for PLAN_NONE. */
static inline void *state_at(const struct exec *exec, size_t offset) {
    return offset == PLAN_NONE ? NULL : exec->slab + offset;
}

static inline float *state_param(const struct exec *exec, int index) {
    return state_at(exec, exec->plan->params[index]);
}

/* A value, or its gradient, for the images of the last forward; data NULL: there is none. */
static inline struct tensor state_tensor(const struct exec *exec, const size_t *offsets,
                                         int value) {
    struct shape shape = graph_shape(exec->plan->graph, value);
    return tensor_at(state_at(exec, offsets[value]), exec->images, shape,
                     plan_pitch(shape.channels));
}

#endif
