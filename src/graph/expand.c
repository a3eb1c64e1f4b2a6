/* Expansion: goes through entries in order and makes a draft of every layer.
 *
 *   entries = { entry }
 *   entry   = layer | block | repeat | residual | "$" value that holds one of these, or entries */
#include "expand.h"

#include <ctype.h>
#include <string.h>

static void expand_entry(struct expand *expand, struct place *place, const struct node *entry);

/* ---- kinds that are not there ------------------------------------------------------------------- */

/* Offers every word that may stand at the head of an entry. */
static void offer_kinds(struct nearest *nearest, const struct netdef *netdef) {
    for (int i = 0; layer_at(i); i++)
        nearest_offer(nearest, layer_at(i)->name);
    for (int i = 0; i < netdef->block_count; i++)
        nearest_offer(nearest, netdef->blocks[i].name);
    nearest_offer(nearest, "residual");
    nearest_offer(nearest, "repeat");
}

/* The parameter of that name, or NULL. */
static const struct node *parameter(const struct names *names, const char *word) {
    for (; names; names = names->outer)
        for (int i = 0; i < names->count; i++)
            if (!strcmp(names->bindings[i].name, word))
                return names->bindings[i].value;
    return NULL;
}

/* PyTorch's classes have capitals: `Conv2d` is as near to conv2d as can be. */
static void refuse_kind(struct expand *expand, const struct place *place, const struct call *call) {
    char word[EXPAND_MOST_NAME] = "";
    for (size_t i = 0; call->kind[i] && i + 1 < sizeof word; i++)
        word[i] = (char)tolower((unsigned char)call->kind[i]);
    struct nearest nearest = {.word = word};
    offer_kinds(&nearest, expand->netdef);
    struct quoted hint = nearest_hint(&nearest);
    if (!*hint.text)
        snprintf(hint.text, sizeof hint.text, "; `netrun list layers` names the kinds");
    if (parameter(place->names, call->kind))
        snprintf(hint.text, sizeof hint.text, "; did you mean '$%.40s'?", call->kind);
    report_at(expand->report, &call->pos, "no layer kind or block %s%s", quote(call->kind).text,
              hint.text);
    if (call->held)
        report_note(expand->report, &call->held->pos, "it was set here");
}

/* ---- layers ------------------------------------------------------------------------------------- */

static struct draft *expand_layer(struct expand *expand, struct place *place,
                                  const struct call *call) {
    const struct layer_ops *ops = layer_find(call->kind);
    if (!ops)
        refuse_kind(expand, place, call);
    struct draft *layer = &expand->broken;
    const char *part = path_part(expand, place, call, call->kind);
    if (!call->off) {
        const struct node *attrs = ops ? call_attrs(expand, place, call) : NULL;
        layer = draft_layer(expand, path_join(expand, place->prefix, part), ops, attrs, call);
    }
    scope_add_layer(expand, place->scope, part, layer, call);
    return layer;
}

/* ---- entries ------------------------------------------------------------------------------------ */

static struct draft *expand_kind(struct expand *expand, struct place *place,
                                 const struct call *call) {
    const struct block *block = netdef_block(expand->netdef, call->kind);
    if (!strcmp(call->kind, "residual"))
        return expand_residual(expand, place, call);
    if (!strcmp(call->kind, "repeat"))
        return expand_repeat(expand, place, call);
    return block ? expand_block(expand, place, call, block) : expand_layer(expand, place, call);
}

/* A whole entry, its kind no `$` value. */
static void expand_call(struct expand *expand, struct place *place, struct call *call) {
    bool settled = call_settle(expand, place, call);
    expand->failed |= !settled;
    struct draft *output = settled ? expand_kind(expand, place, call) : &expand->broken;
    if (call->off)
        return;
    place->now = output;
    if (output == &expand->broken)
        scope_add_broken(expand, place->scope, call);
}

/* The entry's own attributes go before those that a `$` value holds. */
static bool merge_attrs(struct expand *expand, struct call *call, const struct node *own) {
    if (!own || !call->attrs) {
        call->attrs = own ? own : call->attrs;
        return true;
    }
    struct node *merged = node_new(expand->arena, NODE_MAP, &own->pos);
    struct entry *entries = arena_alloc(
        expand->arena, (size_t)own->count + (size_t)call->attrs->count, sizeof *entries);
    if (!merged || !entries)
        return false;
    memcpy(entries, own->entries, (size_t)own->count * sizeof *entries);
    merged->entries = entries;
    merged->count = own->count;
    for (int i = 0; i < call->attrs->count; i++)
        if (!node_get(own, call->attrs->entries[i].key))
            entries[merged->count++] = call->attrs->entries[i];
    call->attrs = merged;
    return true;
}

static void put_in_list(struct expand *expand, struct place *place, const struct node *list) {
    for (int i = 0; i < list->count; i++)
        expand_entry(expand, place, list->entries[i].value);
}

/* What `$p` holds, with the attributes written beside it. */
static void put_in_held(struct expand *expand, struct place *place, const struct call *call,
                        const struct node *held) {
    struct call inner;
    bool fine = call_read(expand, held, &inner) && merge_attrs(expand, &inner, call->attrs);
    expand->failed |= !fine;
    inner.held = held->kind == NODE_STRING ? parameter(place->names, call->kind + 1) : NULL;
    if (fine)
        expand_call(expand, place, &inner);
    else
        place->now = &expand->broken;
}

/* `- $p` or `- $p: {...}`: puts in what p holds - a kind, a block, an entry with attributes, entries. */
static void put_in(struct expand *expand, struct place *place, const struct call *call) {
    struct node *value = node_new(expand->arena, NODE_STRING, &call->pos);
    if (value)
        value->string = call->kind;
    const struct node *held = value ? call_value(expand, place, value) : NULL;
    expand->failed |= !value;
    if (!held)
        place->now = &expand->broken;
    else if (held->kind == NODE_LIST && call->attrs)
        report_at(expand->report, &call->attrs->pos,
                  "%s holds a list of entries, which takes no attributes", quote(call->kind).text);
    else if (held->kind == NODE_LIST)
        put_in_list(expand, place, held);
    else
        put_in_held(expand, place, call, held);
}

/* A list in place of an entry is what a `$` value in a list leaves behind: it stands for its entries. */
static void expand_deeper(struct expand *expand, struct place *place, const struct node *entry,
                          const struct call *call) {
    if (!limit_enter(expand, &entry->pos))
        return;
    if (entry->kind == NODE_LIST)
        put_in_list(expand, place, entry);
    else
        put_in(expand, place, call);
    limit_leave(expand);
}

static void expand_entry(struct expand *expand, struct place *place, const struct node *entry) {
    struct call call = {.kind = ""};
    bool list = entry->kind == NODE_LIST;
    if (!limit_entry(expand, entry))
        return;
    if (!list && !call_read(expand, entry, &call))
        place->now = &expand->broken;
    else if (list || call.kind[0] == '$')
        expand_deeper(expand, place, entry, &call);
    else
        expand_call(expand, place, &call);
}

struct place expand_inside(const char *prefix, const struct names *names, struct scope *scope) {
    return (struct place){.prefix = prefix,
                          .names = names,
                          .scope = scope,
                          .now = scope->input_count == 1 ? scope->inputs[0] : NULL};
}

struct draft *expand_entries(struct expand *expand, struct place *place,
                             const struct node *entries) {
    for (int i = 0; i < entries->count; i++)
        expand_entry(expand, place, entries->entries[i].value);
    if (place->now || place->off)
        return place->now;
    report_at(expand->report, &entries->pos,
              "%d values enter here and no entry reads them; choose one with 'from: input.0'",
              place->scope->input_count);
    return &expand->broken;
}
