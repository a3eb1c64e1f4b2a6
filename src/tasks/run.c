/* run_start: from a checked run to a finished run folder. */
#include "checkpoint.h"

/* ---- the experiment as text -------------------------------------------------------------------- */

char *run_text(struct arena *arena, const struct node *node, size_t *size) {
    struct text_writer writer;
    if (!text_begin(&writer))
        return NULL;
    bool printed = node_print(node, writer.out);
    char *text = text_end(&writer, arena, size);
    return printed ? text : NULL;
}

static bool write_resolved(const struct run *run) {
    const char *path = run_path(run, "resolved.yaml");
    struct file_writer writer;
    if (!path || !file_begin(&writer, path, run->report))
        return false;
    if (!node_print(run->experiment->resolved, writer.out)) {
        file_discard(&writer);
        return report_error(run->report, "cannot write '%s'", path);
    }
    return file_commit(&writer, run->report);
}

/* ---- results.json ------------------------------------------------------------------------------ */

static void set_seeds(struct run *run) {
    const struct experiment *experiment = run->experiment;
    json_set_int(run->results, "seed", (int64_t)experiment->seeds[0]);
    if (experiment->seed_count == 1)
        return;
    struct json *seeds = json_new_list(run->arena);
    for (int i = 0; i < experiment->seed_count; i++)
        json_add_int(seeds, (int64_t)experiment->seeds[i]);
    json_set(run->results, "seeds", seeds);
}

static void set_tasks(struct run *run) {
    const struct experiment *experiment = run->experiment;
    json_set_text(run->results, "task", experiment->stages[0].task);
    if (experiment->stage_count == 1)
        return;
    struct json *stages = json_new_list(run->arena);
    for (int i = 0; i < experiment->stage_count; i++)
        json_add_text(stages, experiment->stages[i].task);
    json_set(run->results, "stages", stages);
}

static struct json **objects_for_arms(const struct run *run) {
    int count = run->experiment->arm_count;
    struct json **objects = arena_alloc(run->arena, (size_t)count, sizeof *objects);
    for (int i = 0; objects && i < count; i++)
        objects[i] = json_new_object(run->arena);
    return objects;
}

static bool set_arms(struct run *run) {
    struct json *arms = json_new_object(run->arena);
    run->arm_results = objects_for_arms(run);
    for (int i = 0; run->arm_results && i < run->experiment->arm_count; i++) {
        struct json *arm = run->arm_results[i];
        json_set_text(arm, "net", run->graphs[i]->name);
        json_set_int(arm, "parameters", run->graphs[i]->parameters);
        json_set_int(arm, "multiply_adds", run->graphs[i]->multiply_adds);
        json_set(arms, run->experiment->arms[i].name, arm);
    }
    json_set(run->results, "arms", arms);
    return run->arm_results != NULL;
}

/* The data that a stage of several looked at, and what it found. */
static struct json *json_of_stage(const struct run *run, int arm) {
    struct json *stage = json_new_object(run->arena), *data = json_new_object(run->arena);
    json_set_all(data, json_get(run->results, "data"));
    json_set(stage, "data", data);
    json_set_all(stage, run->arm_results[arm]);
    return stage;
}

/* Puts what a job found into `arms`, each arm's part. A later stage replaces what an earlier one says under the
 * same key, so each keeps its own in `stages` too. */
static void keep_results(const struct run *run, const struct job *job, struct json **arms,
                         struct json **stages) {
    for (int i = 0; i < run->experiment->arm_count; i++) {
        json_set_all(arms[i], run->arm_results[i]);
        json_set(stages[i], run_job_name(run, job, job->ops->name), json_of_stage(run, i));
    }
}

static bool start_results(struct run *run) {
    run->results = json_new_object(run->arena);
    json_set_text(run->results, "experiment", run->experiment->name);
    set_tasks(run);
    set_seeds(run);
    json_set_text(run->results, "version", NETRUN_VERSION);
    json_set_int(run->results, "threads", run->options->threads);
    json_set_real(run->results, "seconds", 0); /* holds the place; set at the end */
    json_set_text(run->results, "blas_kernel", gemm_kernel());
    json_set_text(run->results, "instruction_set", isa_name(isa_chosen()));
    if (gemm_warning())
        json_set_text(run->results, "warning", gemm_warning());
    return set_arms(run);
}

/* ---- the run ----------------------------------------------------------------------------------- */

static void say_seed(const struct run *run, const struct job *job) {
    const struct experiment *experiment = run->experiment;
    if (experiment->seed_count > 1 && !job->ops->every_seed)
        run_say(run, "note: of %d seeds %s looks at the first, %llu", experiment->seed_count,
                job->ops->name, (unsigned long long)experiment->seeds[0]);
}

static enum run_end run_job(struct run *run, struct job *job, struct json **stages) {
    struct json **arms = run->arm_results;
    say_seed(run, job);
    run->arm_results = objects_for_arms(run);
    enum run_end end = run->arm_results ? job->ops->run(run, job) : RUN_FAILED;
    if (end == RUN_FINE && !profile_report(run))
        end = RUN_FAILED;
    if (end == RUN_FINE)
        keep_results(run, job, arms, stages);
    run->arm_results = arms;
    return end;
}

static enum run_end run_jobs(struct run *run) {
    struct json **stages = objects_for_arms(run);
    int count = run->experiment->stage_count;
    enum run_end end = stages ? RUN_FINE : RUN_FAILED;
    for (int i = 0; end == RUN_FINE && i < count; i++)
        end = run_job(run, &run->jobs[i], stages);
    for (int i = 0; end == RUN_FINE && count > 1 && i < run->experiment->arm_count; i++)
        json_set(run->arm_results[i], "stages", stages[i]);
    return end;
}

/* A network that starts half trained is easily taken for a trained one. */
static void say_surgeries(const struct run *run) {
    for (int i = 0; i < run->experiment->arm_count; i++) {
        const struct surgery *surgery = run->surgeries[i];
        int unfilled = surgery_unfilled(surgery), all = run->graphs[i]->param_count;
        for (int k = 0; k < surgery->file_count; k++)
            run_say(run, "%s: weights from %s", run->experiment->arms[i].name,
                    surgery->files[k].path);
        if (unfilled > 0)
            run_say(run,
                    "warning: %s: %d of %d parameter tensors are in none of the files and keep "
                    "their start values (--dry-run shows which)",
                    run->experiment->arms[i].name, unfilled, all);
    }
}

static enum run_end run_inside(struct run *run) {
    double started = clock_seconds();
    if (gemm_warning())
        run_say(run, "warning: %s", gemm_warning());
    say_surgeries(run);
    if (!write_resolved(run) || !start_results(run))
        return RUN_FAILED;
    enum run_end end = run_jobs(run);
    if (end != RUN_FINE)
        return end;
    double seconds = clock_seconds() - started;
    json_set_real(run->results, "seconds", seconds);
    const char *path = run_path(run, "results.json");
    if (!path || !json_write(run->results, path, run->report))
        return RUN_FAILED;
    checkpoint_remove(run);
    run_say(run, "done in %s: %s", text_seconds(seconds).text, run->folder);
    return RUN_FINE;
}

static enum run_end run_with_log(struct run *run, const struct folder *folder) {
    if (folder->moved_to)
        run_say(run, "note: the earlier run is now in %s", folder->moved_to);
    run->pool = pool_new(run->options->threads);
    if (!run->pool) {
        report_error(run->report, "cannot start %d threads", run->options->threads);
        return RUN_FAILED;
    }
    enum run_end end = run_inside(run);
    pool_free(run->pool);
    return end;
}

static enum run_end run_in_folder(struct run *run, const struct folder *folder) {
    run->folder = folder->path;
    run->log = arena_alloc(run->arena, 1, sizeof *run->log);
    if (!run->log || !checkpoint_find(run) || !checkpoint_open_log(run))
        return RUN_FAILED;
    enum run_end end = run_with_log(run, folder);
    struct journal *log = run->log;
    run->log = NULL;
    return journal_close(log, run->report) || end != RUN_FINE ? end : RUN_FAILED;
}

/* It may have ended by force between its results and the removal of its checkpoint. */
static void stay_finished(struct run *run, const struct folder *folder) {
    run->folder = folder->path;
    checkpoint_remove(run);
    run_say(run, "%s holds a finished run: nothing to do", folder->path);
}

/* What every stage needs must be there before an earlier run is moved aside, and before the first stage, which may
 * take hours. */
static bool check_data(const struct run *run) {
    bool good = true;
    for (int i = 0; i < run->experiment->stage_count; i++)
        good =
            data_reachable(run->jobs[i].stage->data, run->options->data, run->arena, run->report) &&
            good;
    return good;
}

enum run_end run_start(struct run *run) {
    struct folder folder;
    if (!run->options->resume && !check_data(run)) /* a finished run needs none */
        return RUN_FAILED;
    if (!folder_open(&folder, run->arena, run->options->out, run->experiment->name,
                     run->options->resume, run->report))
        return RUN_FAILED;
    enum run_end end = RUN_FINE;
    if (folder.finished)
        stay_finished(run, &folder);
    else
        end = run_in_folder(run, &folder);
    folder_close(&folder);
    return end;
}
