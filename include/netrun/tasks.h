/* tasks: what an experiment can do - one file per task, their registry, and the run folder.
 *
 * A task checks its own keys in `prepare` (nothing has run yet: all errors of a file in one go), then
 * `run` does the work and leaves its files. */
#ifndef NETRUN_TASKS_H
#define NETRUN_TASKS_H

#include <signal.h>

#include "netrun/exec.h"
#include "netrun/format.h"

enum progress_mode { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_OFF };

/* What the command line asks for. */
struct run_options {
    int threads;
    const char *out, *data; /* folders */
    enum progress_mode progress;
    bool resume, profile, quiet, verbose, color;
    FILE *screen;
    const volatile sig_atomic_t *stop; /* set by a signal: finish the step, save, return */
};

/* Ends of a run, in the words of the exit status. */
enum run_end { RUN_FINE, RUN_FAILED, RUN_NOT_FINITE, RUN_STOPPED };

/* A run under way. */
struct run {
    struct arena *arena;
    const struct experiment *experiment;
    const struct stage *stage;
    const struct graph *const *graphs; /* one per arm */
    const struct run_options *options;
    struct pool *pool;
    struct report *report;
    const char *folder;   /* the run folder */
    struct json *results; /* results.json in the making */
    void *state;          /* the task's own, from prepare */
};

struct task_ops {
    const char *name, *summary, *example;
    const struct attr *attrs; /* keys of the experiment */
    int attr_count;
    size_t config_size;
    const struct attr *arm_attrs; /* keys of an arm */
    int arm_attr_count;
    size_t arm_config_size;
    /* Checks run->stage->own and the arms' own keys against the graphs; fills run->state. */
    bool (*prepare)(struct run *run);
    enum run_end (*run)(struct run *run);
};
const struct task_ops *task_find(const char *name);
const struct task_ops *task_at(int index);

/* Builds and checks all of an experiment: graphs, data, losses, tasks' keys. NULL: see the report. */
struct run *run_check(struct arena *arena, const struct experiment *experiment,
                      const struct run_options *options, struct report *report);

/* Makes the run folder, runs every stage, writes results.json and resolved.yaml. */
enum run_end run_start(struct run *run);

#endif
