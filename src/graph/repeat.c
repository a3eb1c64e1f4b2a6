/* repeat: the same entries round after round, each reading the one before. It is part of the scope around it:
 * what is inside reaches earlier entries outside, out to the block's edge. */
#include "expand.h"

#include <string.h>

/* What the rounds of a repeat have in common. */
struct repeat {
    const struct call *call;
    const struct node *entries;
    const struct node *lists; /* `for` without `$`: a map of lists of `count`; or NULL */
    int64_t count;
    const char *path;
    struct binding *bindings; /* one per list, then `i` */
};

static bool read_times(struct expand *expand, const struct place *place, struct repeat *repeat,
                       const struct node *written) {
    const struct node *times = call_value(expand, place, written);
    if (!times)
        return false;
    if (times->kind != NODE_INT || times->integer < 0)
        return report_at(expand->report, &times->pos, "'times' takes an integer >= 0, not %s",
                         node_describe(times).text);
    if (times->integer > EXPAND_MOST_LAYERS)
        return report_at(expand->report, &times->pos,
                         "%s rounds are more than the %s layers that "
                         "a network may have",
                         text_commas(times->integer).text, text_commas(EXPAND_MOST_LAYERS).text);
    repeat->count = times->integer;
    return true;
}

static bool check_list(struct expand *expand, const struct entry *list, const struct entry *first) {
    if (!strcmp(list->key, "i"))
        return report_at(expand->report, &list->key_pos,
                         "'i' is the number of the round; use another name");
    if (list->value->kind != NODE_LIST)
        return report_at(expand->report, &list->value->pos, "'for' takes lists, and %s is %s",
                         quote(list->key).text, node_describe(list->value).text);
    if (first->value->kind == NODE_LIST && list->value->count != first->value->count)
        return report_at(expand->report, &list->value->pos,
                         "the lists of 'for' differ in length: %s has %d, %s has %d",
                         quote(first->key).text, first->value->count, quote(list->key).text,
                         list->value->count);
    return true;
}

static bool read_for(struct expand *expand, const struct place *place, struct repeat *repeat,
                     const struct node *written) {
    const struct node *lists = call_value(expand, place, written);
    if (!lists)
        return false;
    if (lists->kind != NODE_MAP || lists->count == 0)
        return report_at(expand->report, &lists->pos,
                         "'for' takes lists by name, as in {out: [16, 32]}, not %s",
                         node_describe(lists).text);
    bool fine = true;
    for (int i = 0; i < lists->count; i++)
        fine &= check_list(expand, &lists->entries[i], &lists->entries[0]);
    repeat->lists = lists;
    repeat->count = fine ? lists->entries[0].value->count : 0;
    return fine;
}

static bool read_rounds(struct expand *expand, const struct place *place, struct repeat *repeat) {
    const struct node *times = call_get(repeat->call, "times"),
                      *lists = call_get(repeat->call, "for");
    if (times && !lists)
        return read_times(expand, place, repeat, times);
    if (lists && !times)
        return read_for(expand, place, repeat, lists);
    return report_at(expand->report, &repeat->call->pos,
                     "repeat takes 'times', an integer, or 'for', lists; %s",
                     times ? "not both" : "one is needed");
}

/* The names of a round: an element of every list, and `i`. */
static bool bind_round(struct expand *expand, struct repeat *repeat, int round) {
    int lists = repeat->lists ? repeat->lists->count : 0;
    for (int i = 0; i < lists; i++) {
        const struct entry *list = &repeat->lists->entries[i];
        repeat->bindings[i] = (struct binding){list->key, list->value->entries[round].value};
    }
    struct node *number = node_new(expand->arena, NODE_INT, &repeat->call->pos);
    if (number)
        number->integer = round;
    repeat->bindings[lists] = (struct binding){"i", number};
    return number != NULL;
}

/* One round, which reads `now`; `rounds` are those that taps know. */
static struct draft *expand_round(struct expand *expand, struct place *place, struct repeat *repeat,
                                  int round, struct draft *now, struct scope *rounds) {
    const char *part = arena_printf(expand->arena, "%d", round);
    struct scope *scope = scope_new(expand, place->scope, &now, 1);
    if (!part || !scope || !bind_round(expand, repeat, round)) {
        expand->failed = true;
        return &expand->broken;
    }
    int lists = repeat->lists ? repeat->lists->count : 0;
    struct names names = {repeat->bindings, lists + 1, place->names};
    struct place inside = expand_inside(path_join(expand, repeat->path, part), &names, scope);
    struct draft *output = expand_entries(expand, &inside, repeat->entries);
    scope_add_group(expand, rounds, part, (struct group){inside.prefix, output, scope, NULL}, NULL);
    return output;
}

static struct draft *expand_rounds(struct expand *expand, struct place *place,
                                   struct repeat *repeat, struct scope *rounds) {
    int lists = repeat->lists ? repeat->lists->count : 0;
    repeat->bindings = arena_alloc(expand->arena, (size_t)lists + 1, sizeof *repeat->bindings);
    int *count = text_map_put(expand->arena, &expand->rounds, repeat->path);
    if (!repeat->bindings || !count) {
        expand->failed = true;
        return &expand->broken;
    }
    if (*count < repeat->count)
        *count = (int)repeat->count;
    struct draft *now = repeat->call->inputs[0];
    for (int i = 0; i < repeat->count && limit_parts(expand, &repeat->call->pos, 1 + lists); i++)
        now = expand_round(expand, place, repeat, i, now, rounds);
    return now;
}

/* What the repeat adds to paths. Unnamed ones add only their rounds, so two of them would mix. */
static const char *repeat_part(struct expand *expand, struct place *place,
                               const struct call *call) {
    bool named = call->name || place->given;
    if (!named && place->scope->unnamed_repeat)
        report_at(
            expand->report, &call->pos,
            "two repeats here have no name, so the paths of their layers would mix; name one, "
            "as in {name: stage, ...}");
    place->scope->unnamed_repeat |= !named;
    return path_part(expand, place, call, NULL);
}

static bool read_repeat(struct expand *expand, const struct place *place, struct repeat *repeat) {
    static const char *const keys[] = {"times", "for", "layers", "name", "from", "if", NULL};
    const struct call *call = repeat->call;
    bool known = !call->attrs || conf_only_keys(call->attrs, keys, "repeat", expand->report);
    bool counted = read_rounds(expand, place, repeat);
    const struct node *entries = call_list(expand, place, call, "layers");
    repeat->entries = entries ? call_put_in(expand, call, entries) : NULL;
    bool one = call->input_count == 1 || report_at(expand->report, &call->pos,
                                                   "repeat takes 1 input, not %d; join them first, "
                                                   "with add or concat",
                                                   call->input_count);
    return known && counted && one && repeat->entries;
}

static struct draft *expand_named_repeat(struct expand *expand, struct place *place,
                                         struct repeat *repeat, const char *part) {
    repeat->path = path_join(expand, place->prefix, part);
    struct scope *rounds = scope_new(expand, NULL, repeat->call->inputs, 1);
    if (!rounds)
        return &expand->broken;
    struct draft *output = expand_rounds(expand, place, repeat, rounds);
    scope_add_group(expand, place->scope, part, (struct group){repeat->path, output, rounds, NULL},
                    repeat->call);
    return output;
}

struct draft *expand_repeat(struct expand *expand, struct place *place, const struct call *call) {
    struct repeat repeat = {.call = call};
    const char *part = repeat_part(expand, place, call);
    struct draft *output = &expand->broken;
    if (call->off && *part)
        scope_add_layer(expand, place->scope, part, output, call);
    if (call->off)
        return output;
    if (!read_repeat(expand, place, &repeat) || !limit_enter(expand, &call->pos)) {
        expand->failed = true;
        return output;
    }
    output = expand_named_repeat(expand, place, &repeat, part);
    limit_leave(expand);
    return output;
}
