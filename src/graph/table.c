/* The table of --dry-run: a row per layer, columns as wide as their widest cell, totals below. */
#include "netrun/graph.h"

#include <string.h>

enum { COLUMNS = 6 };

/* The cells of a row but the last, `reads`, which is written as it comes. */
struct row {
    const char *path; /* the first cell, of any length */
    struct quoted cells[COLUMNS - 1];
};

/* ---- numbers ------------------------------------------------------------------------------------ */

static int64_t product(int64_t a, int64_t b) {
    int64_t result;
    return __builtin_mul_overflow(a, b, &result) ? INT64_MAX : result;
}

static int64_t sum(int64_t a, int64_t b) {
    int64_t result;
    return __builtin_add_overflow(a, b, &result) ? INT64_MAX : result;
}

static int64_t value_bytes(const struct graph *graph, int value, int batch) {
    int64_t floats = (int64_t)shape_size(graph_shape(graph, value));
    return product(product(floats, (int64_t)sizeof(float)), batch);
}

static int64_t layer_parameters(const struct graph_layer *layer) {
    int64_t count = 0;
    for (int i = 0; i < layer->info.param_count; i++)
        if (layer->info.params[i].role == PARAM_TRAINED)
            count += (int64_t)param_size(&layer->info.params[i]);
    return count;
}

/* ---- rows --------------------------------------------------------------------------------------- */

static struct quoted cell(const char *text) {
    struct quoted quoted;
    snprintf(quoted.text, sizeof quoted.text, "%s", text);
    return quoted;
}

/* Nothing, where there is nothing to count. */
static struct quoted number_cell(int64_t number) {
    return number ? text_commas(number) : cell("");
}

static struct row head_row(void) {
    return (struct row){
        "layer", {{"kind"}, {"output"}, {"parameters"}, {"multiply-adds"}, {"activation bytes"}}};
}

/* The row of a value: the network's input, or a layer's output. */
static struct row row_of(const struct graph *graph, int value, int batch) {
    struct row row = {graph_value_path(graph, value),
                      {cell(""), shape_text(graph_shape(graph, value)), cell(""), cell(""),
                       text_commas(value_bytes(graph, value, batch))}};
    if (value == 0)
        return row;
    const struct graph_layer *layer = &graph->layers[value - 1];
    row.cells[0] = cell(layer->ops->name);
    row.cells[2] = number_cell(layer_parameters(layer));
    row.cells[3] = number_cell(layer->info.multiply_adds);
    return row;
}

static struct row total_row(const struct graph *graph, int batch) {
    int64_t bytes = 0;
    for (int value = 1; value <= graph->layer_count; value++)
        bytes = sum(bytes, value_bytes(graph, value, batch));
    struct row row = {"in all",
                      {cell(""), shape_text(graph_shape(graph, graph->output)),
                       text_commas(graph->parameters), text_commas(graph->multiply_adds),
                       text_commas(bytes)}};
    snprintf(row.cells[0].text, sizeof row.cells[0].text, "%d layer%s", graph->layer_count,
             graph->layer_count == 1 ? "" : "s");
    return row;
}

static const char *cell_of(const struct row *row, int column) {
    return column == 0 ? row->path : row->cells[column - 1].text;
}

static void widen(int *widths, const struct row *row) {
    for (int i = 0; i < COLUMNS; i++) {
        int width = (int)strlen(cell_of(row, i));
        if (width > widths[i])
            widths[i] = width;
    }
}

static void measure(const struct graph *graph, int batch, const struct row *head, int *widths) {
    struct row total = total_row(graph, batch);
    widen(widths, head);
    widen(widths, &total);
    for (int value = 0; value <= graph->layer_count; value++) {
        struct row row = row_of(graph, value, batch);
        widen(widths, &row);
    }
}

/* ---- printing ----------------------------------------------------------------------------------- */

static void print_row(const struct row *row, const int *widths, FILE *out) {
    for (int i = 0; i < COLUMNS; i++)
        fprintf(out, "%s%*s", i > 0 ? "  " : "", i < 3 ? -widths[i] : widths[i], cell_of(row, i));
}

/* What a layer reads, unless it is just the layer above. */
static void print_reads(const struct graph *graph, int value, FILE *out) {
    const struct graph_layer *layer = value > 0 ? &graph->layers[value - 1] : NULL;
    int inputs = layer ? layer->info.inputs : 0;
    bool follows = inputs == 1 && layer->inputs[0] == value - 1;
    for (int i = 0; i < inputs && !follows; i++)
        fprintf(out, "%s%s", i > 0 ? ", " : "  ", graph_value_path(graph, layer->inputs[i]));
    fputc('\n', out);
}

static void print_rule(const int *widths, FILE *out) {
    int width = 2 * (COLUMNS - 1);
    for (int i = 0; i < COLUMNS; i++)
        width += widths[i];
    for (int i = 0; i < width; i++)
        fputc('-', out);
    fputc('\n', out);
}

static void print_title(const struct graph *graph, int batch, FILE *out) {
    fprintf(out, "%s%s%s\n", graph->name, graph->summary ? ": " : "",
            graph->summary ? graph->summary : "");
    fprintf(out, "multiply-adds are per image; activation bytes are for a batch of %s\n\n",
            text_commas(batch).text);
}

void graph_print_table(const struct graph *graph, int batch, FILE *out) {
    struct row head = head_row(), total = total_row(graph, batch);
    int widths[COLUMNS] = {0};
    measure(graph, batch, &head, widths);
    print_title(graph, batch, out);
    print_row(&head, widths, out);
    fprintf(out, "  reads, if not the row above\n");
    print_rule(widths, out);
    for (int value = 0; value <= graph->layer_count; value++) {
        struct row row = row_of(graph, value, batch);
        print_row(&row, widths, out);
        print_reads(graph, value, out);
    }
    print_rule(widths, out);
    print_row(&total, widths, out);
    fputc('\n', out);
}
