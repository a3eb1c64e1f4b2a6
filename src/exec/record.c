/* The time that every layer takes, where somebody wants to know. */
#include "state.h"

struct exec_record *exec_record_new(struct arena *arena, const struct graph *graph) {
    struct exec_record *record = arena_alloc(arena, 1, sizeof *record);
    for (int part = 0; record && part < EXEC_PARTS; part++) {
        bool per_layer = part == EXEC_FORWARD || part == EXEC_BACKWARD;
        size_t count = per_layer ? (size_t)graph->layer_count : 1;
        record->seconds[part] = arena_alloc(arena, count, sizeof(double));
        if (!record->seconds[part])
            return NULL;
    }
    return record;
}

void exec_set_record(struct exec *exec, struct exec_record *record) {
    exec->record = record;
}

/* Evaluation between steps of training is no part of what a step takes. */
static bool is_recorded(const struct exec *exec) {
    return exec->record && exec->training == exec->plan->options.training;
}

void record_begin(struct exec *exec, enum exec_part part) {
    if (!is_recorded(exec))
        return;
    exec->part = part;
    exec->lap = clock_seconds();
    if (part == EXEC_FORWARD) {
        exec->record->batches++;
        exec->record->images += exec->images;
    }
}

void record_add(struct exec *exec, int index) {
    if (!is_recorded(exec))
        return;
    double now = clock_seconds();
    exec->record->seconds[exec->part][index] += now - exec->lap;
    exec->lap = now;
}
