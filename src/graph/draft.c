/* Drafts: layers of known kind, attributes and inputs, and of shapes yet unknown. */
#include "expand.h"

#include <string.h>

struct draft *draft_now(struct draft *draft) {
    while (draft->became)
        draft = draft->became;
    return draft;
}

struct draft *draft_at(const struct expand *expand, const char *path) {
    const int *place = text_map_get(&expand->paths, path, strlen(path));
    return place ? expand->made.items[*place - 1] : NULL;
}

bool draft_append(struct expand *expand, struct draft_list *list, struct draft *draft) {
    struct draft **items =
        arena_grow(expand->arena, list->items, list->count, &list->capacity, sizeof *items);
    if (!items) {
        expand->failed = true;
        return false;
    }
    list->items = items;
    items[list->count++] = draft;
    return true;
}

/* A draft with path, place and inputs, in the lists. NULL: a limit, or out of memory. */
static struct draft *draft_new(struct expand *expand, const char *path, const struct call *call) {
    if (!limit_layers(expand, &call->pos))
        return NULL;
    struct draft *draft = arena_alloc(expand->arena, 1, sizeof *draft);
    int *place = draft ? text_map_put(expand->arena, &expand->paths, path) : NULL;
    if (!place) {
        expand->failed = true;
        return NULL;
    }
    draft->path = path;
    draft->pos = call->pos;
    draft->order = expand->horizon;
    draft->input_count = call->input_count;
    memcpy(draft->inputs, call->inputs, sizeof draft->inputs);
    if (!draft_append(expand, &expand->made, draft))
        return NULL;
    *place = expand->made.count;
    return draft_append(expand, &expand->drafts, draft) ? draft : NULL;
}

/* "1 input", "2 to 16 inputs". */
static struct quoted inputs_text(const struct layer_ops *ops) {
    struct quoted text;
    if (ops->min_inputs == ops->max_inputs)
        snprintf(text.text, sizeof text.text, "%d input%s", ops->min_inputs,
                 ops->min_inputs == 1 ? "" : "s");
    else
        snprintf(text.text, sizeof text.text, "%d to %d inputs", ops->min_inputs, ops->max_inputs);
    return text;
}

static bool takes_inputs(struct expand *expand, const struct layer_ops *ops,
                         const struct call *call) {
    if (call->input_count > ops->max_inputs)
        return report_at(expand->report, &call->pos, "%s takes %s, not %d", ops->name,
                         inputs_text(ops).text, call->input_count);
    if (call->input_count < ops->min_inputs)
        return report_at(expand->report, &call->pos,
                         "%s takes %s, not %d; name them, as in from: [a, b]", ops->name,
                         inputs_text(ops).text, call->input_count);
    return true;
}

/* Fills the kind's struct of attributes. */
static bool configure(struct expand *expand, struct draft *draft, const struct node *attrs) {
    const struct layer_ops *ops = draft->ops;
    const struct attr_table table = {ops->name, ops->attrs, ops->attr_count};
    draft->config = arena_alloc(expand->arena, 1, ops->config_size);
    bool fine = draft->config && attrs_read(expand->arena, &table, attrs, &draft->pos,
                                            draft->config, expand->report);
    expand->failed |= !fine;
    return fine;
}

struct draft *draft_layer(struct expand *expand, const char *path, const struct layer_ops *ops,
                          const struct node *attrs, const struct call *call) {
    struct draft *draft = draft_new(expand, path, call);
    if (!draft)
        return &expand->broken;
    draft->ops = ops;
    bool configured = ops && attrs && configure(expand, draft, attrs);
    draft->broken = !ops || !takes_inputs(expand, ops, call) || !configured;
    return draft;
}
