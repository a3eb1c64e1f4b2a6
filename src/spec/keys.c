/* Keys and names: what is known, has a value, and may become a path. */
#include "keys.h"

#include <string.h>

bool keys_have_values(const struct node *map, const char *const *keys, struct report *report) {
    bool good = true;
    for (; *keys; keys++) {
        const struct entry *entry = node_entry(map, *keys);
        if (entry && entry->value->kind == NODE_NULL)
            good = report_at(report, &entry->key_pos, "'%s' has no value", *keys);
    }
    return good;
}

bool keys_fit(const struct node *map, const char *const *keys, const char *owner,
              struct report *report) {
    bool known = conf_only_keys(map, keys, owner, report);
    return keys_have_values(map, keys, report) && known;
}

const struct node *keys_value(const struct node *map, const char *key) {
    const struct node *value = node_get(map, key);
    return value && value->kind != NODE_NULL ? value : NULL;
}

bool keys_text(const struct node *map, const char *key, const char **text, struct report *report) {
    const struct node *value = keys_value(map, key);
    *text = value ? node_string(value) : NULL;
    return !value || *text ||
           report_at(report, &value->pos, "%s is a text, not %s", key, node_describe(value).text);
}

bool name_fits(const char *name, const struct pos *pos, const char *what, struct report *report) {
    size_t length = strlen(name);
    if (length == 0 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") < length)
        return report_at(report, pos, "%s cannot name %s; use a-z, 0-9, '_' and '-'",
                         quote(name).text, what);
    return length <= NAME_MOST ||
           report_at(report, pos, "the name of %s has at most %d characters", what, NAME_MOST);
}

const char *name_read(const struct node *node, const char *what, struct report *report) {
    const char *name = node_string(node);
    bool scalar = node->kind != NODE_LIST && node->kind != NODE_MAP;
    if (!name)
        report_at(report, &node->pos, "the name of %s is a text, not %s%s", what,
                  node_describe(node).text, scalar ? "; put quotes around it" : "");
    return name && name_fits(name, &node->pos, what, report) ? name : NULL;
}
