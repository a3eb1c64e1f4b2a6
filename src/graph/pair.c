/* Tensors of a file and parameters of a network, paired by equal names or by their order.
 *
 * In order, each kind of tensor (weight of rank 4, bias of rank 1, running_mean, ...) is paired for itself, so
 * that it does not matter in which order a file lists the tensors of one layer. The safetensors library sorts
 * its files by name, layer 10 before layer 2: a file that is sorted so is taken in the order of its numbers. */
#include "surgery.h"

#include <stdlib.h>
#include <string.h>

bool pair_by_name(const struct pairing *pairing) {
    struct surgery_file *at = pairing->at;
    for (int i = 0; i < at->file->count; i++) {
        const char *name = at->file->tensors[i].name;
        const int *param = text_map_get(pairing->params, name, strlen(name));
        if (param && at->fates[i] != SURGERY_IGNORED)
            at->targets[i] = *param;
    }
    return true;
}

/* ---- the order of a file ----------------------------------------------------------------------- */

static int by_number(const void *a, const void *b) {
    const struct named_tensor *const *one = a, *const *other = b;
    return strverscmp((*one)->name, (*other)->name);
}

static bool is_sorted_by_name(const struct tensor_file *file) {
    for (int i = 1; i < file->count; i++)
        if (strcmp(file->tensors[i - 1].name, file->tensors[i].name) > 0)
            return false;
    return true;
}

/* The tensors in the order of the layers. NULL: out of memory. */
static const struct named_tensor **ordered(struct arena *scratch, const struct tensor_file *file) {
    size_t count = (size_t)file->count;
    const struct named_tensor **order = arena_alloc(scratch, count, sizeof *order);
    for (int i = 0; order && i < file->count; i++)
        order[i] = &file->tensors[i];
    if (order && is_sorted_by_name(file))
        qsort(order, count, sizeof *order, by_number);
    return order;
}

/* ---- pairs of one kind ------------------------------------------------------------------------- */

static const char *last_part(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static bool is_of_kind(const struct named_tensor *tensor, const struct layer_param *kind) {
    return tensor->rank == kind->rank && !strcmp(last_part(tensor->name), kind->name);
}

/* Pairs all parameters of the kind that the first of them has; marks them as done. */
static void pair_kind(const struct pairing *pairing, const struct named_tensor *const *order,
                      int first, bool *done) {
    const struct graph *graph = pairing->graph;
    const struct layer_param *kind = graph->params[first].shape;
    struct surgery_file *at = pairing->at;
    int next = first;
    for (int i = 0; i < at->file->count; i++) {
        int tensor = (int)(order[i] - at->file->tensors);
        if (at->fates[tensor] == SURGERY_IGNORED || !is_of_kind(order[i], kind))
            continue;
        while (next < graph->param_count && (graph->params[next].shape->rank != kind->rank ||
                                             strcmp(graph->params[next].shape->name, kind->name)))
            next++;
        if (next < graph->param_count)
            at->targets[tensor] = next++;
    }
    for (int i = first; i < graph->param_count; i++)
        done[i] |= graph->params[i].shape->rank == kind->rank &&
                   !strcmp(graph->params[i].shape->name, kind->name);
}

bool pair_in_order(const struct pairing *pairing) {
    const struct graph *graph = pairing->graph;
    const struct named_tensor **order = ordered(pairing->scratch, pairing->at->file);
    bool *done = arena_alloc(pairing->scratch, (size_t)graph->param_count, sizeof *done);
    for (int i = 0; order && done && i < graph->param_count; i++)
        if (!done[i])
            pair_kind(pairing, order, i, done);
    return order && done;
}
