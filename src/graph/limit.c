/* Limits, so that no file takes more than about a second or half a gigabyte to be understood. Work is
 * counted where it is done: parts of entries gone through, rounds, layers made, bytes of the arena, errors. */
#include "expand.h"

/* Says so once; from then on nothing is expanded. */
static bool stop(struct expand *expand, const struct pos *pos, const char *what) {
    if (!expand->stopped)
        report_at(expand->report, pos, "this network has %s", what);
    expand->stopped = true;
    return false;
}

/* Nodes of a tree; a tree of YAML is never deeper than conf allows. */
static int count_nodes(const struct node *node) {
    int count = 1;
    bool collection = node->kind == NODE_LIST || node->kind == NODE_MAP;
    for (int i = 0; collection && i < node->count && count < EXPAND_MOST_PARTS; i++)
        count += count_nodes(node->entries[i].value);
    return count;
}

bool limit_errors(struct expand *expand) {
    return report_count(expand->report) - expand->errors_before < REPORT_MOST;
}

bool limit_parts(struct expand *expand, const struct pos *pos, int parts) {
    if (expand->stopped || !limit_errors(expand))
        return false;
    expand->parts += parts;
    if (expand->parts > EXPAND_MOST_PARTS)
        return stop(expand, pos, "more than 1,000,000 parts, those of blocks and repeats counted");
    if (arena_used(expand->arena) - expand->bytes_before > EXPAND_MOST_BYTES)
        return stop(expand, pos, "a description of more than 256 MB once it is expanded");
    return true;
}

bool limit_entry(struct expand *expand, const struct node *entry) {
    return limit_parts(expand, &entry->pos, count_nodes(entry));
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
