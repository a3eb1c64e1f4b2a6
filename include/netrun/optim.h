/* optim: losses, optimisers and schedules - one file per rule, and their registries.
 *
 * Names, attributes and meaning are PyTorch's (torch.nn.functional, torch.optim). */
#ifndef NETRUN_OPTIM_H
#define NETRUN_OPTIM_H

#include "netrun/conf.h"
#include "netrun/tensor.h"

/* ---- losses ------------------------------------------------------------------------------------ */

/* What a loss compares the output with. */
struct target {
    const int32_t *labels; /* one per image, or one per pixel (images x height x width) */
    struct tensor values;  /* mse with target `input`: the network's input; data NULL: none */
};

struct loss_call {
    const void *config;
    struct pool *pool;
    struct tensor y;  /* scores (before softmax) or values */
    struct tensor dy; /* receives d loss / d y; data NULL: not wanted */
    struct target target;
    double scale; /* dy is multiplied by it (gradient accumulation); normally 1 */
};

struct loss_ops {
    const char *name, *summary, *example;
    const struct attr *attrs;
    int attr_count;
    size_t config_size;
    /* Does the loss fit a network of this output shape and a data set of `classes` classes (with one label
     * per image, or per pixel of `mask`)? */
    bool (*check)(const void *config, struct shape input, struct shape output, int classes,
                  bool masks, const struct pos *pos, struct report *report);
    /* (optional) Does it look at labels? Absent: yes. */
    bool (*needs_labels)(const void *config);
    /* The mean loss of the batch (PyTorch's reduction="mean"), added in a fixed order. */
    double (*run)(const struct loss_call *call);
};
const struct loss_ops *loss_find(const char *name);
const struct loss_ops *loss_at(int index);

/* ---- optimisers -------------------------------------------------------------------------------- */

/* One step on `size` elements of a parameter tensor: all, or a piece of it. */
struct optim_step {
    const void *config;
    double rate_factor;     /* schedule and rules: the rate is config's lr times this */
    double decay_factor;    /* rules: weight decay times this */
    double gradient_factor; /* clipping: the gradient times this; normally 1 */
    int64_t step;           /* 1 for the first */
    float *values;
    const float *gradient;
    float *state;       /* element i has state[i], state[slot_stride + i], ...; zero at first */
    size_t slot_stride; /* floats from one slot to the next */
    size_t size;
};

/* The factor that brings gradients of this norm to at most `most`: torch.nn.utils.clip_grad_norm_'s
 * most / (norm + 1e-6), and 1 where that is more. */
static inline double optim_clip(double norm, double most) {
    double factor = most / (norm + 1e-6);
    return factor < 1 ? factor : 1;
}

struct optim_ops {
    const char *name, *summary, *example;
    const struct attr *attrs;
    int attr_count;
    size_t config_size;
    /* (optional) Do the attributes fit one another? False: an error is in the report, at `pos`. */
    bool (*check)(const void *config, const struct pos *pos, struct report *report);
    int (*slots)(const void *config); /* floats of state per parameter (momentum: 1) */
    void (*step)(const struct optim_step *step);
};
const struct optim_ops *optim_find(const char *name);
const struct optim_ops *optim_at(int index);

/* ---- schedules ---------------------------------------------------------------------------------
 * How the learning rate goes over a run: the optimiser's lr times a factor. All begin with a linear warm-up if
 * wanted, and are counted by epochs or by steps. */

/* A step of a run. */
struct schedule_position {
    int64_t step;            /* from 0 */
    int64_t steps;           /* of the whole run */
    int64_t steps_per_epoch; /* the last epoch may have less */
};

/* The same as a schedule sees it, in its own unit, warm-up done: begin <= at < end. */
struct schedule_time {
    int64_t at;
    int64_t begin, end; /* of what the warm-up leaves of the run */
};

struct schedule_ops {
    const char *name, *summary, *example;
    const struct attr *attrs;
    int attr_count;
    size_t config_size;
    double (*curve)(const void *config, struct schedule_time time);
};
const struct schedule_ops *schedule_find(const char *name);
const struct schedule_ops *schedule_at(int index);

/* Reads `schedule: NAME` or `schedule: {NAME: {attributes}}`. False: see the report. */
bool schedule_read(struct arena *arena, const struct node *node, const struct schedule_ops **ops,
                   const void **config, struct report *report);

/* What the learning rate of this step is multiplied by. */
double schedule_factor(const struct schedule_ops *ops, const void *config,
                       struct schedule_position position);

#endif
