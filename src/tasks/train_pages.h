/* train_pages.h: what the files share that report on training. */
#ifndef TASKS_TRAIN_PAGES_H
#define TASKS_TRAIN_PAGES_H

#include "spread.h"
#include "train.h"

struct train_pages {
    struct run *run;
    const struct job *job;
    const struct train *train;
    struct arena *arena;
    int arms, seeds;
    double *values; /* one per seed, for a moment; NULL: out of memory */
    bool drawn;     /* there is a picture of the last figure */
};
struct train_pages train_pages(struct run *run, const struct job *job, struct arena *arena);

const char *train_pages_arm(const struct train_pages *pages, int arm);
const struct train_record *train_pages_record(const struct train_pages *pages, int arm, int seed);

/* A column of an epoch over the seeds; NaN where one of them has no such number. */
struct spread train_pages_spread(const struct train_pages *pages, int arm, int epoch,
                                 enum column column);

/* The means of an epoch over the seeds. */
void train_pages_row(const struct train_pages *pages, int arm, int epoch, double row[COLUMN_COUNT]);

/* train_figures.c: curves.* and loss.*; false: see the report. */
bool train_figures(struct train_pages *pages);

#endif
