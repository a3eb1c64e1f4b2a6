/* graph: what a netdef means - its layers in order, each with path, inputs, shapes, parameters.
 *
 * Expansion turns blocks, repeats, residuals and parameters into a flat list in which every input comes
 * before its reader; everything that does not fit is refused here, with positions. Values are numbered: 0
 * is the network's input, value i + 1 is the output of layer i. */
#ifndef NETRUN_GRAPH_H
#define NETRUN_GRAPH_H

#include "netrun/format.h"
#include "netrun/layers.h"
#include "netrun/spec.h"

struct graph_layer {
    const char *path; /* "stage1.0.body.conv2d" */
    uint32_t path_hash;
    const struct layer_ops *ops;
    void *config;
    struct layer_info info;
    int inputs[LAYER_MOST_INPUTS]; /* values */
    int first_param;               /* its parameters are graph->params[first_param ...] */
    struct pos pos;
};

/* One parameter tensor of the network. */
struct graph_param {
    const char *path; /* "stage1.0.body.conv2d.weight" */
    const struct layer_param *shape;
    int layer;
    const struct init_ops *init; /* NULL: PyTorch's default */
    const void *init_config;
};

/* A named block, repeat or residual, a round of a repeat, a branch of a residual; the value it yields. */
struct graph_group {
    const char *path;
    int value;
};

struct graph {
    const char *name, *summary; /* summary may be NULL */
    struct shape input;
    struct graph_layer *layers;
    int layer_count;
    struct graph_param *params;
    int param_count;
    struct graph_group *groups;
    int group_count;
    int output;                    /* the value that the network yields */
    int64_t parameters;            /* trained ones, buffers not counted */
    int64_t multiply_adds;         /* per image */
    const struct text_map *rounds; /* how many rounds each repeat has: what -1 in a pattern means */
};

/* Expands and checks. NULL: every fault found is in the report. All memory from `arena`; the netdef and its
 * texts must outlive the graph only where positions are used. */
const struct graph *graph_build(struct arena *arena, const struct netdef *netdef,
                                struct report *report);

struct shape graph_shape(const struct graph *graph, int value);

/* "input", or the layer's path. */
const char *graph_value_path(const struct graph *graph, int value);

/* Layers whose path fits a pattern: parts between dots, `*` one part (also within one: conv2d*), `**` any
 * number of parts; -1 is the last round of a repeat. Returns how many, in order; `found` has room for
 * layer_count. No match is 0, not an error. */
int graph_select(const struct graph *graph, const char *pattern, int *found);

/* The same for one text: does the path fit? `graph` gives meaning to negative numbers. */
bool graph_matches(const struct graph *graph, const char *pattern, const char *path);

/* Does the pattern fit the path of a parameter tensor, or that of its layer? */
bool graph_matches_param(const struct graph *graph, const char *pattern, int param);

/* The one layer that a user named: its path, a pattern that fits only it, or a group (the layer that yields
 * its value). None or several is an error with the nearest path. -1: see the report. */
int graph_find(const struct graph *graph, const struct node *pattern, struct report *report);

/* Refuses a batch (or last batch) of one image where batch norm would see one value per channel. */
bool graph_check_batch(const struct graph *graph, int images, const struct pos *pos,
                       struct report *report);

/* What --dry-run prints of a graph: name and input, then for every layer path, kind, output shape,
 * parameters, multiply-adds per image, bytes of its output for `batch` images and, where it is not simply
 * the layer above, what it reads; then totals. */
void graph_print_table(const struct graph *graph, int batch, FILE *out);

/* The graph in Graphviz's language. */
bool graph_write_dot(const struct graph *graph, const char *path, struct report *report);

/* ---- surgery ------------------------------------------------------------------------------------
 * Where the parameters of an arm come from, and how they are trained: its `weights` and `rules`. */

/* What becomes of a tensor of a file. */
enum surgery_fate {
    SURGERY_UNUSED, /* it has no place in the network */
    SURGERY_COPIED,
    SURGERY_SKIPPED, /* its place has another shape */
    SURGERY_IGNORED  /* it holds no floating-point numbers, or counts batches */
};

/* One entry of `weights`. Later entries write over what earlier ones copied. */
struct surgery_file {
    const char *path;
    const struct tensor_file *file;
    int *targets; /* per tensor of the file: the parameter tensor that is its place, -1: none */
    enum surgery_fate *fates; /* likewise */
};

/* Where a parameter tensor gets its values. */
struct surgery_source {
    const struct named_tensor *tensor; /* NULL: it keeps its start value */
    const struct surgery_file *file;
};

struct surgery {
    const struct graph *graph;
    struct surgery_file *files;
    int file_count;
    bool has_rules;
    struct surgery_source *sources; /* per parameter tensor, as these three: */
    bool *frozen;                   /* no gradient: for plan_options.frozen */
    double *rate_factors, *decay_factors;
    bool *freeze_stats; /* per layer: batch norm keeps its statistics */
};

/* Reads the files that the arm names and holds them and its rules against the graph. An arm without any has
 * a surgery that changes nothing. NULL: see the report. */
const struct surgery *surgery_build(struct arena *arena, const struct graph *graph,
                                    const struct arm *arm, struct report *report);

/* Parameter tensors that keep their start values though the arm has weights. */
int surgery_unfilled(const struct surgery *surgery);

/* What is copied, left as initialised, frozen and unused: by the first part of paths, or (`verbose`) tensor by
 * tensor. Nothing for an arm without weights and rules. */
void surgery_print(const struct surgery *surgery, bool verbose, FILE *out);

#endif
