/* What tasks share: the run folder, words to the user, progress, opening the data. */
#ifndef TASKS_TASK_H
#define TASKS_TASK_H

#include "netrun/tasks.h"

/* ---- folder.c: the run folder ------------------------------------------------------------------ */

/* out/<experiment>, locked against a second process; an earlier one is moved to .1, .2, ... */
struct folder {
    const char *path;
    const char *moved_to; /* where the earlier one went, or NULL */
    bool finished;        /* only with `resume`: it holds a finished run */
    int lock;             /* descriptor, -1: none */
};
bool folder_open(struct folder *folder, struct arena *arena, const char *out, const char *name,
                 bool resume, struct report *report);
void folder_close(struct folder *folder);

/* "<run folder>/<name>". NULL: out of memory. */
char *run_path(const struct run *run, const char *name);

/* ---- say.c: words to the user ------------------------------------------------------------------ */

/* One line to the screen (not with --quiet) and to log.txt. */
void run_say(const struct run *run, const char *format, ...) BASE_PRINTF(2, 3);

/* A bar on a terminal, plain lines now and then otherwise; not in the log. */
struct progress {
    const struct run *run;
    const char *what; /* "plain, seed 0" */
    const char *unit; /* "iterations" */
    int64_t total;
    double started, shown;
    bool bar;
};
struct progress progress_start(const struct run *run, const char *what, const char *unit,
                               int64_t total);
void progress_show(struct progress *progress, int64_t done);
void progress_end(struct progress *progress);

/* ---- setup.c: from an arm to something that runs ------------------------------------------------- */

/* Refuses data that a network or its loss cannot take. */
bool task_check_fit(const struct run *run, const struct job *job, int arm, struct shape shape,
                    int classes, bool masks);

/* Opens the job's data (once for all arms) and says what it is, stand-ins above all. */
bool task_open_data(struct run *run, const struct job *job, uint64_t seed, struct dataset *dataset);

/* One arm, ready to run: graph, executor, batches. */
struct bench {
    const struct graph *graph;
    const struct plan *plan;
    struct exec *exec;
    struct loader *loader;
    struct batch batch;
};
bool bench_open(struct bench *bench, struct run *run, const struct job *job, int arm, uint64_t seed,
                const struct dataset *dataset, struct arena *arena);

/* What a loss compares the output with: the labels, or the images themselves. */
struct target batch_target(const struct batch *batch);

/* "stand-in data: synthetic" for the small print of figures, or NULL. */
const char *data_note(const struct dataset *dataset);

#endif
