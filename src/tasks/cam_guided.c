/* Guided backpropagation as a change of the network, not of the executor: a copy of the graph in which every
 * elementwise kind stands behind a mask that calls it and keeps what is over 0 of its gradient. The executor
 * runs it like any other; kinds and executor know nothing of it. */
#include "cam.h"

/* What stands in the place of a layer's config. */
struct guided {
    const struct layer_ops *ops;
    const void *config;
};

static void guided_map(const void *config, const float *x, float *y, size_t n) {
    const struct guided *guided = config;
    guided->ops->pointwise->map(guided->config, x, y, n);
}

/* For a ReLU: dy where both x and dy are over 0, else 0. */
static void guided_slope(const void *config, const float *value, const float *dy, float *dx,
                         size_t n) {
    const struct guided *guided = config;
    guided->ops->pointwise->slope(guided->config, value, dy, dx, n);
    for (size_t i = 0; i < n; i++)
        dx[i] = dx[i] > 0 ? dx[i] : 0;
}

static void guided_forward(const struct layer_call *call) {
    const struct guided *guided = call->config;
    struct layer_call inner = *call;
    inner.config = guided->config;
    guided->ops->forward(&inner);
}

/* One pixel: dx += slope or dx = slope, in pieces. */
static void guided_pixel(const struct layer_call *call, const float *value, const float *dy,
                         float *dx) {
    enum { PIECE = 64 };
    float piece[PIECE];
    int channels = call->dy.channels;
    for (int first = 0; first < channels; first += PIECE) {
        int n = channels - first < PIECE ? channels - first : PIECE;
        guided_slope(call->config, value + first, dy + first, piece, (size_t)n);
        for (int i = 0; i < n; i++)
            dx[first + i] = call->dx_add[0] ? dx[first + i] + piece[i] : piece[i];
    }
}

static void guided_slice(const struct layer_call *call, struct slice slice) {
    const struct guided *guided = call->config;
    struct tensor value = guided->ops->pointwise->reads_x ? call->x[0] : call->y;
    value = tensor_images(value, slice.first, slice.count);
    struct tensor dy = tensor_images(call->dy, slice.first, slice.count);
    struct tensor dx = tensor_images(call->dx[0], slice.first, slice.count);
    for (size_t p = 0; p < tensor_pixels(dx); p++)
        guided_pixel(call, value.data + p * (size_t)value.pitch, dy.data + p * (size_t)dy.pitch,
                     dx.data + p * (size_t)dx.pitch);
}

static void guided_backward(const struct layer_call *call) {
    if (call->dx[0].data)
        layer_slices(call, guided_slice);
}

/* ---- the copy ---------------------------------------------------------------------------------- */

static bool disguise(struct arena *arena, struct graph_layer *layer) {
    struct guided *guided = arena_alloc(arena, 1, sizeof *guided);
    struct layer_pointwise *pointwise = arena_alloc(arena, 1, sizeof *pointwise);
    struct layer_ops *ops = arena_alloc(arena, 1, sizeof *ops);
    if (!guided || !pointwise || !ops)
        return false;
    *guided = (struct guided){layer->ops, layer->config};
    *pointwise = (struct layer_pointwise){
        .map = guided_map, .slope = guided_slope, .reads_x = layer->ops->pointwise->reads_x};
    *ops = *layer->ops;
    ops->pointwise = pointwise;
    ops->forward = guided_forward;
    ops->backward = guided_backward;
    layer->ops = ops;
    layer->config = guided;
    return true;
}

const struct graph *cam_guided_graph(struct arena *arena, const struct graph *graph) {
    struct graph *copy = arena_alloc(arena, 1, sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *graph;
    copy->layers = arena_alloc(arena, (size_t)graph->layer_count, sizeof *copy->layers);
    for (int i = 0; copy->layers && i < graph->layer_count; i++) {
        copy->layers[i] = graph->layers[i];
        if (graph->layers[i].ops->pointwise && !disguise(arena, &copy->layers[i]))
            return NULL;
    }
    return copy->layers ? copy : NULL;
}
