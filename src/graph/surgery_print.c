/* The surgery of an arm, for people: what each file gives, then a table by the first part of paths, so that a
 * network of a hundred tensors takes a few lines. */
#include "surgery.h"

#include <string.h>

/* ---- files ------------------------------------------------------------------------------------- */

/* ", 2 unused: 'head.weight', 'head.bias'"; `all`: every name. */
static void print_fate(const struct surgery_file *file, enum surgery_fate fate, const char *what,
                       bool all, FILE *out) {
    enum { SHOWN = 4 };
    int count = surgery_count(file, fate), shown = 0;
    if (count == 0)
        return;
    fprintf(out, ", %d %s:", count, what);
    for (int i = 0; i < file->file->count && (all || shown < SHOWN); i++)
        if (file->fates[i] == fate)
            fprintf(out, "%s %s", shown++ ? "," : "", quote(file->file->tensors[i].name).text);
    if (count > shown)
        fprintf(out, " and %d more", count - shown);
}

static void print_file(const struct surgery_file *file, bool verbose, FILE *out) {
    fprintf(out, "weights from %s: %d copied", file->path, surgery_count(file, SURGERY_COPIED));
    print_fate(file, SURGERY_UNUSED, "unused", verbose, out);
    print_fate(file, SURGERY_SKIPPED, "of another shape", verbose, out);
    if (verbose)
        print_fate(file, SURGERY_IGNORED, "passed over", true, out);
    fputc('\n', out);
}

/* ---- the table --------------------------------------------------------------------------------- */

/* Smallest and largest factor of those that are trained. */
struct range {
    double least, most;
};

/* Parameter tensors `first` .. `end` - 1, whose paths have the same first part. */
struct group {
    int first, end;
    int copied, frozen, trained; /* trained: neither frozen nor statistics */
    bool keeps_statistics;
    struct range rates, decays;
};

static bool is_statistic(const struct surgery *surgery, int param) {
    return surgery->graph->params[param].shape->role == PARAM_BUFFER;
}

static bool is_frozen(const struct surgery *surgery, int param) {
    return is_statistic(surgery, param) ? surgery->freeze_stats[surgery->graph->params[param].layer]
                                        : surgery->frozen[param];
}

static size_t first_part(const char *path) {
    return strcspn(path, ".");
}

static bool same_group(const struct graph *graph, int a, int b) {
    const char *one = graph->params[a].path, *other = graph->params[b].path;
    return first_part(one) == first_part(other) && !strncmp(one, other, first_part(one));
}

static void range_add(struct range *range, double factor, bool first) {
    range->least = first || factor < range->least ? factor : range->least;
    range->most = first || factor > range->most ? factor : range->most;
}

static void group_add(struct group *group, const struct surgery *surgery, int param) {
    bool statistic = is_statistic(surgery, param), frozen = is_frozen(surgery, param);
    group->copied += surgery->sources[param].tensor != NULL;
    group->frozen += frozen;
    group->keeps_statistics |= statistic && frozen;
    if (statistic || frozen)
        return;
    range_add(&group->rates, surgery->rate_factors[param], group->trained == 0);
    range_add(&group->decays, surgery->decay_factors[param], group->trained == 0);
    group->trained++;
}

static struct group group_at(const struct surgery *surgery, int first) {
    struct group group = {.first = first, .end = first};
    while (group.end < surgery->graph->param_count && same_group(surgery->graph, first, group.end))
        group_add(&group, surgery, group.end++);
    return group;
}

/* "; lr x0.1" or "; lr x0.1 to x1"; nothing where all is 1. */
static void print_range(const char *what, struct range range, FILE *out) {
    if (range.least < range.most)
        fprintf(out, "; %s x%g to x%g", what, range.least, range.most);
    else if (range.most < 1 || range.most > 1)
        fprintf(out, "; %s x%g", what, range.most);
}

static void print_group(const struct surgery *surgery, const struct group *group, int width,
                        FILE *out) {
    const char *path = surgery->graph->params[group->first].path;
    int tensors = group->end - group->first;
    fprintf(out, "  %-*.*s  %7d  %6d  %12d  %6d", width, (int)first_part(path), path, tensors,
            group->copied, tensors - group->copied, group->frozen);
    if (group->trained > 0) {
        print_range("lr", group->rates, out);
        print_range("weight decay", group->decays, out);
    }
    if (group->keeps_statistics)
        fputs("; statistics frozen", out);
    fputc('\n', out);
}

static void print_groups(const struct surgery *surgery, FILE *out) {
    int width = (int)strlen("part");
    for (int i = 0; i < surgery->graph->param_count; i++)
        if ((int)first_part(surgery->graph->params[i].path) > width)
            width = (int)first_part(surgery->graph->params[i].path);
    fprintf(out, "  %-*s  tensors  copied  left at init  frozen\n", width, "part");
    for (int i = 0; i < surgery->graph->param_count;) {
        struct group group = group_at(surgery, i);
        print_group(surgery, &group, width, out);
        i = group.end;
    }
}

/* ---- tensor by tensor -------------------------------------------------------------------------- */

static void print_param(const struct surgery *surgery, int param, FILE *out) {
    const struct graph_param *at = &surgery->graph->params[param];
    const struct surgery_source *source = &surgery->sources[param];
    fprintf(out, "  %s  %s  ", at->path, dims_text(at->shape->rank, at->shape->dims).text);
    if (source->tensor)
        fprintf(out, "from %s of %s", quote(source->tensor->name).text, source->file->path);
    else
        fputs("left at init", out);
    double rate = surgery->rate_factors[param], decay = surgery->decay_factors[param];
    if (is_frozen(surgery, param)) {
        fputs("; frozen", out);
    } else if (!is_statistic(surgery, param)) {
        print_range("lr", (struct range){rate, rate}, out);
        print_range("weight decay", (struct range){decay, decay}, out);
    }
    fputc('\n', out);
}

void surgery_print(const struct surgery *surgery, bool verbose, FILE *out) {
    if (surgery->file_count == 0 && !surgery->has_rules)
        return;
    for (int i = 0; i < surgery->file_count; i++)
        print_file(&surgery->files[i], verbose, out);
    if (!verbose)
        print_groups(surgery, out);
    for (int i = 0; verbose && i < surgery->graph->param_count; i++)
        print_param(surgery, i, out);
}
