/* What evaluation leaves: a table on the screen and in results.json,
 *
 *   scores.csv          a line for each arm and seed
 *   classes_ARM.csv     a line for each class
 *   counts_ARM.csv      images (pixels) by true class and class said, all seeds together
 *   confusion_ARM.*     the same as a figure, in shares of the true class
 *   mistakes_ARM.*      the worst mistakes of the first seed */
#include "evaluate.h"
#include "spread.h"

#include <math.h>

/* All that the functions below need. */
struct pages {
    struct run *run;
    const struct job *job;
    const struct evaluate *state;
    struct arena *arena;
    int arms, seeds;
    double *values; /* one per seed, for a moment */
    bool drawn;
};

static const char *arm_name(const struct pages *pages, int arm) {
    return pages->run->experiment->arms[arm].name;
}

static const struct evaluation *evaluation_of(const struct pages *pages, int arm, int seed) {
    return &pages->state->evaluations[seed * pages->arms + arm];
}

/* ---- numbers ----------------------------------------------------------------------------------- */

/* The numbers of an evaluation, in the order of the tables. */
enum number {
    NUMBER_LOSS,
    NUMBER_ACCURACY,
    NUMBER_MEAN_ACCURACY,
    NUMBER_MEAN_IU,
    NUMBER_FREQUENCY_WEIGHTED_IU,
    NUMBER_OBJECT_ACCURACY,
    NUMBER_COUNT
};

/* For images with a label, and for masks. The last of them is the accuracy over all pixels but the
 * background. */
static const char *const label_names[] = {"loss", "accuracy"};
static const char *const mask_names[NUMBER_COUNT] = {
    "loss",    "pixel_accuracy",        "mean_accuracy",
    "mean_iu", "frequency_weighted_iu", "digit_accuracy"};

static const char *number_name(const struct pages *pages, int number) {
    return (pages->state->data.masks ? mask_names : label_names)[number];
}

static int numbers_of(const struct pages *pages) {
    return pages->state->data.masks ? NUMBER_COUNT : BASE_COUNT(label_names);
}

static double number_of(const struct evaluation *evaluation, enum number number) {
    if (number == NUMBER_LOSS)
        return sums_loss(&evaluation->sums);
    if (!evaluation->scores)
        return NAN;
    struct scores scores = confusion_scores(&evaluation->confusion);
    const double values[NUMBER_COUNT] = {
        [NUMBER_ACCURACY] = scores.accuracy,
        [NUMBER_MEAN_ACCURACY] = scores.mean_accuracy,
        [NUMBER_MEAN_IU] = scores.mean_iu,
        [NUMBER_FREQUENCY_WEIGHTED_IU] = scores.frequency_weighted_iu,
        [NUMBER_OBJECT_ACCURACY] = scores.object_accuracy,
    };
    return values[number];
}

static struct spread over_seeds(const struct pages *pages, int arm, enum number number) {
    for (int seed = 0; seed < pages->seeds; seed++)
        pages->values[seed] = number_of(evaluation_of(pages, arm, seed), number);
    return spread_of(pages->values, pages->seeds);
}

/* ---- tables ------------------------------------------------------------------------------------ */

static bool write_scores(const struct pages *pages) {
    struct csv *csv = run_csv(pages->run, pages->job, "scores");
    csv_text(csv, "arm");
    csv_text(csv, "seed");
    for (int k = 0; k < numbers_of(pages); k++)
        csv_text(csv, number_name(pages, k));
    csv_end_row(csv);
    for (int seed = 0; seed < pages->seeds; seed++)
        for (int arm = 0; arm < pages->arms; arm++) {
            csv_text(csv, arm_name(pages, arm));
            csv_int(csv, (int64_t)pages->run->experiment->seeds[seed]);
            for (int k = 0; k < numbers_of(pages); k++)
                csv_real(csv, number_of(evaluation_of(pages, arm, seed), (enum number)k));
            csv_end_row(csv);
        }
    return csv_end(csv, pages->run->report);
}

static void say_head(const struct pages *pages) {
    const struct dataset *data = &pages->state->data;
    char line[160];
    int used = snprintf(line, sizeof line, "  %-14s", "arm");
    for (int k = 0; k < numbers_of(pages); k++)
        used += snprintf(line + used, sizeof line - (size_t)used, " %21s", number_name(pages, k));
    run_say(pages->run, "%s %s images", text_commas(data->images).text, data->split);
    run_say(pages->run, "%s", line);
}

static void say_arm(const struct pages *pages, int arm) {
    char line[160], number[32];
    int used = snprintf(line, sizeof line, "  %-14.40s", arm_name(pages, arm));
    for (int k = 0; k < numbers_of(pages); k++) {
        struct spread spread = over_seeds(pages, arm, (enum number)k);
        snprintf(number, sizeof number, pages->seeds > 1 ? "%.4f +- %.4f" : "%.4f", spread.mean,
                 spread.interval);
        used += snprintf(line + used, sizeof line - (size_t)used, " %21s",
                         isnan(spread.mean) ? "-" : number);
    }
    run_say(pages->run, "%s", line);
}

static const char *class_name(const struct pages *pages, int class) {
    return pages->state->data.class_names[class];
}

/* ---- one arm's confusion ------------------------------------------------------------------------ */

/* The counts of all seeds together; counts NULL: out of memory. */
static struct confusion all_counts(const struct pages *pages, int arm) {
    int classes = pages->state->data.classes;
    size_t cells = (size_t)classes * (size_t)classes;
    struct confusion all = {classes, arena_alloc(pages->arena, cells, sizeof *all.counts)};
    for (int seed = 0; all.counts && seed < pages->seeds; seed++)
        for (size_t i = 0; i < cells; i++)
            all.counts[i] += evaluation_of(pages, arm, seed)->confusion.counts[i];
    return all;
}

static bool write_counts(const struct pages *pages, int arm, const struct confusion *confusion) {
    struct csv *csv = run_csv(pages->run, pages->job,
                              arena_printf(pages->arena, "counts_%s", arm_name(pages, arm)));
    csv_text(csv, "truth");
    for (int i = 0; i < confusion->classes; i++)
        csv_text(csv, class_name(pages, i));
    csv_end_row(csv);
    for (int i = 0; i < confusion->classes; i++) {
        csv_text(csv, class_name(pages, i));
        for (int j = 0; j < confusion->classes; j++)
            csv_int(csv, confusion->counts[(int64_t)i * confusion->classes + j]);
        csv_end_row(csv);
    }
    return csv_end(csv, pages->run->report);
}

static bool write_classes(const struct pages *pages, int arm, const struct confusion *confusion) {
    static const char *const head[] = {"class", "count", "accuracy", "precision", "iu"};
    struct csv *csv = run_csv(pages->run, pages->job,
                              arena_printf(pages->arena, "classes_%s", arm_name(pages, arm)));
    for (int i = 0; i < BASE_COUNT(head); i++)
        csv_text(csv, head[i]);
    csv_end_row(csv);
    for (int i = 0; i < confusion->classes; i++) {
        struct class_scores scores = confusion_class(confusion, i);
        csv_text(csv, class_name(pages, i));
        csv_int(csv, scores.count);
        csv_real(csv, scores.recall);
        csv_real(csv, scores.precision);
        csv_real(csv, scores.iu);
        csv_end_row(csv);
    }
    return csv_end(csv, pages->run->report);
}

/* Shares of each true class, row by row; NULL: out of memory. */
static double *shares_of(struct arena *arena, const struct confusion *confusion) {
    int classes = confusion->classes;
    double *shares = arena_alloc(arena, (size_t)classes * (size_t)classes, sizeof *shares);
    for (int i = 0; shares && i < classes; i++) {
        double count = (double)confusion_class(confusion, i).count;
        for (int j = 0; j < classes; j++)
            shares[i * classes + j] =
                count > 0 ? (double)confusion->counts[i * classes + j] / count : NAN;
    }
    return shares;
}

static bool draw_confusion(struct pages *pages, int arm, const struct confusion *confusion) {
    struct chart_heat heat = {.title = arena_printf(pages->arena,
                                                    "%s: what was said of each class, %s %s split",
                                                    arm_name(pages, arm), pages->state->data.source,
                                                    pages->state->data.split),
                              .note = data_note(&pages->state->data),
                              .x_label = "class said",
                              .y_label = "true class",
                              .value_label = "share of the true class",
                              .rows = confusion->classes,
                              .columns = confusion->classes,
                              .values = shares_of(pages->arena, confusion),
                              .row_names = pages->state->data.class_names,
                              .column_names = pages->state->data.class_names,
                              .high = 1};
    const char *stem = arena_printf(pages->arena, "confusion_%s", arm_name(pages, arm));
    const char *name = stem ? run_job_name(pages->run, pages->job, stem) : NULL;
    return heat.title && heat.values && name &&
           chart_write_heat(&heat, pages->run->folder, name, &pages->drawn, pages->run->report);
}

/* ---- results.json ------------------------------------------------------------------------------ */

static struct json *json_of_class(const struct pages *pages, const struct confusion *confusion,
                                  int class) {
    struct class_scores scores = confusion_class(confusion, class);
    struct json *object = json_new_object(pages->run->arena);
    json_set_text(object, "class", class_name(pages, class));
    json_set_int(object, "count", scores.count);
    json_set_real(object, "accuracy", scores.recall);
    json_set_real(object, "precision", scores.precision);
    json_set_real(object, "iu", scores.iu);
    return object;
}

static void record_arm(const struct pages *pages, int arm, const struct confusion *confusion) {
    struct json *split = json_new_object(pages->run->arena);
    for (int k = 0; k < numbers_of(pages); k++) {
        struct spread spread = over_seeds(pages, arm, (enum number)k);
        if (isnan(spread.mean))
            continue;
        json_set_real(split, number_name(pages, k), spread.mean);
        if (pages->seeds > 1)
            json_set_real(split, arena_printf(pages->arena, "%s_interval", number_name(pages, k)),
                          spread.interval);
    }
    if (evaluation_of(pages, arm, 0)->scores) {
        struct json *classes = json_new_list(pages->run->arena);
        for (int i = 0; i < confusion->classes; i++)
            json_add(classes, json_of_class(pages, confusion, i));
        json_set(split, "per_class", classes);
    }
    json_set(pages->run->arm_results[arm], pages->state->data.split, split);
}

/* ---- all of it --------------------------------------------------------------------------------- */

static bool report_arm(struct pages *pages, int arm) {
    const struct evaluation *first = evaluation_of(pages, arm, 0);
    struct confusion confusion = all_counts(pages, arm);
    if (!confusion.counts)
        return false;
    say_arm(pages, arm);
    record_arm(pages, arm, &confusion);
    return !first->scores ||
           (write_counts(pages, arm, &confusion) && write_classes(pages, arm, &confusion) &&
            draw_confusion(pages, arm, &confusion) &&
            mistakes_write(pages->run, pages->job, arm, &pages->state->seen, &first->mistakes));
}

bool evaluate_report(struct run *run, const struct job *job) {
    struct pages pages = {
        .run = run,
        .job = job,
        .state = job->state,
        .arena = run->arena,
        .arms = run->experiment->arm_count,
        .seeds = run->experiment->seed_count,
        .values = arena_alloc(run->arena, (size_t)run->experiment->seed_count, sizeof(double)),
        .drawn = true};
    bool good = pages.values && write_scores(&pages);
    say_head(&pages);
    for (int arm = 0; good && arm < pages.arms; arm++)
        good = report_arm(&pages, arm);
    if (good && !pages.drawn)
        say_not_drawn(run);
    return good;
}
