/* The graph in Graphviz's language: a box per layer, coloured by what it does, frames around blocks,
 * repeats and residuals, shapes on the arrows.
 *
 * Frames follow from paths alone: the layers of one part of a path stand together, and where that part
 * comes back, Graphviz adds to the frame of the same name. */
#include "netrun/graph.h"

#include <string.h>

/* ---- boxes -------------------------------------------------------------------------------------- */

static int most_dims(const struct layer_info *info) {
    int most = 0;
    for (int i = 0; i < info->param_count; i++)
        if (info->params[i].rank > most)
            most = info->params[i].rank;
    return most;
}

/* One colour per family: weights, norms, elementwise, joins, only in training, other changes of shape. */
static const char *color_of(const struct graph_layer *layer) {
    int dims = most_dims(&layer->info);
    if (dims > 1)
        return "#cfe2f3";
    if (dims == 1)
        return "#fff2cc";
    if (layer->ops->pointwise)
        return "#d9ead3";
    if (layer->ops->max_inputs > 1)
        return "#f9cb9c";
    if (layer->ops->traits & LAYER_ONLY_TRAINING)
        return "#eeeeee";
    return shape_equal(layer->info.in[0], layer->info.out) ? "#ffffff" : "#d9d2e9";
}

/* Texts of users are the only ones that may hold quotes. */
static void print_text(const char *text, FILE *out) {
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
    fputc('"', out);
}

static const char *last_part(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* The layer's own name, and its kind where that is another word. */
static void print_box(const struct graph *graph, int index, FILE *out) {
    const struct graph_layer *layer = &graph->layers[index];
    const char *part = last_part(layer->path), *kind = layer->ops->name;
    bool named = strncmp(part, kind, strlen(kind)) != 0;
    fprintf(out, "v%d [label=\"%s%s%s\", tooltip=\"%s\", fillcolor=\"%s\"];\n", index + 1, part,
            named ? "\\n" : "", named ? kind : "", layer->path, color_of(layer));
}

/* ---- frames ------------------------------------------------------------------------------------- */

static size_t prefix_length(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot ? (size_t)(dot - path) : 0;
}

static int count_parts(const char *text, size_t length) {
    int parts = length > 0;
    for (size_t i = 0; i < length; i++)
        parts += text[i] == '.';
    return parts;
}

/* Bytes of the frames that two paths share: whole parts of both prefixes. */
static size_t shared_length(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t shared = 0;
    for (size_t i = 0;; i++) {
        bool a_ends = i == a_length || a[i] == '.', b_ends = i == b_length || b[i] == '.';
        if (a_ends && b_ends)
            shared = i;
        if (i == a_length || i == b_length || a[i] != b[i])
            return shared;
    }
}

static void print_indent(int depth, FILE *out) {
    fprintf(out, "%*s", 2 * depth + 2, "");
}

/* Closes the frames of the path before that this one is not in, and opens its own. */
static void change_frames(const char *before, const char *path, FILE *out) {
    size_t before_length = prefix_length(before), length = prefix_length(path);
    size_t shared = shared_length(before, before_length, path, length);
    int open = count_parts(before, before_length), depth = count_parts(path, shared);
    while (open-- > depth) {
        print_indent(open, out);
        fprintf(out, "}\n");
    }
    for (size_t end = shared; end < length;) {
        size_t start = end > 0 ? end + 1 : 0;
        end = start + strcspn(path + start, ".");
        print_indent(depth++, out);
        fprintf(out, "subgraph \"cluster_%.*s\" { label=\"%.*s\";\n", (int)end, path,
                (int)(end - start), path + start);
    }
}

static void print_boxes(const struct graph *graph, FILE *out) {
    const char *before = "";
    for (int i = 0; i < graph->layer_count; i++) {
        const char *path = graph->layers[i].path;
        change_frames(before, path, out);
        print_indent(count_parts(path, prefix_length(path)), out);
        print_box(graph, i, out);
        before = path;
    }
    change_frames(before, "", out);
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static void print_arrows(const struct graph *graph, FILE *out) {
    for (int i = 0; i < graph->layer_count; i++) {
        const struct graph_layer *layer = &graph->layers[i];
        for (int j = 0; j < layer->info.inputs; j++)
            fprintf(out, "  v%d -> v%d [label=\"%s\"];\n", layer->inputs[j], i + 1,
                    shape_text(layer->info.in[j]).text);
    }
    fprintf(out, "  v%d -> output [label=\"%s\"];\n", graph->output,
            shape_text(graph_shape(graph, graph->output)).text);
}

static void print_dot(const struct graph *graph, FILE *out) {
    fprintf(out, "digraph ");
    print_text(graph->name, out);
    fprintf(out, " {\n  label=");
    print_text(graph->summary ? graph->summary : graph->name, out);
    fprintf(out, "; labelloc=t; fontname=\"Helvetica\"; fontsize=12; color=\"#999999\";\n"
                 "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", "
                 "fontsize=10, fillcolor=\"#ffffff\"];\n"
                 "  edge [fontname=\"Helvetica\", fontsize=8, fontcolor=\"#555555\"];\n"
                 "  v0 [label=\"input\", shape=ellipse];\n"
                 "  output [shape=ellipse];\n");
    print_boxes(graph, out);
    print_arrows(graph, out);
    fprintf(out, "}\n");
}

bool graph_write_dot(const struct graph *graph, const char *path, struct report *report) {
    struct file_writer writer;
    if (!file_begin(&writer, path, report))
        return false;
    print_dot(graph, writer.out);
    return file_commit(&writer, report);
}
