/* select.h: what is said when the user's pattern fits nothing. */
#ifndef GRAPH_SELECT_H
#define GRAPH_SELECT_H

#include "netrun/graph.h"

/* Reports that no layer fits, with the nearest path. Always false. */
bool select_refuse(const struct graph *graph, const char *pattern, const struct pos *pos,
                   struct report *report);

#endif
