/* Trees of values: looking things up, making and copying nodes, naming them in messages. */
#include "netrun/conf.h"

#include "scalar.h"

#include <inttypes.h>
#include <string.h>

const struct entry *node_entry(const struct node *map, const char *key) {
    if (map->kind != NODE_MAP)
        return NULL;
    for (int i = 0; i < map->count; i++)
        if (!strcmp(map->entries[i].key, key))
            return &map->entries[i];
    return NULL;
}

const struct node *node_get(const struct node *map, const char *key) {
    const struct entry *entry = node_entry(map, key);
    return entry ? entry->value : NULL;
}

const char *node_string(const struct node *node) {
    return node->kind == NODE_STRING ? node->string : NULL;
}

struct node *node_new(struct arena *arena, enum node_kind kind, const struct pos *pos) {
    struct node *node = arena_alloc(arena, 1, sizeof *node);
    if (node) {
        node->kind = kind;
        node->pos = *pos;
    }
    return node;
}

static bool copy_entries(struct arena *arena, struct node *copy, const struct pos *used_from) {
    size_t count = (size_t)copy->count;
    struct entry *entries = arena_alloc(arena, count, sizeof *entries);
    if (!entries)
        return false;
    if (count > 0)
        memcpy(entries, copy->entries, count * sizeof *entries);
    copy->entries = entries;
    for (size_t i = 0; i < count; i++) {
        entries[i].key_pos.used_from = used_from;
        entries[i].value = node_used_from(arena, entries[i].value, used_from);
        if (!entries[i].value)
            return false;
    }
    return true;
}

const struct node *node_used_from(struct arena *arena, const struct node *node,
                                  const struct pos *used_from) {
    struct node *copy = arena_alloc(arena, 1, sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *node;
    copy->pos.used_from = used_from;
    bool collection = node->kind == NODE_LIST || node->kind == NODE_MAP;
    return !collection || copy_entries(arena, copy, used_from) ? copy : NULL;
}

const char *node_kind_name(enum node_kind kind) {
    static const char *const names[] = {
        [NODE_NULL] = "nothing",  [NODE_BOOL] = "true or false", [NODE_INT] = "an integer",
        [NODE_FLOAT] = "a float", [NODE_STRING] = "a string",    [NODE_LIST] = "a list",
        [NODE_MAP] = "a map",
    };
    return names[kind];
}

/* The quoted word beside what is said before it; cut again, between characters, where both do not fit. */
static struct quoted describe_string(const char *string) {
    static const char before[] = "the string ", dots[] = "...'";
    struct quoted text, word = quote(string);
    size_t room = sizeof text.text - sizeof before;
    if (strlen(word.text) > room) {
        size_t cut = room - strlen(dots);
        while (((unsigned char)word.text[cut] & 0xC0) == 0x80)
            cut--;
        strcpy(word.text + cut, dots);
    }
    strcpy(text.text, before);
    strcat(text.text, word.text);
    return text;
}

struct quoted node_describe(const struct node *node) {
    struct quoted text;
    if (node->kind == NODE_STRING)
        return describe_string(node->string);
    if (node->kind == NODE_BOOL)
        snprintf(text.text, sizeof text.text, "%s", node->boolean ? "true" : "false");
    else if (node->kind == NODE_INT)
        snprintf(text.text, sizeof text.text, "the integer %" PRId64, node->integer);
    else if (node->kind == NODE_FLOAT)
        snprintf(text.text, sizeof text.text, "the float %.40s", float_text(node->real).text);
    else if (node->kind == NODE_LIST)
        snprintf(text.text, sizeof text.text, "a list of %d", node->count);
    else
        snprintf(text.text, sizeof text.text, "%s", node_kind_name(node->kind));
    return text;
}

static void refuse_key(const struct entry *entry, const char *const *keys, const char *owner,
                       struct report *report) {
    struct nearest nearest = {.word = entry->key};
    for (; *keys; keys++)
        nearest_offer(&nearest, *keys);
    report_at(report, &entry->key_pos, "%s has no key %s%s", owner, quote(entry->key).text,
              nearest_hint(&nearest).text);
}

static bool is_listed(const char *key, const char *const *keys) {
    for (; *keys; keys++)
        if (!strcmp(key, *keys))
            return true;
    return false;
}

bool conf_only_keys(const struct node *map, const char *const *keys, const char *owner,
                    struct report *report) {
    bool fine = true;
    if (map->kind != NODE_MAP)
        return report_at(report, &map->pos, "%s is a map of keys and values, not %s", owner,
                         node_describe(map).text);
    for (int i = 0; i < map->count; i++) {
        if (is_listed(map->entries[i].key, keys))
            continue;
        refuse_key(&map->entries[i], keys, owner, report);
        fine = false;
    }
    return fine;
}
