/* The keys of the gradcam task that need more than a table: what is explained, by which methods, at which
 * layers. */
#include "gradcam.h"

#include <string.h>

/* A key that takes one word or a list of them. */
static int item_count(const struct node *node) {
    return !node ? 0 : node->kind == NODE_LIST ? node->count : 1;
}

static const struct node *item_at(const struct node *node, int index) {
    return node->kind == NODE_LIST ? node->entries[index].value : node;
}

/* ---- target ------------------------------------------------------------------------------------ */

enum { NO_CLASS = -3 }; /* none of TARGET_... */

static int target_named(const struct dataset *data, const struct node *node,
                        struct report *report) {
    struct nearest nearest = {.word = node->string};
    for (int i = 0; i < data->classes; i++) {
        if (!strcmp(data->class_names[i], node->string))
            return i;
        nearest_offer(&nearest, data->class_names[i]);
    }
    nearest_offer(&nearest, "predicted");
    nearest_offer(&nearest, "label");
    report_at(report, &node->pos,
              "no class %s in %s%s; target takes a class by name or number, predicted or label",
              quote(node->string).text, data->source, nearest_hint(&nearest).text);
    return NO_CLASS;
}

/* The data's classes must be those of the networks, where one is chosen by what the data calls it. */
static bool check_classes(const struct run *run, const struct gradcam *state,
                          const struct pos *pos) {
    for (int i = 0; i < run->experiment->arm_count; i++) {
        const struct graph *graph = run->graphs[i];
        int scores = graph_shape(graph, graph->output).channels;
        if (scores != state->data.classes)
            return report_at(run->report, pos,
                             "the network %s yields %d scores, and the data has %d classes; name "
                             "the class by its number",
                             quote(graph->name).text, scores, state->data.classes);
    }
    return true;
}

bool gradcam_read_target(struct run *run, const struct job *job) {
    const struct gradcam_config *config = job->config;
    struct gradcam *state = job->state;
    const struct node *node = config->target;
    if (!node || node->kind == NODE_INT)
        return true;
    if (!strcmp(node->string, "predicted"))
        return true;
    if (strcmp(node->string, "label") != 0)
        state->target = target_named(&state->data, node, run->report);
    return state->target != NO_CLASS && check_classes(run, state, &node->pos);
}

/* What can be known without the data: the names of classes come with it. */
static bool check_target(struct run *run, const struct job *job) {
    const struct gradcam_config *config = job->config;
    struct gradcam *state = job->state;
    const struct node *node = config->target;
    state->target = TARGET_PREDICTED;
    if (!node)
        return true;
    if (node->kind == NODE_STRING) {
        state->target = strcmp(node->string, "label") ? TARGET_PREDICTED : TARGET_LABEL;
        return true;
    }
    if (node->kind != NODE_INT)
        return report_at(run->report, &node->pos,
                         "target takes a class by name or number, predicted or label, not %s",
                         node_describe(node).text);
    for (int i = 0; i < run->experiment->arm_count; i++) {
        const struct graph *graph = run->graphs[i];
        int classes = graph_shape(graph, graph->output).channels;
        if (node->integer < 0 || node->integer >= classes)
            return report_at(run->report, &node->pos,
                             "no class %lld: the network %s yields scores for classes 0 to %d",
                             (long long)node->integer, quote(graph->name).text, classes - 1);
    }
    state->target = (int)node->integer;
    return true;
}

/* ---- methods ----------------------------------------------------------------------------------- */

static const struct cam_method *method_of(const struct node *node, struct report *report) {
    const char *name = node_string(node);
    const struct cam_method *method = name ? cam_method_find(name) : NULL;
    struct nearest nearest = {.word = name ? name : ""};
    for (int i = 0; cam_method_at(i); i++)
        nearest_offer(&nearest, cam_method_at(i)->name);
    if (!name)
        report_at(report, &node->pos, "a method is a name, not %s", node_describe(node).text);
    else if (!method)
        report_at(report, &node->pos, "no method %s%s", quote(name).text,
                  nearest_hint(&nearest).text);
    return method;
}

/* Fills `methods`; returns how many, 0: see the report. */
static int read_methods(const struct gradcam_config *config, struct report *report,
                        const struct cam_method **methods) {
    bool good = true;
    int count = item_count(config->method);
    for (int i = 0; i < count; i++)
        good = (methods[i] = method_of(item_at(config->method, i), report)) && good;
    if (config->method && count == 0)
        good = report_at(report, &config->method->pos, "method names no method; write gradcam");
    if (!config->method)
        methods[count++] = cam_method_at(0);
    return good ? count : 0;
}

/* ---- layers ------------------------------------------------------------------------------------ */

static int cells_of(const struct graph *graph, int value) {
    struct shape shape = graph_shape(graph, value);
    return shape.height * shape.width;
}

static bool has_weights(const struct graph_layer *layer) {
    for (int i = 0; i < layer->info.param_count; i++)
        if (layer->info.params[i].role == PARAM_TRAINED && layer->info.params[i].fan_in > 0)
            return true;
    return false;
}

/* The last layer with weights on the coarsest grid that still has space, and what follows it at the same shape
 * (norm, activation, sum): before pooling thins the map out, and before a decoder widens it again. -1: none. */
static int usual_value(const struct graph *graph) {
    int value = -1;
    for (int v = 1; v <= graph->layer_count; v++)
        if (has_weights(&graph->layers[v - 1]) && cells_of(graph, v) > 1 &&
            (value < 0 || cells_of(graph, v) <= cells_of(graph, value)))
            value = v;
    while (value > 0 && value < graph->layer_count && value != graph->output &&
           shape_equal(graph_shape(graph, value + 1), graph_shape(graph, value)))
        value++;
    return value;
}

static bool check_space(const struct graph *graph, int layer, const struct pos *pos,
                        struct report *report) {
    return cells_of(graph, layer + 1) > 1 ||
           report_at(report, pos,
                     "the layer %s yields %s, which has no space left to draw a map of",
                     quote(graph->layers[layer].path).text,
                     shape_text(graph->layers[layer].info.out).text);
}

/* A pattern with a star names all layers with space that fit it, anything else one layer or group. */
static bool add_layers(struct gaze *gaze, const struct node *node, int *found,
                       struct report *report) {
    const char *text = node_string(node);
    int count = text && strchr(text, '*') ? graph_select(gaze->graph, text, found) : 0;
    for (int i = 0; i < count; i++)
        if (cells_of(gaze->graph, found[i] + 1) > 1)
            gaze->values[gaze->value_count++] = found[i] + 1;
    if (count > 0)
        return true;
    int layer = graph_find(gaze->graph, node, report);
    if (layer < 0 || !check_space(gaze->graph, layer, &node->pos, report))
        return false;
    gaze->values[gaze->value_count++] = layer + 1;
    return true;
}

static bool add_usual(struct run *run, int arm, struct gaze *gaze) {
    int value = usual_value(gaze->graph);
    if (value < 0)
        return report_at(run->report, &run->experiment->arms[arm].pos,
                         "the network %s has no layer with weights and space to look at; the "
                         "methods gradient and guided need none",
                         quote(gaze->graph->name).text);
    gaze->values[gaze->value_count++] = value;
    return true;
}

static bool read_layers(struct run *run, const struct job *job, int arm, struct gaze *gaze) {
    const struct gradcam_config *config = job->config;
    const struct gradcam_arm_config *own = job->arm_configs[arm];
    const struct node *node = own->layer ? own->layer : config->layer;
    int layers = gaze->graph->layer_count, items = item_count(node);
    size_t most = 2 + (size_t)items * (size_t)layers;
    int *found = arena_alloc(run->arena, (size_t)layers, sizeof *found);
    gaze->values = arena_alloc(run->arena, most, sizeof *gaze->values);
    if (!found || !gaze->values)
        return false;
    gaze->values[gaze->value_count++] = 0;
    if (items == 0)
        return add_usual(run, arm, gaze);
    bool good = true;
    for (int i = 0; i < items; i++)
        good = add_layers(gaze, item_at(node, i), found, run->report) && good;
    return good;
}

/* ---- looks ------------------------------------------------------------------------------------- */

static void add_look(struct gaze *gaze, const struct cam_method *method, int place) {
    gaze->looks[gaze->look_count++] = (struct look){
        .method = method, .place = place, .grid = cam_grid_of(gaze->graph, gaze->values[place])};
}

static bool make_looks(struct run *run, struct gaze *gaze, const struct cam_method **methods,
                       int method_count) {
    size_t most = (size_t)method_count * (size_t)gaze->value_count;
    gaze->looks = arena_alloc(run->arena, most, sizeof *gaze->looks);
    if (!gaze->looks)
        return false;
    for (int place = 1; place < gaze->value_count; place++)
        for (int m = 0; m < method_count; m++)
            if (!methods[m]->at_input)
                add_look(gaze, methods[m], place);
    for (int m = 0; m < method_count; m++)
        if (methods[m]->at_input)
            add_look(gaze, methods[m], 0);
    return true;
}

static bool read_gaze(struct run *run, const struct job *job, int arm,
                      const struct cam_method **methods, int method_count) {
    struct gradcam *state = job->state;
    struct gaze *gaze = &state->gazes[arm];
    bool layers = false;
    for (int m = 0; m < method_count; m++)
        layers |= !methods[m]->at_input;
    gaze->graph = run->graphs[arm];
    if (!layers) { /* the input alone */
        gaze->values = arena_alloc(run->arena, 1, sizeof *gaze->values);
        gaze->value_count = 1;
    }
    return (layers ? read_layers(run, job, arm, gaze) : gaze->values != NULL) &&
           make_looks(run, gaze, methods, method_count);
}

static bool check_mistakes(struct run *run, const struct job *job) {
    const struct gradcam_config *config = job->config;
    struct nearest nearest = {.word = config->mistakes};
    for (int i = 0; config->mistakes && i < run->experiment->arm_count; i++) {
        if (!strcmp(run->experiment->arms[i].name, config->mistakes))
            return true;
        nearest_offer(&nearest, run->experiment->arms[i].name);
    }
    return !config->mistakes ||
           report_at(run->report, &job->stage->pos,
                     "mistakes takes the name of an arm, whose mistakes are shown; there is no "
                     "arm %s%s",
                     quote(config->mistakes).text, nearest_hint(&nearest).text);
}

bool gradcam_read(struct run *run, struct job *job) {
    const struct gradcam_config *config = job->config;
    struct gradcam *state = job->state;
    size_t most = (size_t)item_count(config->method) + 1;
    const struct cam_method **methods = arena_alloc(run->arena, most, sizeof *methods);
    int arms = run->experiment->arm_count;
    state->gazes = arena_alloc(run->arena, (size_t)arms, sizeof *state->gazes);
    if (!methods || !state->gazes)
        return false;
    int count = read_methods(config, run->report, methods);
    bool good = check_target(run, job) && count > 0;
    good = check_mistakes(run, job) && good;
    for (int i = 0; count > 0 && i < arms; i++)
        good = read_gaze(run, job, i, methods, count) && good;
    return good;
}
