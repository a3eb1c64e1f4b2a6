/* What the gradients task leaves: figures, tables, results.json.
 *
 *   gradients.*       the watched layers over the iterations, a panel for each label, a line for each arm
 *   depth.*           means over the iterations against depth, with slopes and the mean-field line
 *   totals.*          sum and deviation of the gradient norms of all parameter tensors
 *   heat_ARM.*        weight gradients, layer x iteration
 *   table.csv         the watched layers' means; tensors_ARM.csv, activations_ARM.csv, signals_ARM.csv:
 *                     every number measured */
#include "gradients.h"
#include "spread.h"

#include <math.h>
#include <string.h>

/* All that the functions below need. */
struct pages {
    struct run *run;
    const struct gradients *state;
    struct arena *arena;
    int arms, seeds, iterations;
    bool drawn;
};

static const char *arm_name(const struct pages *pages, int arm) {
    return pages->run->experiment->arms[arm].name;
}

static double *numbers(const struct pages *pages, int count) {
    return arena_alloc(pages->arena, (size_t)count, sizeof(double));
}

/* ---- statistics -------------------------------------------------------------------------------- */

static double at(const struct series *series, int row, int column) {
    return series->norms[(size_t)row * (size_t)series->columns + (size_t)column];
}

double series_mean(const struct series *series, int column) {
    double sum = 0;
    for (int row = 0; row < series->rows; row++)
        sum += at(series, row, column);
    return sum / series->rows;
}

static int column_of(const struct probe *probe, const struct watch *watch) {
    for (int i = 0; i < probe->param_count; i++)
        if (probe->params[i] == watch->param)
            return i;
    return -1;
}

/* Decades per layer: the slope of log10(norm) over the layers by least squares; NaN when undefined. */
static double slope_of(const double *norms, int count) {
    double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (int i = 0; i < count; i++) {
        if (!(norms[i] > 0))
            continue;
        double x = i + 1, y = log10(norms[i]);
        n++, sx += x, sy += y, sxx += x * x, sxy += x * y;
    }
    double divisor = n * sxx - sx * sx;
    return n >= 2 && divisor > 0 ? (n * sxy - sx * sy) / divisor : NAN;
}

/* ---- lines over iterations --------------------------------------------------------------------- */

/* What a line shows at one iteration, for one seed. */
typedef double (*row_value)(const struct pages *pages, int arm, int seed, int row, int which);

static double watched_value(const struct pages *pages, int arm, int seed, int row, int which) {
    const struct probe *probe = &pages->state->probes[arm];
    const struct series *series = &probe->records[seed].measures[MEASURE_PARAMS];
    return at(series, row, column_of(probe, &probe->watches[which]));
}

static struct spread row_spread(const struct pages *pages, int arm, int seed, int row) {
    const struct series *series = &pages->state->probes[arm].records[seed].measures[MEASURE_PARAMS];
    return spread_of(series->norms + (size_t)row * (size_t)series->columns, series->columns);
}

/* `which`: 0 the sum, 1 the standard deviation over all parameter tensors. */
static double total_value(const struct pages *pages, int arm, int seed, int row, int which) {
    struct spread spread = row_spread(pages, arm, seed, row);
    return which ? spread.deviation : spread.mean * pages->state->probes[arm].param_count;
}

/* One arm's line: the mean over seeds, with a band from the least to the most when there are several. */
static bool line_over_rows(const struct pages *pages, int arm, row_value value, int which,
                           struct chart_series *line) {
    int rows = pages->iterations;
    double *x = numbers(pages, rows), *y = numbers(pages, rows), *low = numbers(pages, rows),
           *high = numbers(pages, rows), *seeds = numbers(pages, pages->seeds);
    if (!x || !y || !low || !high || !seeds)
        return false;
    for (int row = 0; row < rows; row++) {
        for (int seed = 0; seed < pages->seeds; seed++)
            seeds[seed] = value(pages, arm, seed, row, which);
        struct spread spread = spread_of(seeds, pages->seeds);
        x[row] = row;
        y[row] = spread.mean;
        low[row] = spread.low;
        high[row] = spread.high;
    }
    bool band = pages->seeds > 1;
    *line = (struct chart_series){.name = arm_name(pages, arm),
                                  .color = arm,
                                  .x = x,
                                  .y = y,
                                  .low = band ? low : NULL,
                                  .high = band ? high : NULL,
                                  .count = rows};
    return true;
}

/* A log axis where the lines are decades apart. */
static bool wants_log(const struct chart_series *lines, int count) {
    double least = INFINITY, most = 0;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < lines[i].count; j++)
            if (lines[i].y[j] > 0) {
                least = fmin(least, lines[i].y[j]);
                most = fmax(most, lines[i].y[j]);
            }
    return most > 30 * least;
}

/* ---- figure: watched layers -------------------------------------------------------------------- */

static int watch_index(const struct probe *probe, const char *label) {
    for (int i = 0; i < probe->watch_count; i++)
        if (!strcmp(probe->watches[i].label, label))
            return i;
    return -1;
}

/* The labels of all arms, each once, in written order. NULL: out of memory. */
static const char **all_labels(const struct pages *pages, int *count) {
    int most = 0;
    for (int arm = 0; arm < pages->arms; arm++)
        most += pages->state->probes[arm].watch_count;
    const char **labels = arena_alloc(pages->arena, (size_t)most, sizeof *labels);
    *count = 0;
    for (int arm = 0; labels && arm < pages->arms; arm++) {
        const struct probe *probe = &pages->state->probes[arm];
        for (int i = 0; i < probe->watch_count; i++) {
            bool seen = false;
            for (int j = 0; j < *count; j++)
                seen = seen || !strcmp(labels[j], probe->watches[i].label);
            if (!seen)
                labels[(*count)++] = probe->watches[i].label;
        }
    }
    return labels;
}

static bool watched_panel(const struct pages *pages, const char *label, struct chart_panel *panel) {
    struct chart_series *lines = arena_alloc(pages->arena, (size_t)pages->arms, sizeof *lines);
    if (!lines)
        return false;
    int count = 0;
    for (int arm = 0; arm < pages->arms; arm++) {
        int which = watch_index(&pages->state->probes[arm], label);
        if (which >= 0 && !line_over_rows(pages, arm, watched_value, which, &lines[count++]))
            return false;
    }
    *panel = (struct chart_panel){
        .title = arena_printf(pages->arena, "%s layer", label),
        .x_label = "iteration",
        .y_label = "L2 norm of the weight gradient",
        .log_y = wants_log(lines, count),
        .series = lines,
        .series_count = count,
    };
    return panel->title != NULL;
}

static const char *title_of(const struct pages *pages) {
    const struct experiment *experiment = pages->run->experiment;
    return experiment->summary ? experiment->summary : experiment->name;
}

static bool write_chart(struct pages *pages, const struct chart_panel *panels, int count,
                        const char *title, const char *name) {
    struct chart chart = {.title = title,
                          .note = data_note(&pages->state->data),
                          .panels = panels,
                          .panel_count = count};
    return chart_write(&chart, pages->run->folder, name, &pages->drawn, pages->run->report);
}

static bool draw_watched(struct pages *pages) {
    int count;
    const char **labels = all_labels(pages, &count);
    struct chart_panel *panels =
        labels ? arena_alloc(pages->arena, (size_t)count, sizeof *panels) : NULL;
    if (!panels)
        return false;
    for (int i = 0; i < count; i++)
        if (!watched_panel(pages, labels[i], &panels[i]))
            return false;
    return count == 0 || write_chart(pages, panels, count, title_of(pages), "gradients");
}

/* ---- figure: sum and deviation ----------------------------------------------------------------- */

static bool draw_totals(struct pages *pages) {
    static const char *const titles[] = {"sum over all parameter tensors",
                                         "standard deviation over all parameter tensors"};
    static const char *const labels[] = {"sum of gradient norms", "deviation of gradient norms"};
    struct chart_panel panels[2];
    for (int which = 0; which < 2; which++) {
        struct chart_series *lines = arena_alloc(pages->arena, (size_t)pages->arms, sizeof *lines);
        if (!lines)
            return false;
        for (int arm = 0; arm < pages->arms; arm++)
            if (!line_over_rows(pages, arm, total_value, which, &lines[arm]))
                return false;
        panels[which] = (struct chart_panel){.title = titles[which],
                                             .x_label = "iteration",
                                             .y_label = labels[which],
                                             .log_y = wants_log(lines, pages->arms),
                                             .series = lines,
                                             .series_count = pages->arms};
    }
    return write_chart(pages, panels, 2, "Gradient norms of the whole network", "totals");
}

/* ---- figure: depth ----------------------------------------------------------------------------- */

/* Mean over iterations and seeds for every weighted layer. NULL: out of memory. */
static double *profile(const struct pages *pages, int arm, enum measure measure) {
    const struct probe *probe = &pages->state->probes[arm];
    double *means = numbers(pages, probe->weighted_count);
    for (int k = 0; means && k < probe->weighted_count; k++)
        for (int seed = 0; seed < pages->seeds; seed++)
            means[k] += series_mean(&probe->records[seed].measures[measure], k) / pages->seeds;
    return means;
}

/* The mean-field line through the measured signal at the end of its chain; false: out of memory, *known
 * false: there is none. */
static bool theory_line(const struct pages *pages, int arm, const double *x, const double *signals,
                        struct chart_series *line, bool *known) {
    const struct probe *probe = &pages->state->probes[arm];
    const double *theory = probe->records[0].theory;
    double *y = numbers(pages, probe->weighted_count);
    if (!y)
        return false;
    double scale = NAN;
    for (int k = 0; k < probe->weighted_count; k++)
        if (theory[k] == 1) /* the last of the chain */
            scale = signals[k];
    for (int k = 0; k < probe->weighted_count; k++)
        y[k] = theory[k] * scale;
    *known = !isnan(scale);
    *line = (struct chart_series){
        .name = arena_printf(pages->arena, "%s, mean-field theory", arm_name(pages, arm)),
        .color = arm,
        .dashed = true,
        .x = x,
        .y = y,
        .count = probe->weighted_count};
    return line->name != NULL;
}

static bool depth_line(const struct pages *pages, int arm, enum measure measure,
                       struct chart_series *line) {
    int count = pages->state->probes[arm].weighted_count;
    double *x = numbers(pages, count), *y = profile(pages, arm, measure);
    if (!x || !y)
        return false;
    for (int k = 0; k < count; k++)
        x[k] = k + 1;
    *line = (struct chart_series){.name = arena_printf(pages->arena, "%s (%+.3f decades per layer)",
                                                       arm_name(pages, arm), slope_of(y, count)),
                                  .color = arm,
                                  .points = true,
                                  .x = x,
                                  .y = y,
                                  .count = count};
    return line->name != NULL;
}

static const struct {
    enum measure measure;
    const char *title, *y_label, *key, *file;
} profiles[] = {
    {MEASURE_WEIGHTS, "weight gradients", "L2 norm, mean over iterations", "weight_gradient", NULL},
    {MEASURE_SIGNALS, "gradients of activations", "L2 norm, mean over iterations",
     "activation_gradient", "signals"},
    {MEASURE_ACTIVATIONS, "activations", "L2 norm, mean over iterations", "activation",
     "activations"},
};

static bool depth_panel(const struct pages *pages, int which, struct chart_panel *panel) {
    enum measure measure = profiles[which].measure;
    struct chart_series *lines = arena_alloc(pages->arena, (size_t)pages->arms * 2, sizeof *lines);
    if (!lines)
        return false;
    int count = 0;
    for (int arm = 0; arm < pages->arms; arm++) {
        struct chart_series *line = &lines[count++];
        if (!depth_line(pages, arm, measure, line))
            return false;
        bool known = false;
        if (measure == MEASURE_SIGNALS &&
            !theory_line(pages, arm, line->x, line->y, &lines[count], &known))
            return false;
        count += known;
    }
    *panel = (struct chart_panel){.title = profiles[which].title,
                                  .x_label = "layer with weights, from the input",
                                  .y_label = profiles[which].y_label,
                                  .log_y = wants_log(lines, count),
                                  .series = lines,
                                  .series_count = count};
    return true;
}

static bool draw_depth(struct pages *pages) {
    struct chart_panel panels[BASE_COUNT(profiles)];
    for (int i = 0; i < BASE_COUNT(profiles); i++)
        if (!depth_panel(pages, i, &panels[i]))
            return false;
    return write_chart(pages, panels, BASE_COUNT(profiles), "Signal against depth", "depth");
}

/* ---- heat maps --------------------------------------------------------------------------------- */

static const char **weighted_names(const struct pages *pages, const struct probe *probe) {
    const char **names = arena_alloc(pages->arena, (size_t)probe->weighted_count, sizeof *names);
    for (int k = 0; names && k < probe->weighted_count; k++)
        names[k] = probe->graph->layers[probe->weighted[k]].path;
    return names;
}

static bool draw_heat(struct pages *pages, int arm) {
    const struct probe *probe = &pages->state->probes[arm];
    int rows = probe->weighted_count, columns = pages->iterations;
    double *values = numbers(pages, rows * columns), *x = numbers(pages, columns);
    const char **names = weighted_names(pages, probe);
    if (!values || !x || !names)
        return false;
    for (int column = 0; column < columns; column++) {
        x[column] = column;
        for (int row = 0; row < rows; row++)
            for (int seed = 0; seed < pages->seeds; seed++)
                values[row * columns + column] +=
                    at(&probe->records[seed].measures[MEASURE_WEIGHTS], column, row) / pages->seeds;
    }
    struct chart_heat heat = {
        .title =
            arena_printf(pages->arena, "%s: weight gradient of every layer", arm_name(pages, arm)),
        .note = data_note(&pages->state->data),
        .x_label = "iteration",
        .y_label = "layer",
        .value_label = "L2 norm of the weight gradient",
        .log_color = true,
        .rows = rows,
        .columns = columns,
        .values = values,
        .x = x,
        .row_names = names};
    const char *name = arena_printf(pages->arena, "heat_%s", arm_name(pages, arm));
    return heat.title && name &&
           chart_write_heat(&heat, pages->run->folder, name, &pages->drawn, pages->run->report);
}

/* ---- tables ------------------------------------------------------------------------------------ */

static struct csv *open_csv(const struct pages *pages, const char *name) {
    const char *path = name ? run_path(pages->run, name) : NULL;
    return path ? csv_begin(path, pages->run->report) : NULL;
}

/* Every number of one measure: a row for each seed and iteration, a column for each tensor. */
static bool write_series(const struct pages *pages, int arm, enum measure measure,
                         const char *file) {
    const struct probe *probe = &pages->state->probes[arm];
    struct csv *csv =
        open_csv(pages, arena_printf(pages->arena, "%s_%s.csv", file, arm_name(pages, arm)));
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
                csv_real(csv, at(&probe->records[seed].measures[measure], row, i));
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
    double *rows = numbers(pages, pages->iterations), *means = numbers(pages, pages->seeds);
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
    run_say(pages->run, "  %-12s %-10s %-28s %10.3g %10.3g %10.3g%s", arm_name(pages, arm),
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
        row_of_table(csv, arm_name(pages, arm), watch, path, &watched);
        json_of_watched(layers, pages, watch, path, &watched);
    }
    json_set(pages->run->arm_results[arm], "layers", layers);
    return true;
}

static bool write_table(const struct pages *pages) {
    static const char *const head[] = {
        "arm", "label", "layer", "mean", "minimum", "maximum", "deviation_over_seeds"};
    struct csv *csv = open_csv(pages, "table.csv");
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

static bool record_totals(const struct pages *pages, int arm) {
    struct json *all = json_new_object(pages->run->arena);
    static const char *const keys[] = {"norm_sum", "norm_std"};
    for (int which = 0; which < 2; which++) {
        struct json *list = json_new_list(pages->run->arena);
        struct chart_series line;
        if (!line_over_rows(pages, arm, total_value, which, &line))
            return false;
        for (int row = 0; row < pages->iterations; row++)
            json_add_real(list, line.y[row]);
        json_set(all, keys[which], list);
    }
    json_set(pages->run->arm_results[arm], "all", all);
    return true;
}

static bool record_slopes(const struct pages *pages, int arm) {
    const struct probe *probe = &pages->state->probes[arm];
    struct json *slopes = json_new_object(pages->run->arena);
    for (int i = 0; i < BASE_COUNT(profiles); i++) {
        double *means = profile(pages, arm, profiles[i].measure);
        if (!means)
            return false;
        json_set_real(slopes, profiles[i].key, slope_of(means, probe->weighted_count));
    }
    json_set_real(slopes, "mean_field", slope_of(probe->records[0].theory, probe->weighted_count));
    json_set(pages->run->arm_results[arm], "decades_per_layer", slopes);
    return true;
}

static bool record_arm(const struct pages *pages, int arm) {
    json_set_int(pages->run->arm_results[arm], "iterations", pages->iterations);
    return record_totals(pages, arm) && record_slopes(pages, arm);
}

bool gradients_report(struct run *run, const struct job *job) {
    const struct gradients_config *config = job->config;
    struct pages pages = {.run = run,
                          .state = job->state,
                          .arena = run->arena,
                          .arms = run->experiment->arm_count,
                          .seeds = run->experiment->seed_count,
                          .iterations = config->iterations};
    bool good =
        write_table(&pages) && draw_watched(&pages) && draw_depth(&pages) && draw_totals(&pages);
    for (int arm = 0; good && arm < pages.arms; arm++)
        good = draw_heat(&pages, arm) && write_all_series(&pages, arm) && record_arm(&pages, arm);
    if (good && !pages.drawn)
        say_not_drawn(run);
    return good;
}
