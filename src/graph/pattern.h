/* pattern.h: does a path fit a pattern, and what to say when none does. */
#ifndef GRAPH_PATTERN_H
#define GRAPH_PATTERN_H

#include "text_map.h"

enum {
    PATTERN_MOST = 1000
}; /* bytes; a longer pattern fits nothing, which bounds the time of a search */

/* `rounds`: how many rounds the repeat at a path has ("stage1" or, unnamed at the top, ""). */
bool pattern_fits(const struct text_map *rounds, const char *pattern, const char *path);

/* The nearest path to a pattern that fits none: set .pattern, offer paths, ask. */
struct pattern_hint {
    const char *pattern;
    struct nearest nearest;
    bool holds_layers; /* it is the beginning of paths */
};
void pattern_offer(struct pattern_hint *hint, const char *path);

/* "; did you mean 'stem.conv2d'?", or how to name the layers inside, or how to see the paths. */
struct quoted pattern_hint_text(const struct pattern_hint *hint);

#endif
