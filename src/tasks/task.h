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

/* The name of a job's file: `stem`, or "<stem>_2" for the second stage of the same task. NULL: out of
 * memory. */
const char *run_job_name(const struct run *run, const struct job *job, const char *stem);

/* "<run folder>/<name>.csv" of that name, begun; a stem that is NULL gives NULL. */
struct csv *run_csv(const struct run *run, const struct job *job, const char *stem);

/* ---- run.c: the experiment as text ------------------------------------------------------------------ */

/* `node` as YAML. NULL: out of memory. */
char *run_text(struct arena *arena, const struct node *node, size_t *size);

/* ---- journal.c: files that grow while a run is on ------------------------------------------------ */
struct journal {
    FILE *file; /* write here */
    const char *path;
};

/* Opens a file for appending, cut to its first `keep` bytes (0: made anew); `path` must live as long. */
bool journal_open(struct journal *journal, const char *path, int64_t keep, struct report *report);

/* How long the file is once all that was written is on the disk; -1: see the report. */
int64_t journal_length(const struct journal *journal, struct report *report);
bool journal_close(struct journal *journal, struct report *report);

/* ---- say.c: words to the user ------------------------------------------------------------------ */

/* One line to the screen (not with --quiet) and to log.txt. */
void run_say(const struct run *run, const char *format, ...) BASE_PRINTF(2, 3);

/* Says that charts were not drawn. */
void say_not_drawn(const struct run *run);

/* Says so where a job judges a network that nothing has trained. */
void say_fresh(const struct run *run, const struct job *job, int arm);

/* A bar on a terminal, plain lines now and then otherwise; not in the log. */
struct progress {
    const struct run *run;
    const char *what;     /* "plain, seed 0" */
    const char *unit;     /* "iterations" */
    int64_t first, total; /* done before, done in the end */
    double started, shown;
    char detail[128]; /* (optional) more to say: "loss 1.2" */
    bool bar;
};
struct progress progress_start(const struct run *run, const char *what, const char *unit,
                               int64_t first, int64_t total);
void progress_show(struct progress *progress, int64_t done);
void progress_end(struct progress *progress);

/* ---- setup.c: from an arm to something that runs ------------------------------------------------- */

/* Refuses data that a network or its loss cannot take. */
bool task_check_fit(const struct run *run, const struct job *job, int arm, struct shape shape,
                    int classes, bool masks);

/* Opens a split of the job's data (once for all arms) and says what it is, stand-ins above all. */
bool task_open_data(struct run *run, const struct job *job, enum data_split split,
                    struct dataset *dataset);

/* Puts it into results.json. */
void task_record_data(struct run *run, const struct dataset *dataset);

/* One arm under one seed (its number in the list), ready to run: graph, executor (weights.h:
 * its weights are those of exec_init), a batch. */
struct bench {
    const struct graph *graph;
    const struct plan *plan;
    struct exec *exec;
    struct batch batch;
    int64_t labels; /* per image */
};
bool bench_open(struct bench *bench, struct run *run, const struct job *job, int arm, int seed,
                const struct dataset *dataset, struct arena *arena);

/* The loss of the forward pass at hand. */
double bench_loss(const struct bench *bench, const struct stage *stage);

/* "plain", with several seeds "plain, seed 3". NULL: out of memory. */
const char *bench_name(const struct run *run, int arm, int seed, struct arena *arena);

/* The loss of the arm left the finite numbers in the forward pass at hand, whose draws `draws` named: says in
 * which layer, and when ("iteration", 3). */
enum run_end bench_not_finite(const struct run *run, const struct bench *bench, int arm,
                              uint32_t draws, const char *unit, int64_t number);

/* "stand-in data: synthetic" for the small print of figures, or NULL. */
const char *data_note(const struct dataset *dataset);

/* ---- profile_report.c: with --profile ------------------------------------------------------------ */

/* Has the executor of an arm that trains record its times. False: out of memory. */
bool profile_attach(struct run *run, const struct job *job, int arm, const struct bench *bench);

/* When a job is done: says where its arms' time went, and writes it to their results. False: out of memory. */
bool profile_report(struct run *run);

#endif
