/* Means, lines and labels for the pages of the gradients task's report. */
#include "gradients_pages.h"

#include <math.h>

const struct measure_text measure_texts[MEASURE_TEXTS] = {
    {MEASURE_PARAMS, NULL, "Gradient norms of all parameter tensors", "totals", NULL, "norm_sum",
     "norm_std"},
    {MEASURE_WEIGHTS, "weight gradients", NULL, NULL, "weight_gradient", NULL, NULL},
    {MEASURE_SIGNALS, "gradients of activations", "Gradient norms of all activations",
     "totals_signals", "activation_gradient", "activation_gradient_sum", "activation_gradient_std"},
    {MEASURE_ACTIVATIONS, "activations", "Norms of all activations", "totals_activations",
     "activation", "activation_sum", "activation_std"},
};

const char *pages_arm(const struct pages *pages, int arm) {
    return pages->run->experiment->arms[arm].name;
}

double *pages_numbers(const struct pages *pages, int count) {
    return arena_alloc(pages->arena, (size_t)count, sizeof(double));
}

/* ---- statistics -------------------------------------------------------------------------------- */

double series_at(const struct series *series, int row, int column) {
    return series->norms[(size_t)row * (size_t)series->columns + (size_t)column];
}

static double series_mean(const struct series *series, int column) {
    double sum = 0;
    for (int row = 0; row < series->rows; row++)
        sum += series_at(series, row, column);
    return sum / series->rows;
}

static int column_of(const struct probe *probe, const struct watch *watch) {
    for (int i = 0; i < probe->param_count; i++)
        if (probe->params[i] == watch->param)
            return i;
    return -1;
}

double slope_of(const double *norms, int count) {
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

double watched_value(const struct pages *pages, int arm, int seed, int row, int which) {
    const struct probe *probe = &pages->state->probes[arm];
    const struct series *series = &probe->records[seed].measures[MEASURE_PARAMS];
    return series_at(series, row, column_of(probe, &probe->watches[which]));
}

double total_value(const struct pages *pages, int arm, int seed, int row, int which) {
    enum measure measure = measure_texts[which / 2].measure;
    const struct series *series = &pages->state->probes[arm].records[seed].measures[measure];
    struct spread spread =
        spread_of(series->norms + (size_t)row * (size_t)series->columns, series->columns);
    return which % 2 ? spread.deviation : spread.mean * series->columns;
}

bool line_over_rows(const struct pages *pages, int arm, row_value value, int which,
                    struct chart_series *line) {
    int rows = pages->iterations;
    double *x = pages_numbers(pages, rows), *y = pages_numbers(pages, rows),
           *low = pages_numbers(pages, rows), *high = pages_numbers(pages, rows),
           *seeds = pages_numbers(pages, pages->seeds);
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
    *line = (struct chart_series){.name = pages_arm(pages, arm),
                                  .color = arm,
                                  .x = x,
                                  .y = y,
                                  .low = band ? low : NULL,
                                  .high = band ? high : NULL,
                                  .count = rows};
    return true;
}

double *pages_profile(const struct pages *pages, int arm, enum measure measure) {
    const struct probe *probe = &pages->state->probes[arm];
    double *means = pages_numbers(pages, probe->weighted_count);
    for (int k = 0; means && k < probe->weighted_count; k++)
        for (int seed = 0; seed < pages->seeds; seed++)
            means[k] += series_mean(&probe->records[seed].measures[measure], k) / pages->seeds;
    return means;
}
