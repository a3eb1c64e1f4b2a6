/* subject.h: a network ready to be timed, on random images and labels. */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include "netrun/tasks.h"

struct subject {
    struct arena *arena;
    struct report *report;
    const struct graph *graph;
    struct pool *pool;
    const struct plan *plan;
    struct exec *exec;
    const struct loss_ops *loss;
    const struct optim_ops *optim;
    void *loss_config, *optim_config;
    int32_t *labels;
    uint32_t steps; /* so far */
};

struct subject_options {
    const char *net; /* netdefs/<net>.yaml */
    int batch, threads;
    bool training;
};

/* False: the reason has been printed. Close it in any case. */
bool subject_open(struct subject *subject, const struct subject_options *options);
void subject_close(struct subject *subject);

/* A step of training with Adam, or a forward pass where the plan is not for training; seconds. */
double subject_run(struct subject *subject);

#endif
