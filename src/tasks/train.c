/* The train task: arms are trained one after the other under the same conditions - the same batches in the same
 * order, the same draws - and judged on the test split, in evaluation mode and without the augmentations of
 * training.
 *
 * A record holds all that an arm has yielded so far. Records, and the executor of the arm under way, are
 * what a checkpoint holds, so to go on is to read them and to call the same functions again. */
#include "train.h"

#include <limits.h>
#include <math.h>

/* ---- keys -------------------------------------------------------------------------------------- */

#define FIELD(name) offsetof(struct train_config, name)
static const struct attr attrs[] = {
    {"epochs", "passes over the training images; or give steps", ATTR_INT, FIELD(epochs), .min = 1,
     .max = 1e6, .shown = "by steps"},
    {"steps", "steps of the optimizer, where epochs would be too coarse", ATTR_INT, FIELD(steps),
     .min = 1, .max = INT_MAX, .shown = "by epochs"},
    {"evaluate_every", "epochs from one evaluation on the test split to the next", ATTR_INT,
     FIELD(evaluate_every), .fallback = 1, .min = 1, .max = 1e6},
    {"schedule", "how the learning rate goes over the run, like {cosine: {warmup: 5}}", ATTR_NODE,
     FIELD(schedule), .shown = "constant"},
    {"accumulate", "batches whose gradients make one step, for batches that memory cannot hold",
     ATTR_INT, FIELD(accumulate), .fallback = 1, .min = 1, .max = 1e6},
    {"clip", "most that the L2 norm of all gradients together may be", ATTR_FLOAT, FIELD(clip),
     .min_open = true, .max = INFINITY, .shown = "off"},
    {"checkpoint_seconds", "time from one checkpoint to the next; 0: after every step", ATTR_FLOAT,
     FIELD(checkpoint_seconds), .fallback = 60, .max = INFINITY},
};
#undef FIELD

static bool check_length(const struct run *run, const struct job *job) {
    const struct train_config *config = job->config;
    if (config->epochs > 0 && config->steps > 0)
        return report_at(run->report, &node_entry(job->stage->own, "steps")->key_pos,
                         "how long to train is said by epochs or by steps, not both");
    if (config->epochs == 0 && config->steps == 0)
        return report_at(run->report, &job->stage->pos,
                         "train needs to know how long: write epochs: 10, or steps: 1000");
    return true;
}

static bool read_schedule(const struct run *run, const struct job *job) {
    const struct train_config *config = job->config;
    struct train *train = job->state;
    return !config->schedule || schedule_read(run->arena, config->schedule, &train->schedule,
                                              &train->schedule_config, run->report);
}

static bool prepare(struct run *run, struct job *job) {
    job->state = arena_alloc(run->arena, 1, sizeof(struct train));
    bool good = job->state && read_schedule(run, job);
    good = check_length(run, job) && good;
    good = pass_check_labels(run, job, data_split_of(job->stage->data)) &&
           pass_check_labels(run, job, SPLIT_TEST) && good;
    for (int i = 0; i < run->experiment->arm_count; i++)
        good = graph_check_batch(run->graphs[i], data_batch(job->stage->data),
                                 data_pos(job->stage->data), run->report) &&
               good;
    return good;
}

static bool wishes(struct run *run, const struct job *job, int arm, struct plan_options *options) {
    (void)run;
    (void)job;
    (void)arm;
    options->training = true;
    return true;
}

/* ---- how long, how much ------------------------------------------------------------------------ */

struct train_record *train_record(const struct run *run, const struct train *train, int arm,
                                  int seed) {
    return &train->records[seed * run->experiment->arm_count + arm];
}

int64_t train_epoch_end(const struct train *train, int epoch) {
    int64_t end = ((int64_t)epoch + 1) * train->steps_per_epoch;
    return end < train->steps ? end : train->steps;
}

const char *const train_columns[COLUMN_COUNT] = {[TRAIN_LOSS] = "train_loss",
                                                 [TRAIN_ACCURACY] = "train_accuracy",
                                                 [TEST_LOSS] = "test_loss",
                                                 [TEST_ACCURACY] = "test_accuracy",
                                                 [TEST_MEAN_IU] = "test_mean_iu"};

enum column train_judged_by(const double *row) {
    if (!isnan(row[TEST_MEAN_IU]))
        return TEST_MEAN_IU;
    return isnan(row[TEST_ACCURACY]) ? TEST_LOSS : TEST_ACCURACY;
}

double train_score(const double *row) {
    enum column column = train_judged_by(row);
    return column == TEST_LOSS ? -row[column] : row[column];
}

struct quoted train_share(double share) {
    struct quoted text = {"-"};
    if (!isnan(share))
        snprintf(text.text, sizeof text.text, "%.4f", share);
    return text;
}

/* Every number of an epoch starts as not measured. */
static bool make_record(struct arena *arena, const struct train *train,
                        struct train_record *record) {
    record->best = -1;
    record->rows = arena_alloc(arena, (size_t)train->epochs, sizeof *record->rows);
    record->windows = arena_alloc(arena, (size_t)train->windows, sizeof *record->windows);
    for (int i = 0; record->rows && i < train->epochs; i++)
        for (int k = 0; k < COLUMN_COUNT; k++)
            record->rows[i][k] = NAN;
    return record->rows && record->windows;
}

static bool make_records(const struct run *run, struct train *train) {
    int count = run->experiment->arm_count * run->experiment->seed_count;
    train->records = arena_alloc(run->arena, (size_t)count, sizeof *train->records);
    bool good = train->records != NULL;
    for (int i = 0; good && i < count; i++)
        good = make_record(run->arena, train, &train->records[i]);
    return good;
}

static void measure_length(const struct job *job) {
    enum { MOST_WINDOWS = 200 }; /* points of the figure of steps */
    const struct train_config *config = job->config;
    struct train *train = job->state;
    int batch = data_batch(job->stage->data);
    train->batches = (train->training.images - 1) / batch + 1;
    train->steps_per_epoch = (train->batches - 1) / config->accumulate + 1;
    train->steps =
        config->steps > 0 ? config->steps : (int64_t)config->epochs * train->steps_per_epoch;
    train->epochs = (int)((train->steps - 1) / train->steps_per_epoch + 1);
    train->window = (int)((train->steps - 1) / MOST_WINDOWS + 1);
    train->windows = (int)((train->steps - 1) / train->window + 1);
}

/* The last batch of an epoch holds what is left. */
static bool check_last_batch(const struct run *run, const struct job *job) {
    const struct train *train = job->state;
    const struct data_spec *data = job->stage->data;
    int last = train->training.images - (train->batches - 1) * data_batch(data);
    bool good = true;
    for (int i = 0; i < run->experiment->arm_count; i++)
        good = graph_check_batch(run->graphs[i], last, data_pos(data), run->report) && good;
    return good;
}

static bool get_ready(struct run *run, const struct job *job) {
    struct train *train = job->state;
    enum data_split split = data_split_of(job->stage->data);
    if (!task_open_data(run, job, split, &train->training) ||
        !task_open_data(run, job, SPLIT_TEST, &train->test))
        return false;
    task_record_data(run, &train->training);
    measure_length(job);
    return check_last_batch(run, job) && make_records(run, train) && train_restore(run, job);
}

/* ---- the run ----------------------------------------------------------------------------------- */

static enum run_end run_seed(struct run *run, const struct job *job, int seed) {
    const struct train *train = job->state;
    enum run_end end = RUN_FINE;
    for (int arm = 0; end == RUN_FINE && arm < run->experiment->arm_count; arm++) {
        if (train_record(run, train, arm, seed)->epochs == train->epochs)
            continue;
        struct arena *arena = arena_child(run->arena); /* one arm's slab at a time */
        end = arena ? train_arm(run, job, arm, seed, arena) : RUN_FAILED;
        arena_free(arena);
    }
    return end;
}

static enum run_end run_seeds(struct run *run, const struct job *job) {
    for (int seed = 0; seed < run->experiment->seed_count; seed++) {
        enum run_end end = run_seed(run, job, seed);
        if (end != RUN_FINE)
            return end;
    }
    return RUN_FINE;
}

static enum run_end run_train(struct run *run, struct job *job) {
    struct train *train = job->state;
    if (!get_ready(run, job))
        return RUN_FAILED;
    enum run_end end = run_seeds(run, job);
    if (!journal_close(&train->table, run->report) && end == RUN_FINE)
        end = RUN_FAILED;
    if (end == RUN_FINE && !train_report(run, job))
        end = RUN_FAILED;
    return end;
}

const struct task_ops task_train = {
    .name = "train",
    .summary = "trains every arm under the same conditions, and judges it on the test split",
    .example = "task: train\n"
               "epochs: 10\n"
               "optimizer: {sgd: {lr: 0.1, momentum: 0.9}}\n"
               "arms: {plain: {net: ../netdefs/plain35.yaml}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct train_config),
    .needs_loss = true,
    .needs_optimizer = true,
    .judges = true,
    .every_seed = true,
    .trains = true,
    .both_splits = true,
    .prepare = prepare,
    .wishes = wishes,
    .run = run_train,
};
