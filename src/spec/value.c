/* value_resolve: a tree without `$`.
 *
 * Parts without `$` are shared with the tree that was written; only what holds a value is copied. What a
 * name puts in is measured first: lists of lists of lists could otherwise grow without end. */
#include "expression.h"
#include "tree.h"

#include <string.h>

enum { VALUE_MOST_PARTS = 10000, VALUE_MOST_DEPTH = 64 };

struct resolver {
    struct arena *arena;
    const struct names *names;
    struct report *report;
    int parts; /* put in by names so far */
};

static const struct node *resolve(struct resolver *resolver, const struct node *node);

/* Counts the parts of a value; false: too many, or too deep. */
static bool measure(const struct node *value, int depth, int *parts) {
    if (++*parts > VALUE_MOST_PARTS || depth > VALUE_MOST_DEPTH)
        return false;
    bool collection = value->kind == NODE_LIST || value->kind == NODE_MAP;
    for (int i = 0; collection && i < value->count; i++)
        if (!measure(value->entries[i].value, depth + 1, parts))
            return false;
    return true;
}

/* A scalar takes the place of the `$`. Parts of lists and maps stay where they were written, so that an
 * error shows them, used from the `$`. */
static const struct node *put_in(struct resolver *resolver, const struct node *value,
                                 const struct node *written) {
    if (!measure(value, 0, &resolver->parts)) {
        report_at(resolver->report, &written->pos,
                  "this value grows too large: more than %d parts, or %d lists in one another",
                  VALUE_MOST_PARTS, VALUE_MOST_DEPTH);
        return NULL;
    }
    if (value->kind == NODE_LIST || value->kind == NODE_MAP)
        return node_used_from(resolver->arena, value, &written->pos);
    struct node *scalar = node_new(resolver->arena, value->kind, &written->pos);
    if (scalar) {
        *scalar = *value;
        scalar->pos = written->pos;
    }
    return scalar;
}

static const struct node *resolve_string(struct resolver *resolver, const struct node *node) {
    const char *dollar = strchr(node->string, '$');
    if (!dollar)
        return node;
    if (dollar != node->string) {
        struct pos pos = expression_place(node, (size_t)(dollar - node->string));
        report_at(resolver->report, &pos,
                  "a value is a whole scalar; nothing can stand before its '$'");
        return NULL;
    }
    struct expression expression = {.arena = resolver->arena,
                                    .report = resolver->report,
                                    .names = resolver->names,
                                    .scalar = node};
    struct node value;
    int term = expression_parse(&expression);
    if (term < 0 || !expression_evaluate(&expression, term, &value))
        return NULL;
    return put_in(resolver, &value, node);
}

/* All entries are gone through, so that every fault is reported. */
static const struct node *resolve_entries(struct resolver *resolver, const struct node *node) {
    struct node *copy = NULL;
    bool good = true;
    for (int i = 0; i < node->count; i++) {
        const struct node *written = node->entries[i].value;
        const struct node *value = resolve(resolver, written);
        good = good && value;
        if (good && value != written && !copy)
            good = (copy = tree_copy(resolver->arena, node));
        if (good && copy)
            copy->entries[i].value = value;
    }
    return !good ? NULL : copy ? copy : node;
}

static const struct node *resolve(struct resolver *resolver, const struct node *node) {
    if (node->kind == NODE_STRING)
        return resolve_string(resolver, node);
    if (node->kind == NODE_LIST || node->kind == NODE_MAP)
        return resolve_entries(resolver, node);
    return node;
}

const struct node *value_resolve(struct arena *arena, const struct node *value,
                                 const struct names *names, struct report *report) {
    struct resolver resolver = {.arena = arena, .names = names, .report = report};
    return resolve(&resolver, value);
}
