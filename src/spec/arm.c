/* Arms of an experiment: a net, the weights it starts with, the rules it is trained by. */
#include "experiment.h"
#include "keys.h"
#include "netdef.h"
#include "tree.h"

#include <math.h>
#include <string.h>

/* ---- weights and rules -------------------------------------------------------------------------- */

/* Who opens the files reads the entries again; here all that is wrong with them is said before that. */
static const char *const on_mismatch[] = {"error", "skip", NULL};
static const char *const unused[] = {"error", "allow", NULL};

static const struct attr weights_attrs[] = {
    {"from", "file of weights", ATTR_STRING, offsetof(struct arm_weights, from), .required = true},
    {"map", "patterns of the file to patterns of the net", ATTR_NODE,
     offsetof(struct arm_weights, map), .shown = "equal names"},
    {"in_order", "match by order and shape instead of names", ATTR_BOOL,
     offsetof(struct arm_weights, in_order), .fallback = 0},
    {"on_mismatch", "where shapes differ", ATTR_CHOICE, offsetof(struct arm_weights, skip_mismatch),
     .choices = on_mismatch},
    {"unused", "weights of the file without a place", ATTR_CHOICE,
     offsetof(struct arm_weights, allow_unused), .choices = unused},
};

static const struct attr rule_attrs[] = {
    {"lr", "factor of the learning rate", ATTR_FLOAT, offsetof(struct arm_rule, lr), .fallback = 1,
     .min = 0, .max = INFINITY},
    {"weight_decay", "factor of the weight decay", ATTR_FLOAT,
     offsetof(struct arm_rule, weight_decay), .fallback = 1, .min = 0, .max = INFINITY},
    {"freeze", "keep the weights", ATTR_BOOL, offsetof(struct arm_rule, freeze), .fallback = 0},
    {"freeze_stats", "keep the statistics of batch norm", ATTR_BOOL,
     offsetof(struct arm_rule, freeze_stats), .fallback = 0},
};

static bool map_fits(const struct node *map, struct report *report) {
    bool good = true;
    if (map->kind != NODE_MAP)
        return report_at(report, &map->pos,
                         "map goes from patterns of the file to patterns of the "
                         "net, like {\"encoder.**\": \"encoder.**\"}, not %s",
                         node_describe(map).text);
    for (int i = 0; i < map->count; i++)
        if (map->entries[i].value->kind != NODE_STRING)
            good = report_at(
                report, &map->entries[i].value->pos, "%s is mapped to a pattern of the net, not %s",
                quote(map->entries[i].key).text, node_describe(map->entries[i].value).text);
    return good;
}

bool arm_weights_read(struct arena *arena, const struct node *entry, struct arm_weights *weights,
                      struct report *report) {
    static const struct attr_table table = {"weights", weights_attrs, BASE_COUNT(weights_attrs)};
    if (!attrs_read(arena, &table, entry, &entry->pos, weights, report))
        return false;
    if (weights->map && weights->in_order)
        return report_at(report, &node_entry(entry, "in_order")->key_pos,
                         "weights go by map or in_order, not both");
    return !weights->map || map_fits(weights->map, report);
}

static bool all_weights_fit(struct arena *arena, const struct node *list, struct report *report) {
    if (list->kind != NODE_LIST)
        return report_at(report, &list->pos,
                         "weights is a list of files, like [{from: cnn.safetensors}], not %s",
                         node_describe(list).text);
    struct arm_weights weights;
    bool good = true;
    for (int i = 0; i < list->count; i++)
        good = arm_weights_read(arena, list->entries[i].value, &weights, report) && good;
    return good;
}

bool arm_rule_read(struct arena *arena, const struct entry *entry, struct arm_rule *rule,
                   struct report *report) {
    static const struct attr_table table = {"a rule", rule_attrs, BASE_COUNT(rule_attrs)};
    return attrs_read(arena, &table, entry->value, &entry->key_pos, rule, report);
}

static bool rules_fit(struct arena *arena, const struct node *map, struct report *report) {
    struct arm_rule rule;
    if (map->kind != NODE_MAP)
        return report_at(report, &map->pos,
                         "rules is a map of patterns, like {\"encoder.**\": {lr: 0.1}}, not %s",
                         node_describe(map).text);
    bool good = true;
    for (int i = 0; i < map->count; i++)
        good = arm_rule_read(arena, &map->entries[i], &rule, report) && good;
    return good;
}

/* ---- an arm ------------------------------------------------------------------------------------- */

static const struct netdef *net_read(struct arena *arena, const struct node *net, const char *name,
                                     struct report *report) {
    const struct node *map = net;
    if (net->kind == NODE_STRING)
        map = tree_single(arena, "extends", net);
    if (map && map->kind != NODE_MAP)
        report_at(report, &net->pos,
                  "net is the path of a netdef, or {extends: PATH, params: {...}}, not %s",
                  node_describe(net).text);
    bool usable = map && map->kind == NODE_MAP;
    return usable ? netdef_build(arena, &(struct netdef_text){.map = map, .name = name}, report)
                  : NULL;
}

static bool parts_read(struct arena *arena, const struct node *map, struct arm *arm,
                       struct report *report) {
    const struct node *net = keys_value(map, "net");
    if (net)
        arm->net = net_read(arena, net, arm->name, report);
    else if (!node_get(map, "net"))
        report_at(report, &arm->pos, "arm %s has no net; write net: PATH", quote(arm->name).text);
    bool good = arm->net != NULL;
    arm->weights = keys_value(map, "weights");
    arm->rules = keys_value(map, "rules");
    if (arm->weights)
        good = all_weights_fit(arena, arm->weights, report) && good;
    if (arm->rules)
        good = rules_fit(arena, arm->rules, report) && good;
    return good;
}

static bool arm_read(struct arena *arena, const struct entry *entry, struct arm *arm,
                     struct report *report) {
    static const char *const common[] = {"net", "weights", "rules", NULL};
    const struct node *map = entry->value;
    *arm = (struct arm){.name = entry->key, .pos = entry->key_pos};
    bool good = name_fits(entry->key, &entry->key_pos, "an arm", report);
    if (map->kind != NODE_MAP)
        return report_at(report, &map->pos, "an arm is a map like {net: PATH}, not %s",
                         node_describe(map).text);
    good = keys_have_values(map, common, report) && good;
    arm->own = tree_without(arena, map, common);
    return parts_read(arena, map, arm, report) && good && arm->own;
}

bool arms_read(struct arena *arena, const struct node *map, struct experiment *experiment,
               struct report *report) {
    if (map->kind != NODE_MAP || map->count == 0)
        return report_at(report, &map->pos,
                         "arms is a map of networks by name, like {plain: {net: PATH}}, not %s",
                         map->kind == NODE_MAP ? "an empty one" : node_describe(map).text);
    if (map->count > EXPERIMENT_MOST_ARMS)
        return report_at(report, &map->pos, "more than %d arms", EXPERIMENT_MOST_ARMS);
    struct arm *arms = arena_alloc(arena, (size_t)map->count, sizeof *arms);
    bool good = arms != NULL;
    for (int i = 0; arms && i < map->count; i++)
        good = arm_read(arena, &map->entries[i], &arms[i], report) && good;
    experiment->arms = arms;
    experiment->arm_count = map->count;
    return good;
}
