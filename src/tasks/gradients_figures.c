/* The gradients task's figures: watched layers, sums and deviations, depth, heat maps. */
#include "gradients_pages.h"

#include <math.h>
#include <string.h>

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
    name = run_job_name(pages->run, pages->job, name);
    return name && chart_write(&chart, pages->run->folder, name, &pages->drawn, pages->run->report);
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

static bool total_panel(const struct pages *pages, int which, struct chart_panel *panel) {
    struct chart_series *lines = arena_alloc(pages->arena, (size_t)pages->arms, sizeof *lines);
    if (!lines)
        return false;
    for (int arm = 0; arm < pages->arms; arm++)
        if (!line_over_rows(pages, arm, total_value, which, &lines[arm]))
            return false;
    *panel = (struct chart_panel){.title = which % 2 ? "standard deviation over tensors"
                                                     : "sum over tensors",
                                  .x_label = "iteration",
                                  .y_label = which % 2 ? "deviation of norms" : "sum of norms",
                                  .log_y = wants_log(lines, pages->arms),
                                  .series = lines,
                                  .series_count = pages->arms};
    return true;
}

static bool draw_totals(struct pages *pages) {
    for (int i = 0; i < MEASURE_TEXTS; i++) {
        const struct measure_text *text = &measure_texts[i];
        struct chart_panel panels[2];
        if (text->total_file &&
            !(total_panel(pages, 2 * i, &panels[0]) && total_panel(pages, 2 * i + 1, &panels[1]) &&
              write_chart(pages, panels, 2, text->total_title, text->total_file)))
            return false;
    }
    return true;
}

/* ---- figure: depth ----------------------------------------------------------------------------- */

/* The mean-field line through the measured signal at the end of its chain; false: out of memory, *known
 * false: there is none. */
static bool theory_line(const struct pages *pages, int arm, const double *x, const double *signals,
                        struct chart_series *line, bool *known) {
    const struct probe *probe = &pages->state->probes[arm];
    const double *theory = probe->records[0].theory;
    double *y = pages_numbers(pages, probe->weighted_count);
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
        .name = arena_printf(pages->arena, "%s, mean-field theory", pages_arm(pages, arm)),
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
    double *x = pages_numbers(pages, count), *y = pages_profile(pages, arm, measure);
    if (!x || !y)
        return false;
    for (int k = 0; k < count; k++)
        x[k] = k + 1;
    *line = (struct chart_series){.name = arena_printf(pages->arena, "%s (%+.3f decades per layer)",
                                                       pages_arm(pages, arm), slope_of(y, count)),
                                  .color = arm,
                                  .points = true,
                                  .x = x,
                                  .y = y,
                                  .count = count};
    return line->name != NULL;
}

static bool depth_panel(const struct pages *pages, int which, struct chart_panel *panel) {
    const struct measure_text *text = &measure_texts[which];
    struct chart_series *lines = arena_alloc(pages->arena, (size_t)pages->arms * 2, sizeof *lines);
    if (!lines)
        return false;
    int count = 0;
    for (int arm = 0; arm < pages->arms; arm++) {
        struct chart_series *line = &lines[count++];
        if (!depth_line(pages, arm, text->measure, line))
            return false;
        bool known = false;
        if (text->measure == MEASURE_SIGNALS &&
            !theory_line(pages, arm, line->x, line->y, &lines[count], &known))
            return false;
        count += known;
    }
    *panel = (struct chart_panel){.title = text->title,
                                  .x_label = "layer with weights, from the input",
                                  .y_label = "L2 norm, mean over iterations",
                                  .log_y = wants_log(lines, count),
                                  .series = lines,
                                  .series_count = count};
    return true;
}

static bool draw_depth(struct pages *pages) {
    struct chart_panel panels[MEASURE_TEXTS];
    int count = 0;
    for (int i = 0; i < MEASURE_TEXTS; i++)
        if (measure_texts[i].title && !depth_panel(pages, i, &panels[count++]))
            return false;
    return write_chart(pages, panels, count, "Signal against depth", "depth");
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
    double *values = pages_numbers(pages, rows * columns), *x = pages_numbers(pages, columns);
    const char **names = weighted_names(pages, probe);
    if (!values || !x || !names)
        return false;
    for (int column = 0; column < columns; column++) {
        x[column] = column;
        for (int row = 0; row < rows; row++)
            for (int seed = 0; seed < pages->seeds; seed++)
                values[row * columns + column] +=
                    series_at(&probe->records[seed].measures[MEASURE_WEIGHTS], column, row) /
                    pages->seeds;
    }
    struct chart_heat heat = {
        .title =
            arena_printf(pages->arena, "%s: weight gradient of every layer", pages_arm(pages, arm)),
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
    const char *stem = arena_printf(pages->arena, "heat_%s", pages_arm(pages, arm));
    const char *name = stem ? run_job_name(pages->run, pages->job, stem) : NULL;
    return heat.title && name &&
           chart_write_heat(&heat, pages->run->folder, name, &pages->drawn, pages->run->report);
}

bool gradients_figures(struct pages *pages) {
    bool good = draw_watched(pages) && draw_depth(pages) && draw_totals(pages);
    for (int arm = 0; good && arm < pages->arms; arm++)
        good = draw_heat(pages, arm);
    return good;
}
