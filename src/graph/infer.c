/* Inference: shapes through the list of drafts in order, and the graph's arrays from what fits.
 *
 * Only here is it known whether pad_channels has anything to pad; where not, it is no layer, and its readers
 * read its input. What reads a broken draft is passed over, so that each fault is reported once. */
#include "expand.h"

#include <string.h>

/* ---- one layer ---------------------------------------------------------------------------------- */

/* Two layers of one path: `paths` knows the later one. */
static bool is_only_one(struct expand *expand, const struct draft *draft) {
    const struct draft *latest = draft_at(expand, draft->path);
    if (latest == draft)
        return true;
    report_at(expand->report, &latest->pos, "two layers have the path %s; give one another name",
              quote(draft->path).text);
    report_note(expand->report, &draft->pos, "the other is here");
    return false;
}

/* The layer's infer has reported what does not fit: where the inputs came from, each with its line. */
static void note_inputs(struct expand *expand, const struct draft *draft) {
    for (int i = 0; i < draft->input_count; i++) {
        const struct draft *input = draft->inputs[i];
        char number[16] = "";
        if (draft->input_count > 1)
            snprintf(number, sizeof number, " %d", i + 1);
        report_note(expand->report, &input->pos, "its input%s %s %s (%s)", number,
                    input == &expand->input ? "is" : "comes from",
                    input == &expand->input ? "the network's" : input->path,
                    shape_text(input->shape).text);
    }
}

static bool infer_shape(struct expand *expand, struct draft *draft, struct layer_info *info) {
    info->inputs = draft->input_count;
    for (int i = 0; i < draft->input_count; i++)
        info->in[i] = draft->inputs[i]->shape;
    int before = report_count(expand->report);
    if (draft->ops->infer(draft->config, info, &draft->pos, expand->report))
        return true;
    if (report_count(expand->report) > before)
        note_inputs(expand, draft);
    return false;
}

static bool reads_broken(const struct draft *draft) {
    for (int i = 0; i < draft->input_count; i++)
        if (draft->inputs[i]->broken)
            return true;
    return false;
}

/* pad_channels to the count that is there. */
static bool is_no_layer(const struct draft *draft, const struct layer_info *info) {
    return !strcmp(draft->ops->name, "pad_channels") && shape_equal(info->out, info->in[0]);
}

static void add_layer(struct graph *graph, struct draft *draft, const struct layer_info *info) {
    struct graph_layer *layer = &graph->layers[graph->layer_count++];
    layer->path = draft->path;
    layer->path_hash = hash_text(draft->path);
    layer->ops = draft->ops;
    layer->config = draft->config;
    layer->info = *info;
    layer->pos = draft->pos;
    for (int i = 0; i < draft->input_count; i++)
        layer->inputs[i] = draft->inputs[i]->value;
    draft->value = graph->layer_count;
}

static bool infer_layer(struct expand *expand, struct graph *graph, struct draft *draft) {
    struct layer_info info = {.inputs = 0};
    draft->broken |= !is_only_one(expand, draft) || reads_broken(draft);
    if (draft->broken)
        return false;
    draft->broken = !infer_shape(expand, draft, &info);
    if (draft->broken)
        return false;
    draft->shape = info.out;
    if (is_no_layer(draft, &info))
        draft->value = draft->inputs[0]->value;
    else
        add_layer(graph, draft, &info);
    return true;
}

/* ---- the graph ---------------------------------------------------------------------------------- */

/* Sums stay at the largest number instead of running over it. */
static int64_t add_up(int64_t sum, int64_t number) {
    return number > INT64_MAX - sum ? INT64_MAX : sum + number;
}

static bool add_param(struct expand *expand, struct graph *graph, int layer, int index) {
    const struct graph_layer *of = &graph->layers[layer];
    const struct layer_param *shape = &of->info.params[index];
    struct graph_param *param = &graph->params[graph->param_count++];
    param->path = arena_printf(expand->arena, "%s.%s", of->path, shape->name);
    param->shape = shape;
    param->layer = layer;
    if (shape->role == PARAM_TRAINED)
        graph->parameters = add_up(graph->parameters, (int64_t)param_size(shape));
    return param->path != NULL;
}

static bool add_params(struct expand *expand, struct graph *graph) {
    int count = 0;
    for (int i = 0; i < graph->layer_count; i++)
        count += graph->layers[i].info.param_count;
    graph->params = arena_alloc(expand->arena, (size_t)count, sizeof *graph->params);
    if (!graph->params)
        return false;
    for (int i = 0; i < graph->layer_count; i++) {
        struct graph_layer *layer = &graph->layers[i];
        layer->first_param = graph->param_count;
        for (int j = 0; j < layer->info.param_count; j++)
            if (!add_param(expand, graph, i, j))
                return false;
        graph->multiply_adds = add_up(graph->multiply_adds, layer->info.multiply_adds);
    }
    return true;
}

static bool add_groups(struct expand *expand, struct graph *graph) {
    int count = 0;
    for (const struct group *group = expand->groups; group; group = group->next)
        count++;
    graph->groups = arena_alloc(expand->arena, (size_t)count, sizeof *graph->groups);
    if (!graph->groups)
        return false;
    for (const struct group *group = expand->groups; group; group = group->next)
        graph->groups[graph->group_count++] =
            (struct graph_group){group->path, group->output->value};
    return true;
}

bool infer_graph(struct expand *expand, struct graph *graph) {
    graph->layers = arena_alloc(expand->arena, (size_t)expand->drafts.count, sizeof *graph->layers);
    if (!graph->layers)
        return false;
    bool fine = true;
    for (int i = 0; i < expand->drafts.count; i++)
        fine &= infer_layer(expand, graph, expand->drafts.items[i]);
    graph->output = expand->output->value;
    return fine && add_params(expand, graph) && add_groups(expand, graph);
}
