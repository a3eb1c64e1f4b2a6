/* The gradients task: how strong is the signal that each layer gets?
 *
 * Every iteration runs a batch forward and backward, records the L2 norm of every gradient, then takes a
 * step (as the study does), in training mode throughout. A weight gradient is (backward signal) x
 * (activation): where activations shrink as well, weight gradients alone look flat, so activations and
 * their gradients are recorded too. */
#include "gradients.h"
#include "weights.h"

#include <math.h>
#include <string.h>

/* ---- keys -------------------------------------------------------------------------------------- */

#define FIELD(name) offsetof(struct gradients_config, name)
static const struct attr attrs[] = {
    {"iterations", "batches, each with one step of the optimizer", ATTR_INT, FIELD(iterations),
     .fallback = 51, .min = 1, .max = 1000000},
    {"watch", "layers to follow, LABEL: PATH, for every arm that has no watch of its own",
     ATTR_NODE, .offset = FIELD(watch)},
};
#undef FIELD

static const struct attr arm_attrs[] = {
    {"watch", "layers of this arm to follow in the figure, LABEL: PATH", ATTR_NODE,
     .offset = offsetof(struct gradients_arm_config, watch)},
};

/* ---- prepare ----------------------------------------------------------------------------------- */

static bool is_trained(const struct graph *graph, int param) {
    return graph->params[param].shape->role == PARAM_TRAINED;
}

/* The parameter tensor through which a layer maps inputs to outputs, or -1. */
static int weight_of(const struct graph *graph, int layer) {
    const struct graph_layer *at = &graph->layers[layer];
    for (int i = at->first_param; i < at->first_param + at->info.param_count; i++)
        if (is_trained(graph, i) && graph->params[i].shape->fan_in > 0)
            return i;
    return -1;
}

static bool list_tensors(struct arena *arena, struct probe *probe) {
    const struct graph *graph = probe->graph;
    probe->params = arena_alloc(arena, (size_t)graph->param_count, sizeof *probe->params);
    probe->weighted = arena_alloc(arena, (size_t)graph->layer_count, sizeof *probe->weighted);
    probe->weights = arena_alloc(arena, (size_t)graph->layer_count, sizeof *probe->weights);
    if (!probe->params || !probe->weighted || !probe->weights)
        return false;
    for (int i = 0; i < graph->param_count; i++)
        if (is_trained(graph, i))
            probe->params[probe->param_count++] = i;
    for (int i = 0; i < graph->layer_count; i++)
        if (weight_of(graph, i) >= 0) {
            probe->weights[probe->weighted_count] = weight_of(graph, i);
            probe->weighted[probe->weighted_count++] = i;
        }
    return true;
}

static bool add_watch(struct run *run, struct probe *probe, const struct entry *entry) {
    int layer = graph_find(probe->graph, entry->value, run->report);
    if (layer < 0)
        return false;
    int weight = weight_of(probe->graph, layer);
    if (weight < 0)
        return report_at(
            run->report, &entry->value->pos,
            "the layer %s (%s) has no weights to watch: name a convolution or linear layer",
            quote(probe->graph->layers[layer].path).text, probe->graph->layers[layer].ops->name);
    probe->watches[probe->watch_count++] =
        (struct watch){.label = entry->key, .layer = layer, .param = weight};
    return true;
}

static bool add_watches(struct run *run, struct probe *probe, const struct node *watch) {
    if (!watch)
        return true;
    if (watch->kind != NODE_MAP)
        return report_at(run->report, &watch->pos,
                         "watch takes a map LABEL: PATH (initial: stage1.0.conv2d), not %s",
                         node_kind_name(watch->kind));
    probe->watches = arena_alloc(run->arena, (size_t)watch->count, sizeof *probe->watches);
    bool good = probe->watches != NULL;
    for (int i = 0; probe->watches && i < watch->count; i++)
        good = add_watch(run, probe, &watch->entries[i]) && good;
    return good;
}

static bool prepare_probe(struct run *run, const struct job *job, int arm, struct probe *probe) {
    const struct gradients_config *config = job->config;
    const struct gradients_arm_config *own = job->arm_configs[arm];
    probe->graph = run->graphs[arm];
    if (!list_tensors(run->arena, probe))
        return false;
    if (probe->weighted_count == 0)
        return report_at(
            run->report, &run->experiment->arms[arm].pos,
            "the network %s has no layer with weights: there are no gradients to measure",
            quote(probe->graph->name).text);
    probe->records =
        arena_alloc(run->arena, (size_t)run->experiment->seed_count, sizeof *probe->records);
    return probe->records && add_watches(run, probe, own->watch ? own->watch : config->watch);
}

static bool prepare(struct run *run, struct job *job) {
    struct gradients *state = arena_alloc(run->arena, 1, sizeof *state);
    if (!state)
        return false;
    int arms = run->experiment->arm_count;
    state->probes = arena_alloc(run->arena, (size_t)arms, sizeof *state->probes);
    job->state = state;
    bool good = state->probes && pass_check_labels(run, job, data_split_of(job->stage->data));
    for (int i = 0; state->probes && i < arms; i++) {
        good = prepare_probe(run, job, i, &state->probes[i]) && good;
        good = graph_check_batch(run->graphs[i], data_batch(job->stage->data),
                                 data_pos(job->stage->data), run->report) &&
               good;
    }
    return good;
}

static bool wishes(struct run *run, const struct job *job, int arm, struct plan_options *options) {
    const struct gradients *state = job->state;
    const struct probe *probe = &state->probes[arm];
    bool *keep = arena_alloc(run->arena, (size_t)probe->graph->layer_count + 1, sizeof *keep);
    if (!keep)
        return false;
    for (int i = 0; i < probe->weighted_count; i++)
        keep[probe->weighted[i] + 1] = true;
    options->training = true;
    options->frozen = NULL; /* what is frozen takes no steps, but is measured like the rest */
    options->keep_values = keep;
    options->keep_gradients = keep;
    return true;
}

/* ---- measuring --------------------------------------------------------------------------------- */

static bool make_series(struct arena *arena, struct series *series, int rows, int columns) {
    *series = (struct series){.rows = rows, .columns = columns};
    series->norms = arena_alloc(arena, (size_t)rows * (size_t)columns, sizeof *series->norms);
    return series->norms != NULL;
}

static bool make_record(struct arena *arena, const struct probe *probe, int iterations,
                        struct record *record) {
    for (int m = 0; m < MEASURE_COUNT; m++) {
        int columns = m == MEASURE_PARAMS ? probe->param_count : probe->weighted_count;
        if (!make_series(arena, &record->measures[m], iterations, columns))
            return false;
    }
    record->losses = arena_alloc(arena, (size_t)iterations, sizeof *record->losses);
    record->theory = arena_alloc(arena, (size_t)probe->weighted_count, sizeof *record->theory);
    return record->losses && record->theory;
}

static double vector_norm(const float *values, size_t size) {
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

static double param_gradient_norm(const struct probe *probe, const struct exec *exec, int param) {
    return vector_norm(exec_param_gradient(exec, param),
                       param_size(probe->graph->params[param].shape));
}

static double *row_of(struct record *record, enum measure measure, int iteration) {
    struct series *series = &record->measures[measure];
    return series->norms + (size_t)iteration * (size_t)series->columns;
}

static void measure(const struct probe *probe, const struct exec *exec, struct record *record,
                    int iteration) {
    double *params = row_of(record, MEASURE_PARAMS, iteration);
    for (int i = 0; i < probe->param_count; i++)
        params[i] = param_gradient_norm(probe, exec, probe->params[i]);
    double *weights = row_of(record, MEASURE_WEIGHTS, iteration);
    double *activations = row_of(record, MEASURE_ACTIVATIONS, iteration);
    double *signals = row_of(record, MEASURE_SIGNALS, iteration);
    for (int i = 0; i < probe->weighted_count; i++) {
        int value = probe->weighted[i] + 1;
        weights[i] = param_gradient_norm(probe, exec, probe->weights[i]);
        activations[i] = tensor_norm(exec_value(exec, value));
        signals[i] = tensor_norm(exec_gradient(exec, value));
    }
}

/* ---- the run ----------------------------------------------------------------------------------- */

static enum run_end run_iterations(struct run *run, const struct job *job, int arm,
                                   struct bench *bench, struct ahead *ahead, struct record *record,
                                   struct progress *progress) {
    const struct gradients *state = job->state;
    const struct stage *stage = job->stage;
    const struct probe *probe = &state->probes[arm];
    int iterations = record->measures[0].rows;
    for (int i = 0; i < iterations; i++) {
        ahead_take(ahead, i, &bench->batch);
        exec_forward(bench->exec, bench->batch.count, true, (uint32_t)i);
        record->losses[i] = bench_loss(bench, stage);
        if (!isfinite(record->losses[i]))
            return bench_not_finite(run, bench, arm, (uint32_t)i, "iteration", i);
        exec_backward(bench->exec, false);
        measure(probe, bench->exec, record, i);
        if (i == 0 && weights_are_fresh(run, job, arm))
            mean_field_predict(probe, bench->exec, record);
        exec_optimize(bench->exec, stage->optim, stage->optim_config);
        progress_show(progress, i + 1);
        if (*run->options->stop)
            return RUN_STOPPED;
    }
    return RUN_FINE;
}

static enum run_end run_arm(struct run *run, const struct job *job, int arm, int seed,
                            struct arena *arena) {
    const struct gradients *state = job->state;
    const struct gradients_config *config = job->config;
    struct record *record = &state->probes[arm].records[seed];
    struct bench bench;
    const char *what = bench_name(run, arm, seed, arena);
    struct loader *loader = loader_new(arena, job->stage->data, &state->data,
                                       run->experiment->seeds[seed], true, true, run->report);
    if (!what || !loader ||
        !make_record(run->arena, &state->probes[arm], config->iterations, record) ||
        !bench_open(&bench, run, job, arm, seed, &state->data, arena) ||
        !weights_start(run, job, arm, seed, bench.exec, WEIGHTS_LAST))
        return RUN_FAILED;
    struct ahead *ahead = ahead_start(arena, loader, 0, config->iterations);
    if (!ahead)
        return RUN_FAILED;
    struct progress progress = progress_start(run, what, "iterations", 0, config->iterations);
    enum run_end end = run_iterations(run, job, arm, &bench, ahead, record, &progress);
    ahead_stop(ahead);
    progress_end(&progress);
    return end;
}

static enum run_end run_seed(struct run *run, const struct job *job, int seed) {
    enum run_end end = RUN_FINE;
    for (int arm = 0; end == RUN_FINE && arm < run->experiment->arm_count; arm++) {
        struct arena *arena = arena_child(run->arena); /* one arm's slab at a time */
        end = arena ? run_arm(run, job, arm, seed, arena) : RUN_FAILED;
        arena_free(arena);
    }
    return end;
}

static enum run_end run_gradients(struct run *run, struct job *job) {
    struct gradients *state = job->state;
    if (!task_open_data(run, job, data_split_of(job->stage->data), &state->data))
        return RUN_FAILED;
    task_record_data(run, &state->data);
    for (int seed = 0; seed < run->experiment->seed_count; seed++) {
        enum run_end end = run_seed(run, job, seed);
        if (end != RUN_FINE)
            return end;
    }
    return gradients_report(run, job) ? RUN_FINE : RUN_FAILED;
}

const struct task_ops task_gradients = {
    .name = "gradients",
    .summary = "measures the gradient of every layer over some iterations of training",
    .example = "task: gradients\n"
               "iterations: 51\n"
               "arms: {plain: {net: ../netdefs/plain35.yaml, watch: {initial: stage1.0.conv2d}}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct gradients_config),
    .arm_attrs = arm_attrs,
    .arm_attr_count = BASE_COUNT(arm_attrs),
    .arm_config_size = sizeof(struct gradients_arm_config),
    .needs_loss = true,
    .needs_optimizer = true,
    .judges = true,
    .every_seed = true,
    .prepare = prepare,
    .wishes = wishes,
    .run = run_gradients,
};
