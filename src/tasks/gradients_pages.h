/* gradients_pages.h: what the pages of the gradients task's report share - means, lines, labels. */
#ifndef TASKS_GRADIENTS_PAGES_H
#define TASKS_GRADIENTS_PAGES_H

#include "gradients.h"
#include "spread.h"

struct pages {
    struct run *run;
    const struct job *job;
    const struct gradients *state;
    struct arena *arena;
    int arms, seeds, iterations;
    bool drawn; /* there is a picture of the last figure */
};

/* What is drawn and written for every measure. */
struct measure_text {
    enum measure measure;
    const char *title;                               /* of its panel against depth; NULL: none */
    const char *total_title, *total_file;            /* of its sum and deviation */
    const char *slope_key, *sum_key, *deviation_key; /* in results.json */
};
enum { MEASURE_TEXTS = 4 };
extern const struct measure_text measure_texts[MEASURE_TEXTS];

const char *pages_arm(const struct pages *pages, int arm);
double *pages_numbers(const struct pages *pages, int count);

/* The number of one row and column. */
double series_at(const struct series *series, int row, int column);

/* Decades per layer: the slope of log10(norm) over the layers by least squares; NaN when undefined. */
double slope_of(const double *norms, int count);

/* What a line shows at one iteration, for one seed. */
typedef double (*row_value)(const struct pages *pages, int arm, int seed, int row, int which);

/* `which`: a watched layer of the arm. */
double watched_value(const struct pages *pages, int arm, int seed, int row, int which);

/* `which`: twice an index of measure_texts for the sum over its tensors, one more for the deviation. */
double total_value(const struct pages *pages, int arm, int seed, int row, int which);

/* One arm's line: the mean over seeds, with a band from the least to the most when there are several. False:
 * out of memory. */
bool line_over_rows(const struct pages *pages, int arm, row_value value, int which,
                    struct chart_series *line);

/* Mean over iterations and seeds for every weighted layer. NULL: out of memory. */
double *pages_profile(const struct pages *pages, int arm, enum measure measure);

/* gradients_figures.c, gradients_tables.c: false: see the report. */
bool gradients_figures(struct pages *pages);
bool gradients_tables(const struct pages *pages);

#endif
