/* A profile as a table. */
#include "profile.h"

#include <string.h>

/* ---- table ------------------------------------------------------------------------------------- */

struct widths {
    int path, kind, algorithm;
};

static int wider(int width, const char *text) {
    int length = (int)strlen(text);
    return length > width ? length : width;
}

static struct widths measure(const struct plan *plan) {
    const struct graph *graph = plan->graph;
    struct widths widths = {.path = 6, .kind = 4, .algorithm = 9};
    for (int i = 0; i < graph->layer_count; i++) {
        widths.path = wider(widths.path, graph->layers[i].path);
        widths.kind = wider(widths.kind, graph->layers[i].ops->name);
        widths.algorithm = wider(widths.algorithm, plan_how(plan, i));
    }
    return widths;
}

/* Nothing, where there is nothing; what is only small is seen as zeros. */
static struct quoted cell(double number, int decimals, const char *unit) {
    struct quoted cell = {.text = ""};
    if (number > 0)
        snprintf(cell.text, sizeof cell.text, "%.*f%s", decimals, number, unit);
    return cell;
}

static void print_row(const struct profile *profile, const struct widths *widths, const char *path,
                      const char *kind, const char *algorithm, struct profile_work work,
                      FILE *out) {
    fprintf(out, "%-*s  %-*s  %-*s  %10s  %11s  %7s  %7s  %8.3f\n", widths->path, path,
            widths->kind, kind, widths->algorithm, algorithm, cell(1e3 * work.forward, 3, "").text,
            cell(1e3 * work.backward, 3, "").text, cell(1e-9 * profile_rate(&work), 1, "").text,
            cell(100 * profile_share(profile, &work), 0, "%").text,
            1e3 * profile_floor(profile, &work));
}

static void print_rule(const struct widths *widths, FILE *out) {
    int width = widths->path + widths->kind + widths->algorithm + 57;
    for (int i = 0; i < width; i++)
        fputc('-', out);
    fputc('\n', out);
}

static void print_table(const struct profile *profile, FILE *out) {
    const struct graph *graph = profile->plan->graph;
    struct widths widths = measure(profile->plan);
    fprintf(out, "%-*s  %-*s  %-*s  forward ms  backward ms  GFLOP/s  of peak  floor ms\n",
            widths.path, "layer", widths.kind, "kind", widths.algorithm, "algorithm");
    print_rule(&widths, out);
    for (int i = 0; i < graph->layer_count; i++)
        print_row(profile, &widths, graph->layers[i].path, graph->layers[i].ops->name,
                  plan_how(profile->plan, i), profile_layer(profile, i), out);
    print_rule(&widths, out);
    print_row(profile, &widths, "in all", "", "", profile_layers(profile), out);
}

/* ---- sums -------------------------------------------------------------------------------------- */

static const char *const part_names[EXEC_PARTS] = {[EXEC_FORWARD] = "forward",
                                                   [EXEC_LOSS] = "loss",
                                                   [EXEC_BACKWARD] = "backward",
                                                   [EXEC_OPTIMIZE] = "optimizer"};

static void print_parts(const struct profile *profile, FILE *out) {
    const struct exec_record *record = profile->record;
    fprintf(out, "a batch of %.0f images takes %.3f ms:",
            (double)record->images / (double)record->batches, 1e3 * profile_step(profile));
    for (enum exec_part part = 0; part < EXEC_PARTS; part++)
        fprintf(out, "%s %s %.3f", part > 0 ? "," : "", part_names[part],
                1e3 * profile_seconds(profile, part));
    fprintf(out, " (mean of %s)\n", text_commas(record->batches).text);
}

static void print_floor(const struct profile *profile, FILE *out) {
    struct profile_work work = profile_layers(profile);
    const struct layer_limits *limits = &profile->limits;
    double floor = profile_floor(profile, &work);
    fprintf(out,
            "floor %.3f ms: products %.3f at %.1f GFLOP/s, memory %.3f at %.1f GB/s; the time is "
            "%.1f times that\n",
            1e3 * floor, 1e3 * work.products / limits->operations, 1e-9 * limits->operations,
            1e3 * work.bytes / limits->bytes, 1e-9 * limits->bytes, profile_step(profile) / floor);
}

void profile_print(const struct profile *profile, FILE *out) {
    print_table(profile, out);
    print_parts(profile, out);
    print_floor(profile, out);
    fputs(
        "(GFLOP/s: what the layers are defined to do; of peak: what their algorithms make of it)\n",
        out);
}
