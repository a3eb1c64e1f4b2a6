/* Limits, so that no file takes more than about a second or half a gigabyte to be understood. Work is
 * counted where it is done: entries gone through, rounds, layers made, bytes of the arena. */
#include "expand.h"

/* Says so once; from then on nothing is expanded. */
static bool stop(struct expand *expand, const struct pos *pos, const char *what) {
    if (!expand->stopped)
        report_at(expand->report, pos, "this network has %s", what);
    expand->stopped = true;
    return false;
}

bool limit_entry(struct expand *expand, const struct pos *pos) {
    if (expand->stopped)
        return false;
    if (++expand->entries > EXPAND_MOST_ENTRIES)
        return stop(expand, pos, "more than 100,000 entries, those of blocks and repeats counted");
    if (arena_used(expand->arena) - expand->bytes_before > EXPAND_MOST_BYTES)
        return stop(expand, pos, "a description of more than 256 MB once it is expanded");
    return true;
}

bool limit_layers(struct expand *expand, const struct pos *pos) {
    if (expand->drafts.count < EXPAND_MOST_LAYERS)
        return true;
    return stop(expand, pos, "more than 20,000 layers");
}

bool limit_enter(struct expand *expand, const struct pos *pos) {
    if (expand->stopped)
        return false;
    if (expand->depth == EXPAND_MOST_DEPTH)
        return stop(expand, pos, "more than 64 blocks, repeats and residuals inside one another");
    expand->depth++;
    return true;
}

void limit_leave(struct expand *expand) {
    expand->depth--;
}
