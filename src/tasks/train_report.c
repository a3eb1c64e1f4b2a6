/* What training leaves: figures, tables, results.json.
 *
 *   epochs.csv   every number of every epoch, written anew after each
 *   steps.csv    every step, written as it goes
 *   curves.*     loss and accuracy over the epochs, training and test, a colour for each arm
 *   loss.*       training loss over the steps, means of windows
 *   train.csv    a line for each arm: size, speed, last and best epoch */
#include "spread.h"
#include "train.h"

#include <math.h>
#include <string.h>

/* All that the functions below need. */
struct pages {
    struct run *run;
    const struct job *job;
    const struct train *train;
    struct arena *arena;
    int arms, seeds;
    double *values; /* one per seed, for a moment */
    bool drawn;
};

static struct pages pages_of(struct run *run, const struct job *job, struct arena *arena) {
    return (struct pages){
        .run = run,
        .job = job,
        .train = job->state,
        .arena = arena,
        .arms = run->experiment->arm_count,
        .seeds = run->experiment->seed_count,
        .values = arena_alloc(arena, (size_t)run->experiment->seed_count, sizeof(double))};
}

static const char *arm_name(const struct pages *pages, int arm) {
    return pages->run->experiment->arms[arm].name;
}

static const struct train_record *record_of(const struct pages *pages, int arm, int seed) {
    return train_record(pages->run, pages->train, arm, seed);
}

/* ---- epochs.csv -------------------------------------------------------------------------------- */

static const char *const column_names[COLUMN_COUNT] = {[TRAIN_LOSS] = "train_loss",
                                                       [TRAIN_ACCURACY] = "train_accuracy",
                                                       [TEST_LOSS] = "test_loss",
                                                       [TEST_ACCURACY] = "test_accuracy",
                                                       [TEST_MEAN_IU] = "test_mean_iu"};

static int columns_of(const struct pages *pages) {
    return pages->train->test.masks ? COLUMN_COUNT : TEST_MEAN_IU;
}

static void write_record(const struct pages *pages, struct csv *csv, int arm, int seed) {
    const struct train_record *record = record_of(pages, arm, seed);
    for (int epoch = 0; epoch < record->epochs; epoch++) {
        csv_text(csv, arm_name(pages, arm));
        csv_int(csv, (int64_t)pages->run->experiment->seeds[seed]);
        csv_int(csv, epoch + 1);
        csv_int(csv, train_epoch_end(pages->train, epoch));
        for (int k = 0; k < columns_of(pages); k++)
            csv_real(csv, record->rows[epoch][k]);
        csv_end_row(csv);
    }
}

static bool write_epochs(const struct pages *pages) {
    static const char *const head[] = {"arm", "seed", "epoch", "step"};
    struct csv *csv = run_csv(pages->run, pages->job, "epochs");
    for (int i = 0; i < BASE_COUNT(head); i++)
        csv_text(csv, head[i]);
    for (int k = 0; k < columns_of(pages); k++)
        csv_text(csv, column_names[k]);
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
        struct pages pages = pages_of(run, job, arena);
        good = write_epochs(&pages);
    }
    arena_free(arena);
    return good;
}

/* ---- over the seeds ---------------------------------------------------------------------------- */

/* NaN where one of the seeds has no such number. */
static struct spread over_seeds(const struct pages *pages, int arm, int epoch, enum column column) {
    for (int seed = 0; seed < pages->seeds; seed++)
        pages->values[seed] = record_of(pages, arm, seed)->rows[epoch][column];
    return spread_of(pages->values, pages->seeds);
}

/* The means of an epoch. */
static void mean_row(const struct pages *pages, int arm, int epoch, double row[COLUMN_COUNT]) {
    for (int k = 0; k < COLUMN_COUNT; k++)
        row[k] = over_seeds(pages, arm, epoch, (enum column)k).mean;
}

/* The epoch that is best in the mean over the seeds. */
static int best_epoch(const struct pages *pages, int arm) {
    int best = -1;
    double most = -INFINITY, row[COLUMN_COUNT];
    for (int epoch = 0; epoch < pages->train->epochs; epoch++) {
        mean_row(pages, arm, epoch, row);
        if (!(best < 0 ? !isnan(train_score(row)) : train_score(row) > most))
            continue;
        most = train_score(row);
        best = epoch;
    }
    return best;
}

/* ---- figures ----------------------------------------------------------------------------------- */

struct points {
    double *x, *y, *low, *high;
    int count;
};

static bool points_new(struct arena *arena, int most, struct points *points) {
    *points = (struct points){.x = arena_alloc(arena, (size_t)most, sizeof(double)),
                              .y = arena_alloc(arena, (size_t)most, sizeof(double)),
                              .low = arena_alloc(arena, (size_t)most, sizeof(double)),
                              .high = arena_alloc(arena, (size_t)most, sizeof(double))};
    return points->x && points->y && points->low && points->high;
}

static void points_add(struct points *points, double x, struct spread spread) {
    points->x[points->count] = x;
    points->y[points->count] = spread.mean;
    points->low[points->count] = spread.low;
    points->high[points->count++] = spread.high;
}

static struct chart_series line_of(const struct pages *pages, const struct points *points, int arm,
                                   const char *name) {
    bool band = pages->seeds > 1;
    return (struct chart_series){.name = name,
                                 .color = arm,
                                 .x = points->x,
                                 .y = points->y,
                                 .low = band ? points->low : NULL,
                                 .high = band ? points->high : NULL,
                                 .count = points->count};
}

/* A line of one column over the epochs at which it was measured. */
static bool column_line(const struct pages *pages, int arm, enum column column,
                        struct chart_series *line) {
    bool test = column >= TEST_LOSS;
    const char *name =
        arena_printf(pages->arena, "%s, %s", arm_name(pages, arm), test ? "test" : "training");
    struct points points;
    if (!name || !points_new(pages->arena, pages->train->epochs, &points))
        return false;
    for (int epoch = 0; epoch < pages->train->epochs; epoch++) {
        struct spread spread = over_seeds(pages, arm, epoch, column);
        double end = (double)train_epoch_end(pages->train, epoch);
        if (!isnan(spread.mean))
            points_add(&points, end / pages->train->steps_per_epoch, spread);
    }
    *line = line_of(pages, &points, arm, name);
    line->dashed = !test;
    return true;
}

/* A panel of the lines of all arms; columns that were never measured are left out. */
static bool column_panel(const struct pages *pages, const char *label, const enum column *columns,
                         int count, struct chart_panel *panel) {
    size_t most = (size_t)pages->arms * (size_t)count;
    struct chart_series *lines = arena_alloc(pages->arena, most, sizeof *lines);
    *panel = (struct chart_panel){.x_label = "epoch", .y_label = label, .series = lines};
    for (int arm = 0; lines && arm < pages->arms; arm++)
        for (int i = 0; i < count; i++) {
            if (!column_line(pages, arm, columns[i], &lines[panel->series_count]))
                return false;
            panel->series_count += lines[panel->series_count].count > 0;
        }
    return lines != NULL;
}

static bool write_chart(struct pages *pages, const struct chart_panel *panels, int count,
                        const char *stem) {
    const struct experiment *experiment = pages->run->experiment;
    struct chart chart = {.title = experiment->summary ? experiment->summary : experiment->name,
                          .note = data_note(&pages->train->training),
                          .panels = panels,
                          .panel_count = count};
    const char *name = run_job_name(pages->run, pages->job, stem);
    return name && chart_write(&chart, pages->run->folder, name, &pages->drawn, pages->run->report);
}

static bool draw_curves(struct pages *pages) {
    static const enum column columns[][2] = {
        {TRAIN_LOSS, TEST_LOSS}, {TRAIN_ACCURACY, TEST_ACCURACY}, {TEST_MEAN_IU}};
    static const char *const labels[] = {"loss", "accuracy", "mean IU"};
    struct chart_panel panels[BASE_COUNT(columns)];
    int count = 0;
    for (int i = 0; i < BASE_COUNT(columns); i++) {
        if (!column_panel(pages, labels[i], columns[i], columns[i][0] == TEST_MEAN_IU ? 1 : 2,
                          &panels[count]))
            return false;
        count += panels[count].series_count > 0;
    }
    return write_chart(pages, panels, count, "curves");
}

static bool window_line(const struct pages *pages, int arm, struct chart_series *line) {
    const struct train *train = pages->train;
    struct points points;
    if (!points_new(pages->arena, train->windows, &points))
        return false;
    for (int i = 0; i < train->windows; i++) {
        for (int seed = 0; seed < pages->seeds; seed++)
            pages->values[seed] = record_of(pages, arm, seed)->windows[i];
        int64_t end = ((int64_t)i + 1) * train->window;
        points_add(&points, (double)(end < train->steps ? end : train->steps),
                   spread_of(pages->values, pages->seeds));
    }
    *line = line_of(pages, &points, arm, arm_name(pages, arm));
    return true;
}

static bool draw_steps(struct pages *pages) {
    struct chart_series *lines = arena_alloc(pages->arena, (size_t)pages->arms, sizeof *lines);
    for (int arm = 0; lines && arm < pages->arms; arm++)
        if (!window_line(pages, arm, &lines[arm]))
            return false;
    int window = pages->train->window;
    struct chart_panel panel = {
        .x_label = "step",
        .y_label = window > 1
                       ? arena_printf(pages->arena, "training loss, mean of %d steps", window)
                       : "training loss",
        .log_y = lines && chart_decades_apart(lines, pages->arms),
        .series = lines,
        .series_count = pages->arms};
    return lines && panel.y_label && write_chart(pages, &panel, 1, "loss");
}

/* ---- table ------------------------------------------------------------------------------------- */

/* What the table and results.json say of one arm. */
struct summary {
    double seconds, images_per_second; /* of training; means over the seeds */
    struct spread last[COLUMN_COUNT];
    int best; /* epoch, from 0 */
    double best_row[COLUMN_COUNT];
};

static struct summary summary_of(const struct pages *pages, int arm) {
    struct summary summary = {.best = best_epoch(pages, arm)};
    double images = 0;
    for (int seed = 0; seed < pages->seeds; seed++) {
        summary.seconds += record_of(pages, arm, seed)->seconds / pages->seeds;
        images += (double)record_of(pages, arm, seed)->images / pages->seeds;
    }
    summary.images_per_second = images / summary.seconds;
    for (int k = 0; k < COLUMN_COUNT; k++)
        summary.last[k] = over_seeds(pages, arm, pages->train->epochs - 1, (enum column)k);
    mean_row(pages, arm, summary.best >= 0 ? summary.best : pages->train->epochs - 1,
             summary.best_row);
    return summary;
}

/* "0.8231", with seeds "0.8231 +- 0.0012"; "-" when it was not measured. */
static struct quoted with_interval(const struct pages *pages, struct spread spread) {
    struct quoted text = {"-"};
    if (!isnan(spread.mean) && pages->seeds > 1)
        snprintf(text.text, sizeof text.text, "%.4f +- %.4f", spread.mean, spread.interval);
    else if (!isnan(spread.mean))
        snprintf(text.text, sizeof text.text, "%.4f", spread.mean);
    return text;
}

static void say_arm(const struct pages *pages, int arm, const struct summary *summary) {
    enum column judged = pages->train->test.masks ? TEST_MEAN_IU : TEST_ACCURACY;
    char best[48];
    snprintf(best, sizeof best, "%.4f (%d)", summary->best_row[judged], summary->best + 1);
    run_say(pages->run, "  %-14s %12s %10s %9.0f %9.4g %9.4f %9.4g %17s %16s", arm_name(pages, arm),
            text_commas(pages->run->graphs[arm]->parameters).text,
            text_seconds(summary->seconds).text, summary->images_per_second,
            summary->last[TRAIN_LOSS].mean, summary->last[TRAIN_ACCURACY].mean,
            summary->last[TEST_LOSS].mean, with_interval(pages, summary->last[judged]).text, best);
}

static void row_of_table(const struct pages *pages, struct csv *csv, int arm,
                         const struct summary *summary) {
    csv_text(csv, arm_name(pages, arm));
    csv_int(csv, pages->run->graphs[arm]->parameters);
    for (int k = 0; k < columns_of(pages); k++) {
        csv_real(csv, summary->last[k].mean);
        csv_real(csv, summary->last[k].interval);
    }
    csv_int(csv, summary->best + 1);
    csv_real(csv, train_score(summary->best_row));
    csv_end_row(csv);
}

static void head_of_table(const struct pages *pages, struct csv *csv) {
    csv_text(csv, "arm");
    csv_text(csv, "parameters");
    for (int k = 0; k < columns_of(pages); k++) {
        csv_text(csv, column_names[k]);
        csv_text(csv, arena_printf(pages->arena, "%s_interval", column_names[k]));
    }
    csv_text(csv, "best_epoch");
    csv_text(csv, "best_score");
    csv_end_row(csv);
    run_say(pages->run, "  %-14s %12s %10s %9s %9s %9s %9s %17s %16s", "arm", "parameters",
            "training", "images/s", "loss", "accuracy", "test loss",
            pages->train->test.masks ? "test mean IU" : "test accuracy", "best (epoch)");
}

/* ---- results.json ------------------------------------------------------------------------------ */

static void set_number(const struct pages *pages, struct json *object, const char *key,
                       struct spread spread) {
    if (isnan(spread.mean))
        return;
    json_set_real(object, key, spread.mean);
    if (pages->seeds > 1)
        json_set_real(object, arena_printf(pages->arena, "%s_interval", key), spread.interval);
}

static struct json *json_of_split(const struct pages *pages, const struct summary *summary,
                                  enum column loss, enum column accuracy) {
    struct json *split = json_new_object(pages->run->arena);
    set_number(pages, split, "loss", summary->last[loss]);
    set_number(pages, split, "accuracy", summary->last[accuracy]);
    if (loss == TEST_LOSS)
        set_number(pages, split, "mean_iu", summary->last[TEST_MEAN_IU]);
    return split;
}

static struct json *json_of_best(const struct pages *pages, int epoch, const double *row) {
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
static struct json *json_of_seeds(const struct pages *pages, int arm) {
    struct json *seeds = json_new_list(pages->run->arena);
    for (int seed = 0; seed < pages->seeds; seed++) {
        const struct train_record *record = record_of(pages, arm, seed);
        struct json *one = json_new_object(pages->run->arena);
        json_set_int(one, "seed", (int64_t)pages->run->experiment->seeds[seed]);
        for (int k = 0; k < columns_of(pages); k++)
            json_set_real(one, column_names[k], record->rows[pages->train->epochs - 1][k]);
        if (record->best >= 0)
            json_set(one, "best", json_of_best(pages, record->best, record->rows[record->best]));
        json_add(seeds, one);
    }
    return seeds;
}

/* The means of every epoch, for `netrun compare`. */
static struct json *json_of_epochs(const struct pages *pages, int arm) {
    struct json *curves = json_new_object(pages->run->arena);
    struct json *lists[COLUMN_COUNT];
    for (int k = 0; k < columns_of(pages); k++)
        json_set(curves, column_names[k], lists[k] = json_new_list(pages->run->arena));
    for (int epoch = 0; epoch < pages->train->epochs; epoch++) {
        double row[COLUMN_COUNT];
        mean_row(pages, arm, epoch, row);
        for (int k = 0; k < columns_of(pages); k++)
            json_add_real(lists[k], row[k]);
    }
    return curves;
}

static void record_arm(const struct pages *pages, int arm, const struct summary *summary) {
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

static bool write_table(const struct pages *pages) {
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
    struct pages pages = pages_of(run, job, run->arena);
    bool good = pages.values && write_epochs(&pages) && write_table(&pages) &&
                draw_curves(&pages) && draw_steps(&pages);
    if (good && !pages.drawn)
        say_not_drawn(run);
    return good;
}
