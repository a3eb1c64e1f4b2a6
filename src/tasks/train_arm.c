/* Training one arm: steps, the end of an epoch, and a checkpoint now and then. Between two of these the record
 * and the executor say exactly where the arm stands, so a run may stop there and go on another day. */
#include "train.h"
#include "weights.h"

#include <math.h>
#include <string.h>

struct trainer {
    struct run *run;
    const struct job *job;
    const struct train_config *config;
    struct train *train;
    struct train_record *record;
    int arm, seed;
    struct bench bench;
    struct pass training, test;
    struct ahead *ahead; /* the batches of `training` */
    struct progress progress;
    const char *data_text; /* what it is trained on */
    const char *classes;   /* what it says, a line each; NULL: no classes */
    double saved;          /* when the last checkpoint was made */
};

/* ---- one step ---------------------------------------------------------------------------------- */

/* The batches of an epoch that make one step. */
struct group {
    int first, count;
    int images; /* in all of them */
};

/* Batches of this epoch that have made steps. */
static int batches_done(const struct trainer *trainer) {
    const struct train *train = trainer->train;
    int64_t begun = (int64_t)trainer->record->epochs * train->steps_per_epoch;
    int done = (int)(trainer->record->step - begun) * trainer->config->accumulate;
    return done < train->batches ? done : train->batches; /* the last step may take fewer */
}

static struct group group_of(const struct trainer *trainer) {
    const struct train *train = trainer->train;
    int batch = trainer->bench.plan->options.batch, first = batches_done(trainer);
    int left = train->batches - first;
    int count = left < trainer->config->accumulate ? left : trainer->config->accumulate;
    bool last = count == left; /* its last batch may not be full */
    int end = last ? train->training.images : (first + count) * batch;
    return (struct group){first, count, end - first * batch};
}

/* The loss of a group is the mean over its images, as if they were one batch. */
static void weigh_gradient(const struct bench *bench, int images) {
    struct tensor dy = exec_gradient(bench->exec, bench->graph->output);
    float share = (float)bench->batch.count / (float)images;
    size_t pixels = tensor_pixels(dy);
    for (size_t p = 0; share != 1 && p < pixels; p++)
        for (int c = 0; c < dy.channels; c++)
            dy.data[p * (size_t)dy.pitch + (size_t)c] *= share;
}

/* Forward and backward of all batches of a group; their sums. */
static enum run_end run_group(struct trainer *trainer, struct group group, struct sums *sums) {
    struct bench *bench = &trainer->bench;
    int64_t begun = (int64_t)trainer->record->epochs * trainer->train->batches;
    for (int i = 0; i < group.count; i++) {
        int64_t number = begun + group.first + i;
        ahead_take(trainer->ahead, number, &bench->batch);
        exec_forward(bench->exec, bench->batch.count, true, (uint32_t)number);
        double loss = bench_loss(bench, trainer->job->stage);
        if (!isfinite(loss))
            return bench_not_finite(trainer->run, bench, trainer->arm, (uint32_t)number, "step",
                                    trainer->record->step);
        sums_add(sums, &trainer->training, loss);
        weigh_gradient(bench, group.images);
        exec_backward(bench->exec, i > 0);
    }
    return RUN_FINE;
}

/* Gradients so large that they are no numbers, though the loss is one: the weights are still good. */
static enum run_end gradient_not_finite(const struct trainer *trainer) {
    report_error(trainer->run->report,
                 "a gradient of arm %s left the finite numbers at step %lld; a lower learning rate "
                 "may help",
                 quote(trainer->run->experiment->arms[trainer->arm].name).text,
                 (long long)trainer->record->step);
    return RUN_NOT_FINITE;
}

static double rate_factor(const struct trainer *trainer) {
    const struct train *train = trainer->train;
    struct schedule_position position = {trainer->record->step, train->steps,
                                         train->steps_per_epoch};
    return train->schedule ? schedule_factor(train->schedule, train->schedule_config, position) : 1;
}

/* The attribute that optimizers call `lr`; 0 for one that has none. */
static double learning_rate(const struct stage *stage) {
    for (int i = 0; i < stage->optim->attr_count; i++) {
        const struct attr *attr = &stage->optim->attrs[i];
        if (attr->type == ATTR_FLOAT && !strcmp(attr->name, "lr"))
            return *(const double *)(const void *)((const char *)stage->optim_config +
                                                   attr->offset);
    }
    return 0;
}

static void note_step(struct trainer *trainer, const struct sums *sums, double norm,
                      double factor) {
    struct train_record *record = trainer->record;
    const struct experiment *experiment = trainer->run->experiment;
    fprintf(trainer->train->table.file, "%s,%llu,%d,%lld,%.9g,%.9g,%.9g,%.9g\n",
            experiment->arms[trainer->arm].name,
            (unsigned long long)experiment->seeds[trainer->seed], record->epochs + 1,
            (long long)record->step + 1, sums_loss(sums), sums_accuracy(sums),
            learning_rate(trainer->job->stage) * factor, norm);
    int window = (int)(record->step / trainer->train->window);
    int64_t first = (int64_t)window * trainer->train->window;
    int64_t left = trainer->train->steps - first;
    int64_t size = left < trainer->train->window ? left : trainer->train->window;
    record->windows[window] += sums_loss(sums) / (double)size;
    record->epoch.loss += sums->loss;
    record->epoch.images += sums->images;
    record->epoch.labels += sums->labels;
    record->epoch.right += sums->right;
    record->images += sums->images;
    record->step++;
}

static enum run_end take_step(struct trainer *trainer) {
    const struct stage *stage = trainer->job->stage;
    double started = clock_seconds();
    struct sums sums = {0};
    enum run_end end = run_group(trainer, group_of(trainer), &sums);
    if (end != RUN_FINE)
        return end;
    double norm = exec_gradient_norm(trainer->bench.exec);
    if (!isfinite(norm))
        return gradient_not_finite(trainer);
    double most = trainer->config->clip;
    double factor = rate_factor(trainer);
    exec_set_factors(trainer->bench.exec, factor, most > 0 ? optim_clip(norm, most) : 1);
    exec_optimize(trainer->bench.exec, stage->optim, stage->optim_config);
    note_step(trainer, &sums, norm, factor);
    trainer->record->seconds += clock_seconds() - started;
    return RUN_FINE;
}

/* ---- the end of an epoch ----------------------------------------------------------------------- */

/* A parameter tensor that holds what is no number, or -1. */
static int first_bad_param(const struct exec *exec, const struct graph *graph) {
    for (int i = 0; i < graph->param_count; i++)
        if (!weights_finite(exec_param(exec, i), param_size(graph->params[i].shape)))
            return i;
    return -1;
}

static enum run_end param_not_finite(const struct trainer *trainer, int param) {
    report_error(trainer->run->report,
                 "the weights of arm %s left the finite numbers before step %lld, first in %s",
                 quote(trainer->run->experiment->arms[trainer->arm].name).text,
                 (long long)trainer->record->step,
                 quote(trainer->bench.graph->params[param].path).text);
    return RUN_NOT_FINITE;
}

static enum run_end evaluate(const struct trainer *trainer, double *row) {
    const struct dataset *test = &trainer->train->test;
    struct arena *arena = arena_child(trainer->run->arena);
    struct confusion confusion = {.classes = test->classes};
    size_t cells = (size_t)test->classes * (size_t)test->classes;
    confusion.counts = arena ? arena_alloc(arena, cells, sizeof *confusion.counts) : NULL;
    struct sums sums = {0};
    enum run_end end = confusion.counts ? pass_run(&trainer->test, &sums, &confusion) : RUN_FAILED;
    if (end == RUN_FINE) {
        row[TEST_LOSS] = sums_loss(&sums);
        row[TEST_ACCURACY] = sums_accuracy(&sums);
        if (test->masks)
            row[TEST_MEAN_IU] = confusion_scores(&confusion).mean_iu;
    }
    arena_free(arena);
    return end;
}

static bool write_weights(const struct trainer *trainer, int epoch, enum weights_which which) {
    const double *row = trainer->record->rows[epoch];
    enum column column = train_judged_by(row);
    struct weights_note note = {.data = trainer->data_text,
                                .classes = trainer->classes,
                                .epoch = epoch + 1,
                                .score_name = train_columns[column],
                                .score = row[column]};
    return weights_write(trainer->run, trainer->job, trainer->arm, trainer->seed,
                         trainer->bench.exec, which, &note);
}

/* Keeps the weights of an epoch that was judged. */
static bool keep_weights(const struct trainer *trainer, int epoch) {
    struct train_record *record = trainer->record;
    double score = train_score(record->rows[epoch]);
    bool better = record->best < 0 || score > train_score(record->rows[record->best]);
    if (better)
        record->best = epoch;
    return write_weights(trainer, epoch, WEIGHTS_LAST) &&
           (!better || write_weights(trainer, epoch, WEIGHTS_BEST));
}

static void say_epoch(const struct trainer *trainer, int epoch) {
    const struct train_record *record = trainer->record;
    const double *row = record->rows[epoch];
    double judged = isnan(row[TEST_MEAN_IU]) ? row[TEST_ACCURACY] : row[TEST_MEAN_IU];
    char test[64] = "";
    if (!isnan(row[TEST_LOSS]))
        snprintf(test, sizeof test, "  test %.4g %.12s%s", row[TEST_LOSS], train_share(judged).text,
                 record->best == epoch ? " best" : "");
    run_say(trainer->run, "  %s: epoch %d of %d  train %.4g %s%s  %.0f images/s",
            trainer->progress.what, epoch + 1, trainer->train->epochs, row[TRAIN_LOSS],
            train_share(row[TRAIN_ACCURACY]).text, test, (double)record->images / record->seconds);
}

static enum run_end end_epoch(struct trainer *trainer) {
    struct train_record *record = trainer->record;
    const struct train *train = trainer->train;
    int epoch = record->epochs, bad = first_bad_param(trainer->bench.exec, trainer->bench.graph);
    if (bad >= 0)
        return param_not_finite(trainer, bad);
    bool due = (epoch + 1) % trainer->config->evaluate_every == 0 || epoch + 1 == train->epochs;
    double *row = record->rows[epoch];
    row[TRAIN_LOSS] = sums_loss(&record->epoch);
    row[TRAIN_ACCURACY] = sums_accuracy(&record->epoch);
    enum run_end end = due ? evaluate(trainer, row) : RUN_FINE;
    if (end != RUN_FINE)
        return end;
    if (due && !keep_weights(trainer, epoch))
        return RUN_FAILED;
    record->epoch = (struct sums){0};
    record->epochs++;
    progress_end(&trainer->progress);
    say_epoch(trainer, epoch);
    return train_write_epochs(trainer->run, trainer->job) ? RUN_FINE : RUN_FAILED;
}

/* ---- the whole --------------------------------------------------------------------------------- */

/* Weights that are no numbers are no place to go on from: the checkpoint before stays. */
static bool save(struct trainer *trainer) {
    trainer->saved = clock_seconds();
    return first_bad_param(trainer->bench.exec, trainer->bench.graph) >= 0 ||
           train_save(trainer->run, trainer->job, trainer->arm, trainer->seed, trainer->bench.exec);
}

static enum run_end stop(struct trainer *trainer) {
    progress_end(&trainer->progress);
    if (!save(trainer))
        return RUN_FAILED;
    run_say(trainer->run,
            "stopped %s after step %lld of %lld; the same command with --resume goes on from there",
            trainer->progress.what, (long long)trainer->record->step,
            (long long)trainer->train->steps);
    return RUN_STOPPED;
}

static void show(struct trainer *trainer) {
    const struct train_record *record = trainer->record;
    snprintf(trainer->progress.detail, sizeof trainer->progress.detail,
             "epoch %d/%d, loss %.4g, accuracy %.12s, %.0f images/s", record->epochs + 1,
             trainer->train->epochs, sums_loss(&record->epoch),
             train_share(sums_accuracy(&record->epoch)).text,
             (double)record->images / record->seconds);
    progress_show(&trainer->progress, record->step);
}

static enum run_end advance(struct trainer *trainer) {
    const struct train_record *record = trainer->record;
    if (record->step == train_epoch_end(trainer->train, record->epochs))
        return end_epoch(trainer);
    enum run_end end = take_step(trainer);
    if (end == RUN_FINE)
        show(trainer);
    return end;
}

static enum run_end run_to_end(struct trainer *trainer) {
    while (trainer->record->epochs < trainer->train->epochs) {
        enum run_end end = advance(trainer);
        if (end == RUN_STOPPED || (end == RUN_FINE && *trainer->run->options->stop))
            return stop(trainer);
        if (end != RUN_FINE)
            return end;
        if (clock_seconds() - trainer->saved >= trainer->config->checkpoint_seconds &&
            !save(trainer))
            return RUN_FAILED;
    }
    progress_end(&trainer->progress);
    return train_save(trainer->run, trainer->job, trainer->arm, trainer->seed, NULL) ? RUN_FINE
                                                                                     : RUN_FAILED;
}

/* The pass over one split; what of its images is for training only is done to `training` ones. */
static bool open_pass(struct trainer *trainer, struct pass *pass, const struct dataset *dataset,
                      bool training, struct arena *arena) {
    struct run *run = trainer->run;
    const struct stage *stage = trainer->job->stage;
    bool scores = output_is_scores(trainer->bench.graph, dataset);
    *pass = (struct pass){
        .run = run,
        .stage = stage,
        .judge = true,
        .bench = &trainer->bench,
        .loader = loader_new(arena, stage->data, dataset, run->experiment->seeds[trainer->seed],
                             training, training, run->report),
        .said = scores ? pass_said(&trainer->bench, arena) : NULL,
    };
    return pass->loader && (pass->said || !scores);
}

static bool name_classes(struct trainer *trainer, struct arena *arena) {
    const struct dataset *data = &trainer->train->training;
    if (!output_is_scores(trainer->bench.graph, data))
        return true;
    trainer->classes = "";
    for (int i = 0; trainer->classes && i < data->classes; i++)
        trainer->classes = arena_printf(arena, "%s%s\n", trainer->classes, data->class_names[i]);
    return trainer->classes != NULL;
}

static bool start_loading(struct trainer *trainer, struct arena *arena) {
    const struct train *train = trainer->train;
    int64_t first = (int64_t)trainer->record->epochs * train->batches + batches_done(trainer);
    trainer->ahead = ahead_start(arena, trainer->training.loader, first,
                                 (int64_t)train->epochs * train->batches);
    return trainer->ahead != NULL;
}

static bool open_trainer(struct trainer *trainer, struct arena *arena) {
    struct run *run = trainer->run;
    const struct train *train = trainer->train;
    const char *what = bench_name(run, trainer->arm, trainer->seed, arena);
    trainer->data_text = train_data_text(arena, train);
    if (!what || !trainer->data_text ||
        !bench_open(&trainer->bench, run, trainer->job, trainer->arm, trainer->seed,
                    &train->training, arena) ||
        !weights_start(run, trainer->job, trainer->arm, trainer->seed, trainer->bench.exec,
                       WEIGHTS_LAST) ||
        !open_pass(trainer, &trainer->training, &train->training, true, arena) ||
        !open_pass(trainer, &trainer->test, &train->test, false, arena) ||
        !train_restore_arm(run, trainer->job, trainer->arm, trainer->seed, trainer->bench.exec) ||
        !name_classes(trainer, arena) || !start_loading(trainer, arena))
        return false;
    trainer->progress = progress_start(run, what, "steps", trainer->record->step, train->steps);
    trainer->saved = clock_seconds();
    if (trainer->record->step > 0)
        run_say(run, "going on with %s after step %lld of %lld", what,
                (long long)trainer->record->step, (long long)train->steps);
    return true;
}

enum run_end train_arm(struct run *run, const struct job *job, int arm, int seed,
                       struct arena *arena) {
    struct train *train = job->state;
    struct trainer trainer = {.run = run,
                              .job = job,
                              .config = job->config,
                              .train = train,
                              .record = train_record(run, train, arm, seed),
                              .arm = arm,
                              .seed = seed};
    enum run_end end = open_trainer(&trainer, arena) ? run_to_end(&trainer) : RUN_FAILED;
    ahead_stop(trainer.ahead);
    return end;
}
