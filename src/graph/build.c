/* graph_build: parameters, entries, edits, shapes, initialisation - each stage as far as it can go, so that
 * all faults of a file are reported in one go. */
#include "expand.h"

#include <limits.h>

static struct expand *expand_new(struct arena *arena, const struct netdef *netdef,
                                 struct report *report) {
    struct expand *expand = arena_alloc(arena, 1, sizeof *expand);
    if (!expand)
        return NULL;
    expand->arena = arena;
    expand->report = report;
    expand->netdef = netdef;
    expand->groups_end = &expand->groups;
    expand->bytes_before = arena_used(arena);
    expand->errors_before = report_count(report);
    expand->input = (struct draft){.path = "input", .order = INT_MIN, .pos = netdef->pos};
    expand->broken = (struct draft){.path = "", .order = INT_MIN, .broken = true};
    expand->top.inputs[0] = &expand->input;
    expand->top.input_count = 1;
    expand->top.missed_end = &expand->top.missed;
    return expand;
}

/* ---- the input ---------------------------------------------------------------------------------- */

static bool read_size(struct expand *expand, const struct node *node, int *size) {
    if (node->kind != NODE_INT || node->integer < 1 || node->integer > TENSOR_MOST_ELEMENTS)
        return report_at(expand->report, &node->pos,
                         "a size of the input is an integer from 1 to %s, not %s",
                         text_commas(TENSOR_MOST_ELEMENTS).text, node_describe(node).text);
    *size = (int)node->integer;
    return true;
}

static bool fits(const int *sizes, int count) {
    int64_t elements = 1;
    for (int i = 0; i < count; i++) {
        if (sizes[i] > TENSOR_MOST_ELEMENTS / elements)
            return false;
        elements *= sizes[i];
    }
    return true;
}

/* [channels, height, width] or [numbers]. */
static bool read_shape(struct expand *expand, const struct node *node) {
    int sizes[3] = {0}, count = node->kind == NODE_LIST ? node->count : 0;
    bool fine = true;
    if (count != 1 && count != 3)
        return report_at(expand->report, &node->pos,
                         "'input' takes [channels, height, width], or [length] for vectors, not %s",
                         node_describe(node).text);
    for (int i = 0; i < count; i++)
        fine &= read_size(expand, node->entries[i].value, &sizes[i]);
    if (!fine)
        return false;
    if (!fits(sizes, count))
        return report_at(expand->report, &node->pos,
                         "this input has more than %s elements, the most that a tensor may have",
                         text_commas(TENSOR_MOST_ELEMENTS).text);
    expand->input.shape =
        count == 3 ? shape_map(sizes[0], sizes[1], sizes[2]) : shape_vector(sizes[0]);
    return true;
}

static void read_input(struct expand *expand) {
    const struct netdef *netdef = expand->netdef;
    const struct place place = {.names = &expand->globals};
    const struct node *input = netdef->input ? call_value(expand, &place, netdef->input) : NULL;
    if (!netdef->input)
        report_at(expand->report, &netdef->pos,
                  "a network needs 'input', as in input: [3, 32, 32] (channels, height, width)");
    if (input)
        expand->input.pos = input->pos;
    expand->input.broken = !input || !read_shape(expand, input);
    expand->failed |= expand->input.broken;
}

/* ---- stages ------------------------------------------------------------------------------------- */

static void expand_layers(struct expand *expand) {
    const struct netdef *netdef = expand->netdef;
    struct place place = expand_inside("", &expand->globals, &expand->top);
    if (!netdef->layers) {
        report_at(expand->report, &netdef->pos, "a network needs 'layers', a list of entries");
        return;
    }
    const struct node *layers = call_entries(expand, &place, netdef->layers, "layers");
    if (layers)
        expand->output = expand_entries(expand, &place, layers);
    scope_close(expand, &expand->top);
}

static bool has_layers(struct expand *expand, const struct graph *graph) {
    return graph->layer_count > 0 || report_at(expand->report, &expand->netdef->pos,
                                               "this network has no layers; it needs at least one");
}

/* Edits need all layers, so they wait until expansion finds no fault; shapes are checked as far as they go. */
static bool run_stages(struct expand *expand, struct graph *graph) {
    int before = expand->errors_before;
    if (!expand_globals(expand))
        return false;
    read_input(expand);
    graph->input = expand->input.shape;
    graph->rounds = &expand->rounds;
    expand_layers(expand);
    if (!expand->failed && report_count(expand->report) == before)
        edit_all(expand);
    bool inferred = expand->output && infer_graph(expand, graph);
    return inferred && !expand->failed && report_count(expand->report) == before &&
           has_layers(expand, graph) && init_choose(expand, graph);
}

const struct graph *graph_build(struct arena *arena, const struct netdef *netdef,
                                struct report *report) {
    struct expand *expand = expand_new(arena, netdef, report);
    struct graph *graph = arena_alloc(arena, 1, sizeof *graph);
    if (!expand || !graph)
        return NULL;
    graph->name = netdef->name ? arena_printf(arena, "%s", netdef->name) : "";
    graph->summary = netdef->summary ? arena_printf(arena, "%s", netdef->summary) : NULL;
    if (!graph->name || (netdef->summary && !graph->summary) || !run_stages(expand, graph))
        return NULL;
    return graph;
}
