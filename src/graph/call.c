/* One entry taken apart: a kind or block name, or one key with its attributes; of these `name`, `from` and
 * `if` belong to every entry, the others to the kind. */
#include "expand.h"

#include <string.h>

bool call_common(const char *key) {
    return !strcmp(key, "name") || !strcmp(key, "from") || !strcmp(key, "if");
}

const struct node *call_get(const struct call *call, const char *key) {
    return call->attrs ? node_get(call->attrs, key) : NULL;
}

bool call_is_value(const struct node *node) {
    const char *text = node_string(node);
    return text && text[0] == '$';
}

struct report *call_report(struct expand *expand, const struct place *place) {
    return place->off ? report_new(expand->arena) : expand->report;
}

const struct node *call_value(struct expand *expand, const struct place *place,
                              const struct node *value) {
    struct report *report = call_report(expand, place);
    const struct node *result =
        report ? value_resolve(expand->arena, value, place->names, report) : NULL;
    if (!result && (!place->off || !report || report_count(report) == 0))
        expand->failed = true;
    return result;
}

const struct node *call_put_in(struct expand *expand, const struct call *call,
                               const struct node *node) {
    struct pos *used_from = arena_alloc(expand->arena, 1, sizeof *used_from);
    if (used_from)
        *used_from = call->pos;
    const struct node *copy = used_from ? node_used_from(expand->arena, node, used_from) : NULL;
    expand->failed |= !copy;
    return copy;
}

const struct node *call_entries(struct expand *expand, const struct place *place,
                                const struct node *written, const char *key) {
    const struct node *list = written;
    if (call_is_value(written))
        list = call_value(expand, place, written);
    if (!list || list->kind == NODE_LIST)
        return list;
    expand->failed = true;
    report_at(expand->report, &list->pos, "'%s' is a list of entries, not %s", key,
              node_describe(list).text);
    return NULL;
}

const struct node *call_list(struct expand *expand, const struct place *place,
                             const struct call *call, const char *key) {
    const struct node *list = call_get(call, key);
    if (list)
        return call_entries(expand, place, list, key);
    expand->failed = true;
    report_at(expand->report, &call->pos, "%s needs '%s', a list of entries", call->kind, key);
    return NULL;
}

/* ---- kind and attributes ------------------------------------------------------------------------ */

/* A map of several keys: nearly always attributes that are not indented under their kind. */
static bool refuse_keys(struct expand *expand, const struct node *entry) {
    if (entry->count == 0)
        return report_at(expand->report, &entry->pos, "this entry is empty; name a kind or block");
    const struct entry *second = &entry->entries[1];
    return report_at(
        expand->report, &second->key_pos,
        "an entry has one key, its kind or block; if %s belongs to %s, indent it under "
        "that",
        quote(second->key).text, quote(entry->entries[0].key).text);
}

static bool read_pair(struct expand *expand, const struct entry *pair, struct call *call) {
    call->kind = pair->key;
    call->pos = pair->key_pos;
    call->attrs = pair->value;
    if (pair->value->kind == NODE_MAP)
        return true;
    if (pair->value->kind == NODE_NULL)
        return report_at(expand->report, &pair->key_pos,
                         "nothing follows the colon of %s; without attributes leave the colon out",
                         quote(pair->key).text);
    return report_at(expand->report, &pair->value->pos,
                     "%s takes attributes, as in {name: value}, not %s", quote(pair->key).text,
                     node_describe(pair->value).text);
}

bool call_read(struct expand *expand, const struct node *entry, struct call *call) {
    *call = (struct call){.kind = node_string(entry), .pos = entry->pos};
    if (call->kind)
        return true;
    if (entry->kind != NODE_MAP)
        return report_at(expand->report, &entry->pos,
                         "an entry is a kind, a block, or one of them with attributes, not %s",
                         node_describe(entry).text);
    return entry->count == 1 ? read_pair(expand, &entry->entries[0], call)
                             : refuse_keys(expand, entry);
}

/* ---- name, if, from ----------------------------------------------------------------------------- */

static bool read_name(struct expand *expand, const struct place *place, struct call *call) {
    const struct node *name = call_get(call, "name");
    if (!name)
        return true;
    name = call_value(expand, place, name);
    if (!name || !path_check_name(expand, name))
        return false;
    call->name = node_string(name);
    return true;
}

static bool read_if(struct expand *expand, const struct place *place, struct call *call) {
    const struct node *condition = call_get(call, "if");
    call->off = place->off;
    if (!condition || call->off)
        return true;
    condition = call_value(expand, place, condition);
    if (!condition)
        return false;
    if (condition->kind != NODE_BOOL)
        return report_at(expand->report, &condition->pos, "'if' takes true or false, not %s",
                         node_describe(condition).text);
    call->off = !condition->boolean;
    return true;
}

/* Without `from` an entry reads the one before it. */
static bool read_now(struct expand *expand, const struct place *place, struct call *call) {
    call->inputs[0] = place->now;
    call->input_count = 1;
    if (place->now)
        return true;
    return report_at(expand->report, &call->pos,
                     "%s needs 'from': %d values enter here, input.0 to input.%d", call->kind,
                     place->scope->input_count, place->scope->input_count - 1);
}

static bool read_from(struct expand *expand, const struct place *place, struct call *call) {
    const struct node *from = call_get(call, "from");
    if (!from)
        return read_now(expand, place, call);
    from = call_value(expand, place, from);
    if (!from)
        return false;
    if (from->kind != NODE_LIST) {
        call->inputs[call->input_count++] = scope_tap(expand, place->scope, from);
        return true;
    }
    if (from->count < 1 || from->count > LAYER_MOST_INPUTS)
        return report_at(expand->report, &from->pos, "'from' takes 1 to %d names, not %d",
                         LAYER_MOST_INPUTS, from->count);
    for (int i = 0; i < from->count; i++)
        call->inputs[call->input_count++] = scope_tap(expand, place->scope, from->entries[i].value);
    return true;
}

bool call_settle(struct expand *expand, const struct place *place, struct call *call) {
    bool named = read_name(expand, place, call);
    bool switched = read_if(expand, place, call);
    bool fed = call->off || read_from(expand, place, call);
    return named && switched && fed;
}

/* ---- the kind's own ----------------------------------------------------------------------------- */

const struct node *call_attrs(struct expand *expand, const struct place *place,
                              const struct call *call) {
    int most = call->attrs ? call->attrs->count : 0;
    struct node *own = node_new(expand->arena, NODE_MAP, &call->pos);
    struct entry *entries = arena_alloc(expand->arena, (size_t)most, sizeof *entries);
    if (!own || !entries) {
        expand->failed = true;
        return NULL;
    }
    own->entries = entries;
    bool fine = true;
    for (int i = 0; i < most; i++) {
        struct entry entry = call->attrs->entries[i];
        if (call_common(entry.key))
            continue;
        entry.value = call_value(expand, place, entry.value);
        fine &= entry.value != NULL;
        entries[own->count++] = entry;
    }
    return fine ? own : NULL;
}
