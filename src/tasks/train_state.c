/* What a checkpoint holds of training: the records of every stage that trains, parameters and optimizer state
 * of the arm under way, and how long the table of steps was. */
#include "train.h"
#include "weights.h"

#include <limits.h>
#include <string.h>

/* ---- a record as numbers ----------------------------------------------------------------------- */

/* Numbers to write, or to read: one function says what they are, so that both agree. */
struct tape {
    double *numbers;
    int count;
    bool reading;
    bool wrong; /* a number that was read is no whole one from -1 */
};

static void tape_real(struct tape *tape, double *value) {
    double *number = &tape->numbers[tape->count++];
    if (tape->reading)
        *value = *number;
    else
        *number = *value;
}

static void tape_whole(struct tape *tape, int64_t *value, double most) {
    double real = (double)*value;
    tape_real(tape, &real);
    bool fits = real >= -1 && real <= most;
    tape->wrong |= !fits;
    *value = fits ? (int64_t)real : 0;
}

static void tape_count(struct tape *tape, int64_t *value) {
    tape_whole(tape, value, CHECKPOINT_MOST_COUNT);
}

static void tape_int(struct tape *tape, int *value) {
    int64_t whole = *value;
    tape_whole(tape, &whole, INT_MAX);
    *value = (int)whole;
}

static void tape_record(struct tape *tape, const struct train *train, struct train_record *record) {
    tape_count(tape, &record->step);
    tape_count(tape, &record->images);
    tape_real(tape, &record->seconds);
    tape_int(tape, &record->epochs);
    tape_int(tape, &record->best);
    tape_real(tape, &record->epoch.loss);
    tape_count(tape, &record->epoch.images);
    tape_count(tape, &record->epoch.labels);
    tape_count(tape, &record->epoch.right);
    for (int i = 0; i < train->epochs; i++)
        for (int k = 0; k < COLUMN_COUNT; k++)
            tape_real(tape, &record->rows[i][k]);
    for (int i = 0; i < train->windows; i++)
        tape_real(tape, &record->windows[i]);
}

enum { HEAD_NUMBERS = 9 };

static int numbers_of(const struct train *train) {
    return HEAD_NUMBERS + train->epochs * COLUMN_COUNT + train->windows;
}

/* ---- names in the checkpoint ------------------------------------------------------------------- */

/* "train.0.records.2": of the first stage, of its third arm and seed. NULL: out of memory. */
static const char *key_of(struct arena *arena, const struct run *run, const struct job *job,
                          const char *what, int index) {
    return arena_printf(arena, "train.%d.%s.%d", (int)(job - run->jobs), what, index);
}

static const char under_way[] = "train.under_way", steps_key[] = "optimizer.steps";

static void position(const struct run *run, const struct job *job, int arm, int seed,
                     double numbers[3]) {
    numbers[0] = (double)(job - run->jobs);
    numbers[1] = arm;
    numbers[2] = seed;
}

const char *train_data_text(struct arena *arena, const struct train *train) {
    const struct dataset *training = &train->training, *test = &train->test;
    return arena_printf(arena, "%s, %s %d, %s %d%s", training->source, training->split,
                        training->images, test->split, test->images,
                        training->stand_in ? ", stand-in" : "");
}

/* ---- saving ------------------------------------------------------------------------------------ */

static void put_records(struct checkpoint_draft *draft, const struct run *run,
                        const struct job *job) {
    const struct train *train = job->state;
    int records = run->experiment->arm_count * run->experiment->seed_count;
    for (int i = 0; i < records; i++) {
        struct tape tape = {
            .numbers = arena_alloc(draft->arena, (size_t)numbers_of(train), sizeof(double))};
        draft->failed |= !tape.numbers;
        if (draft->failed)
            return;
        tape_record(&tape, train, &train->records[i]);
        checkpoint_put_numbers(draft, key_of(draft->arena, run, job, "records", i), tape.numbers,
                               tape.count);
    }
    checkpoint_put_text(draft, key_of(draft->arena, run, job, "data", 0),
                        train_data_text(draft->arena, train));
}

/* Slots of the optimizer's state are tensors of their own, "optimizer/0/<path>"; no path holds a '/'. */
static const char *slot_name(struct arena *arena, const struct graph *graph, int param, int slot) {
    return arena_printf(arena, "optimizer/%d/%s", slot, graph->params[param].path);
}

static void put_arm(struct checkpoint_draft *draft, const struct graph *graph, int slots,
                    const struct exec *exec) {
    for (int i = 0; i < graph->param_count; i++) {
        const float *state = exec_optim_state(exec, i);
        size_t size = param_size(graph->params[i].shape);
        checkpoint_put_tensor(draft,
                              weights_tensor(graph, i, graph->params[i].path, exec_param(exec, i)));
        for (int slot = 0; state && slot < slots; slot++)
            checkpoint_put_tensor(draft,
                                  weights_tensor(graph, i, slot_name(draft->arena, graph, i, slot),
                                                 state + (size_t)slot * size));
    }
    double steps = (double)exec_steps(exec);
    checkpoint_put_numbers(draft, steps_key, &steps, 1);
}

static int slots_of(const struct stage *stage) {
    return stage->optim->slots(stage->optim_config);
}

static bool save(struct checkpoint_draft *draft, const struct run *run, const struct job *job,
                 int arm, int seed, const struct exec *exec) {
    const struct train *train = job->state;
    double place[3], length = (double)journal_length(&train->table, run->report);
    if (length < 0)
        return false;
    for (const struct job *each = run->jobs; each <= job; each++)
        if (each->ops == job->ops)
            put_records(draft, run, each);
    checkpoint_put_numbers(draft, key_of(draft->arena, run, job, "table", 0), &length, 1);
    if (exec) {
        position(run, job, arm, seed, place);
        checkpoint_put_numbers(draft, under_way, place, 3);
        put_arm(draft, run->graphs[arm], slots_of(job->stage), exec);
    }
    return checkpoint_save(draft, run);
}

bool train_save(const struct run *run, const struct job *job, int arm, int seed,
                const struct exec *exec) {
    struct arena *arena = arena_child(run->arena);
    struct checkpoint_draft draft = checkpoint_draft(arena);
    bool good = arena && save(&draft, run, job, arm, seed, exec);
    arena_free(arena);
    return good;
}

/* ---- going on ---------------------------------------------------------------------------------- */

/* A stand-in must not take the place of the data that was trained on, or the other way round. */
static bool same_data(const struct run *run, const struct job *job, struct arena *arena) {
    const char *key = key_of(arena, run, job, "data", 0), *now = train_data_text(arena, job->state);
    const char *then = key ? checkpoint_text(run, key) : NULL;
    if (!then || !now)
        return now != NULL; /* this stage had not begun */
    return !strcmp(then, now) ||
           report_error(run->report,
                        "cannot go on: the data was %s and is now %s; run it without --resume",
                        quote(then).text, quote(now).text);
}

/* Does a record say where a run of this length can stand? What follows goes by it. */
static bool record_fits(const struct train *train, const struct train_record *record) {
    if (record->epochs < 0 || record->epochs > train->epochs || record->best >= record->epochs)
        return false;
    int64_t begun = record->epochs > 0 ? train_epoch_end(train, record->epochs - 1) : 0;
    return record->step >= begun && record->step <= train_epoch_end(train, record->epochs);
}

static bool restore_records(const struct run *run, const struct job *job, struct arena *arena) {
    const struct train *train = job->state;
    int records = run->experiment->arm_count * run->experiment->seed_count;
    struct tape tape = {.numbers = arena_alloc(arena, (size_t)numbers_of(train), sizeof(double)),
                        .reading = true};
    for (int i = 0; i < records; i++) {
        const char *key = key_of(arena, run, job, "records", i);
        if (!tape.numbers || !key || !checkpoint_numbers(run, key, tape.numbers, numbers_of(train)))
            return false;
        tape.count = 0;
        tape_record(&tape, train, &train->records[i]);
        if (tape.wrong || !record_fits(train, &train->records[i]))
            return checkpoint_misfit(run, key);
    }
    return true;
}

static bool finished(const struct run *run, const struct train *train) {
    for (int i = 0; i < run->experiment->arm_count * run->experiment->seed_count; i++)
        if (train->records[i].epochs < train->epochs)
            return false;
    return true;
}

static bool open_table(const struct run *run, const struct job *job, int64_t keep) {
    struct train *train = job->state;
    const char *name = run_job_name(run, job, "steps");
    const char *path = name ? run_path(run, arena_printf(run->arena, "%s.csv", name)) : NULL;
    if (!path || !journal_open(&train->table, path, keep, run->report))
        return false;
    if (keep == 0)
        fputs("arm,seed,epoch,step,loss,accuracy,learning_rate,gradient_norm\n", train->table.file);
    return true;
}

static bool restore(const struct run *run, const struct job *job, struct arena *arena) {
    const char *data = key_of(arena, run, job, "data", 0);
    const char *table = key_of(arena, run, job, "table", 0);
    int64_t length = 0;
    if (!data || !table)
        return false;
    if (!run->checkpoint || !checkpoint_text(run, data))
        return open_table(run, job, 0);
    if (!same_data(run, job, arena) || !restore_records(run, job, arena))
        return false;
    if (finished(run, job->state))
        return true;
    return checkpoint_count(run, table, &length) && open_table(run, job, length);
}

bool train_restore(struct run *run, const struct job *job) {
    struct arena *arena = arena_child(run->arena);
    bool good = arena && restore(run, job, arena);
    arena_free(arena);
    return good;
}

static bool restore_param(const struct run *run, const struct graph *graph, int param, int slots,
                          struct exec *exec, struct arena *arena) {
    const struct layer_param *shape = graph->params[param].shape;
    const char *path = graph->params[param].path;
    float *values = exec_change_param(exec, param), *state = exec_optim_state(exec, param);
    size_t size = param_size(shape);
    if (!checkpoint_tensor(run, path, shape, values))
        return false;
    for (int slot = 0; state && slot < slots; slot++) {
        const char *name = slot_name(arena, graph, param, slot);
        if (!name || !checkpoint_tensor(run, name, shape, state + (size_t)slot * size))
            return false;
    }
    return weights_finite(values, size) || checkpoint_misfit(run, path);
}

static bool restore_arm(const struct run *run, const struct job *job, int arm, int64_t steps,
                        struct exec *exec, struct arena *arena) {
    const struct graph *graph = run->graphs[arm];
    int64_t taken;
    for (int i = 0; i < graph->param_count; i++)
        if (!restore_param(run, graph, i, slots_of(job->stage), exec, arena))
            return false;
    if (!checkpoint_count(run, steps_key, &taken))
        return false;
    exec_set_steps(exec, taken);
    return taken == steps || checkpoint_misfit(run, steps_key);
}

bool train_restore_arm(const struct run *run, const struct job *job, int arm, int seed,
                       struct exec *exec) {
    int64_t steps = train_record(run, job->state, arm, seed)->step;
    double here[3], there[3];
    if (!run->checkpoint || steps == 0)
        return true;
    position(run, job, arm, seed, here);
    if (!checkpoint_numbers(run, under_way, there, 3))
        return false;
    if (memcmp(here, there, sizeof here) != 0)
        return checkpoint_misfit(run, under_way);
    struct arena *arena = arena_child(run->arena);
    bool good = arena && restore_arm(run, job, arm, steps, exec, arena);
    arena_free(arena);
    return good;
}
