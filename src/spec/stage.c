/* Stages of an experiment: a task with its own keys, and the data, loss and optimizer it works with. */
#include "experiment.h"
#include "keys.h"
#include "tree.h"

/* ---- a loss, an optimizer ------------------------------------------------------------------------ */

static const char *loss_name(int index) {
    const struct loss_ops *ops = loss_at(index);
    return ops ? ops->name : NULL;
}

static bool loss_read(struct arena *arena, const struct node *node, struct stage *stage,
                      struct report *report) {
    struct choice choice;
    if (!choice_read(node, "loss", &choice, report))
        return false;
    int index = choice_find(&choice, "loss", "losses", loss_name, report);
    if (index < 0)
        return false;
    const struct loss_ops *ops = loss_at(index);
    struct attr_table table = {ops->name, ops->attrs, ops->attr_count};
    stage->loss = ops;
    stage->loss_pos = choice.pos;
    stage->loss_config = choice_config(arena, &choice, &table, ops->config_size, report);
    return stage->loss_config != NULL;
}

static const char *optim_name(int index) {
    const struct optim_ops *ops = optim_at(index);
    return ops ? ops->name : NULL;
}

static bool optimizer_read(struct arena *arena, const struct node *node, struct stage *stage,
                           struct report *report) {
    struct choice choice;
    if (!choice_read(node, "optimizer", &choice, report))
        return false;
    int index = choice_find(&choice, "optimizer", "optimizers", optim_name, report);
    if (index < 0)
        return false;
    const struct optim_ops *ops = optim_at(index);
    struct attr_table table = {ops->name, ops->attrs, ops->attr_count};
    stage->optim = ops;
    stage->optim_pos = choice.pos;
    stage->optim_config = choice_config(arena, &choice, &table, ops->config_size, report);
    return stage->optim_config &&
           (!ops->check || ops->check(stage->optim_config, &choice.pos, report));
}

/* ---- a stage ------------------------------------------------------------------------------------ */

static const char *const shared[] = {"data", "loss", "optimizer", NULL};

/* Reads what the stage's map, or else the experiment's, says under the shared keys. */
static bool shared_read(struct arena *arena, const struct node *map, struct stage *stage,
                        struct report *report) {
    const struct node *data = keys_value(map, "data"), *loss = keys_value(map, "loss"),
                      *optimizer = keys_value(map, "optimizer");
    bool good = true;
    if (data) {
        stage->data = data_check(arena, data, report);
        good = stage->data != NULL;
    }
    if (loss)
        good = loss_read(arena, loss, stage, report) && good;
    if (optimizer)
        good = optimizer_read(arena, optimizer, stage, report) && good;
    return good;
}

static bool task_read(struct arena *arena, const struct node *map, const struct node *task,
                      struct stage *stage, struct report *report) {
    *stage = (struct stage){.task = node_string(task), .pos = task->pos};
    if (!stage->task)
        return report_at(report, &task->pos, "task is the name of one task, not %s",
                         node_describe(task).text);
    stage->own = tree_without(arena, map, experiment_keys);
    return shared_read(arena, map, stage, report) && stage->own;
}

/* `- NAME` or `- NAME: {keys}`; its keys win over those of the experiment. */
static bool stage_read(struct arena *arena, const struct node *map, const struct node *written,
                       struct stage *stage, struct report *report) {
    struct choice chosen;
    if (!choice_read(written, "a stage", &chosen, report))
        return false;
    const struct node *keys =
        chosen.attributes ? chosen.attributes : tree_empty(arena, &chosen.pos);
    *stage = (struct stage){.task = chosen.name, .pos = chosen.pos, .written = keys};
    if (keys && keys->kind != NODE_MAP)
        return report_at(report, &keys->pos, "the keys of %s are a map, not %s",
                         quote(chosen.name).text, node_describe(keys).text);
    if (!keys || !keys_have_values(keys, shared, report))
        return false;
    if (keys->count > EXPERIMENT_MOST_KEYS)
        return report_at(report, &keys->pos, "more than %d keys", EXPERIMENT_MOST_KEYS);
    const struct node *all = tree_over(arena, keys, map);
    stage->own = all ? tree_without(arena, all, experiment_keys) : NULL;
    return all && shared_read(arena, all, stage, report) && stage->own;
}

static bool list_read(struct arena *arena, const struct node *map, const struct node *list,
                      struct experiment *experiment, struct report *report) {
    if (list->kind != NODE_LIST || list->count == 0)
        return report_at(report, &list->pos,
                         "stages is a list of tasks, like [train: {epochs: 3}, evaluate], not %s",
                         list->kind == NODE_LIST ? "an empty one" : node_describe(list).text);
    if (list->count > EXPERIMENT_MOST_STAGES)
        return report_at(report, &list->pos, "more than %d stages", EXPERIMENT_MOST_STAGES);
    struct stage *stages = arena_alloc(arena, (size_t)list->count, sizeof *stages);
    bool good = stages != NULL;
    for (int i = 0; stages && i < list->count; i++)
        good = stage_read(arena, map, list->entries[i].value, &stages[i], report) && good;
    experiment->stages = stages;
    experiment->stage_count = list->count;
    return good;
}

bool stages_read(struct arena *arena, const struct node *map, struct experiment *experiment,
                 struct report *report) {
    const struct entry *task = node_entry(map, "task"), *stages = node_entry(map, "stages");
    if (task && stages)
        return report_at(report, &stages->key_pos, "an experiment has a task or stages, not both");
    if (!task && !stages)
        return report_at(report, &experiment->pos,
                         "an experiment needs a task; write task: gradients, or a list of stages");
    if (stages)
        return stages->value->kind == NODE_NULL ||
               list_read(arena, map, stages->value, experiment, report);
    struct stage *one = arena_alloc(arena, 1, sizeof *one);
    experiment->stages = one;
    experiment->stage_count = 1;
    return one &&
           (task->value->kind == NODE_NULL || task_read(arena, map, task->value, one, report));
}
