/* Blocks, and files that bring blocks and parameters. */
#include "keys.h"
#include "param.h"
#include "source.h"
#include "tree.h"

#include "netrun/layers.h"

#include <ctype.h>
#include <string.h>

/* ---- blocks ------------------------------------------------------------------------------------- */

static bool block_name_fits(const char *name, const struct pos *pos, struct report *report) {
    bool letters = isalpha((unsigned char)name[0]) || name[0] == '_';
    for (const char *at = name; *at; at++)
        letters = letters && (isalnum((unsigned char)*at) || *at == '_' || *at == '-');
    if (!letters)
        return report_at(report, pos, "%s cannot name a block; use letters, digits, '_' and '-'",
                         quote(name).text);
    if (layer_find(name) || !strcmp(name, "residual") || !strcmp(name, "repeat"))
        return report_at(report, pos, "%s cannot name a block; it is a kind of entry already",
                         quote(name).text);
    return true;
}

/* A list, or a `$` value that will be one. */
static bool layers_fit(const struct node *layers, struct report *report) {
    bool value = layers->kind == NODE_STRING && layers->string[0] == '$';
    return layers->kind == NODE_LIST || value ||
           report_at(report, &layers->pos, "layers is a list of entries, not %s",
                     node_describe(layers).text);
}

static bool block_read(struct reading *reading, const struct entry *entry, struct block *block) {
    static const char *const keys[] = {"params", "layers", NULL};
    const struct node *map = entry->value;
    *block = (struct block){.name = entry->key, .pos = entry->key_pos, .written = map};
    bool good = block_name_fits(entry->key, &entry->key_pos, reading->report);
    if (!keys_fit(map, keys, quote(entry->key).text, reading->report))
        return false;
    const struct node *params = keys_value(map, "params");
    if (params)
        good = params_read(reading->arena, params, &block->params, reading->report) && good;
    block->layers = keys_value(map, "layers");
    if (!block->layers)
        return report_at(reading->report, &entry->key_pos, "block %s has no layers",
                         quote(entry->key).text);
    return layers_fit(block->layers, reading->report) && good;
}

struct block *stock_block(const struct stock *stock, const char *name) {
    for (int i = 0; i < stock->block_count; i++)
        if (!strcmp(stock->blocks[i].name, name))
            return &stock->blocks[i];
    return NULL;
}

bool stock_put_block(struct reading *reading, struct stock *stock, const struct block *block) {
    struct block *there = stock_block(stock, block->name);
    if (there) {
        *there = *block;
        return true;
    }
    if (stock->block_count == SOURCE_MOST_BLOCKS)
        return report_at(reading->report, &block->pos, "more than %d blocks", SOURCE_MOST_BLOCKS);
    struct block *grown = arena_grow(reading->arena, stock->blocks, stock->block_count,
                                     &stock->block_capacity, sizeof *block);
    if (!grown)
        return false;
    stock->blocks = grown;
    grown[stock->block_count++] = *block;
    return true;
}

bool stock_read_blocks(struct reading *reading, const struct node *map, struct stock *stock) {
    if (map->kind != NODE_MAP)
        return report_at(reading->report, &map->pos, "blocks is a map of blocks by name, not %s",
                         node_describe(map).text);
    bool good = true;
    for (int i = 0; i < map->count; i++) {
        struct block block;
        good = block_read(reading, &map->entries[i], &block) &&
               stock_put_block(reading, stock, &block) && good;
    }
    return good;
}

/* ---- included files ------------------------------------------------------------------------------ */

static bool same_place(const struct pos *a, const struct pos *b) {
    return a->line == b->line && a->column == b->column && !strcmp(a->file->path, b->file->path);
}

/* The same file may be included on several ways; two definitions of one name may not. */
static bool merge_block(struct reading *reading, struct stock *stock, const struct block *block) {
    const struct block *there = stock_block(stock, block->name);
    if (!there)
        return stock_put_block(reading, stock, block);
    if (same_place(&there->pos, &block->pos))
        return true;
    report_at(reading->report, &block->pos, "block %s comes from two included files",
              quote(block->name).text);
    report_note(reading->report, &there->pos, "the other one is here");
    return false;
}

static bool same_declaration(const struct param *a, const struct param *b) {
    if (!a->value || !b->value)
        return a->value == b->value && a->type == b->type;
    return tree_same(a->value, b->value);
}

static bool merge_param(struct reading *reading, struct stock *stock, const struct param *param) {
    const struct param *there = params_find(&stock->params, param->name);
    if (!there)
        return params_put(reading->arena, &stock->params, param, reading->report);
    if (same_declaration(there, param))
        return true;
    report_at(reading->report, &param->pos, "two included files declare parameter %s, not alike",
              quote(param->name).text);
    report_note(reading->report, &there->pos, "the other one is here");
    return false;
}

static bool merge(struct reading *reading, struct stock *stock, const struct stock *brought) {
    bool good = true;
    for (int i = 0; i < brought->params.count; i++)
        good = merge_param(reading, stock, &brought->params.items[i]) && good;
    for (int i = 0; i < brought->block_count; i++)
        good = merge_block(reading, stock, &brought->blocks[i]) && good;
    return good;
}

/* What the file itself says wins over what it includes. */
static bool read_included(struct reading *reading, const struct node *named,
                          const struct source *outer, struct stock *stock) {
    static const char *const keys[] = {"params", "blocks", "include", NULL};
    struct source source;
    const struct node *map = source_open(reading, named, "include", outer, &source);
    if (!map)
        return false;
    if (node_get(map, "netdef"))
        return report_at(reading->report, &named->pos,
                         "%s is a netdef; include takes files of blocks, extends takes a netdef",
                         quote(named->string).text);
    bool good = keys_fit(map, keys, "a file of blocks", reading->report);
    const struct node *include = keys_value(map, "include"), *params = keys_value(map, "params"),
                      *blocks = keys_value(map, "blocks");
    if (include)
        good = stock_include(reading, include, &source, stock) && good;
    if (params)
        good = params_read(reading->arena, params, &stock->params, reading->report) && good;
    if (blocks)
        good = stock_read_blocks(reading, blocks, stock) && good;
    return good;
}

bool stock_include(struct reading *reading, const struct node *include, const struct source *outer,
                   struct stock *stock) {
    bool list = include->kind == NODE_LIST, good = true;
    for (int i = 0; i < (list ? include->count : 1); i++) {
        struct stock brought = {0};
        const struct node *named = list ? include->entries[i].value : include;
        good = read_included(reading, named, outer, &brought) && merge(reading, stock, &brought) &&
               good;
    }
    return good;
}
