/* Scopes: what `from` may name. A tap reaches earlier entries of its own scope, then of those around it out
 * to the edge of its block; dots lead into named blocks, repeats and residuals. */
#include "expand.h"

#include <stdlib.h>
#include <string.h>

struct scope *scope_new(struct expand *expand, struct scope *outer, struct draft *const *inputs,
                        int input_count) {
    struct scope *scope = arena_alloc(expand->arena, 1, sizeof *scope);
    if (!scope) {
        expand->failed = true;
        return NULL;
    }
    scope->outer = outer;
    scope->missed_end = &scope->missed;
    scope->input_count = input_count;
    memcpy(scope->inputs, inputs, (size_t)input_count * sizeof *inputs);
    return scope;
}

/* Points a name at the member added last. */
static void point(struct expand *expand, struct scope *scope, struct text_map *map,
                  const char *name) {
    int *place = text_map_put(expand->arena, map, name);
    if (place)
        *place = scope->count;
    else
        expand->failed = true;
}

/* The name as written, and the second of that name with _2. */
static void point_written(struct expand *expand, struct scope *scope, const char *name) {
    int *count = text_map_put(expand->arena, &scope->counts, name);
    const char *numbered = name;
    if (count && ++*count > 1)
        numbered = arena_printf(expand->arena, "%s_%d", name, *count);
    if (count && numbered)
        point(expand, scope, &scope->written, numbered);
    else
        expand->failed = true;
}

static void add(struct expand *expand, struct scope *scope, struct member member,
                const struct call *call) {
    struct member *members =
        arena_grow(expand->arena, scope->members, scope->count, &scope->capacity, sizeof *members);
    if (!members) {
        expand->failed = true;
        return;
    }
    scope->members = members;
    if (call)
        member.pos = call->pos;
    members[scope->count++] = member;
    point(expand, scope, &scope->index, member.name);
    if (call)
        point_written(expand, scope, call->name ? call->name : call->kind);
}

void scope_add_layer(struct expand *expand, struct scope *scope, const char *part,
                     struct draft *layer, const struct call *call) {
    add(expand, scope, (struct member){.name = part, .layer = layer, .off = call->off}, call);
}

void scope_add_group(struct expand *expand, struct scope *scope, const char *part,
                     struct group group, const struct call *call) {
    if (!*part)
        return;
    struct group *kept = arena_alloc(expand->arena, 1, sizeof *kept);
    if (!kept) {
        expand->failed = true;
        return;
    }
    *kept = group;
    *expand->groups_end = kept;
    expand->groups_end = &kept->next;
    add(expand, scope, (struct member){.name = part, .group = kept}, call);
}

/* ---- finding ------------------------------------------------------------------------------------ */

static const struct member *member_of(const struct scope *scope, const char *part, size_t length) {
    const int *place = text_map_get(&scope->index, part, length);
    if (!place)
        place = text_map_get(&scope->written, part, length);
    return place ? &scope->members[*place - 1] : NULL;
}

/* The member that the first part of a tap names, in this scope or those around it up to `end`. */
static const struct member *member_in_sight(const struct scope *scope, const struct scope *end,
                                            const char *tap) {
    const struct member *member = NULL;
    for (; scope != end && !member; scope = scope->outer)
        member = member_of(scope, tap, strcspn(tap, "."));
    return member;
}

void scope_add_broken(struct expand *expand, struct scope *scope, const struct call *call) {
    const char *name = call->name ? call->name : call->kind;
    if (!member_of(scope, name, strlen(name)))
        scope_add_layer(expand, scope, name, &expand->broken, call);
}

static struct draft *member_output(const struct member *member) {
    return draft_now(member->group ? member->group->output : member->layer);
}

/* "; known: conv1, bn1, relu1 and 4 more", of the scopes up to `end` */
static struct quoted names_in_sight(const struct scope *scope, const struct scope *end) {
    struct quoted text = {""};
    int used = 0, shown = 0, count = 0;
    for (const struct scope *s = scope; s != end; s = s->outer)
        for (int i = 0; i < s->count; i++, count++)
            if (shown == count && used + (int)strlen(s->members[i].name) < 80) {
                used += snprintf(text.text + used, sizeof text.text - (size_t)used, "%s%s",
                                 shown++ ? ", " : "; known: ", s->members[i].name);
            }
    if (shown > 0 && shown < count)
        snprintf(text.text + used, sizeof text.text - (size_t)used, " and %d more", count - shown);
    return text;
}

/* The name nearest to a word, or else those that there are. */
static struct quoted hint_text(const char *word, const struct scope *scope,
                               const struct scope *end) {
    struct nearest nearest = {.word = word};
    for (const struct scope *s = scope; s != end; s = s->outer)
        for (int i = 0; i < s->count; i++)
            nearest_offer(&nearest, s->members[i].name);
    struct quoted hint = nearest_hint(&nearest);
    return *hint.text ? hint : names_in_sight(scope, end);
}

/* The tap up to the byte before `part`, in quotes. */
static struct quoted quote_before(const char *tap, const char *part) {
    char text[128];
    snprintf(text, sizeof text, "%.*s", (int)(part - tap) - 1, tap);
    return quote(text);
}

static struct draft *refuse_inside(struct expand *expand, const struct member *member,
                                   const char *tap, const char *part, const struct pos *pos) {
    const struct scope *inside = member->group ? member->group->inside : NULL;
    if (member_output(member)->broken)
        return &expand->broken;
    if (inside)
        report_at(expand->report, pos, "%s holds no %s%s", quote_before(tap, part).text,
                  quote(part).text, hint_text(part, inside, inside->outer).text);
    else
        report_at(expand->report, pos, "%s is one layer; it holds no %s",
                  quote_before(tap, part).text, quote(part).text);
    return &expand->broken;
}

/* What a tap means whose first part names the member. */
static struct draft *tap_inside(struct expand *expand, const struct member *member, const char *tap,
                                const struct pos *pos) {
    for (const char *part = tap;;) {
        if (member->off) {
            report_at(expand->report, pos, "%s is switched off by its 'if', so nothing can read it",
                      quote(member->name).text);
            return &expand->broken;
        }
        part += strcspn(part, ".");
        if (!*part++)
            return member_output(member);
        const struct member *inner =
            member->group ? member_of(member->group->inside, part, strcspn(part, ".")) : NULL;
        if (!inner)
            return refuse_inside(expand, member, tap, part, pos);
        member = inner;
    }
}

/* ---- misses ------------------------------------------------------------------------------------- */

static struct draft *miss(struct expand *expand, struct scope *scope, const char *tap,
                          const struct pos *pos) {
    struct missed_tap *missed = arena_alloc(expand->arena, 1, sizeof *missed);
    expand->failed = true;
    if (missed) {
        *missed = (struct missed_tap){tap, *pos, scope, NULL};
        while (scope->outer)
            scope = scope->outer;
        *scope->missed_end = missed;
        scope->missed_end = &missed->next;
    }
    return &expand->broken;
}

static void report_unknown(struct expand *expand, const struct missed_tap *missed) {
    report_at(expand->report, &missed->pos, "no entry here is called %s%s", quote(missed->tap).text,
              hint_text(missed->tap, missed->scope, NULL).text);
}

void scope_close(struct expand *expand, struct scope *scope) {
    const struct missed_tap *missed = scope->missed;
    /* Where expansion stopped, it is not known what a name would have meant. */
    for (; missed && !expand->stopped && limit_errors(expand); missed = missed->next) {
        const struct member *later = member_in_sight(missed->scope, NULL, missed->tap);
        if (later) {
            report_at(expand->report, &missed->pos,
                      "%s is not there yet; 'from' reaches earlier entries only",
                      quote(missed->tap).text);
            report_note(expand->report, &later->pos, "%s is written here", quote(later->name).text);
        } else {
            report_unknown(expand, missed);
        }
    }
    scope->missed = NULL;
    scope->missed_end = &scope->missed;
}

/* ---- taps --------------------------------------------------------------------------------------- */

static bool means_input(const char *tap) {
    return !strncmp(tap, "input", 5) && (!tap[5] || tap[5] == '.');
}

/* `input` or `input.1`: what entered this scope. */
static struct draft *tap_input(struct expand *expand, const struct scope *scope, const char *tap,
                               const struct pos *pos) {
    const char *number = tap[5] ? tap + 6 : "0";
    bool digit = number[0] && !number[strspn(number, "0123456789")] && strlen(number) < 4;
    int index = digit ? atoi(number) : scope->input_count;
    if (!tap[5] && scope->input_count > 1)
        report_at(expand->report, pos, "%d values enter here; say which, input.0 to input.%d",
                  scope->input_count, scope->input_count - 1);
    else if (index < scope->input_count)
        return scope->inputs[index];
    else
        report_at(expand->report, pos, "%s is not there: %d value%s here", quote(tap).text,
                  scope->input_count, scope->input_count == 1 ? " enters" : "s enter");
    return &expand->broken;
}

/* In an edit: what comes after the place that is edited cannot be read. */
static struct draft *within_horizon(struct expand *expand, struct draft *draft, const char *tap,
                                    const struct pos *pos) {
    if (draft->order <= expand->horizon)
        return draft;
    report_at(expand->report, pos,
              "%s comes after the place of this edit; 'from' reaches earlier entries only",
              quote(tap).text);
    return &expand->broken;
}

/* In an edit the names of its own entries go before the paths of the network, these before its names. */
static struct draft *tap_in_edit(struct expand *expand, struct scope *scope, const char *tap,
                                 const struct pos *pos) {
    const struct member *own = member_in_sight(scope, &expand->top, tap);
    if (own)
        return tap_inside(expand, own, tap, pos);
    struct draft *draft = draft_at(expand, tap);
    if (draft)
        return within_horizon(expand, draft_now(draft), tap, pos);
    const struct member *member = member_in_sight(&expand->top, NULL, tap);
    return member ? within_horizon(expand, tap_inside(expand, member, tap, pos), tap, pos)
                  : miss(expand, scope, tap, pos);
}

struct draft *scope_tap(struct expand *expand, struct scope *scope, const struct node *tap) {
    const char *text = node_string(tap);
    if (!text) {
        report_at(expand->report, &tap->pos, "'from' takes a name or a list of names, not %s",
                  node_describe(tap).text);
        return &expand->broken;
    }
    if (means_input(text))
        return tap_input(expand, scope, text, &tap->pos);
    if (expand->editing)
        return tap_in_edit(expand, scope, text, &tap->pos);
    const struct member *member = member_in_sight(scope, NULL, text);
    return member ? tap_inside(expand, member, text, &tap->pos)
                  : miss(expand, scope, text, &tap->pos);
}
