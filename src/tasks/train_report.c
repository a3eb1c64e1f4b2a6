/* What training leaves beside weights, figures and steps.csv (every step, written as it goes):
 *
 *   epochs.csv    every number of every epoch, written anew after each
 *   train.csv     a line for each arm: size, last and best epoch
 *   results.json  the same, speed, and the curves */
#include "train_pages.h"

#include <math.h>

/* ---- epochs.csv -------------------------------------------------------------------------------- */

static int columns_of(const struct train_pages *pages) {
    return pages->train->test.masks ? COLUMN_COUNT : TEST_MEAN_IU;
}

static void write_record(const struct train_pages *pages, struct csv *csv, int arm, int seed) {
    const struct train_record *record = train_pages_record(pages, arm, seed);
    for (int epoch = 0; epoch < record->epochs; epoch++) {
        csv_text(csv, train_pages_arm(pages, arm));
        csv_int(csv, (int64_t)pages->run->experiment->seeds[seed]);
        csv_int(csv, epoch + 1);
        csv_int(csv, train_epoch_end(pages->train, epoch));
        for (int k = 0; k < columns_of(pages); k++)
            csv_real(csv, record->rows[epoch][k]);
        csv_end_row(csv);
    }
}

static bool write_epochs(const struct train_pages *pages) {
    static const char *const head[] = {"arm", "seed", "epoch", "step"};
    struct csv *csv = run_csv(pages->run, pages->job, "epochs");
    for (int i = 0; i < BASE_COUNT(head); i++)
        csv_text(csv, head[i]);
    for (int k = 0; k < columns_of(pages); k++)
        csv_text(csv, train_columns[k]);
    csv_end_row(csv);
    for (int seed = 0; seed < pages->seeds; seed++)
        for (int arm = 0; arm < pages->arms; arm++)
            write_record(pages, csv, arm, seed);
    return csv_end(csv, pages->run->report);
}

bool train_write_epochs(struct run *run, const struct job *job) {
    struct arena *arena = arena_child(run->arena);
    bool good = false;
    if (arena) {
        struct train_pages pages = train_pages(run, job, arena);
        good = write_epochs(&pages);
    }
    arena_free(arena);
    return good;
}

/* ---- table ------------------------------------------------------------------------------------- */

/* The epoch that is best in the mean over the seeds. */
static int best_epoch(const struct train_pages *pages, int arm) {
    int best = -1;
    double most = -INFINITY, row[COLUMN_COUNT];
    for (int epoch = 0; epoch < pages->train->epochs; epoch++) {
        train_pages_row(pages, arm, epoch, row);
        if (!(best < 0 ? !isnan(train_score(row)) : train_score(row) > most))
            continue;
        most = train_score(row);
        best = epoch;
    }
    return best;
}

/* What the table and results.json say of one arm. */
struct summary {
    double seconds, images_per_second; /* of training; means over the seeds */
    struct spread last[COLUMN_COUNT];
    int best; /* epoch, from 0 */
    double best_row[COLUMN_COUNT];
};

static struct summary summary_of(const struct train_pages *pages, int arm) {
    struct summary summary = {.best = best_epoch(pages, arm)};
    double images = 0;
    for (int seed = 0; seed < pages->seeds; seed++) {
        summary.seconds += train_pages_record(pages, arm, seed)->seconds / pages->seeds;
        images += (double)train_pages_record(pages, arm, seed)->images / pages->seeds;
    }
    summary.images_per_second = images / summary.seconds;
    for (int k = 0; k < COLUMN_COUNT; k++)
        summary.last[k] = train_pages_spread(pages, arm, pages->train->epochs - 1, (enum column)k);
    train_pages_row(pages, arm, summary.best >= 0 ? summary.best : pages->train->epochs - 1,
                    summary.best_row);
    return summary;
}

/* "0.8231", with seeds "0.8231 +- 0.0012"; "-" when it was not measured. */
static struct quoted with_interval(const struct train_pages *pages, struct spread spread) {
    struct quoted text = train_share(spread.mean);
    if (!isnan(spread.mean) && pages->seeds > 1)
        snprintf(text.text, sizeof text.text, "%.4f +- %.4f", spread.mean, spread.interval);
    return text;
}

static void say_arm(const struct train_pages *pages, int arm, const struct summary *summary) {
    enum column judged = pages->train->test.masks ? TEST_MEAN_IU : TEST_ACCURACY;
    char best[48];
    snprintf(best, sizeof best, "%.4f (%d)", summary->best_row[train_judged_by(summary->best_row)],
             summary->best + 1);
    run_say(pages->run, "  %-14s %12s %10s %9.0f %9.4g %9s %9.4g %17s %16s",
            train_pages_arm(pages, arm), text_commas(pages->run->graphs[arm]->parameters).text,
            text_seconds(summary->seconds).text, summary->images_per_second,
            summary->last[TRAIN_LOSS].mean, train_share(summary->last[TRAIN_ACCURACY].mean).text,
            summary->last[TEST_LOSS].mean, with_interval(pages, summary->last[judged]).text, best);
}

static void row_of_table(const struct train_pages *pages, struct csv *csv, int arm,
                         const struct summary *summary) {
    csv_text(csv, train_pages_arm(pages, arm));
    csv_int(csv, pages->run->graphs[arm]->parameters);
    for (int k = 0; k < columns_of(pages); k++) {
        csv_real(csv, summary->last[k].mean);
        if (pages->seeds > 1)
            csv_real(csv, summary->last[k].interval);
    }
    csv_int(csv, summary->best + 1);
    csv_real(csv, summary->best_row[train_judged_by(summary->best_row)]);
    csv_end_row(csv);
}

static void head_of_table(const struct train_pages *pages, struct csv *csv) {
    csv_text(csv, "arm");
    csv_text(csv, "parameters");
    for (int k = 0; k < columns_of(pages); k++) {
        csv_text(csv, train_columns[k]);
        if (pages->seeds > 1)
            csv_text(csv, arena_printf(pages->arena, "%s_interval", train_columns[k]));
    }
    csv_text(csv, "best_epoch");
    csv_text(csv, "best_score");
    csv_end_row(csv);
    run_say(pages->run, "  %-14s %12s %10s %9s %9s %9s %9s %17s %16s", "arm", "parameters",
            "training", "images/s", "loss", "accuracy", "test loss",
            pages->train->test.masks ? "test mean IU" : "test accuracy", "best (epoch)");
}

/* ---- results.json ------------------------------------------------------------------------------ */

static void set_number(const struct train_pages *pages, struct json *object, const char *key,
                       struct spread spread) {
    if (isnan(spread.mean))
        return;
    json_set_real(object, key, spread.mean);
    if (pages->seeds > 1)
        json_set_real(object, arena_printf(pages->arena, "%s_interval", key), spread.interval);
}

static struct json *json_of_split(const struct train_pages *pages, const struct summary *summary,
                                  enum column loss, enum column accuracy) {
    struct json *split = json_new_object(pages->run->arena);
    set_number(pages, split, "loss", summary->last[loss]);
    set_number(pages, split, "accuracy", summary->last[accuracy]);
    if (loss == TEST_LOSS)
        set_number(pages, split, "mean_iu", summary->last[TEST_MEAN_IU]);
    return split;
}

static struct json *json_of_best(const struct train_pages *pages, int epoch, const double *row) {
    struct json *best = json_new_object(pages->run->arena);
    json_set_int(best, "epoch", epoch + 1);
    if (!isnan(row[TEST_ACCURACY]))
        json_set_real(best, "accuracy", row[TEST_ACCURACY]);
    else
        json_set_real(best, "loss", row[TEST_LOSS]);
    if (!isnan(row[TEST_MEAN_IU]))
        json_set_real(best, "mean_iu", row[TEST_MEAN_IU]);
    return best;
}

/* One object per seed: what the means are made of. */
static struct json *json_of_seeds(const struct train_pages *pages, int arm) {
    struct json *seeds = json_new_list(pages->run->arena);
    for (int seed = 0; seed < pages->seeds; seed++) {
        const struct train_record *record = train_pages_record(pages, arm, seed);
        struct json *one = json_new_object(pages->run->arena);
        json_set_int(one, "seed", (int64_t)pages->run->experiment->seeds[seed]);
        for (int k = 0; k < columns_of(pages); k++)
            json_set_real(one, train_columns[k], record->rows[pages->train->epochs - 1][k]);
        if (record->best >= 0)
            json_set(one, "best", json_of_best(pages, record->best, record->rows[record->best]));
        json_add(seeds, one);
    }
    return seeds;
}

/* The means of every epoch, for `netrun compare`. */
static struct json *json_of_epochs(const struct train_pages *pages, int arm) {
    struct json *curves = json_new_object(pages->run->arena);
    struct json *lists[COLUMN_COUNT];
    for (int k = 0; k < columns_of(pages); k++)
        json_set(curves, train_columns[k], lists[k] = json_new_list(pages->run->arena));
    for (int epoch = 0; epoch < pages->train->epochs; epoch++) {
        double row[COLUMN_COUNT];
        train_pages_row(pages, arm, epoch, row);
        for (int k = 0; k < columns_of(pages); k++)
            json_add_real(lists[k], row[k]);
    }
    return curves;
}

static void record_arm(const struct train_pages *pages, int arm, const struct summary *summary) {
    struct json *results = pages->run->arm_results[arm];
    json_set_int(results, "epochs", pages->train->epochs);
    json_set_int(results, "steps", pages->train->steps);
    json_set_real(results, "seconds", summary->seconds);
    json_set_real(results, "images_per_second", summary->images_per_second);
    json_set(results, "train", json_of_split(pages, summary, TRAIN_LOSS, TRAIN_ACCURACY));
    json_set(results, "test", json_of_split(pages, summary, TEST_LOSS, TEST_ACCURACY));
    json_set(results, "best", json_of_best(pages, summary->best, summary->best_row));
    json_set(results, "curves", json_of_epochs(pages, arm));
    if (pages->seeds > 1)
        json_set(results, "seeds", json_of_seeds(pages, arm));
}

/* ---- all of it --------------------------------------------------------------------------------- */

static bool write_table(const struct train_pages *pages) {
    struct csv *csv = run_csv(pages->run, pages->job, "train");
    head_of_table(pages, csv);
    for (int arm = 0; arm < pages->arms; arm++) {
        struct summary summary = summary_of(pages, arm);
        say_arm(pages, arm, &summary);
        row_of_table(pages, csv, arm, &summary);
        record_arm(pages, arm, &summary);
    }
    return csv_end(csv, pages->run->report);
}

bool train_report(struct run *run, const struct job *job) {
    struct train_pages pages = train_pages(run, job, run->arena);
    bool good =
        pages.values && write_epochs(&pages) && write_table(&pages) && train_figures(&pages);
    if (good && !pages.drawn)
        say_not_drawn(run);
    return good;
}
