/* `rules: {PATTERN: {lr, weight_decay, freeze, freeze_stats}}`: how the parameters that a pattern fits are
 * trained. Of each attribute the last rule that writes it counts. */
#include "select.h"
#include "surgery.h"

/* A rule at work. */
struct rule {
    const struct entry *entry;
    struct arm_rule says;
    struct report *report;
};

static bool writes(const struct rule *rule, const char *attribute) {
    return node_get(rule->entry->value, attribute) != NULL;
}

static bool refuse(const struct rule *rule, const struct graph *graph, const char *lacks) {
    const char *pattern = rule->entry->key;
    for (int i = 0; i < graph->layer_count; i++)
        if (graph_matches(graph, pattern, graph->layers[i].path))
            return report_at(rule->report, &rule->entry->key_pos, "%s fits layers, but none %s",
                             quote(pattern).text, lacks);
    return select_refuse(graph, pattern, &rule->entry->key_pos, rule->report);
}

static bool apply_to_params(const struct rule *rule, struct surgery *surgery) {
    bool any = false;
    for (int i = 0; i < surgery->graph->param_count; i++) {
        if (surgery->graph->params[i].shape->role != PARAM_TRAINED ||
            !graph_matches_param(surgery->graph, rule->entry->key, i))
            continue;
        any = true;
        if (writes(rule, "lr"))
            surgery->rate_factors[i] = rule->says.lr;
        if (writes(rule, "weight_decay"))
            surgery->decay_factors[i] = rule->says.weight_decay;
        if (writes(rule, "freeze"))
            surgery->frozen[i] = rule->says.freeze;
    }
    return any || refuse(rule, surgery->graph, "with parameters that are trained");
}

static bool apply_to_statistics(const struct rule *rule, struct surgery *surgery) {
    bool any = false;
    for (int i = 0; i < surgery->graph->param_count; i++) {
        const struct graph_param *param = &surgery->graph->params[i];
        if (param->shape->role != PARAM_BUFFER ||
            !graph_matches_param(surgery->graph, rule->entry->key, i))
            continue;
        any = true;
        surgery->freeze_stats[param->layer] = rule->says.freeze_stats;
    }
    return any || refuse(rule, surgery->graph, "with running statistics");
}

static bool apply(struct arena *arena, struct surgery *surgery, const struct entry *entry,
                  struct report *report) {
    struct rule rule = {.entry = entry, .report = report};
    if (!arm_rule_read(arena, entry, &rule.says, report))
        return false;
    bool params = writes(&rule, "lr") || writes(&rule, "weight_decay") || writes(&rule, "freeze");
    if (writes(&rule, "freeze_stats") && !apply_to_statistics(&rule, surgery))
        return false;
    return !params || apply_to_params(&rule, surgery);
}

bool rules_apply(struct arena *arena, struct surgery *surgery, const struct node *rules,
                 struct report *report) {
    bool good = true;
    surgery->has_rules = rules->count > 0;
    for (int i = 0; i < rules->count; i++)
        good = apply(arena, surgery, &rules->entries[i], report) && good;
    return good;
}
