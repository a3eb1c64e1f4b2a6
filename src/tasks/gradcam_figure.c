/* gradcam.*: what the maps are worth, in one figure with a line for each arm, layer and method - how far they
 * spread over the images, if there are some, deletion and insertion beside random maps, and how much they are
 * still like the trained network's when weights are randomised. */
#include "gradcam.h"

#include <math.h>
#include <stdlib.h>

/* All that the functions below need. */
struct figure {
    struct run *run;
    const struct job *job;
    const struct gradcam *state;
    struct arena *arena;
    struct chart_panel panels[4];
    int panel_count, look_count;
};

/* ---- lines ------------------------------------------------------------------------------------- */

/* "cnn, gradcam", with the layer where an arm has several. NULL: out of memory. */
static const char *name_of(const struct figure *figure, int arm, const struct look *look) {
    enum { INPUT_AND_ONE = 2 };
    const struct gaze *gaze = &figure->state->gazes[arm];
    bool several = gaze->value_count > INPUT_AND_ONE;
    return arena_printf(figure->arena, "%s, %s%s%s", figure->run->experiment->arms[arm].name,
                        look->method->name, several ? ", " : "",
                        several ? graph_value_path(gaze->graph, gaze->values[look->place]) : "");
}

/* A panel with a series for each look (`each` of them), filled by `fill`; false ends it. */
static bool add_panel(struct figure *figure, struct chart_panel panel, int each,
                      bool (*fill)(const struct figure *figure, int arm, const struct look *look,
                                   struct chart_series *series)) {
    size_t count = (size_t)each * (size_t)figure->look_count;
    struct chart_series *series = arena_alloc(figure->arena, count, sizeof *series);
    struct chart_series *next = series;
    for (int arm = 0; series && arm < figure->run->experiment->arm_count; arm++) {
        const struct gaze *gaze = &figure->state->gazes[arm];
        for (int i = 0; i < gaze->look_count; i++, next += each) {
            next->name = name_of(figure, arm, &gaze->looks[i]);
            next->color = (int)(next - series) / each;
            if (!next->name || !fill(figure, arm, &gaze->looks[i], next))
                return false;
        }
    }
    panel.series = series;
    panel.series_count = (int)count;
    figure->panels[figure->panel_count++] = panel;
    return series != NULL;
}

static int rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The spreads of all images, in order. */
static bool fill_spread(const struct figure *figure, int arm, const struct look *look,
                        struct chart_series *series) {
    (void)arm;
    size_t images = (size_t)figure->state->image_count;
    double *x = arena_alloc(figure->arena, images, sizeof *x);
    double *y = arena_alloc(figure->arena, images, sizeof *y);
    if (!x || !y)
        return false;
    for (size_t i = 0; i < images; i++)
        if (!isnan(look->numbers[NUMBER_SPREAD][i]))
            y[series->count++] = look->numbers[NUMBER_SPREAD][i];
    qsort(y, (size_t)series->count, sizeof *y, rising);
    for (int i = 0; i < series->count; i++)
        x[i] = (i + 0.5) / series->count;
    series->x = x;
    series->y = y;
    series->points = series->count == 1; /* a line has no length then */
    return true;
}

/* Two lines: the map's, and dashed the random one's. */
static bool fill_curves(const struct figure *figure, const struct look *look, bool insertion,
                        struct chart_series *series) {
    double *x = arena_alloc(figure->arena, CURVE_POINTS, sizeof *x);
    for (int i = 0; x && i < CURVE_POINTS; i++)
        x[i] = (double)i / (CURVE_POINTS - 1);
    for (int random = 0; random < 2; random++) {
        series[random] = (struct chart_series){.name = series->name,
                                               .color = series->color,
                                               .dashed = random,
                                               .x = x,
                                               .y = look->curves[2 * insertion + random],
                                               .count = CURVE_POINTS};
    }
    series[1].name = arena_printf(figure->arena, "%s, random", series->name);
    return x && series[1].name;
}

static bool fill_deletion(const struct figure *figure, int arm, const struct look *look,
                          struct chart_series *series) {
    (void)arm;
    return fill_curves(figure, look, false, series);
}

static bool fill_insertion(const struct figure *figure, int arm, const struct look *look,
                           struct chart_series *series) {
    (void)arm;
    return fill_curves(figure, look, true, series);
}

/* From the trained network, whose maps are what they are compared with. */
static bool fill_sanity(const struct figure *figure, int arm, const struct look *look,
                        struct chart_series *series) {
    const struct gaze *gaze = &figure->state->gazes[arm];
    double *x = arena_alloc(figure->arena, SANITY_MOST + 1, sizeof *x);
    double *y = arena_alloc(figure->arena, SANITY_MOST + 1, sizeof *y);
    if (!x || !y)
        return false;
    y[0] = 1;
    for (int i = 0; i < gaze->sanity_steps; i++) {
        x[i + 1] = gaze->sanity_depth[i];
        y[i + 1] = look->sanity[i];
    }
    series->points = true;
    series->x = x;
    series->y = y;
    series->count = gaze->sanity_steps + 1;
    return true;
}

/* ---- panels ------------------------------------------------------------------------------------ */

/* Over fewer images a distribution says nothing that the table does not. */
enum { SPREAD_IMAGES = 10 };

static bool add_panels(struct figure *figure) {
    const struct gradcam_config *config = figure->job->config;
    static const struct chart_panel spread = {.title = "spread",
                                              .x_label = "share of the images",
                                              .y_label = "entropy of the map / log cells"},
                                    deletion = {.title = "deletion",
                                                .x_label = "share of the pixels taken away",
                                                .y_label = "probability of the class"},
                                    insertion = {.title = "insertion",
                                                 .x_label = "share of the pixels put in",
                                                 .y_label = "probability of the class"},
                                    sanity = {.title = "randomised weights",
                                              .x_label = "layers randomised, from the last on",
                                              .y_label = "rank correlation with the map"};
    return (figure->state->image_count < SPREAD_IMAGES ||
            add_panel(figure, spread, 1, fill_spread)) &&
           (config->curves == 0 || (add_panel(figure, deletion, 2, fill_deletion) &&
                                    add_panel(figure, insertion, 2, fill_insertion))) &&
           (config->sanity == 0 || add_panel(figure, sanity, 1, fill_sanity));
}

bool gradcam_figure(struct run *run, const struct job *job) {
    struct figure figure = {.run = run, .job = job, .state = job->state, .arena = run->arena};
    const char *name = run_job_name(run, job, "gradcam");
    bool drawn;
    for (int arm = 0; arm < run->experiment->arm_count; arm++)
        figure.look_count += figure.state->gazes[arm].look_count;
    if (!name || !add_panels(&figure))
        return false;
    if (figure.panel_count == 0)
        return true;
    struct chart chart = {.title = run->experiment->summary ? run->experiment->summary
                                                            : run->experiment->name,
                          .note = data_note(&figure.state->data),
                          .panels = figure.panels,
                          .panel_count = figure.panel_count};
    if (!chart_write(&chart, run->folder, name, &drawn, run->report))
        return false;
    if (!drawn)
        say_not_drawn(run);
    return true;
}
