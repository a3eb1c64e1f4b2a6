/* What the gradients task measures, shared by the files that measure and that report. */
#ifndef TASKS_GRADIENTS_H
#define TASKS_GRADIENTS_H

#include "pass.h"

struct gradients_config {
    int iterations;
    const struct node *watch; /* for arms that have none of their own */
};

struct gradients_arm_config {
    const struct node *watch;
};

/* A layer that the user named. */
struct watch {
    const char *label;
    int layer; /* of the graph */
    int param; /* its weight, a parameter tensor of the graph */
};

/* One kind of number, for every iteration (rows) and tensor (columns). */
struct series {
    double *norms;
    int rows, columns;
};

/* The measures, in the order in which they are reported. */
enum measure {
    MEASURE_PARAMS,      /* gradient norm of every trained parameter tensor */
    MEASURE_WEIGHTS,     /* gradient norm of the weight of every weighted layer */
    MEASURE_ACTIVATIONS, /* norm of every weighted layer's output */
    MEASURE_SIGNALS,     /* norm of the gradient with respect to that output */
    MEASURE_COUNT
};

/* What one arm yields under one seed. */
struct record {
    struct series measures[MEASURE_COUNT];
    double *losses; /* per iteration */
    double *theory; /* per weighted layer: MEASURE_SIGNALS by mean-field theory; NaN: not known */
};

/* One arm under test. Weighted layers are those with a weight that maps inputs to outputs (convolutions,
 * linear), in the order of the graph. */
struct probe {
    const struct graph *graph;
    struct watch *watches;
    int watch_count;
    int *params, param_count; /* trained tensors */
    int *weighted, weighted_count;
    int *weights;           /* the weight of each weighted layer */
    struct record *records; /* one per seed */
};

struct gradients {
    struct probe *probes; /* one per arm */
    struct dataset data;
};

/* mean_field.c: fills record->theory, for fresh weights and the signal measured at the last layer. */
void mean_field_predict(const struct probe *probe, const struct exec *exec, struct record *record);

/* gradients_report.c: figures, tables, results. */
bool gradients_report(struct run *run, const struct job *job);

#endif
