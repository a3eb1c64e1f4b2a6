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
    return !stage->loss ||
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

static void record_data(struct run *run, const struct dataset *dataset) {
    struct json *data = json_new_object(run->arena);
    json_set_text(data, "source", dataset->source);
    json_set_text(data, "split", dataset->split);
    json_set_int(data, "images", dataset->images);
    json_set_bool(data, "stand_in", dataset->stand_in);
    json_set(run->results, "data", data);
}

bool task_open_data(struct run *run, const struct job *job, uint64_t seed,
                    struct dataset *dataset) {
    const struct data_spec *spec = job->stage->data;
    struct data_request request = {
        .folder = run->options->data, .split = data_split_of(spec), .seed = seed};
    if (!data_open(spec, &request, run->arena, dataset, run->report))
        return false;
    bool good = true;
    for (int i = 0; i < run->experiment->arm_count; i++)
        good =
            task_check_fit(run, job, i, dataset->shape, dataset->classes, dataset->masks) && good;
    if (good) {
        say_data(run, dataset);
        record_data(run, dataset);
    }
    return good;
}

size_t run_data_bytes(const struct job *job) {
    return data_bytes(job->stage->data, data_split_of(job->stage->data));
}

/* ---- one arm ----------------------------------------------------------------------------------- */

const struct plan *run_plan(struct run *run, const struct job *job, int arm) {
    const struct stage *stage = job->stage;
    struct plan_options options = {
        .batch = data_batch(stage->data),
        .threads = run->options->threads,
        .optim_slots = stage->optim ? stage->optim->slots(stage->optim_config) : 0,
    };
    if (!job->ops->wishes(run, job, arm, &options))
        return NULL;
    return plan_build(run->arena, run->graphs[arm], &options, run->report);
}

static bool make_batch(struct bench *bench, const struct dataset *dataset, struct arena *arena) {
    bench->batch.images = exec_input(bench->exec);
    size_t labels = (size_t)bench->plan->options.batch;
    if (dataset->masks)
        labels *= shape_size(dataset->shape) / (size_t)dataset->shape.channels;
    bench->batch.labels = arena_alloc(arena, labels, sizeof *bench->batch.labels);
    return bench->batch.labels != NULL;
}

bool bench_open(struct bench *bench, struct run *run, const struct job *job, int arm, uint64_t seed,
                const struct dataset *dataset, struct arena *arena) {
    *bench = (struct bench){.graph = run->graphs[arm], .plan = run_plan(run, job, arm)};
    if (!bench->plan)
        return false;
    bench->loader = loader_new(arena, job->stage->data, dataset, seed, true, true, run->report);
    bench->exec = exec_new(arena, bench->plan, run->pool, seed, run->report);
    if (!bench->loader || !bench->exec)
        return false;
    exec_init(bench->exec);
    return make_batch(bench, dataset, arena);
}

struct target batch_target(const struct batch *batch) {
    return (struct target){.labels = batch->labels,
                           .values = tensor_images(batch->images, 0, batch->count)};
}
