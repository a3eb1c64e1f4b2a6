/* train.h: what training is told and what it yields, shared by the files that train, save and report. */
#ifndef TASKS_TRAIN_H
#define TASKS_TRAIN_H

#include "checkpoint.h"
#include "pass.h"

struct train_config {
    int epochs, steps; /* one of them; 0: not given */
    int evaluate_every;
    double checkpoint_seconds;
    double clip; /* 0: off */
    int accumulate;
    const struct node *schedule; /* or NULL */
};

/* What is known after an epoch. */
enum column {
    TRAIN_LOSS,
    TRAIN_ACCURACY, /* both while it was trained, in training mode */
    TEST_LOSS,
    TEST_ACCURACY,
    TEST_MEAN_IU,
    COLUMN_COUNT
};
extern const char *const train_columns[COLUMN_COUNT]; /* "test_accuracy" */

/* What one arm yields under one seed; every checkpoint holds all of it. */
struct train_record {
    int64_t step;                 /* steps of the optimizer taken */
    int64_t images;               /* seen in them */
    double seconds;               /* spent on them */
    int epochs;                   /* finished */
    int best;                     /* the best of them so far, from 0; -1: none */
    struct sums epoch;            /* of the epoch under way */
    double (*rows)[COLUMN_COUNT]; /* per epoch; NaN: not measured */
    double *windows;              /* training loss, the mean over each window of steps */
};

struct train {
    const struct schedule_ops *schedule; /* NULL: the rate stays as it is */
    const void *schedule_config;
    struct dataset training, test;
    int batches, steps_per_epoch, epochs; /* the last epoch may be cut by `steps` */
    int64_t steps;                        /* in all */
    int window, windows;                  /* steps of one; how many */
    struct train_record *records;         /* of seed s and arm a: [s * arms + a] */
    struct journal table;                 /* steps.csv */
};

struct train_record *train_record(const struct run *run, const struct train *train, int arm,
                                  int seed);

/* The step after which an epoch (from 0) is over. */
int64_t train_epoch_end(const struct train *train, int epoch);

/* By what the best epoch is chosen: mean IU for masks, else accuracy, else (the output says no class) the
 * loss. */
enum column train_judged_by(const double *row);

/* That number, the loss with a minus: the higher the better. NaN: not measured. */
double train_score(const double *row);

/* "0.8231", or "-" for NaN. */
struct quoted train_share(double share);

/* train_arm.c: trains one arm under one seed from where its record stands. */
enum run_end train_arm(struct run *run, const struct job *job, int arm, int seed,
                       struct arena *arena);

/* train_state.c: what is trained on, "cifar10, train 50000, test 10000"; NULL: out of memory. */
const char *train_data_text(struct arena *arena, const struct train *train);

/* A checkpoint, with the arm under way; `exec` NULL: none is. */
bool train_save(const struct run *run, const struct job *job, int arm, int seed,
                const struct exec *exec);

/* Reads the records that the checkpoint holds of this job, and opens the table of steps. */
bool train_restore(struct run *run, const struct job *job);

/* Reads parameters and the optimizer's state, where the checkpoint was made in the middle of this arm. */
bool train_restore_arm(const struct run *run, const struct job *job, int arm, int seed,
                       struct exec *exec);

/* train_report.c */
bool train_write_epochs(struct run *run, const struct job *job);
bool train_report(struct run *run, const struct job *job);

#endif
