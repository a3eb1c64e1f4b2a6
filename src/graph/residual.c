/* residual: two branches from one value, and their sum. Like a repeat it is part of the scope around it. */
#include "expand.h"

#include <string.h>

/* A residual in the making: its path, and what its parts add to it (numbered where it has no name). */
struct residual {
    const struct call *call;
    const char *path, *body, *shortcut, *sum;
    struct scope *parts; /* what a tap finds in it */
};

/* One branch: its entries under `name`. Without entries it is the identity. */
static struct draft *expand_branch(struct expand *expand, struct place *place,
                                   const struct residual *residual, const char *name,
                                   const struct node *entries) {
    const struct call *call = residual->call;
    struct scope *scope = scope_new(expand, place->scope, call->inputs, 1);
    if (!scope)
        return &expand->broken;
    struct place inside =
        expand_inside(path_join(expand, residual->path, name), place->names, scope);
    struct draft *output = entries ? expand_entries(expand, &inside, entries) : inside.now;
    scope_add_group(expand, residual->parts, name,
                    (struct group){inside.prefix, output, scope, NULL}, NULL);
    return output;
}

/* The sum of both branches, with no activation. */
static struct draft *expand_sum(struct expand *expand, const struct place *place,
                                const struct residual *residual, struct draft *body,
                                struct draft *shortcut) {
    struct call call = {
        .kind = "add", .pos = residual->call->pos, .inputs = {body, shortcut}, .input_count = 2};
    struct draft *sum = draft_layer(expand, path_join(expand, residual->path, residual->sum),
                                    layer_find(call.kind), call_attrs(expand, place, &call), &call);
    scope_add_layer(expand, residual->parts, residual->sum, sum, &call);
    return sum;
}

static struct draft *expand_branches(struct expand *expand, struct place *place,
                                     const struct residual *residual) {
    const struct call *call = residual->call;
    bool has_shortcut = call_get(call, "shortcut") != NULL;
    const struct node *body = call_list(expand, place, call, "body");
    const struct node *shortcut = has_shortcut ? call_list(expand, place, call, "shortcut") : NULL;
    if (!body || (has_shortcut && !shortcut)) {
        expand->failed = true;
        return &expand->broken;
    }
    struct draft *body_end = expand_branch(expand, place, residual, residual->body, body);
    struct draft *shortcut_end =
        expand_branch(expand, place, residual, residual->shortcut, shortcut);
    return expand_sum(expand, place, residual, body_end, shortcut_end);
}

static bool check_residual(struct expand *expand, const struct call *call) {
    static const char *const keys[] = {"body", "shortcut", "name", "from", "if", NULL};
    if (call->attrs && !conf_only_keys(call->attrs, keys, "residual", expand->report))
        return false;
    if (call->input_count == 1)
        return true;
    return report_at(expand->report, &call->pos,
                     "residual takes 1 input, not %d; join them first, with add or concat",
                     call->input_count);
}

static struct draft *expand_on_residual(struct expand *expand, struct place *place,
                                        struct residual *residual, const char *part) {
    const struct call *call = residual->call;
    size_t word = strcspn(residual->body, "_");
    residual->shortcut = arena_printf(expand->arena, "shortcut%s", residual->body + word);
    residual->parts = scope_new(expand, NULL, call->inputs, call->input_count);
    if (!residual->shortcut || !residual->parts || !check_residual(expand, call) ||
        !limit_enter(expand, &call->pos)) {
        expand->failed = true;
        return &expand->broken;
    }
    struct draft *output = expand_branches(expand, place, residual);
    limit_leave(expand);
    scope_add_group(expand, place->scope, part,
                    (struct group){residual->path, output, residual->parts, NULL}, call);
    return output;
}

struct draft *expand_residual(struct expand *expand, struct place *place, const struct call *call) {
    const char *part = path_part(expand, place, call, NULL);
    struct residual residual = {.call = call, .path = path_join(expand, place->prefix, part)};
    residual.body = path_numbered(expand, residual.path, "body");
    residual.sum = path_numbered(expand, residual.path, "add");
    if (!call->off)
        return expand_on_residual(expand, place, &residual, part);
    if (*part)
        scope_add_layer(expand, place->scope, part, &expand->broken, call);
    return &expand->broken;
}
