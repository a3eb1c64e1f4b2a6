/* pattern.h: does a path fit a pattern, and what to say when none does. */
#ifndef GRAPH_PATTERN_H
#define GRAPH_PATTERN_H

#include "text_map.h"

enum {
    PATTERN_MOST = 1000
}; /* bytes; a longer pattern fits nothing, which bounds the time of a search */

/* `rounds`: how many rounds the repeat at a path has ("stage1" or, unnamed at the top, ""). */
bool pattern_fits(const struct text_map *rounds, const char *pattern, const char *path);

/* What the stars of one kind took from a path, in the order in which the pattern has them. */
enum { PATTERN_MOST_STARS = 16 };

struct pattern_text {
    const char *from;
    size_t length;
};

struct pattern_taken {
    struct pattern_text items[PATTERN_MOST_STARS]; /* of the first ones, if there are more */
    int count;
};

struct pattern_match {
    struct pattern_taken parts; /* what each `**` took: parts with the dots between them */
    struct pattern_taken texts; /* what each `*` took */
};

/* The same, and what the stars took; undefined where the path does not fit. */
bool pattern_match(const struct text_map *rounds, const char *pattern, const char *path,
                   struct pattern_match *match);

/* How many `**` and how many `*` a pattern has. */
struct pattern_stars {
    int parts, texts;
};
struct pattern_stars pattern_stars(const char *pattern);

/* The path that a pattern becomes when its stars stand for what those of another took: the first `**` for
 * the first of those, and so on. It must have no more of either kind than the other one has, nor than
 * PATTERN_MOST_STARS. NULL: out of memory. */
char *pattern_fill(struct arena *arena, const struct text_map *rounds, const char *pattern,
                   const struct pattern_match *match);

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
