/* Blocks: their parameters, and what they put in. A block sees its own parameters and the netdef's, never
 * its caller's. */
#include "expand.h"

#include <string.h>

/* ---- parameters --------------------------------------------------------------------------------- */

static const char *required_text(enum param_type type) {
    static const char *const texts[] = {
        [PARAM_INT] = "an integer",     [PARAM_FLOAT] = "a number",
        [PARAM_BOOL] = "true or false", [PARAM_STRING] = "a string",
        [PARAM_LIST] = "a list",        [PARAM_LAYER] = "a kind, a block or an entry",
    };
    return texts[type];
}

/* What the entry says for a parameter. */
static const struct node *given_value(struct expand *expand, const struct place *place,
                                      const struct node *given, const struct param *param,
                                      const struct block *block) {
    const struct node *value = call_value(expand, place, given);
    struct report *report = call_report(expand, place);
    if (value && report)
        value = param_accept(expand->arena, param, value, block->name, report);
    return value;
}

static const struct node *no_value(struct expand *expand, const struct place *place,
                                   const struct call *call, const struct param *param) {
    if (!place->off) {
        report_at(expand->report, &call->pos, "%s needs '%s', %s", call->kind, param->name,
                  required_text(param->type));
        report_note(expand->report, &param->pos, "the block asks for it here");
    }
    return NULL;
}

/* The values of a block's parameters in this use; defaults may use those before them. */
static bool bind(struct expand *expand, const struct place *place, const struct call *call,
                 const struct block *block, struct binding *bindings, struct names *names) {
    struct place inside = {.names = names, .off = place->off};
    bool fine = true;
    for (int i = 0; i < block->params.count; i++) {
        const struct param *param = &block->params.items[i];
        const struct node *value = call_get(call, param->name);
        if (value)
            value = given_value(expand, place, value, param, block);
        else if (param->value)
            value = call_value(expand, &inside, param->value);
        else
            value = no_value(expand, place, call, param);
        fine &= value != NULL;
        if (value)
            bindings[names->count++] = (struct binding){param->name, value};
    }
    return fine;
}

static const struct param *param_of(const struct block *block, const char *name) {
    for (int i = 0; i < block->params.count; i++)
        if (!strcmp(block->params.items[i].name, name))
            return &block->params.items[i];
    return NULL;
}

/* Refuses attributes that are no parameter of the block. */
static bool only_params(struct expand *expand, const struct call *call, const struct block *block) {
    bool fine = true;
    for (int i = 0; call->attrs && i < call->attrs->count; i++) {
        const struct entry *entry = &call->attrs->entries[i];
        if (call_common(entry->key) || param_of(block, entry->key))
            continue;
        struct nearest nearest = {.word = entry->key};
        for (int j = 0; j < block->params.count; j++)
            nearest_offer(&nearest, block->params.items[j].name);
        fine = report_at(expand->report, &entry->key_pos, "block %s has no parameter %s%s",
                         call->kind, quote(entry->key).text, nearest_hint(&nearest).text);
    }
    return fine;
}

bool expand_globals(struct expand *expand) {
    const struct params *params = &expand->netdef->params;
    struct binding *bindings = arena_alloc(expand->arena, (size_t)params->count, sizeof *bindings);
    if (!bindings)
        return false;
    for (int i = 0; i < params->count; i++)
        bindings[i] = (struct binding){params->items[i].name, params->items[i].value};
    expand->globals = (struct names){bindings, params->count, NULL};
    return true;
}

/* ---- recursion ---------------------------------------------------------------------------------- */

/* "a > b > a" */
static void write_chain(const struct block_chain *chain, const struct block *from, char *text,
                        size_t size) {
    if (chain->block != from)
        write_chain(chain->outer, from, text, size);
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s > ", chain->block->name);
}

static bool refuse_recursion(struct expand *expand, const struct call *call,
                             const struct block *block) {
    char chain[256] = "";
    write_chain(expand->blocks, block, chain, sizeof chain);
    return report_at(expand->report, &call->pos, "block %s uses itself: %s%s",
                     quote(block->name).text, chain, block->name);
}

static bool is_inside(const struct block_chain *chain, const struct block *block) {
    for (; chain; chain = chain->outer)
        if (chain->block == block)
            return true;
    return false;
}

/* ---- the block ---------------------------------------------------------------------------------- */

/* Goes through the block's entries; in a switched-off block only to count them. */
static struct draft *expand_bound(struct expand *expand, const struct call *call,
                                  const struct block *block, const struct node *layers,
                                  struct place inside) {
    struct block_chain chain = {block, expand->blocks};
    expand->blocks = &chain;
    inside.off = call->off;
    layers = call_entries(expand, &inside, layers, "layers");
    struct draft *output = layers ? expand_entries(expand, &inside, layers) : &expand->broken;
    scope_close(expand, inside.scope);
    expand->blocks = chain.outer;
    return output;
}

static struct draft *expand_body(struct expand *expand, const struct place *place,
                                 const struct call *call, const struct block *block,
                                 const char *path, struct scope *scope) {
    struct binding *bindings =
        arena_alloc(expand->arena, (size_t)block->params.count, sizeof *bindings);
    const struct node *layers = bindings ? call_put_in(expand, call, block->layers) : NULL;
    struct names names = {bindings, 0, &expand->globals};
    struct place caller = *place;
    caller.off = call->off;
    if (!layers || (!bind(expand, &caller, call, block, bindings, &names) && !call->off)) {
        expand->failed = true;
        return &expand->broken;
    }
    return expand_bound(expand, call, block, layers, expand_inside(path, &names, scope));
}

static struct draft *expand_part(struct expand *expand, struct place *place,
                                 const struct call *call, const struct block *block) {
    const char *part = path_part(expand, place, call, NULL);
    if (*part && call->off) {
        scope_add_layer(expand, place->scope, part, &expand->broken, call);
        return &expand->broken;
    }
    const char *path = path_join(expand, place->prefix, part);
    struct scope *scope = scope_new(expand, NULL, call->inputs, call->input_count);
    if (!scope)
        return &expand->broken;
    struct draft *output = expand_body(expand, place, call, block, path, scope);
    scope_add_group(expand, place->scope, part, (struct group){path, output, scope, NULL}, call);
    return output;
}

struct draft *expand_block(struct expand *expand, struct place *place, const struct call *call,
                           const struct block *block) {
    bool fine = !is_inside(expand->blocks, block) || refuse_recursion(expand, call, block);
    fine &= only_params(expand, call, block);
    fine &= limit_parts(expand, &call->pos, block->params.count);
    if (!fine || !limit_enter(expand, &call->pos)) {
        expand->failed = true;
        return &expand->broken;
    }
    struct draft *output = expand_part(expand, place, call, block);
    limit_leave(expand);
    return output;
}
