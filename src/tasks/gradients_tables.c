/* The gradients task's tables: on the screen, as CSV, and in results.json. */
#include "gradients_pages.h"

#include <math.h>

/* ---- tables ------------------------------------------------------------------------------------ */

/* Every number of one measure: a row for each seed and iteration, a column for each tensor. */
static bool write_series(const struct pages *pages, int arm, enum measure measure,
                         const char *file) {
    const struct probe *probe = &pages->state->probes[arm];
    struct csv *csv = run_csv(pages->run, pages->job,
                              arena_printf(pages->arena, "%s_%s", file, pages_arm(pages, arm)));
    if (!csv)
        return false;
    csv_text(csv, "seed");
    csv_text(csv, "iteration");
    csv_text(csv, "loss");
    int columns = probe->records[0].measures[measure].columns;
    for (int i = 0; i < columns; i++)
        csv_text(csv, measure == MEASURE_PARAMS ? probe->graph->params[probe->params[i]].path
                                                : probe->graph->layers[probe->weighted[i]].path);
    csv_end_row(csv);
    for (int seed = 0; seed < pages->seeds; seed++)
        for (int row = 0; row < pages->iterations; row++) {
            csv_int(csv, (int64_t)pages->run->experiment->seeds[seed]);
            csv_int(csv, row);
            csv_real(csv, probe->records[seed].losses[row]);
            for (int i = 0; i < columns; i++)
                csv_real(csv, series_at(&probe->records[seed].measures[measure], row, i));
            csv_end_row(csv);
        }
    return csv_end(csv, pages->run->report);
}

static bool write_all_series(const struct pages *pages, int arm) {
    return write_series(pages, arm, MEASURE_PARAMS, "tensors") &&
           write_series(pages, arm, MEASURE_ACTIVATIONS, "activations") &&
           write_series(pages, arm, MEASURE_SIGNALS, "signals");
}

/* What the table says of one watched layer: over iterations, then over seeds. */
struct watched {
    struct spread means; /* of each seed's mean over the iterations */
    double low, high;    /* of all iterations and seeds */
};

static bool summarize(const struct pages *pages, int arm, int which, struct watched *watched) {
    double *rows = pages_numbers(pages, pages->iterations),
           *means = pages_numbers(pages, pages->seeds);
    if (!rows || !means)
        return false;
    watched->low = INFINITY;
    watched->high = -INFINITY;
    for (int seed = 0; seed < pages->seeds; seed++) {
        for (int row = 0; row < pages->iterations; row++)
            rows[row] = watched_value(pages, arm, seed, row, which);
        struct spread spread = spread_of(rows, pages->iterations);
        means[seed] = spread.mean;
        watched->low = fmin(watched->low, spread.low);
        watched->high = fmax(watched->high, spread.high);
    }
    watched->means = spread_of(means, pages->seeds);
    return true;
}

static void say_watched(const struct pages *pages, int arm, const struct watch *watch,
                        const struct watched *watched) {
    char spread[48] = "";
    if (pages->seeds > 1)
        snprintf(spread, sizeof spread, "  (seeds: deviation %.2g)", watched->means.deviation);
    run_say(pages->run, "  %-12s %-10s %-28s %10.3g %10.3g %10.3g%s", pages_arm(pages, arm),
            watch->label, pages->state->probes[arm].graph->layers[watch->layer].path,
            watched->means.mean, watched->low, watched->high, spread);
}

static void row_of_table(struct csv *csv, const char *arm, const struct watch *watch,
                         const char *path, const struct watched *watched) {
    csv_text(csv, arm);
    csv_text(csv, watch->label);
    csv_text(csv, path);
    csv_real(csv, watched->means.mean);
    csv_real(csv, watched->low);
    csv_real(csv, watched->high);
    csv_real(csv, watched->means.deviation);
    csv_end_row(csv);
}

static void json_of_watched(struct json *layers, const struct pages *pages,
                            const struct watch *watch, const char *path,
                            const struct watched *watched) {
    struct json *layer = json_new_object(pages->run->arena);
    json_set_text(layer, "path", path);
    json_set_real(layer, "mean", watched->means.mean);
    json_set_real(layer, "min", watched->low);
    json_set_real(layer, "max", watched->high);
    if (pages->seeds > 1)
        json_set_real(layer, "deviation_over_seeds", watched->means.deviation);
    json_set(layers, watch->label, layer);
}

static bool tell_arm(const struct pages *pages, int arm, struct csv *csv) {
    const struct probe *probe = &pages->state->probes[arm];
    struct json *layers = json_new_object(pages->run->arena);
    for (int i = 0; i < probe->watch_count; i++) {
        struct watched watched;
        if (!summarize(pages, arm, i, &watched))
            return false;
        const struct watch *watch = &probe->watches[i];
        const char *path = probe->graph->layers[watch->layer].path;
        say_watched(pages, arm, watch, &watched);
        row_of_table(csv, pages_arm(pages, arm), watch, path, &watched);
        json_of_watched(layers, pages, watch, path, &watched);
    }
    json_set(pages->run->arm_results[arm], "layers", layers);
    return true;
}

static bool write_table(const struct pages *pages) {
    static const char *const head[] = {
        "arm", "label", "layer", "mean", "minimum", "maximum", "deviation_over_seeds"};
    struct csv *csv = run_csv(pages->run, pages->job, "table");
    if (!csv)
        return false;
    for (int i = 0; i < BASE_COUNT(head); i++)
        csv_text(csv, head[i]);
    csv_end_row(csv);
    run_say(pages->run, "L2 norm of the weight gradient over %d iterations", pages->iterations);
    run_say(pages->run, "  %-12s %-10s %-28s %10s %10s %10s", "arm", "watched", "layer", "mean",
            "least", "most");
    bool good = true;
    for (int arm = 0; arm < pages->arms; arm++)
        good = tell_arm(pages, arm, csv) && good;
    return csv_end(csv, pages->run->report) && good;
}

/* ---- results.json ------------------------------------------------------------------------------ */

/* Adds a list with the number of every iteration. */
static bool record_line(const struct pages *pages, int arm, int which, const char *key,
                        struct json *all) {
    struct json *list = json_new_list(pages->run->arena);
    struct chart_series line;
    if (!line_over_rows(pages, arm, total_value, which, &line))
        return false;
    for (int row = 0; row < pages->iterations; row++)
        json_add_real(list, line.y[row]);
    json_set(all, key, list);
    return true;
}

static bool record_totals(const struct pages *pages, int arm) {
    struct json *all = json_new_object(pages->run->arena);
    for (int i = 0; i < MEASURE_TEXTS; i++) {
        const struct measure_text *text = &measure_texts[i];
        if (text->sum_key && !(record_line(pages, arm, 2 * i, text->sum_key, all) &&
                               record_line(pages, arm, 2 * i + 1, text->deviation_key, all)))
            return false;
    }
    json_set(pages->run->arm_results[arm], "all", all);
    return true;
}

static bool record_slopes(const struct pages *pages, int arm) {
    const struct probe *probe = &pages->state->probes[arm];
    struct json *slopes = json_new_object(pages->run->arena);
    for (int i = 0; i < MEASURE_TEXTS; i++) {
        if (!measure_texts[i].slope_key)
            continue;
        double *means = pages_profile(pages, arm, measure_texts[i].measure);
        if (!means)
            return false;
        json_set_real(slopes, measure_texts[i].slope_key, slope_of(means, probe->weighted_count));
    }
    json_set_real(slopes, "mean_field", slope_of(probe->records[0].theory, probe->weighted_count));
    json_set(pages->run->arm_results[arm], "decades_per_layer", slopes);
    return true;
}

static bool record_arm(const struct pages *pages, int arm) {
    json_set_int(pages->run->arm_results[arm], "iterations", pages->iterations);
    return record_totals(pages, arm) && record_slopes(pages, arm);
}

bool gradients_tables(const struct pages *pages) {
    bool good = write_table(pages);
    for (int arm = 0; good && arm < pages->arms; arm++)
        good = write_all_series(pages, arm) && record_arm(pages, arm);
    return good;
}
