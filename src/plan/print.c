/* How the layers of a plan work, for those who ask. */
#include "netrun/plan.h"

#include <string.h>

const char *plan_how(const struct plan *plan, int layer) {
    const char *algorithm = plan->graph->layers[layer].info.algorithm;
    if (plan->steps[layer].included)
        return "with the above";
    if (plan->steps[layer].makes_y || plan->steps[layer].makes_later)
        return "when read";
    return algorithm ? algorithm : "";
}

/* Multiply-adds of one image as the layer is defined, and as its algorithm makes them. */
static void print_layer(const struct plan *plan, int index, int path_width, FILE *out) {
    const struct graph_layer *layer = &plan->graph->layers[index];
    const struct layer_info *info = &layer->info;
    int64_t products = info->products ? info->products : info->multiply_adds;
    fprintf(out, "  %-*s  ", path_width, layer->path);
    if (info->multiply_adds > 0)
        fprintf(out, "%-14s  %15s  %15s\n", plan_how(plan, index),
                text_commas(info->multiply_adds).text, text_commas(products).text);
    else
        fprintf(out, "%s\n", plan_how(plan, index));
}

void plan_print(const struct plan *plan, FILE *out) {
    const struct graph *graph = plan->graph;
    int width = 5;
    for (int i = 0; i < graph->layer_count; i++) {
        int length = (int)strlen(graph->layers[i].path);
        width = length > width ? length : width;
    }
    fprintf(out, "  %-*s  %-14s  %15s  %15s\n", width, "layer", "how", "multiply-adds", "products");
    for (int i = 0; i < graph->layer_count; i++)
        if (*plan_how(plan, i))
            print_layer(plan, i, width, out);
}
