/* `init: {PATTERN: NAME}` or `{PATTERN: {NAME: {...}}}`: how the weights that a pattern fits start. Later
 * patterns win. What starts constant by nature (batch norm) stays as it is. */
#include "expand.h"
#include "pattern.h"

enum { INIT_MOST = 256 };

/* What one line of `init` says. */
struct init {
    const struct init_ops *ops;
    const void *config;
};

static bool refuse_name(struct expand *expand, const char *name, const struct pos *pos) {
    struct nearest nearest = {.word = name};
    for (int i = 0; init_at(i); i++)
        nearest_offer(&nearest, init_at(i)->name);
    return report_at(expand->report, pos, "no initialisation is called %s%s", quote(name).text,
                     nearest_hint(&nearest).text);
}

/* `attrs`: a map, or NULL for none. */
static bool configure(struct expand *expand, struct init *init, const char *name,
                      const struct node *attrs, const struct pos *pos) {
    init->ops = init_find(name);
    if (!init->ops)
        return refuse_name(expand, name, pos);
    const struct attr_table table = {init->ops->name, init->ops->attrs, init->ops->attr_count};
    void *config = arena_alloc(expand->arena, 1, init->ops->config_size);
    init->config = config;
    return config && attrs_read(expand->arena, &table, attrs, pos, config, expand->report);
}

static bool read_init(struct expand *expand, struct init *init, const struct node *value) {
    if (node_string(value))
        return configure(expand, init, node_string(value), NULL, &value->pos);
    if (value->kind == NODE_MAP && value->count == 1) {
        const struct entry *only = &value->entries[0];
        return configure(expand, init, only->key, only->value, &only->key_pos);
    }
    return report_at(expand->report, &value->pos,
                     "an initialisation is a name, or one key with its attributes, not %s",
                     node_describe(value).text);
}

static bool refuse_pattern(struct expand *expand, const struct graph *graph,
                           const struct entry *entry) {
    struct pattern_hint hint = {.pattern = entry->key};
    for (int i = 0; i < graph->layer_count; i++)
        if (graph_matches(graph, entry->key, graph->layers[i].path))
            return report_at(expand->report, &entry->key_pos,
                             "%s fits layers, but none whose parameters start at random",
                             quote(entry->key).text);
    for (int i = 0; i < graph->layer_count; i++)
        pattern_offer(&hint, graph->layers[i].path);
    return report_at(expand->report, &entry->key_pos, "no layer fits %s%s", quote(entry->key).text,
                     pattern_hint_text(&hint).text);
}

static bool choose(struct expand *expand, struct graph *graph, const struct entry *entry) {
    struct init init;
    if (!read_init(expand, &init, entry->value))
        return false;
    bool any = false;
    for (int i = 0; i < graph->param_count; i++) {
        struct graph_param *param = &graph->params[i];
        if (param->shape->fan_in == 0 || !graph_matches_param(graph, entry->key, i))
            continue;
        param->init = init.ops;
        param->init_config = init.config;
        any = true;
    }
    return any || refuse_pattern(expand, graph, entry);
}

bool init_choose(struct expand *expand, struct graph *graph) {
    if (!expand->netdef->init)
        return true;
    const struct place place = {.names = &expand->globals};
    const struct node *init = call_value(expand, &place, expand->netdef->init);
    if (!init)
        return false;
    if (init->kind != NODE_MAP)
        return report_at(expand->report, &init->pos,
                         "'init' takes initialisations by pattern, as in {\"**\": kaiming}, not %s",
                         node_describe(init).text);
    if (init->count > INIT_MOST)
        return report_at(expand->report, &init->pos, "'init' has more than %d patterns", INIT_MOST);
    bool fine = true;
    for (int i = 0; i < init->count && limit_errors(expand); i++)
        fine &= choose(expand, graph, &init->entries[i]);
    return fine;
}
