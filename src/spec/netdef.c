/* Netdefs: a file, laid over those that it includes and extends.
 *
 * Gathering goes from the base to the variant, so that what comes later replaces what was there. Values of
 * parameters are only noted on the way and settled at the end, once, because a default may be computed from
 * a parameter that a variant sets. */
#include "netdef.h"
#include "keys.h"
#include "param.h"
#include "source.h"
#include "tree.h"

#include <string.h>

struct gathering {
    struct reading reading;
    struct stock stock;
    struct netdef netdef;   /* without blocks and params, which are in the stock */
    const struct node *set; /* values for parameters, a map */
    int edit_capacity;
};

static bool gather(struct gathering *gathering, const struct node *map,
                   const struct source *source);

/* ---- extends and include ------------------------------------------------------------------------ */

static bool gather_base(struct gathering *gathering, const struct node *named,
                        const struct source *outer) {
    struct source source;
    const struct node *map = source_open(&gathering->reading, named, "extends", outer, &source);
    if (!map)
        return false;
    if (map->kind == NODE_MAP && !node_get(map, "netdef"))
        return report_at(gathering->reading.report, &named->pos,
                         "%s is no netdef: it has no key 'netdef'", quote(named->string).text);
    return gather(gathering, map, &source);
}

/* A parameter that the netdef has keeps its value; an included file only asks for it. */
static bool lay_param(struct gathering *gathering, const struct param *brought) {
    struct report *report = gathering->reading.report;
    const struct param *there = params_find(&gathering->stock.params, brought->name);
    if (!there)
        return params_put(gathering->reading.arena, &gathering->stock.params, brought, report);
    if (there->type == brought->type)
        return true;
    report_at(report, &brought->pos, "parameter %s is of another type in the netdef",
              quote(brought->name).text);
    report_note(report, &there->pos, "it is declared here");
    return false;
}

static bool gather_included(struct gathering *gathering, const struct node *include,
                            const struct source *source) {
    struct stock brought = {0};
    if (!stock_include(&gathering->reading, include, source, &brought))
        return false;
    bool good = true;
    for (int i = 0; i < brought.params.count; i++)
        good = lay_param(gathering, &brought.params.items[i]) && good;
    for (int i = 0; i < brought.block_count; i++)
        good = stock_put_block(&gathering->reading, &gathering->stock, &brought.blocks[i]) && good;
    return good;
}

/* ---- parameters --------------------------------------------------------------------------------- */

static bool set_param(struct gathering *gathering, const struct entry *entry) {
    gathering->set = tree_with(gathering->reading.arena, gathering->set, *entry);
    return gathering->set != NULL;
}

static bool refuse_param(struct gathering *gathering, const struct entry *entry) {
    const struct params *params = &gathering->stock.params;
    struct nearest nearest = {.word = entry->key};
    for (int i = 0; i < params->count; i++)
        nearest_offer(&nearest, params->items[i].name);
    return report_at(gathering->reading.report, &entry->key_pos, "%s has no parameter %s%s",
                     gathering->netdef.name ? gathering->netdef.name : "the netdef",
                     quote(entry->key).text, nearest_hint(&nearest).text);
}

/* Sets parameters that exist; nothing else. */
static bool set_params(struct gathering *gathering, const struct node *map) {
    bool good = true;
    for (int i = 0; i < map->count; i++) {
        const struct entry *entry = &map->entries[i];
        bool there = params_find(&gathering->stock.params, entry->key);
        good = (there ? set_param(gathering, entry) : refuse_param(gathering, entry)) && good;
        if (!gathering->set)
            return false;
    }
    return good;
}

/* Declares parameters; those that an included file has declared are set. */
static bool declare_params(struct gathering *gathering, const struct node *map) {
    struct stock *stock = &gathering->stock;
    struct params own = {0};
    bool good = params_read(gathering->reading.arena, map, &own, gathering->reading.report);
    for (int i = 0; i < own.count; i++) {
        const struct param *param = &own.items[i];
        good = (params_find(&stock->params, param->name)
                    ? set_param(gathering, node_entry(map, param->name))
                    : params_put(gathering->reading.arena, &stock->params, param,
                                 gathering->reading.report)) &&
               good;
        if (!gathering->set)
            return false;
    }
    return good;
}

static bool gather_params(struct gathering *gathering, const struct node *map, bool extends) {
    if (map->kind != NODE_MAP)
        return report_at(gathering->reading.report, &map->pos,
                         "params is a map like {n: 5, classes: 10}, not %s",
                         node_describe(map).text);
    return extends ? set_params(gathering, map) : declare_params(gathering, map);
}

/* ---- the other keys ----------------------------------------------------------------------------- */

static bool gather_edits(struct gathering *gathering, const struct node *edits) {
    struct netdef *netdef = &gathering->netdef;
    const struct node **grown =
        arena_grow(gathering->reading.arena, netdef->edits, netdef->edit_count,
                   &gathering->edit_capacity, sizeof *grown);
    if (!grown)
        return false;
    netdef->edits = grown;
    grown[netdef->edit_count++] = edits;
    return true;
}

/* Input, layers and init replace those of the base; edits follow its edits. What they
 * hold, and whether they are there, is graph's to say. */
static bool gather_parts(struct gathering *gathering, const struct node *map) {
    struct netdef *netdef = &gathering->netdef;
    const struct node *input = keys_value(map, "input"), *layers = keys_value(map, "layers"),
                      *init = keys_value(map, "init"), *edits = keys_value(map, "edits");
    netdef->input = input ? input : netdef->input;
    netdef->layers = layers ? layers : netdef->layers;
    netdef->init = init ? init : netdef->init;
    return !edits || gather_edits(gathering, edits);
}

/* A netdef in place keeps the name and summary of what it extends. */
static bool gather_name(struct gathering *gathering, const struct node *map) {
    struct netdef *netdef = &gathering->netdef;
    struct report *report = gathering->reading.report;
    const struct node *name = keys_value(map, "netdef");
    const char *summary;
    bool good = keys_text(map, "summary", &summary, report);
    if (name || summary)
        netdef->summary = summary;
    if (!name)
        return good;
    netdef->name = name_read(name, "a netdef", report);
    netdef->pos = name->pos;
    return netdef->name && good;
}

static bool gather(struct gathering *gathering, const struct node *map,
                   const struct source *source) {
    static const char *const keys[] = {"netdef", "summary", "include", "extends", "params", "input",
                                       "init",   "blocks",  "layers",  "edits",   NULL};
    bool good = keys_fit(map, keys, "a netdef", gathering->reading.report);
    const struct node *extends = keys_value(map, "extends"), *include = keys_value(map, "include"),
                      *params = keys_value(map, "params"), *blocks = keys_value(map, "blocks");
    if (extends && !gather_base(gathering, extends, source))
        return false;
    good = gather_name(gathering, map) && good;
    if (include && !gather_included(gathering, include, source))
        return false;
    if (params)
        good = gather_params(gathering, params, extends != NULL) && good;
    if (blocks)
        good = stock_read_blocks(&gathering->reading, blocks, &gathering->stock) && good;
    return gather_parts(gathering, map) && good;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static bool settle(struct gathering *gathering) {
    struct netdef *netdef = &gathering->netdef;
    netdef->params = gathering->stock.params;
    netdef->blocks = gathering->stock.blocks;
    netdef->block_count = gathering->stock.block_count;
    params_find_layers(&netdef->params, netdef);
    for (int i = 0; i < netdef->block_count; i++)
        params_find_layers(&netdef->blocks[i].params, netdef);
    return params_settle(gathering->reading.arena, &netdef->params, gathering->set, netdef->name,
                         gathering->reading.report);
}

static bool gather_all(struct gathering *gathering, const struct netdef_text *text) {
    struct source source = {text->path, NULL};
    struct netdef *netdef = &gathering->netdef;
    gathering->set = tree_empty(gathering->reading.arena, &text->map->pos);
    netdef->pos = text->map->pos;
    if (!gathering->set || !gather(gathering, text->map, text->path ? &source : NULL))
        return false;
    if (!netdef->name)
        netdef->name = text->name;
    bool good = !text->set || set_params(gathering, text->set);
    return settle(gathering) && good;
}

const struct netdef *netdef_build(struct arena *arena, const struct netdef_text *text,
                                  struct report *report) {
    struct gathering gathering = {.reading = {.arena = arena, .report = report}};
    if (!gather_all(&gathering, text))
        return NULL;
    struct netdef *netdef = arena_alloc(arena, 1, sizeof *netdef);
    if (netdef)
        *netdef = gathering.netdef;
    return netdef;
}

const struct netdef *netdef_read(struct arena *arena, const char *path, struct report *report,
                                 const struct pos *pos) {
    const char *tidy = file_beside(arena, "", path);
    const struct node *map = tidy ? conf_read(arena, path, report, pos) : NULL;
    if (map && pos)
        map = node_used_from(arena, map, pos);
    if (!map)
        return NULL;
    if (map->kind == NODE_MAP && !node_get(map, "netdef")) {
        report_at(report, &map->pos, "this is no netdef: it has no key 'netdef'");
        return NULL;
    }
    return netdef_build(arena, &(struct netdef_text){.map = map, .path = tidy}, report);
}

const struct block *netdef_block(const struct netdef *netdef, const char *name) {
    for (int i = 0; i < netdef->block_count; i++)
        if (!strcmp(netdef->blocks[i].name, name))
            return &netdef->blocks[i];
    return NULL;
}

/* ---- back to text ------------------------------------------------------------------------------- */

/* Adds key: value to *map unless the value is NULL. */
static bool add(struct arena *arena, const struct node **map, const char *key,
                const struct node *value) {
    if (value)
        *map = tree_with(arena, *map, (struct entry){key, value->pos, value});
    return *map != NULL;
}

static bool add_text(struct arena *arena, const struct node **map, const char *key,
                     const char *text) {
    struct node *node = node_new(arena, NODE_STRING, &(*map)->pos);
    if (node)
        node->string = text;
    return node && (!text || add(arena, map, key, node));
}

/* A text is written in quotes, so that 'int' does not read back as a type. */
static const struct node *param_tree(struct arena *arena, const struct param *param) {
    if (param->value->kind != NODE_STRING)
        return param->value;
    struct node *text = node_new(arena, NODE_STRING, &param->value->pos);
    if (text) {
        *text = *param->value;
        text->quoted = true;
    }
    return text;
}

static const struct node *params_tree(struct arena *arena, const struct netdef *netdef) {
    const struct node *map = tree_empty(arena, &netdef->pos);
    for (int i = 0; map && i < netdef->params.count; i++) {
        const struct param *param = &netdef->params.items[i];
        const struct node *value = param_tree(arena, param);
        if (!value || !add(arena, &map, param->name, value))
            return NULL;
    }
    return map;
}

static const struct node *blocks_tree(struct arena *arena, const struct netdef *netdef) {
    struct node *map = node_new(arena, NODE_MAP, &netdef->pos);
    if (!map)
        return NULL;
    map->entries = arena_alloc(arena, (size_t)netdef->block_count, sizeof *map->entries);
    for (int i = 0; map->entries && i < netdef->block_count; i++) {
        const struct block *block = &netdef->blocks[i];
        map->entries[map->count++] = (struct entry){block->name, block->pos, block->written};
    }
    return map->entries ? map : NULL;
}

/* All edits as one list. What is no list is refused by graph. */
static const struct node *edits_tree(struct arena *arena, const struct netdef *netdef) {
    struct node *all = node_new(arena, NODE_LIST, &netdef->pos);
    int capacity = 0;
    for (int i = 0; all && i < netdef->edit_count; i++) {
        const struct node *edits = netdef->edits[i];
        for (int j = 0; edits->kind == NODE_LIST && j < edits->count; j++) {
            all->entries =
                arena_grow(arena, all->entries, all->count, &capacity, sizeof *all->entries);
            if (!all->entries)
                return NULL;
            all->entries[all->count++] = edits->entries[j];
        }
    }
    return all;
}

const struct node *netdef_tree(struct arena *arena, const struct netdef *netdef) {
    const struct node *map = tree_empty(arena, &netdef->pos);
    const struct node *params = params_tree(arena, netdef), *blocks = blocks_tree(arena, netdef),
                      *edits = edits_tree(arena, netdef);
    bool good = map && params && blocks && edits && add_text(arena, &map, "netdef", netdef->name) &&
                add_text(arena, &map, "summary", netdef->summary) &&
                add(arena, &map, "params", params->count > 0 ? params : NULL) &&
                add(arena, &map, "input", netdef->input) &&
                add(arena, &map, "init", netdef->init) &&
                add(arena, &map, "blocks", blocks->count > 0 ? blocks : NULL) &&
                add(arena, &map, "layers", netdef->layers) &&
                add(arena, &map, "edits", edits->count > 0 ? edits : NULL);
    return good ? map : NULL;
}
