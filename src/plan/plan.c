/* A plan: lifetimes, then who moves into whose memory, then an offset for every piece.
 *
 * The slab begins with what lives all the time (parameters, their gradients and state, scratch), one after the
 * other; behind it lies what comes and goes. */
#include "draft.h"
#include "place.h"

int plan_pitch(int channels) {
    return channels;
}

int plan_yields(const struct plan *plan, int layer) {
    return layer + 1 + plan->steps[layer].adds + plan->steps[layer].after;
}

int plan_maker(const struct plan *plan, int value) {
    int layer = value - 1;
    while (plan->steps[layer].included)
        layer--;
    return layer;
}

int plan_dy(const struct plan *plan, int layer) {
    return plan->steps[layer].adds ? layer + 2 : plan_yields(plan, layer);
}

int plan_added(const struct plan *plan, int layer) {
    const struct graph_layer *sum = &plan->graph->layers[layer + 1];
    return sum->inputs[sum->inputs[0] == layer + 1];
}

/* ---- options ----------------------------------------------------------------------------------- */

/* A copy of `count` flags, all false where `flags` is NULL. NULL: out of memory. */
static bool *copy_flags(struct arena *arena, const bool *flags, int count) {
    bool *copy = arena_alloc(arena, (size_t)count, sizeof(bool));
    for (int i = 0; copy && flags && i < count; i++)
        copy[i] = flags[i];
    return copy;
}

static bool copy_options(struct arena *arena, struct plan *plan,
                         const struct plan_options *options) {
    const struct graph *graph = plan->graph;
    int values = graph->layer_count + 1;
    bool *keep_values = copy_flags(arena, options->keep_values, values);
    bool *keep_gradients = copy_flags(arena, options->keep_gradients, values);
    bool *frozen = copy_flags(arena, options->frozen, graph->param_count);
    if (!keep_values || !keep_gradients || !frozen)
        return false;
    keep_values[0] = keep_values[graph->output] = true;
    keep_gradients[0] |= options->input_gradient;
    keep_gradients[graph->output] = true;
    plan->options = *options;
    plan->options.keep_values = keep_values;
    plan->options.keep_gradients = keep_gradients;
    plan->options.frozen = frozen;
    return true;
}

/* Kernels count the elements of a tensor in an int. */
static bool fits_tensors(const struct plan *plan, struct report *report) {
    const struct graph *graph = plan->graph;
    for (int v = 0; v <= graph->layer_count; v++) {
        struct shape shape = graph_shape(graph, v);
        int64_t pixels = (int64_t)shape.height * shape.width, pitch = plan_pitch(shape.channels);
        if (plan->options.batch <= TENSOR_MOST_ELEMENTS / pixels / pitch)
            continue;
        const struct pos *pos = v > 0 ? &graph->layers[v - 1].pos : NULL;
        return report_at(report, pos,
                         "%s: %s times %s is more than the %s elements that a tensor can hold; "
                         "take a smaller batch",
                         graph_value_path(graph, v), text_commas(plan->options.batch).text,
                         shape_text(shape).text, text_commas(TENSOR_MOST_ELEMENTS).text);
    }
    return true;
}

/* ---- what lives all the time ------------------------------------------------------------------- */

/* The next piece of the slab's beginning. */
static size_t append(struct draft *draft, size_t count, size_t size) {
    size_t offset = draft->plan->slab;
    draft->plan->slab += draft_bytes(draft, count, size);
    return offset;
}

static void append_params(struct draft *draft) {
    struct plan *plan = draft->plan;
    const struct graph *graph = draft->graph;
    for (int i = 0; i < graph->param_count; i++)
        plan->params[i] = append(draft, param_size(graph->params[i].shape), sizeof(float));
    for (int i = 0; i < graph->param_count; i++) {
        bool trained = plan->options.training && draft_trains(draft, i);
        size_t size = param_size(graph->params[i].shape), slots = (size_t)plan->options.optim_slots;
        plan->param_gradients[i] = trained ? append(draft, size, sizeof(float)) : PLAN_NONE;
        plan->optim_state[i] =
            trained && slots > 0 ? append(draft, size, slots * sizeof(float)) : PLAN_NONE;
    }
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

/* Parameters stay as they are while nothing is trained, and so do their packed weights; else all layers pack
 * theirs in one place. */
static void append_packed(struct draft *draft) {
    struct plan *plan = draft->plan;
    int layers = draft->graph->layer_count;
    size_t most = 0, place = PLAN_NONE;
    for (int i = 0; i < layers; i++)
        most = larger(most, draft->graph->layers[i].info.packed);
    if (plan->options.training && most > 0)
        place = append(draft, 1, most);
    for (int i = 0; i < layers; i++) {
        size_t bytes = draft->graph->layers[i].info.packed;
        plan->packed[i] = bytes == 0               ? PLAN_NONE
                          : plan->options.training ? place
                                                   : append(draft, 1, bytes);
    }
}

/* Scratch is used by one call at a time: as much as the call that needs most of it. */
static void append_scratch(struct draft *draft) {
    struct plan *plan = draft->plan;
    size_t worker = 0, slice = 0, shared = 0;
    int slices = plan->options.batch < SLICE_MOST ? plan->options.batch : SLICE_MOST;
    int workers = plan->options.threads < slices ? plan->options.threads : slices;
    for (int i = 0; i < draft->graph->layer_count; i++) {
        const struct layer_info *info = &draft->graph->layers[i].info;
        worker = larger(worker, info->worker_scratch);
        slice = larger(slice, info->slice_scratch);
        shared = larger(shared, layer_shared_bytes(info, plan->options.batch));
    }
    plan->worker_stride = draft_round(worker);
    plan->slice_stride = draft_round(slice);
    plan->worker_scratch = append(draft, (size_t)workers, plan->worker_stride);
    plan->slice_scratch = append(draft, (size_t)slices, plan->slice_stride);
    plan->shared_scratch = append(draft, 1, shared);
}

/* ---- what comes and goes ----------------------------------------------------------------------- */

struct pieces {
    struct piece *items;
    int count;
};

static struct piece *add_piece(struct pieces *pieces, size_t bytes, int from, int to) {
    struct piece *piece = &pieces->items[pieces->count++];
    *piece = (struct piece){.bytes = bytes, .from = from, .to = to};
    return piece;
}

/* One piece for each home, from its first write to the last read of all who live there. */
static void add_homes(const struct draft *draft, const struct item *items, struct pieces *pieces) {
    for (int v = 0; v <= draft->graph->layer_count; v++) {
        if (!items[v].exists || items[v].home != v)
            continue;
        struct piece *piece =
            add_piece(pieces, items[v].bytes, items[v].first_write, items[v].last_read);
        for (int i = items[v].next; i >= 0; i = items[i].next)
            if (items[i].last_read > piece->to)
                piece->to = items[i].last_read;
    }
}

/* Does forward leave something: for its own backward, or for whoever has its y or dx made? */
static bool leaves(const struct plan *plan, int layer) {
    const struct layer_info *info = &plan->graph->layers[layer].info;
    const struct plan_step *step = &plan->steps[layer];
    bool wanted = plan->options.training || step->makes_y || step->makes_later;
    return wanted && info->saved_per_batch + info->saved_per_image > 0;
}

/* What is taken while the layer before writes it is left as early as that. */
static int first_needed(const struct draft *draft, int layer) {
    return time_forward(draft_step(draft, layer)->takes_x ? layer - 1 : layer);
}

/* Who has y or dx made needs x for it, and what was left as long as that. */
static int last_needed(const struct draft *draft, int layer) {
    const struct plan_step *step = draft_step(draft, layer);
    int last = step->backward ? time_backward(draft, layer) : time_forward(layer);
    int x = draft->graph->layers[layer].inputs[0], made = draft->values[x].last_read;
    bool makes = step->makes_y || step->makes_later || step->makes_dx;
    return makes && made > last ? made : last;
}

static void add_saved(struct draft *draft, struct pieces *pieces) {
    const struct plan *plan = draft->plan;
    for (int i = 0; i < draft->graph->layer_count; i++) {
        const struct layer_info *info = &draft->graph->layers[i].info;
        if (!leaves(plan, i))
            continue;
        size_t bytes = draft_bytes(draft, 1, info->saved_per_batch) +
                       draft_bytes(draft, (size_t)plan->options.batch, info->saved_per_image);
        add_piece(pieces, bytes, first_needed(draft, i), last_needed(draft, i));
    }
}

/* The offsets of homes, in the order in which add_homes took them, and of those who live there. */
static const struct piece *take_homes(const struct draft *draft, const struct item *items,
                                      const struct piece *piece, size_t *offsets) {
    for (int v = 0; v <= draft->graph->layer_count; v++)
        offsets[v] = PLAN_NONE;
    for (int v = 0; v <= draft->graph->layer_count; v++) {
        if (!items[v].exists || items[v].home != v)
            continue;
        for (int i = v; i >= 0; i = items[i].next)
            offsets[i] = draft->plan->slab + piece->offset;
        piece++;
    }
    return piece;
}

static void take_saved(const struct draft *draft, const struct piece *piece) {
    const struct plan *plan = draft->plan;
    for (int i = 0; i < draft->graph->layer_count; i++)
        plan->saved[i] = leaves(plan, i) ? plan->slab + piece++->offset : PLAN_NONE;
}

/* Puts the pieces behind what lives all the time. */
static bool place(struct draft *draft, struct pieces *pieces) {
    struct plan *plan = draft->plan;
    size_t end, bound;
    for (int i = 0; plan->options.no_reuse && i < pieces->count; i++) {
        pieces->items[i].from = TIME_START;
        pieces->items[i].to = time_end(draft);
    }
    if (!place_bound(draft->scratch, pieces->items, pieces->count, TIME_START, time_end(draft),
                     &bound) ||
        !place_pieces(draft->scratch, pieces->items, pieces->count, &end))
        return false;
    take_saved(draft, take_homes(draft, draft->gradients,
                                 take_homes(draft, draft->values, pieces->items, plan->values),
                                 plan->gradients));
    plan->bound = plan->slab + bound;
    plan->slab += end;
    return true;
}

/* ---- together ---------------------------------------------------------------------------------- */

static bool fits_memory(const struct draft *draft, struct report *report) {
    if (!draft->too_large)
        return true;
    return report_error(report, "a batch of %s needs more than %s of memory; take a smaller %s",
                        text_commas(draft->plan->options.batch).text,
                        text_bytes(PLAN_MOST_BYTES).text,
                        draft->plan->options.batch > 1 ? "batch" : "network");
}

static bool fill(struct draft *draft, struct report *report) {
    struct pieces pieces = {0};
    size_t most = 3 * (size_t)draft->graph->layer_count + 2;
    pieces.items = arena_alloc(draft->scratch, most, sizeof(struct piece));
    if (!draft->plan->options.no_fusion)
        draft_fuse(draft);
    if (!pieces.items || !draft_lifetimes(draft))
        return false;
    if (!draft->plan->options.no_reuse)
        draft_share(draft);
    append_params(draft);
    append_packed(draft);
    append_scratch(draft);
    add_homes(draft, draft->values, &pieces);
    add_homes(draft, draft->gradients, &pieces);
    add_saved(draft, &pieces);
    return fits_memory(draft, report) && place(draft, &pieces);
}

static struct plan *plan_new(struct arena *arena, const struct graph *graph) {
    size_t layers = (size_t)graph->layer_count, params = (size_t)graph->param_count;
    struct plan *plan = arena_alloc(arena, 1, sizeof *plan);
    if (!plan)
        return NULL;
    plan->graph = graph;
    plan->values = arena_alloc(arena, layers + 1, sizeof(size_t));
    plan->gradients = arena_alloc(arena, layers + 1, sizeof(size_t));
    plan->saved = arena_alloc(arena, layers, sizeof(size_t));
    plan->steps = arena_alloc(arena, layers, sizeof(struct plan_step));
    plan->params = arena_alloc(arena, params, sizeof(size_t));
    plan->param_gradients = arena_alloc(arena, params, sizeof(size_t));
    plan->optim_state = arena_alloc(arena, params, sizeof(size_t));
    plan->packed = arena_alloc(arena, layers, sizeof(size_t));
    bool all = plan->values && plan->gradients && plan->saved && plan->steps && plan->params &&
               plan->param_gradients && plan->optim_state && plan->packed;
    return all ? plan : NULL;
}

const struct plan *plan_build(struct arena *arena, const struct graph *graph,
                              const struct plan_options *options, struct report *report) {
    struct plan *plan = plan_new(arena, graph);
    if (!plan || !copy_options(arena, plan, options) || !fits_tensors(plan, report))
        return NULL;
    struct draft draft = {.graph = graph, .plan = plan, .scratch = arena_child(arena)};
    bool done = draft.scratch && fill(&draft, report);
    arena_free(draft.scratch);
    return done ? plan : NULL;
}

/* Resident memory besides the slab and the data: code, libraries, graph, OpenBLAS's buffers. Measured as
 * VmHWM less slab after three steps of each netdef (`make bench` shows both) with 1, 3 and 128 images on 1, 2
 * and 7 threads (x86-64, glibc 2.36, OpenBLAS 0.3.21): 5.3 to 8.4 MB, 11 MB of fcn on 7 threads. */
enum { PROCESS_BYTES = 8000000 };

size_t plan_resident(const struct plan *plan, size_t data_bytes) {
    return plan->slab + data_bytes + PROCESS_BYTES;
}
