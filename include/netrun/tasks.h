/* tasks: what an experiment can do - one file per task, their registry, and the run folder.
 *
 * A run is an experiment on its way: run_check refuses everything that the user got wrong (all errors of a
 * file in one go, no data has been read, nothing written yet), run_start does the work and leaves the files. */
#ifndef NETRUN_TASKS_H
#define NETRUN_TASKS_H

#include <signal.h>

#include "netrun/exec.h"
#include "netrun/format.h"

/* ---- what the command line asks for ------------------------------------------------------------ */
enum progress_mode { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_OFF };

struct run_options {
    int threads;
    const char *out, *data; /* folders: of run folders, of data sets */
    enum progress_mode progress;
    bool resume, quiet, verbose, profile;
    FILE *screen;
    const volatile sig_atomic_t *stop; /* set by a signal: finish the step, then return */
};

/* How a run ended; `main` makes an exit status of it. */
enum run_end { RUN_FINE, RUN_FAILED, RUN_NOT_FINITE, RUN_STOPPED };

/* ---- a run and its jobs ------------------------------------------------------------------------ */

/* One stage of a run, with what its task has read and prepared. */
struct job {
    const struct stage *stage;
    const struct task_ops *ops;
    void *config;       /* the experiment's keys, as the task's `attrs` describe them */
    void **arm_configs; /* per arm: its keys, as `arm_attrs` describe them */
    void *state;        /* the task's own, from `prepare` */
};

struct run {
    struct arena *arena;
    const struct experiment *experiment;
    const struct graph **graphs;      /* one per arm */
    const struct surgery **surgeries; /* likewise */
    struct job *jobs;                 /* one per stage */
    const struct run_options *options;
    struct report *report;
    /* from run_start on */
    struct pool *pool;
    const char *folder;  /* the run folder */
    struct journal *log; /* log.txt */
    const struct tensor_file
        *checkpoint;          /* with --resume: where the run stood; NULL: at its beginning */
    struct json *results,     /* results.json in the making */
        **arm_results;        /* what the job under way says of each arm */
    struct profile *profiles; /* per arm, of the job under way; NULL: not wanted */
};

/* Builds the graphs, reads the arms' weights, and checks data, losses and tasks' keys against them. NULL: see
 * the report. */
struct run *run_check(struct arena *arena, const struct experiment *experiment,
                      const struct run_options *options, struct report *report);

/* Makes the run folder, runs every job, writes resolved.yaml and results.json. */
enum run_end run_start(struct run *run);

/* The plan that a job will run an arm with, for a dry run. NULL: see the report. */
const struct plan *run_plan(struct run *run, const struct job *job, int arm);

/* Bytes of images and labels that a job will hold. */
size_t run_data_bytes(const struct job *job);

/* ---- finished runs ----------------------------------------------------------------------------- */

/* Puts runs, named by their folders, into one table and one figure, in the folder <out>/compare. */
bool compare_runs(struct arena *arena, const char *const *folders, int count,
                  const struct run_options *options, struct report *report);

/* ---- a task ------------------------------------------------------------------------------------ */
struct task_ops {
    const char *name, *summary, *example;
    const struct attr *attrs; /* its keys of an experiment */
    int attr_count;
    size_t config_size;
    const struct attr *arm_attrs; /* its keys of an arm */
    int arm_attr_count;
    size_t arm_config_size;
    bool needs_loss, needs_optimizer;
    bool judges;      /* holds networks against labels, by the loss where there is one */
    bool every_seed;  /* a network for each seed; else the first is enough */
    bool trains;      /* leaves weights for the stages after it */
    bool both_splits; /* reads the test split beside the one that `data:` names */
    /* Checks the job's configs against the graphs; fills job->state. False: see the report. */
    bool (*prepare)(struct run *run, struct job *job);
    /* Fills what the task wants of a plan: training, what to keep. Batch, threads, slots are filled. */
    bool (*wishes)(struct run *run, const struct job *job, int arm, struct plan_options *options);
    enum run_end (*run)(struct run *run, struct job *job);
};
const struct task_ops *task_find(const char *name);
const struct task_ops *task_at(int index);

/* ---- profiles ----------------------------------------------------------------------------------
 * Where the time of a network's batches goes, beside the least that it could be. */
struct profile {
    const struct plan *plan;
    struct exec_record *record; /* of at least one batch */
    struct layer_limits limits;
};

/* A row per layer - time, algorithm, rate, share of the machine's peak, floor - then sums. */
void profile_print(const struct profile *profile, FILE *out);

#endif
