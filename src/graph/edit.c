/* Edits: `replace`, `insert_after` and `delete` on the expanded list of layers, in the order written.
 *
 * An edit is one pass over the list in order: each layer first learns what its inputs have become, then is
 * kept, or what the edit says happens. A removed layer points at what stands for it, for the taps of later
 * edits. Entries of an edit see the netdef's parameters; `from` names any path before their place. */
#include "expand.h"
#include "pattern.h"

#include <limits.h>
#include <string.h>

enum { EDIT_MOST = 256 };

struct edit {
    const char *pattern;
    struct pos pos; /* of the pattern */
    const struct node *layers;
    void (*apply)(struct expand *expand, const struct edit *edit, struct draft *draft);
};

/* ---- what an edit does to one layer ------------------------------------------------------------- */

static void keep(struct expand *expand, struct draft *draft) {
    if (!draft_append(expand, &expand->drafts, draft))
        expand->failed = true;
}

/* The path around the layer, and its own part. */
static const char *path_around(struct expand *expand, const struct draft *draft,
                               const char **part) {
    const char *dot = strrchr(draft->path, '.');
    *part = dot ? dot + 1 : draft->path;
    const char *around =
        dot ? arena_copy(expand->arena, draft->path, (size_t)(dot - draft->path)) : "";
    expand->failed |= !around;
    return around ? around : "";
}

/* Puts in the edit's entries where `draft` is; they read `inputs`. What they yield. */
static struct draft *put_in(struct expand *expand, const struct edit *edit,
                            const struct draft *draft, struct draft *const *inputs,
                            int input_count) {
    const char *part;
    const char *around = path_around(expand, draft, &part);
    struct scope *scope = scope_new(expand, &expand->top, inputs, input_count);
    if (!scope)
        return &expand->broken;
    struct place place = expand_inside(around, &expand->globals, scope);
    if (inputs == draft->inputs && edit->layers->count == 1)
        place.given = part;
    return expand_entries(expand, &place, edit->layers);
}

/* The layer gives way to the entries, which read its inputs. A single one without a name takes the layer's,
 * so that weights and patterns still find it. */
static void replace(struct expand *expand, const struct edit *edit, struct draft *draft) {
    expand->horizon = draft->order - 1;
    draft->became = put_in(expand, edit, draft, draft->inputs, draft->input_count);
}

/* What read the layer reads the entries, which read the layer. */
static void insert_after(struct expand *expand, const struct edit *edit, struct draft *draft) {
    keep(expand, draft);
    expand->horizon = draft->order;
    struct draft *output = put_in(expand, edit, draft, &draft, 1);
    draft->after = output == draft ? NULL : output;
}

static void delete (struct expand *expand, const struct edit *edit, struct draft *draft) {
    draft->became = draft->inputs[0];
    if (draft->input_count != 1)
        report_at(expand->report, &edit->pos,
                  "%s has %d inputs, so it cannot be deleted; replace it, or what reads it",
                  quote(draft->path).text, draft->input_count);
}

/* ---- reading ------------------------------------------------------------------------------------ */

static const struct node *list_of(struct expand *expand, const struct node *written,
                                  const char *key) {
    const struct call call = {.kind = "this edit", .attrs = written, .pos = written->pos};
    const struct place place = {.names = &expand->globals};
    return call_list(expand, &place, &call, key);
}

static bool read_pattern(struct expand *expand, const struct node *pattern, struct edit *edit) {
    edit->pattern = node_string(pattern);
    edit->pos = pattern->pos;
    return edit->pattern ||
           report_at(expand->report, &pattern->pos, "a pattern is a path with * or **, not %s",
                     node_describe(pattern).text);
}

static bool read_edit(struct expand *expand, const struct node *written, struct edit *edit) {
    static const struct {
        const char *key, *list;
        void (*apply)(struct expand *expand, const struct edit *edit, struct draft *draft);
    } kinds[] = {{"replace", "with", replace},
                 {"insert_after", "layers", insert_after},
                 {"delete", NULL, delete}};
    for (int i = 0; i < BASE_COUNT(kinds); i++) {
        const char *const keys[] = {kinds[i].key, kinds[i].list, NULL};
        const struct node *pattern =
            written->kind == NODE_MAP ? node_get(written, kinds[i].key) : NULL;
        if (!pattern)
            continue;
        edit->apply = kinds[i].apply;
        bool fine = conf_only_keys(written, keys, kinds[i].key, expand->report);
        fine &= read_pattern(expand, pattern, edit);
        if (kinds[i].list)
            edit->layers = list_of(expand, written, kinds[i].list);
        return fine && (edit->layers || !kinds[i].list);
    }
    return report_at(expand->report, &written->pos,
                     "an edit is {replace: PATH, with: [...]}, {insert_after: PATH, layers: [...]} "
                     "or {delete: PATH}");
}

/* ---- passes ------------------------------------------------------------------------------------- */

/* What a reader of this value reads after the edit so far. */
static struct draft *reread(struct draft *draft) {
    draft = draft_now(draft);
    return draft->after ? draft->after : draft;
}

static void visit(struct expand *expand, const struct edit *edit, struct draft *draft) {
    for (int i = 0; i < draft->input_count; i++)
        draft->inputs[i] = reread(draft->inputs[i]);
    if (draft->chosen)
        edit->apply(expand, edit, draft);
    else
        keep(expand, draft);
}

static void pass(struct expand *expand, const struct edit *edit) {
    struct draft_list before = expand->drafts;
    expand->drafts = (struct draft_list){.count = 0};
    for (int i = 0; i < before.count; i++)
        before.items[i]->order = i;
    for (int i = 0; i < before.count; i++)
        visit(expand, edit, before.items[i]);
    for (struct group *group = expand->groups; group; group = group->next)
        group->output = reread(group->output);
    expand->output = reread(expand->output);
    for (int i = 0; i < before.count; i++)
        before.items[i]->after = NULL;
}

static bool refuse_pattern(struct expand *expand, const struct edit *edit) {
    struct pattern_hint hint = {.pattern = edit->pattern};
    for (int i = 0; i < expand->drafts.count; i++)
        pattern_offer(&hint, expand->drafts.items[i]->path);
    return report_at(expand->report, &edit->pos, "no layer fits %s%s", quote(edit->pattern).text,
                     pattern_hint_text(&hint).text);
}

/* Marks the layers that the pattern fits; none is an error. */
static bool choose(struct expand *expand, const struct edit *edit) {
    bool any = false;
    for (int i = 0; i < expand->drafts.count; i++) {
        struct draft *draft = expand->drafts.items[i];
        draft->chosen = pattern_fits(&expand->rounds, edit->pattern, draft->path);
        any |= draft->chosen;
    }
    return any || refuse_pattern(expand, edit);
}

static void edit_list(struct expand *expand, const struct node *list, int *edits) {
    if (list->kind != NODE_LIST) {
        report_at(expand->report, &list->pos, "'edits' is a list, not %s",
                  node_describe(list).text);
        return;
    }
    for (int i = 0; i < list->count && !expand->stopped && limit_errors(expand); i++) {
        struct edit edit = {.pattern = NULL};
        if (++*edits > EDIT_MOST) {
            report_at(expand->report, &list->entries[i].value->pos,
                      "this network has more than %d edits", EDIT_MOST);
            return;
        }
        if (read_edit(expand, list->entries[i].value, &edit) && choose(expand, &edit))
            pass(expand, &edit);
        else
            expand->failed = true;
    }
}

void edit_all(struct expand *expand) {
    int edits = 0;
    expand->editing = true;
    for (int i = 0; i < expand->netdef->edit_count; i++)
        edit_list(expand, expand->netdef->edits[i], &edits);
    scope_close(expand, &expand->top);
}
