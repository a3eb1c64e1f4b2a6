/* surgery.h: how the tensors of a file of weights find their places in a network. */
#ifndef GRAPH_SURGERY_H
#define GRAPH_SURGERY_H

#include "netrun/graph.h"
#include "text_map.h"

/* A file on its way into a network. */
struct pairing {
    struct arena *scratch;
    struct report *report;
    const struct graph *graph;
    const struct text_map *params; /* path to place in graph->params */
    struct surgery_file *at;       /* all tensors without a target, unused or ignored */
};

/* Each fills the targets. False: see the report. */
bool pair_by_name(const struct pairing *pairing);
bool pair_in_order(const struct pairing *pairing);
bool pair_by_map(const struct pairing *pairing, const struct node *map);

/* Tensors of this fate. */
int surgery_count(const struct surgery_file *file, enum surgery_fate fate);

/* "'a.weight', 'a.bias', 'b.weight' and 9 more": the same by name. NULL: out of memory. */
const char *surgery_names(struct arena *arena, const struct surgery_file *file,
                          enum surgery_fate fate);

/* Obeys the arm's `rules`. */
bool rules_apply(struct arena *arena, struct surgery *surgery, const struct node *rules,
                 struct report *report);

#endif
