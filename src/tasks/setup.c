/* From an arm of an experiment to something that runs: data opened and held against the network, plan,
 * executor, batches. */
#include "task.h"

#include <string.h>

/* ---- does it fit? ------------------------------------------------------------------------------ */

static bool check_shape(const struct run *run, const struct job *job, int arm, struct shape shape) {
    const struct graph *graph = run->graphs[arm];
    if (shape_equal(shape, graph->input))
        return true;
    report_at(run->report, &run->experiment->arms[arm].pos,
              "the network %s takes %s, but the data has images of %s", quote(graph->name).text,
              shape_text(graph->input).text, shape_text(shape).text);
    report_note(run->report, data_pos(job->stage->data), "the data is chosen here");
    return false;
}

bool task_check_fit(const struct run *run, const struct job *job, int arm, struct shape shape,
                    int classes, bool masks) {
    const struct stage *stage = job->stage;
    const struct graph *graph = run->graphs[arm];
    if (!check_shape(run, job, arm, shape))
        return false;
    return !stage->loss || !job->ops->judges ||
           stage->loss->check(stage->loss_config, graph->input, graph_shape(graph, graph->output),
                              classes, masks, &stage->loss_pos, run->report);
}

/* ---- data -------------------------------------------------------------------------------------- */

const char *data_note(const struct dataset *dataset) {
    return dataset->stand_in ? "stand-in data: synthetic images, not the data set named" : NULL;
}

static void say_data(const struct run *run, const struct dataset *dataset) {
    run_say(run, "data: %s, %s split, %s images of %s, %d classes", dataset->source, dataset->split,
            text_commas(dataset->images).text, shape_text(dataset->shape).text, dataset->classes);
    if (dataset->stand_in)
        run_say(run, "note: the data set is not on this machine, so these are SYNTHETIC stand-in "
                     "images (`make data` fetches the real ones)");
}

void task_record_data(struct run *run, const struct dataset *dataset) {
    struct json *data = json_new_object(run->arena);
    json_set_text(data, "source", dataset->source);
    json_set_text(data, "split", dataset->split);
    json_set_int(data, "images", dataset->images);
    json_set_bool(data, "stand_in", dataset->stand_in);
    json_set(run->results, "data", data);
}

bool task_open_data(struct run *run, const struct job *job, enum data_split split,
                    struct dataset *dataset) {
    struct data_request request = {
        .folder = run->options->data, .split = split, .seed = run->experiment->seeds[0]};
    if (!data_open(job->stage->data, &request, run->arena, dataset, run->report))
        return false;
    bool good = true;
    for (int i = 0; i < run->experiment->arm_count; i++)
        good =
            task_check_fit(run, job, i, dataset->shape, dataset->classes, dataset->masks) && good;
    if (good)
        say_data(run, dataset);
    return good;
}

size_t run_data_bytes(const struct job *job) {
    enum data_split split = data_split_of(job->stage->data);
    size_t test = job->ops->both_splits ? data_bytes(job->stage->data, SPLIT_TEST) : 0;
    size_t ahead = job->ops->needs_optimizer ? ahead_bytes(job->stage->data) : 0;
    return data_bytes(job->stage->data, split) + test + ahead;
}

/* ---- one arm ----------------------------------------------------------------------------------- */

const struct plan *run_plan(struct run *run, const struct job *job, int arm) {
    const struct stage *stage = job->stage;
    struct plan_options options = {
        .batch = data_batch(stage->data),
        .threads = run->options->threads,
        .frozen = run->surgeries[arm]->frozen,
        .optim_slots = stage->optim ? stage->optim->slots(stage->optim_config) : 0,
    };
    if (!job->ops->wishes(run, job, arm, &options))
        return NULL;
    return plan_build(run->arena, run->graphs[arm], &options, run->report);
}

static bool make_batch(struct bench *bench, const struct dataset *dataset, struct arena *arena) {
    size_t pixels = shape_size(dataset->shape) / (size_t)dataset->shape.channels;
    bench->labels = dataset->masks ? (int64_t)pixels : 1;
    bench->batch.images = exec_input(bench->exec);
    size_t labels = (size_t)bench->plan->options.batch * (size_t)bench->labels;
    bench->batch.labels = arena_alloc(arena, labels, sizeof *bench->batch.labels);
    return bench->batch.labels != NULL;
}

bool bench_open(struct bench *bench, struct run *run, const struct job *job, int arm, int seed,
                const struct dataset *dataset, struct arena *arena) {
    *bench = (struct bench){.graph = run->graphs[arm], .plan = run_plan(run, job, arm)};
    if (!bench->plan)
        return false;
    bench->exec =
        exec_new(arena, bench->plan, run->pool, run->experiment->seeds[seed], run->report);
    if (!bench->exec || !profile_attach(run, job, arm, bench))
        return false;
    exec_init(bench->exec);
    exec_set_rules(bench->exec, run->surgeries[arm]);
    return make_batch(bench, dataset, arena);
}

double bench_loss(const struct bench *bench, const struct stage *stage) {
    return exec_loss(bench->exec, stage->loss, stage->loss_config,
                     (struct target){.labels = bench->batch.labels});
}

const char *bench_name(const struct run *run, int arm, int seed, struct arena *arena) {
    const struct experiment *experiment = run->experiment;
    if (experiment->seed_count == 1)
        return experiment->arms[arm].name;
    return arena_printf(arena, "%s, seed %llu", experiment->arms[arm].name,
                        (unsigned long long)experiment->seeds[seed]);
}

enum run_end bench_not_finite(const struct run *run, const struct bench *bench, int arm,
                              uint32_t draws, const char *unit, int64_t number) {
    int layer = exec_first_not_finite(bench->exec, bench->batch.count, draws);
    const char *where = layer >= 0 ? bench->graph->layers[layer].path : "the loss";
    report_error(run->report, "the loss of arm %s left the finite numbers at %s %lld, first in %s",
                 quote(run->experiment->arms[arm].name).text, unit, (long long)number,
                 quote(where).text);
    return RUN_NOT_FINITE;
}
