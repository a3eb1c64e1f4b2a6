/* Surgery: files of weights are opened one after the other, their tensors paired with the network's, and what
 * fits is noted. Nothing is copied here: the executor does that when it has memory for the parameters. */
#include "surgery.h"

#include <string.h>

enum { NAMES_SHOWN = 3, MISMATCHES_SHOWN = 3 };

/* ---- tensors of a fate -------------------------------------------------------------------------- */

const char *surgery_names(struct arena *arena, const struct surgery_file *file,
                          enum surgery_fate fate) {
    const char *names = "";
    int count = 0;
    for (int i = 0; names && i < file->file->count; i++)
        if (file->fates[i] == fate && ++count <= NAMES_SHOWN)
            names = arena_printf(arena, "%s%s%s", names, count > 1 ? ", " : "",
                                 quote(file->file->tensors[i].name).text);
    if (names && count > NAMES_SHOWN)
        names = arena_printf(arena, "%s and %d more", names, count - NAMES_SHOWN);
    return names;
}

int surgery_count(const struct surgery_file *file, enum surgery_fate fate) {
    int count = 0;
    for (int i = 0; i < file->file->count; i++)
        count += file->fates[i] == fate;
    return count;
}

/* ---- shapes ------------------------------------------------------------------------------------ */

/* An entry of `weights` at work. */
struct entry_at_work {
    struct pairing pairing;
    struct arm_weights weights;
    const struct pos *pos; /* where the file was named */
};

static bool same_shape(const struct named_tensor *tensor, const struct layer_param *param) {
    return tensor->rank == param->rank &&
           !memcmp(tensor->dims, param->dims, (size_t)param->rank * sizeof *param->dims);
}

static bool refuse_shape(const struct entry_at_work *work, int tensor) {
    const struct surgery_file *at = work->pairing.at;
    const struct named_tensor *from = &at->file->tensors[tensor];
    const struct graph_param *to = &work->pairing.graph->params[at->targets[tensor]];
    return report_at(work->pairing.report, work->pos, "%s of %s is %s, but %s of '%s' is %s; %s",
                     quote(to->path).text, work->pairing.graph->name,
                     dims_text(to->shape->rank, to->shape->dims).text, quote(from->name).text,
                     at->path, dims_text(from->rank, from->dims).text,
                     work->weights.in_order
                         ? "where the file has another order, pair names with map"
                         : "on_mismatch: skip keeps the network's start values");
}

/* Notes what is copied where. */
static bool take(const struct entry_at_work *work, struct surgery *surgery) {
    struct surgery_file *at = work->pairing.at;
    int refused = 0;
    for (int i = 0; i < at->file->count; i++) {
        if (at->targets[i] < 0)
            continue;
        const struct named_tensor *tensor = &at->file->tensors[i];
        bool fits = same_shape(tensor, surgery->graph->params[at->targets[i]].shape);
        at->fates[i] = fits ? SURGERY_COPIED : SURGERY_SKIPPED;
        if (fits)
            surgery->sources[at->targets[i]] = (struct surgery_source){tensor, at};
        else if (!work->weights.skip_mismatch && ++refused <= MISMATCHES_SHOWN)
            refuse_shape(work, i);
    }
    if (refused > MISMATCHES_SHOWN)
        report_at(work->pairing.report, work->pos, "%d more tensors of '%s' have other shapes",
                  refused - MISMATCHES_SHOWN, at->path);
    return refused == 0;
}

/* ---- what is left ------------------------------------------------------------------------------ */

static bool refuse_nothing(const struct entry_at_work *work) {
    const struct surgery_file *at = work->pairing.at;
    const struct graph *graph = work->pairing.graph;
    const char *names = surgery_names(work->pairing.scratch, at, SURGERY_UNUSED);
    if (!names)
        return false;
    if (surgery_count(at, SURGERY_SKIPPED) > 0)
        return report_at(work->pairing.report, work->pos,
                         "nothing of '%s' is copied to %s: every shape differs", at->path,
                         graph->name);
    if (!*names)
        return report_at(work->pairing.report, work->pos, "'%s' holds no floating-point numbers",
                         at->path);
    if (graph->param_count == 0)
        return report_at(work->pairing.report, work->pos,
                         "%s has no parameters that '%s' could fill", graph->name, at->path);
    return report_at(
        work->pairing.report, work->pos,
        "nothing of '%s' has a place in %s: the file has %s, the network %s; pair them "
        "with map or in_order",
        at->path, graph->name, names, quote(graph->params[0].path).text);
}

static bool refuse_unused(const struct entry_at_work *work, int count) {
    const struct surgery_file *at = work->pairing.at;
    const char *names = surgery_names(work->pairing.scratch, at, SURGERY_UNUSED);
    return names && report_at(work->pairing.report, work->pos,
                              "%d tensor%s of '%s' %s no place in %s: %s; map %s, or write unused: "
                              "allow",
                              count, count > 1 ? "s" : "", at->path, count > 1 ? "have" : "has",
                              work->pairing.graph->name, names, count > 1 ? "them" : "it");
}

static bool is_complete(const struct entry_at_work *work) {
    int unused = surgery_count(work->pairing.at, SURGERY_UNUSED);
    if (surgery_count(work->pairing.at, SURGERY_COPIED) == 0)
        return refuse_nothing(work);
    return unused == 0 || work->weights.allow_unused || refuse_unused(work, unused);
}

/* ---- one entry --------------------------------------------------------------------------------- */

/* PyTorch counts the batches that batch norm has seen; nothing depends on it. */
static bool is_ignored(const struct named_tensor *tensor) {
    static const char counter[] = "num_batches_tracked";
    size_t length = strlen(tensor->name), tail = sizeof counter - 1;
    return !tensor->values || (length >= tail && !strcmp(tensor->name + length - tail, counter));
}

static bool open_file(struct arena *arena, const struct entry_at_work *work) {
    struct surgery_file *at = work->pairing.at;
    at->path = file_beside(arena, work->pos->file->path, work->weights.from);
    at->file = at->path ? safetensors_read(arena, at->path, work->pairing.report, work->pos) : NULL;
    if (!at->file)
        return false;
    at->targets = arena_alloc(arena, (size_t)at->file->count, sizeof *at->targets);
    at->fates = arena_alloc(arena, (size_t)at->file->count, sizeof *at->fates);
    for (int i = 0; at->targets && at->fates && i < at->file->count; i++) {
        at->targets[i] = -1;
        at->fates[i] = is_ignored(&at->file->tensors[i]) ? SURGERY_IGNORED : SURGERY_UNUSED;
    }
    return at->targets && at->fates;
}

static bool pair(const struct entry_at_work *work) {
    if (work->weights.map)
        return pair_by_map(&work->pairing, work->weights.map);
    return work->weights.in_order ? pair_in_order(&work->pairing) : pair_by_name(&work->pairing);
}

static bool operate(struct arena *arena, struct surgery *surgery, struct pairing pairing,
                    const struct node *entry) {
    struct entry_at_work work = {.pairing = pairing, .pos = &node_get(entry, "from")->pos};
    work.pairing.at = &surgery->files[surgery->file_count++];
    return arm_weights_read(arena, entry, &work.weights, pairing.report) &&
           open_file(arena, &work) && pair(&work) && take(&work, surgery) && is_complete(&work);
}

/* ---- together ---------------------------------------------------------------------------------- */

static bool list_params(struct arena *arena, const struct graph *graph, struct text_map *params) {
    for (int i = 0; i < graph->param_count; i++) {
        int *value = text_map_put(arena, params, graph->params[i].path);
        if (!value)
            return false;
        *value = i;
    }
    return true;
}

static bool operate_all(struct arena *arena, struct surgery *surgery, const struct node *list,
                        struct report *report) {
    struct arena *scratch = arena_child(arena);
    struct text_map params = {.count = 0};
    surgery->files = arena_alloc(arena, (size_t)list->count, sizeof *surgery->files);
    bool good = scratch && surgery->files && list_params(scratch, surgery->graph, &params);
    struct pairing pairing = {scratch, report, surgery->graph, &params, NULL};
    for (int i = 0; scratch && surgery->files && i < list->count; i++)
        good = operate(arena, surgery, pairing, list->entries[i].value) && good;
    arena_free(scratch);
    return good;
}

static struct surgery *surgery_new(struct arena *arena, const struct graph *graph) {
    struct surgery *surgery = arena_alloc(arena, 1, sizeof *surgery);
    size_t params = (size_t)graph->param_count, layers = (size_t)graph->layer_count;
    if (!surgery)
        return NULL;
    surgery->graph = graph;
    surgery->sources = arena_alloc(arena, params, sizeof *surgery->sources);
    surgery->frozen = arena_alloc(arena, params, sizeof *surgery->frozen);
    surgery->rate_factors = arena_alloc(arena, params, sizeof *surgery->rate_factors);
    surgery->decay_factors = arena_alloc(arena, params, sizeof *surgery->decay_factors);
    surgery->freeze_stats = arena_alloc(arena, layers, sizeof *surgery->freeze_stats);
    if (!surgery->sources || !surgery->frozen || !surgery->rate_factors ||
        !surgery->decay_factors || !surgery->freeze_stats)
        return NULL;
    for (int i = 0; i < graph->param_count; i++)
        surgery->rate_factors[i] = surgery->decay_factors[i] = 1;
    return surgery;
}

const struct surgery *surgery_build(struct arena *arena, const struct graph *graph,
                                    const struct arm *arm, struct report *report) {
    struct surgery *surgery = surgery_new(arena, graph);
    if (!surgery)
        return NULL;
    bool good = true;
    if (arm->weights)
        good = operate_all(arena, surgery, arm->weights, report);
    if (arm->rules)
        good = rules_apply(arena, surgery, arm->rules, report) && good;
    return good ? surgery : NULL;
}

int surgery_unfilled(const struct surgery *surgery) {
    int count = 0;
    for (int i = 0; surgery->file_count > 0 && i < surgery->graph->param_count; i++)
        count += !surgery->sources[i].tensor;
    return count;
}
