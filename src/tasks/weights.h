/* weights.h: the weights that an arm starts with and leaves, <arm>.last.safetensors, <arm>.best.safetensors. */
#ifndef TASKS_WEIGHTS_H
#define TASKS_WEIGHTS_H

#include "task.h"

enum weights_which { WEIGHTS_LAST, WEIGHTS_BEST };
extern const char *const weights_names[]; /* "last", "best" */

/* What the file says of how its weights were trained. */
struct weights_note {
    const char *data; /* "cifar10, train 50000, test 10000" */
    int epoch;
    const char *score_name; /* "test_accuracy" */
    double score;
    const char *classes; /* their names, a line each; NULL: the network says none */
};

/* Parameter tensor `param` of a graph, for a file. */
struct named_tensor weights_tensor(const struct graph *graph, int param, const char *name,
                                   const float *values);

/* Writes the arm's file; `seed` is a number in the list of seeds, which is part of the name when there are
 * several. */
bool weights_write(const struct run *run, const struct job *job, int arm, int seed,
                   const struct exec *exec, enum weights_which which,
                   const struct weights_note *note);

/* The weights that a job starts with, over those of exec_init: what an earlier stage of the run trained, else
 * what the arm's `weights:` say, else nothing. */
bool weights_start(struct run *run, const struct job *job, int arm, int seed, struct exec *exec,
                   enum weights_which which);

/* The names of the `count` classes that the arm was trained to say, as the file says that a job's weights (of the
 * first seed) come from; NULL: it does not say so many. */
const char *const *weights_classes(const struct run *run, const struct job *job, int arm,
                                   enum weights_which which, int count);

/* Has nothing but exec_init chosen the weights that a job starts with? */
bool weights_are_fresh(const struct run *run, const struct job *job, int arm);

/* The values of a tensor of that name and of the parameter's shape, or NULL. */
const float *weights_find(const struct tensor_file *file, const char *name,
                          const struct layer_param *shape);

/* Are they all numbers? */
bool weights_finite(const float *values, size_t size);

#endif
