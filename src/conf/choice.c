/* One row of a registry, with its attributes: what keys like loss and schedule hold. */
#include "netrun/conf.h"

#include <string.h>

bool choice_read(const struct node *node, const char *key, struct choice *choice,
                 struct report *report) {
    *choice = (struct choice){.pos = node->pos};
    if (node->kind == NODE_MAP && node->count == 1) {
        choice->name = node->entries[0].key;
        choice->attributes = node->entries[0].value;
        choice->pos = node->entries[0].key_pos;
    } else {
        choice->name = node_string(node);
    }
    if (!choice->name)
        return report_at(report, &node->pos, "%s is one name, or one name with attributes, not %s",
                         key, node_describe(node).text);
    if (choice->attributes && choice->attributes->kind == NODE_NULL)
        return report_at(report, &choice->pos, "%s has no attributes; write the name alone",
                         quote(choice->name).text);
    return true;
}

static bool refuse(const struct choice *choice, const char *key, const struct nearest *nearest,
                   const char *topic, struct report *report) {
    struct quoted hint = nearest_hint(nearest);
    if (hint.text[0])
        return report_at(report, &choice->pos, "there is no %s %s%s", key, quote(choice->name).text,
                         hint.text);
    return report_at(report, &choice->pos, "there is no %s %s; netrun list %s shows them all", key,
                     quote(choice->name).text, topic);
}

int choice_find(const struct choice *choice, const char *key, const char *topic,
                const char *(*name_at)(int index), struct report *report) {
    struct nearest nearest = {.word = choice->name};
    const char *name;
    for (int i = 0; (name = name_at(i)); i++) {
        nearest_offer(&nearest, name);
        if (!strcmp(name, choice->name))
            return i;
    }
    refuse(choice, key, &nearest, topic, report);
    return -1;
}

const void *choice_config(struct arena *arena, const struct choice *choice,
                          const struct attr_table *table, size_t size, struct report *report) {
    void *config = arena_alloc(arena, 1, size);
    bool good =
        config && attrs_read(arena, table, choice->attributes, &choice->pos, config, report);
    return good ? config : NULL;
}
