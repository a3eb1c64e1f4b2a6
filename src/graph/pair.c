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

/* The tensors that may have a place, in the order of the layers. */
struct order {
    const struct named_tensor **tensors;
    int count;
};

static int by_number(const void *a, const void *b) {
    const struct named_tensor *const *one = a, *const *other = b;
    return strverscmp((*one)->name, (*other)->name);
}

static bool is_sorted_by_name(const struct order *order) {
    for (int i = 1; i < order->count; i++)
        if (strcmp(order->tensors[i - 1]->name, order->tensors[i]->name) > 0)
            return false;
    return true;
}

static bool find_order(const struct pairing *pairing, struct order *order) {
    const struct surgery_file *at = pairing->at;
    size_t most = (size_t)at->file->count;
    *order = (struct order){.tensors = arena_alloc(pairing->scratch, most, sizeof *order->tensors)};
    if (!order->tensors)
        return false;
    for (int i = 0; i < at->file->count; i++)
        if (at->fates[i] != SURGERY_IGNORED)
            order->tensors[order->count++] = &at->file->tensors[i];
    if (is_sorted_by_name(order))
        qsort(order->tensors, (size_t)order->count, sizeof *order->tensors, by_number);
    return true;
}

/* ---- pairs of one kind ------------------------------------------------------------------------- */

static const char *last_part(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

static bool is_of_kind(const struct layer_param *param, const struct layer_param *kind) {
    return param->rank == kind->rank && !strcmp(param->name, kind->name);
}

static bool names_kind(const struct named_tensor *tensor, const struct layer_param *kind) {
    return tensor->rank == kind->rank && !strcmp(last_part(tensor->name), kind->name);
}

/* Pairs the parameters of one kind with the tensors of that kind; marks them as done. */
static void pair_kind(const struct pairing *pairing, const struct order *order,
                      const struct layer_param *kind, bool *done) {
    const struct graph *graph = pairing->graph;
    int next = 0;
    for (int i = 0; i < graph->param_count; i++) {
        if (!is_of_kind(graph->params[i].shape, kind))
            continue;
        done[i] = true;
        while (next < order->count && !names_kind(order->tensors[next], kind))
            next++;
        if (next < order->count)
            pairing->at->targets[order->tensors[next++] - pairing->at->file->tensors] = i;
    }
}

bool pair_in_order(const struct pairing *pairing) {
    const struct graph *graph = pairing->graph;
    struct order order;
    bool *done = arena_alloc(pairing->scratch, (size_t)graph->param_count, sizeof *done);
    if (!done || !find_order(pairing, &order))
        return false;
    for (int i = 0; i < graph->param_count; i++)
        if (!done[i])
            pair_kind(pairing, &order, graph->params[i].shape, done);
    return true;
}
