/* Parameters: their types, declarations, and the values that fit. */
#include "param.h"

#include "netrun/layers.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *name, *article; /* as written, and in messages */
} types[] = {
    [PARAM_INT] = {"int", "an integer"},
    [PARAM_FLOAT] = {"float", "a number"},
    [PARAM_BOOL] = {"bool", "true or false"},
    [PARAM_STRING] = {"string", "a string"},
    [PARAM_LIST] = {"list", "a list"},
    [PARAM_LAYER] = {"layer", "a kind, a block or an entry"},
    [PARAM_COMPUTED] = {"", "a value"},
};

/* ---- values that fit ---------------------------------------------------------------------------- */

static bool fits(enum param_type type, enum node_kind kind) {
    switch (type) {
    case PARAM_INT:
        return kind == NODE_INT;
    case PARAM_FLOAT:
        return kind == NODE_FLOAT || kind == NODE_INT;
    case PARAM_BOOL:
        return kind == NODE_BOOL;
    case PARAM_STRING:
        return kind == NODE_STRING;
    case PARAM_LIST:
        return kind == NODE_LIST;
    case PARAM_LAYER:
        return kind == NODE_STRING || kind == NODE_MAP || kind == NODE_LIST;
    case PARAM_COMPUTED:
        return kind != NODE_NULL;
    }
    return false;
}

/* "; write false", where a string stands for a truth in YAML 1.1 and in other languages. */
static const char *truth_hint(const struct param *param, const struct node *value) {
    static const char *const yes[] = {"yes", "Yes", "YES", "on", "On", "ON", "y"};
    static const char *const no[] = {"no", "No", "NO", "off", "Off", "OFF", "n"};
    if (param->type != PARAM_BOOL || value->kind != NODE_STRING)
        return "";
    for (int i = 0; i < BASE_COUNT(yes); i++) {
        if (!strcmp(value->string, yes[i]))
            return "; write true";
        if (!strcmp(value->string, no[i]))
            return "; write false";
    }
    return "";
}

const struct node *param_accept(struct arena *arena, const struct param *param,
                                const struct node *value, const char *owner,
                                struct report *report) {
    if (!fits(param->type, value->kind)) {
        report_at(report, &value->pos, "%s takes %s for %s, not %s%s", owner,
                  types[param->type].article, quote(param->name).text, node_describe(value).text,
                  truth_hint(param, value));
        return NULL;
    }
    if (param->type != PARAM_FLOAT || value->kind == NODE_FLOAT)
        return value;
    struct node *real = node_new(arena, NODE_FLOAT, &value->pos);
    if (real)
        real->real = (double)value->integer;
    return real;
}

/* ---- declarations ------------------------------------------------------------------------------- */

static bool is_reserved(const char *name) {
    static const char *const words[] = {"name", "from", "if", "i",   "input", "body", "shortcut",
                                        "else", "and",  "or", "not", "true",  "false"};
    for (int i = 0; i < BASE_COUNT(words); i++)
        if (!strcmp(name, words[i]))
            return true;
    return false;
}

bool param_name_fits(const char *name, const struct pos *pos, struct report *report) {
    bool letters = isalpha((unsigned char)name[0]) || name[0] == '_';
    for (const char *at = name; *at; at++)
        letters = letters && (isalnum((unsigned char)*at) || *at == '_');
    if (!letters)
        return report_at(report, pos, "%s cannot name a parameter; use letters, digits and '_'",
                         quote(name).text);
    if (is_reserved(name))
        return report_at(report, pos, "%s cannot name a parameter; it is a word of the language",
                         quote(name).text);
    return true;
}

static enum param_type type_of_default(const struct node *value) {
    switch (value->kind) {
    case NODE_INT:
        return PARAM_INT;
    case NODE_FLOAT:
        return PARAM_FLOAT;
    case NODE_BOOL:
        return PARAM_BOOL;
    case NODE_LIST:
        return PARAM_LIST;
    case NODE_MAP:
        return PARAM_LAYER;
    default:
        return value->string[0] == '$' ? PARAM_COMPUTED : PARAM_STRING;
    }
}

static bool declaration_fits(const struct entry *entry, struct report *report) {
    if (!param_name_fits(entry->key, &entry->key_pos, report))
        return false;
    return entry->value->kind != NODE_NULL ||
           report_at(report, &entry->key_pos,
                     "parameter %s has no value; give a default, or a type such as int",
                     quote(entry->key).text);
}

struct param *params_find(const struct params *params, const char *name) {
    for (int i = 0; i < params->count; i++)
        if (!strcmp(params->items[i].name, name))
            return &params->items[i];
    return NULL;
}

bool params_put(struct arena *arena, struct params *params, const struct param *param,
                struct report *report) {
    struct param *there = params_find(params, param->name);
    if (there) {
        *there = *param;
        return true;
    }
    if (params->count == PARAM_MOST)
        return report_at(report, &param->pos, "more than %d parameters", PARAM_MOST);
    /* There is always room up to the next power of two. */
    int capacity = params->count & (params->count - 1) ? params->count + 1 : params->count;
    struct param *grown = arena_grow(arena, params->items, params->count, &capacity, sizeof *grown);
    if (!grown)
        return false;
    params->items = grown;
    grown[params->count++] = *param;
    return true;
}

/* A word like `int` without quotes is a type, and the parameter required; all else is the default. */
static bool declare(struct arena *arena, struct params *params, const struct entry *entry,
                    struct report *report) {
    const struct node *value = entry->value;
    bool word = value->kind == NODE_STRING && !value->quoted;
    struct param param = {.name = entry->key, .pos = entry->key_pos, .value = value};
    param.type = type_of_default(value);
    for (int i = 0; word && i < BASE_COUNT(types); i++) {
        if (!strcmp(value->string, types[i].name)) {
            param.type = (enum param_type)i;
            param.value = NULL;
        }
    }
    return params_put(arena, params, &param, report);
}

bool params_read(struct arena *arena, const struct node *map, struct params *params,
                 struct report *report) {
    if (map->kind != NODE_MAP)
        return report_at(report, &map->pos, "params is a map like {out: int, stride: 1}, not %s",
                         node_describe(map).text);
    bool good = true;
    for (int i = 0; i < map->count; i++) {
        const struct entry *entry = &map->entries[i];
        good = declaration_fits(entry, report) && declare(arena, params, entry, report) && good;
    }
    return good;
}

void params_find_layers(struct params *params, const struct netdef *netdef) {
    for (int i = 0; i < params->count; i++) {
        struct param *param = &params->items[i];
        if (param->type == PARAM_STRING && param->value &&
            (layer_find(param->value->string) || netdef_block(netdef, param->value->string)))
            param->type = PARAM_LAYER;
    }
}

/* ---- values of a netdef's parameters ------------------------------------------------------------- */

/* The default is worked out even where another value is set, because its type is the parameter's. */
static const struct node *settle_default(struct arena *arena, struct param *param,
                                         const struct names *names, const char *owner,
                                         struct report *report) {
    const struct node *value = value_resolve(arena, param->value, names, report);
    if (value)
        value = param_accept(arena, param, value, owner, report);
    if (value && param->type == PARAM_COMPUTED)
        param->type = type_of_default(value);
    return value;
}

/* Sets param->value; where that fails, to its default or NULL. */
static bool settle(struct arena *arena, struct param *param, const struct node *set,
                   const struct names *names, const char *owner, struct report *report) {
    bool fallback = param->value != NULL;
    if (fallback)
        param->value = settle_default(arena, param, names, owner, report);
    if (fallback && !param->value)
        return false;
    if (!set && !fallback)
        return report_at(report, &param->pos, "parameter %s has a type but no value; set it",
                         quote(param->name).text);
    if (!set)
        return true;
    const struct node *value = value_resolve(arena, set, names, report);
    if (value)
        value = param_accept(arena, param, value, owner, report);
    if (value)
        param->value = value;
    return value != NULL;
}

bool params_settle(struct arena *arena, struct params *params, const struct node *set,
                   const char *owner, struct report *report) {
    struct binding *bindings = arena_alloc(arena, (size_t)params->count, sizeof *bindings);
    struct names names = {bindings, 0, NULL};
    bool good = bindings != NULL;
    for (int i = 0; bindings && i < params->count; i++) {
        struct param *param = &params->items[i];
        good = settle(arena, param, node_get(set, param->name), &names, owner, report) && good;
        if (!param->value) /* what uses it would only repeat the fault */
            return false;
        bindings[names.count++] = (struct binding){param->name, param->value};
    }
    return good;
}
