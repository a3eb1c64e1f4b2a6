/* Layers and values of a built graph, found by what the user writes. */
#include "select.h"

#include "pattern.h"

#include <string.h>

struct shape graph_shape(const struct graph *graph, int value) {
    return value == 0 ? graph->input : graph->layers[value - 1].info.out;
}

const char *graph_value_path(const struct graph *graph, int value) {
    return value == 0 ? "input" : graph->layers[value - 1].path;
}

bool graph_matches(const struct graph *graph, const char *pattern, const char *path) {
    return pattern_fits(graph->rounds, pattern, path);
}

bool graph_matches_param(const struct graph *graph, const char *pattern, int param) {
    const struct graph_param *at = &graph->params[param];
    return graph_matches(graph, pattern, graph->layers[at->layer].path) ||
           graph_matches(graph, pattern, at->path);
}

int graph_select(const struct graph *graph, const char *pattern, int *found) {
    int count = 0;
    for (int i = 0; i < graph->layer_count; i++)
        if (graph_matches(graph, pattern, graph->layers[i].path))
            found[count++] = i;
    return count;
}

/* ---- the one layer that a user named ------------------------------------------------------------ */

/* The layers that fit; `first` and `last` are two of them. */
static int count_layers(const struct graph *graph, const char *pattern, int *first, int *last) {
    int count = 0;
    for (int i = 0; i < graph->layer_count; i++) {
        if (!graph_matches(graph, pattern, graph->layers[i].path))
            continue;
        *last = i;
        if (count++ == 0)
            *first = i;
    }
    return count;
}

/* The layer that yields the value of the only group that fits, or -1. */
static int layer_of_group(const struct graph *graph, const char *pattern) {
    int layer = -1, count = 0;
    for (int i = 0; i < graph->group_count; i++)
        if (graph_matches(graph, pattern, graph->groups[i].path) && count++ == 0)
            layer = graph->groups[i].value - 1;
    return count == 1 ? layer : -1;
}

bool select_refuse(const struct graph *graph, const char *pattern, const struct pos *pos,
                   struct report *report) {
    struct pattern_hint hint = {.pattern = pattern};
    for (int i = 0; i < graph->layer_count; i++)
        pattern_offer(&hint, graph->layers[i].path);
    for (int i = 0; i < graph->group_count; i++)
        pattern_offer(&hint, graph->groups[i].path);
    return report_at(report, pos, "no layer of %s fits %s%s", graph->name, quote(pattern).text,
                     pattern_hint_text(&hint).text);
}

int graph_find(const struct graph *graph, const struct node *pattern, struct report *report) {
    const char *text = node_string(pattern);
    if (!text) {
        report_at(report, &pattern->pos, "a layer is named by its path, not by %s",
                  node_describe(pattern).text);
        return -1;
    }
    int first = -1, last = -1;
    int count = count_layers(graph, text, &first, &last);
    if (count > 1) {
        report_at(report, &pattern->pos, "%s fits %d layers, from '%s' to '%s'; name one",
                  quote(text).text, count, graph->layers[first].path, graph->layers[last].path);
        return -1;
    }
    int found = count == 1 ? first : layer_of_group(graph, text);
    if (found < 0)
        select_refuse(graph, text, &pattern->pos, report);
    return found;
}

/* ---- batches ------------------------------------------------------------------------------------ */

/* Does the layer keep running statistics? Only batch norm does. */
static bool keeps_statistics(const struct graph_layer *layer) {
    for (int i = 0; i < layer->info.param_count; i++)
        if (layer->info.params[i].role == PARAM_BUFFER)
            return true;
    return false;
}

bool graph_check_batch(const struct graph *graph, int images, const struct pos *pos,
                       struct report *report) {
    if (images != 1)
        return true;
    for (int i = 0; i < graph->layer_count; i++) {
        const struct graph_layer *layer = &graph->layers[i];
        if (!keeps_statistics(layer) || layer->info.out.height * layer->info.out.width > 1)
            continue;
        return report_at(report, pos,
                         "a batch of one image gives %s (%s) one value per channel, which has no "
                         "variance; take at least 2 images",
                         quote(layer->path).text, shape_text(layer->info.out).text);
    }
    return true;
}
