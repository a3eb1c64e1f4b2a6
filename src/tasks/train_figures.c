/* Training as figures: curves.* shows loss and accuracy over the epochs, training dashed and test whole, a
 * colour for each arm; loss.* the training loss over the steps, as means of windows. With several seeds a line
 * is their mean, in a band from the least to the most. */
#include "train_pages.h"

#include <math.h>

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

static struct chart_series line_of(const struct train_pages *pages, const struct points *points,
                                   int arm, const char *name) {
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
static bool column_line(const struct train_pages *pages, int arm, enum column column,
                        struct chart_series *line) {
    bool test = column >= TEST_LOSS;
    const char *name = arena_printf(pages->arena, "%s, %s", train_pages_arm(pages, arm),
                                    test ? "test" : "training");
    struct points points;
    if (!name || !points_new(pages->arena, pages->train->epochs, &points))
        return false;
    for (int epoch = 0; epoch < pages->train->epochs; epoch++) {
        struct spread spread = train_pages_spread(pages, arm, epoch, column);
        double end = (double)train_epoch_end(pages->train, epoch);
        if (!isnan(spread.mean))
            points_add(&points, end / pages->train->steps_per_epoch, spread);
    }
    *line = line_of(pages, &points, arm, name);
    line->dashed = !test;
    return true;
}

/* A panel of the lines of all arms; columns that were never measured are left out. */
static bool column_panel(const struct train_pages *pages, const char *label,
                         const enum column *columns, int count, struct chart_panel *panel) {
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

static bool write_chart(struct train_pages *pages, const struct chart_panel *panels, int count,
                        const char *stem) {
    const struct experiment *experiment = pages->run->experiment;
    struct chart chart = {.title = experiment->summary ? experiment->summary : experiment->name,
                          .note = data_note(&pages->train->training),
                          .panels = panels,
                          .panel_count = count};
    const char *name = run_job_name(pages->run, pages->job, stem);
    return name && chart_write(&chart, pages->run->folder, name, &pages->drawn, pages->run->report);
}

static bool draw_curves(struct train_pages *pages) {
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

static bool window_line(const struct train_pages *pages, int arm, struct chart_series *line) {
    const struct train *train = pages->train;
    struct points points;
    if (!points_new(pages->arena, train->windows, &points))
        return false;
    for (int i = 0; i < train->windows; i++) {
        for (int seed = 0; seed < pages->seeds; seed++)
            pages->values[seed] = train_pages_record(pages, arm, seed)->windows[i];
        int64_t end = ((int64_t)i + 1) * train->window;
        points_add(&points, (double)(end < train->steps ? end : train->steps),
                   spread_of(pages->values, pages->seeds));
    }
    *line = line_of(pages, &points, arm, train_pages_arm(pages, arm));
    return true;
}

static bool draw_steps(struct train_pages *pages) {
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

bool train_figures(struct train_pages *pages) {
    return draw_curves(pages) && draw_steps(pages);
}
