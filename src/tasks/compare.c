/* compare_runs: finished runs side by side, from their results.json alone - a table of what they reached, and
 * where they were trained one figure of their curves. */
#include "task.h"

#include <math.h>
#include <string.h>

/* One arm of one run. */
struct result {
    const char *name; /* "<run>: <arm>", or the run alone if it has one arm */
    const char *task, *net;
    const struct json *arm, *curves;
    bool stand_in;
};

struct comparison {
    struct arena *arena;
    struct report *report;
    const char *const *folders;
    int folder_count;
    const char *folder; /* to write to */
    FILE *screen;       /* NULL: quiet */
    struct result *results;
    int count, room;
    bool drawn;
};

/* ---- reading ----------------------------------------------------------------------------------- */

static const char *result_name(const struct comparison *comparison, const char *run,
                               const struct json *arms, const struct json *arm) {
    bool alone = !json_next(json_first(arms));
    return alone ? run : arena_printf(comparison->arena, "%s: %s", run, json_key(arm));
}

static bool add_arm(struct comparison *comparison, const struct json *run, const char *name,
                    const struct json *arm) {
    struct result *results = arena_grow(comparison->arena, comparison->results, comparison->count,
                                        &comparison->room, sizeof *results);
    if (!results)
        return false;
    const struct json *stand_in = json_get(json_get(run, "data"), "stand_in");
    struct result *result = &results[comparison->count++];
    *result = (struct result){.name = result_name(comparison, name, json_get(run, "arms"), arm),
                              .task = json_text(json_get(run, "task")),
                              .net = json_text(json_get(arm, "net")),
                              .arm = arm,
                              .curves = json_get(arm, "curves"),
                              .stand_in = json_truth(stand_in)};
    comparison->results = results;
    return result->name != NULL;
}

/* The last part of a path, as long as what follows it is only slashes. */
static struct quoted last_part(const char *path) {
    struct quoted part;
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t begin = end;
    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    snprintf(part.text, sizeof part.text, "%.*s", (int)(end - begin), path + begin);
    return part;
}

/* What a run is called: its folder's name, or the whole path where two have the same. */
static const char *name_of(const struct comparison *comparison, const char *folder) {
    struct quoted name = last_part(folder);
    int same = 0;
    for (int i = 0; i < comparison->folder_count; i++)
        same += !strcmp(last_part(comparison->folders[i]).text, name.text);
    return same > 1 ? folder : arena_copy(comparison->arena, name.text, strlen(name.text));
}

static bool read_run(struct comparison *comparison, const char *folder) {
    const char *path = arena_printf(comparison->arena, "%s/results.json", folder);
    const char *name = name_of(comparison, folder);
    if (!path || !name)
        return false;
    if (!file_exists(path))
        return report_error(comparison->report,
                            "%s holds no finished run: there is no results.json in it",
                            quote(folder).text);
    const struct json *run = json_read(comparison->arena, path, comparison->report);
    const struct json *arms = json_get(run, "arms");
    if (run && !json_first(arms))
        return report_error(comparison->report, "'%s' is not what a run leaves: it has no arms",
                            path);
    bool good = run != NULL;
    for (const struct json *arm = json_first(arms); good && arm; arm = json_next(arm))
        good = add_arm(comparison, run, name, arm);
    return good;
}

/* ---- the table --------------------------------------------------------------------------------- */

/* What is compared, where a run has it: a path of keys in the arm's results. */
static const struct {
    const char *name, *keys[2];
    bool whole;
} numbers[] = {
    {"parameters", {"parameters"}, true},
    {"epochs", {"epochs"}, true},
    {"seconds", {"seconds"}, false},
    {"images_per_second", {"images_per_second"}, false},
    {"train_loss", {"train", "loss"}, false},
    {"train_accuracy", {"train", "accuracy"}, false},
    {"test_loss", {"test", "loss"}, false},
    {"test_accuracy", {"test", "accuracy"}, false},
    {"test_pixel_accuracy", {"test", "pixel_accuracy"}, false},
    {"test_mean_iu", {"test", "mean_iu"}, false},
    {"best_accuracy", {"best", "accuracy"}, false},
    {"best_epoch", {"best", "epoch"}, true},
};

static double number_of(const struct result *result, int number) {
    const struct json *value = result->arm;
    for (int i = 0; i < BASE_COUNT(numbers[number].keys) && numbers[number].keys[i]; i++)
        value = json_get(value, numbers[number].keys[i]);
    return json_number(value);
}

/* Columns that no run has are left out. */
static bool is_known(const struct comparison *comparison, int number) {
    for (int i = 0; i < comparison->count; i++)
        if (!isnan(number_of(&comparison->results[i], number)))
            return true;
    return false;
}

static bool write_table(const struct comparison *comparison) {
    const char *path = arena_printf(comparison->arena, "%s/compare.csv", comparison->folder);
    struct csv *csv = path ? csv_begin(path, comparison->report) : NULL;
    csv_text(csv, "run");
    csv_text(csv, "task");
    csv_text(csv, "net");
    for (int k = 0; k < BASE_COUNT(numbers); k++)
        if (is_known(comparison, k))
            csv_text(csv, numbers[k].name);
    csv_end_row(csv);
    for (int i = 0; i < comparison->count; i++) {
        const struct result *result = &comparison->results[i];
        csv_text(csv, result->name);
        csv_text(csv, result->task ? result->task : "");
        csv_text(csv, result->net ? result->net : "");
        for (int k = 0; k < BASE_COUNT(numbers); k++)
            if (is_known(comparison, k))
                csv_real(csv, number_of(result, k));
        csv_end_row(csv);
    }
    return csv_end(csv, comparison->report);
}

static int widest_name(const struct comparison *comparison) {
    int widest = 3;
    for (int i = 0; i < comparison->count; i++) {
        int width = (int)strlen(comparison->results[i].name);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void print_table(const struct comparison *comparison) {
    FILE *out = comparison->screen;
    int width_of_names = widest_name(comparison);
    fprintf(out, "%-*s", width_of_names, "run");
    for (int k = 0; k < BASE_COUNT(numbers); k++)
        if (is_known(comparison, k))
            fprintf(out, " %*s", (int)strlen(numbers[k].name) + 1, numbers[k].name);
    fputc('\n', out);
    for (int i = 0; i < comparison->count; i++) {
        const struct result *result = &comparison->results[i];
        fprintf(out, "%-*s", width_of_names, result->name);
        for (int k = 0; k < BASE_COUNT(numbers); k++) {
            int width = (int)strlen(numbers[k].name) + 1;
            double value = number_of(result, k);
            if (is_known(comparison, k) && isnan(value))
                fprintf(out, " %*s", width, "-");
            else if (is_known(comparison, k))
                fprintf(out, " %*.*g", width, numbers[k].whole ? 12 : 4, value);
        }
        fputs(result->stand_in ? "  (stand-in data)\n" : "\n", out);
    }
}

/* ---- the figure -------------------------------------------------------------------------------- */

/* The points of a list that were measured. */
static bool read_line(struct arena *arena, const struct json *list, struct chart_series *line) {
    int count = json_count(list), epoch = 1;
    double *x = arena_alloc(arena, (size_t)count, sizeof *x);
    double *y = arena_alloc(arena, (size_t)count, sizeof *y);
    line->count = 0;
    if (!x || !y)
        return false;
    for (const struct json *value = json_first(list); value; value = json_next(value), epoch++)
        if (isfinite(json_number(value))) {
            x[line->count] = epoch;
            y[line->count++] = json_number(value);
        }
    line->x = x;
    line->y = y;
    return true;
}

/* `test` and, dashed, `train`: the curves of all results that have them. */
static bool read_panel(const struct comparison *comparison, const char *const keys[2],
                       struct chart_panel *panel) {
    struct chart_series *lines =
        arena_alloc(comparison->arena, (size_t)comparison->count * 2, sizeof *lines);
    panel->series = lines;
    for (int i = 0; lines && i < comparison->count; i++)
        for (int k = 0; k < 2; k++) {
            const struct result *result = &comparison->results[i];
            struct chart_series *line = &lines[panel->series_count];
            *line = (struct chart_series){.name = arena_printf(comparison->arena, "%s, %s",
                                                               result->name,
                                                               k == 0 ? "training" : "test"),
                                          .color = i,
                                          .dashed = k == 0};
            if (!line->name ||
                !read_line(comparison->arena, json_get(result->curves, keys[k]), line))
                return false;
            panel->series_count += line->count > 0;
        }
    return lines != NULL;
}

static const char *note_of(const struct comparison *comparison) {
    for (int i = 0; i < comparison->count; i++)
        if (comparison->results[i].stand_in)
            return "with stand-in data: synthetic images, not the data set named";
    return NULL;
}

static bool draw(struct comparison *comparison) {
    static const char *const keys[][2] = {{"train_loss", "test_loss"},
                                          {"train_accuracy", "test_accuracy"}};
    struct chart_panel panels[2] = {{.x_label = "epoch", .y_label = "loss"},
                                    {.x_label = "epoch", .y_label = "accuracy"}};
    int count = 0;
    for (int i = 0; i < BASE_COUNT(panels); i++) {
        struct chart_panel panel = panels[i];
        if (!read_panel(comparison, keys[i], &panel))
            return false;
        if (panel.series_count > 0)
            panels[count++] = panel;
    }
    struct chart chart = {.title = "Finished runs",
                          .note = note_of(comparison),
                          .panels = panels,
                          .panel_count = count};
    return count == 0 || chart_write(&chart, comparison->folder, "curves", &comparison->drawn,
                                     comparison->report);
}

/* ---- all of it --------------------------------------------------------------------------------- */

static bool write_all(struct comparison *comparison) {
    if (!write_table(comparison) || !draw(comparison))
        return false;
    if (comparison->screen) {
        print_table(comparison);
        fprintf(comparison->screen, "done: %s\n", comparison->folder);
    }
    return true;
}

bool compare_runs(struct arena *arena, const char *const *folders, int count,
                  const struct run_options *options, struct report *report) {
    struct comparison comparison = {.arena = arena,
                                    .report = report,
                                    .folders = folders,
                                    .folder_count = count,
                                    .screen = options->quiet ? NULL : options->screen};
    bool good = true;
    for (int i = 0; i < count; i++)
        good = read_run(&comparison, folders[i]) && good;
    struct folder folder;
    if (!good || !folder_open(&folder, arena, options->out, "compare", false, report))
        return false;
    comparison.folder = folder.path;
    good = write_all(&comparison);
    folder_close(&folder);
    return good;
}
