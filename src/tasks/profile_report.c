/* With --profile: every arm that takes steps of the optimiser is recorded while its job runs; the machine is
 * measured when the job is done. Several seeds of an arm go into one record. */
#include "profile.h"
#include "task.h"

bool profile_attach(struct run *run, const struct job *job, int arm, const struct bench *bench) {
    size_t arms = (size_t)run->experiment->arm_count;
    if (!run->options->profile || !job->ops->needs_optimizer)
        return true;
    if (!run->profiles)
        run->profiles = arena_alloc(run->arena, arms, sizeof *run->profiles);
    if (!run->profiles)
        return false;
    struct profile *profile = &run->profiles[arm];
    if (!profile->record)
        *profile = (struct profile){.plan = bench->plan,
                                    .record = exec_record_new(run->arena, bench->graph)};
    exec_set_record(bench->exec, profile->record);
    return profile->record != NULL;
}

/* ---- results.json ------------------------------------------------------------------------------ */

static struct json *layer_json(const struct profile *profile, int index, struct arena *arena) {
    const struct graph_layer *layer = &profile->plan->graph->layers[index];
    struct profile_work work = profile_layer(profile, index);
    struct json *json = json_new_object(arena);
    json_set_text(json, "kind", layer->ops->name);
    if (layer->info.algorithm)
        json_set_text(json, "algorithm", layer->info.algorithm);
    json_set_real(json, "forward_ms", 1e3 * work.forward);
    json_set_real(json, "backward_ms", 1e3 * work.backward);
    json_set_real(json, "gflops", 1e-9 * profile_rate(&work));
    json_set_real(json, "of_peak", profile_share(profile, &work));
    json_set_real(json, "floor_ms", 1e3 * profile_floor(profile, &work));
    return json;
}

static struct json *profile_json(const struct profile *profile, struct arena *arena) {
    const struct graph *graph = profile->plan->graph;
    struct profile_work work = profile_layers(profile);
    struct json *json = json_new_object(arena), *layers = json_new_object(arena);
    json_set_int(json, "batches", profile->record->batches);
    json_set_int(json, "images", profile->record->images);
    json_set_real(json, "step_ms", 1e3 * profile_step(profile));
    json_set_real(json, "forward_ms", 1e3 * profile_seconds(profile, EXEC_FORWARD));
    json_set_real(json, "loss_ms", 1e3 * profile_seconds(profile, EXEC_LOSS));
    json_set_real(json, "backward_ms", 1e3 * profile_seconds(profile, EXEC_BACKWARD));
    json_set_real(json, "optimizer_ms", 1e3 * profile_seconds(profile, EXEC_OPTIMIZE));
    json_set_real(json, "floor_ms", 1e3 * profile_floor(profile, &work));
    json_set_real(json, "peak_gflops", 1e-9 * profile->limits.operations);
    json_set_real(json, "memory_gb_per_second", 1e-9 * profile->limits.bytes);
    for (int i = 0; i < graph->layer_count; i++)
        json_set(layers, graph->layers[i].path, layer_json(profile, i, arena));
    json_set(json, "layers", layers);
    return json;
}

/* ---- the job is done --------------------------------------------------------------------------- */

static void report_arm(struct run *run, int arm, struct layer_limits limits) {
    struct profile *profile = &run->profiles[arm];
    FILE *const outs[] = {run->options->quiet ? NULL : run->options->screen, run->log->file};
    profile->limits = limits;
    run_say(run, "profile of arm %s, %d threads", run->experiment->arms[arm].name,
            run->options->threads);
    for (int i = 0; i < BASE_COUNT(outs); i++)
        if (outs[i])
            profile_print(profile, outs[i]);
    json_set(run->arm_results[arm], "profile", profile_json(profile, run->arena));
}

bool profile_report(struct run *run) {
    if (!run->profiles)
        return true;
    struct arena *arena = arena_child(run->arena);
    float *memory = arena ? arena_alloc(arena, LIMITS_FLOATS, sizeof *memory) : NULL;
    if (memory) {
        struct layer_limits limits = layer_measure_limits(run->pool, memory);
        for (int arm = 0; arm < run->experiment->arm_count; arm++)
            if (run->profiles[arm].record && run->profiles[arm].record->batches > 0)
                report_arm(run, arm, limits);
    }
    arena_free(arena);
    run->profiles = NULL;
    return memory;
}
