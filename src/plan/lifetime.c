/* When everything is written first and read last.
 *
 * A gradient exists where it flows (a path leads to the output) and leads to something that is wanted: a
 * trained parameter, or a gradient that is kept, at or below its layer. */
#include "draft.h"

size_t draft_bytes(struct draft *draft, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > PLAN_MOST_BYTES ||
        draft_round(bytes) > PLAN_MOST_BYTES - draft->total) {
        draft->too_large = true;
        return 0;
    }
    draft->total += draft_round(bytes);
    return draft_round(bytes);
}

bool draft_trains(const struct draft *draft, int param) {
    const bool *frozen = draft->plan->options.frozen;
    return draft->graph->params[param].shape->role == PARAM_TRAINED && !(frozen && frozen[param]);
}

static bool layer_trains(const struct draft *draft, const struct graph_layer *layer) {
    for (int i = 0; i < layer->info.param_count; i++)
        if (draft_trains(draft, layer->first_param + i))
            return true;
    return false;
}

/* ---- which gradients exist --------------------------------------------------------------------- */

/* From the input upwards: wanted[value] is set where its gradient leads to something that is wanted. */
static void find_wanted(const struct draft *draft, bool *wanted) {
    const struct graph *graph = draft->graph;
    const bool *keep = draft->plan->options.keep_gradients;
    wanted[0] = keep[0];
    for (int i = 0; i < graph->layer_count; i++) {
        const struct graph_layer *layer = &graph->layers[i];
        wanted[i + 1] = keep[i + 1] || layer_trains(draft, layer);
        for (int k = 0; k < layer->info.inputs; k++)
            wanted[i + 1] |= wanted[layer->inputs[k]];
    }
}

/* From the output downwards: a gradient flows to the inputs of every layer that it reaches. */
static void find_gradients(struct draft *draft, const bool *wanted) {
    const struct graph *graph = draft->graph;
    struct item *gradients = draft->gradients;
    gradients[graph->output].exists = true;
    for (int i = graph->layer_count - 1; i >= 0; i--) {
        const struct graph_layer *layer = &graph->layers[i];
        struct plan_step *step = &draft->plan->steps[i];
        if (!gradients[i + 1].exists)
            continue;
        step->backward = layer_trains(draft, layer);
        for (int k = 0; k < layer->info.inputs; k++) {
            gradients[layer->inputs[k]].exists |= wanted[layer->inputs[k]];
            step->backward |= wanted[layer->inputs[k]];
        }
    }
}

/* Backward of the last layer inside is not this one's: where there is a sum whose gradient is not taken. */
static bool leaves_backward(const struct plan_step *step) {
    return step->adds && !(step->after && step->takes_dy);
}

/* Takes away what fusion does not store. */
static void drop_unstored(struct draft *draft) {
    for (int i = 0; i < draft->graph->layer_count; i++) {
        struct plan_step *step = &draft->plan->steps[i];
        int y = plan_yields(draft->plan, i);
        step->makes_dx &= draft->gradients[i].exists;
        if (step->takes_dy)
            step->takes_dy = step->backward && draft_step(draft, y)->backward;
        if (step->makes_dx)
            draft->gradients[i].exists = false;
        if (y == i + 1)
            continue;
        draft->gradients[i + 1].exists = false;
        if (!leaves_backward(step))
            draft->plan->steps[y - 1].backward = false;
    }
}

/* What is kept though no path leads to the output stays zero, as the executor leaves it. */
static void keep_unreached(struct draft *draft) {
    for (int v = 0; v <= draft->graph->layer_count; v++)
        if (draft->plan->options.keep_gradients[v] && !draft->gradients[v].exists) {
            draft->gradients[v].exists = true;
            draft->gradients[v].first_write = TIME_START;
        }
}

/* ---- when gradients live ----------------------------------------------------------------------- */

/* Backward in its order: the first writer stores, the others add. The gradient of a sum that is taken has no
 * other writer. */
static void find_writers(struct draft *draft, bool *written) {
    const struct graph *graph = draft->graph;
    written[graph->output] = true;
    draft->gradients[graph->output].first_write = time_loss(draft);
    for (int i = graph->layer_count - 1; i >= 0; i--) {
        struct plan_step *step = &draft->plan->steps[i];
        if (draft_takes_sum(draft, i))
            draft->gradients[plan_dy(draft->plan, i)].first_write = draft_slope(draft, i);
        for (int k = 0; step->backward && k < graph->layers[i].info.inputs; k++) {
            int x = graph->layers[i].inputs[k];
            step->dx_add[k] = written[x];
            if (!written[x])
                draft->gradients[x].first_write = time_backward(draft, i);
            written[x] = true;
        }
    }
}

/* When backward reads dy, and x if at all, for the last time: in its own call, or in that of the layer before,
 * which has dx made. */
static int last_backward(const struct draft *draft, int index) {
    return time_backward(draft, draft_step(draft, index)->makes_dx ? index - 1 : index);
}

static int last_gradient_read(const struct draft *draft, int value) {
    if (draft->plan->options.keep_gradients[value])
        return time_end(draft);
    int maker = plan_maker(draft->plan, value);
    return value == plan_dy(draft->plan, maker) ? last_backward(draft, maker)
                                                : draft_slope(draft, maker);
}

static void live_gradients(struct draft *draft) {
    draft->gradients[0].last_read = time_end(draft);
    for (int v = 1; v <= draft->graph->layer_count; v++)
        draft->gradients[v].last_read = last_gradient_read(draft, v);
}

/* ---- when values live -------------------------------------------------------------------------- */

/* A value that is made is read by reading what it is made from. */
static void read_value(struct draft *draft, int value, int moment) {
    struct item *item = &draft->values[value];
    if (!item->exists)
        item = &draft->values[draft->graph->layers[plan_maker(draft->plan, value)].inputs[0]];
    if (moment > item->last_read)
        item->last_read = moment;
}

static void read_by_layer(struct draft *draft, int index) {
    const struct graph_layer *layer = &draft->graph->layers[index];
    bool backward = draft_step(draft, index)->backward;
    bool again = backward && (layer->ops->traits & LAYER_READS_X);
    int moment = again ? last_backward(draft, index) : draft_forward(draft, index);
    for (int k = 0; k < layer->info.inputs; k++)
        read_value(draft, layer->inputs[k], moment);
    if (backward && (layer->ops->traits & LAYER_READS_Y))
        read_value(draft, index + 1, time_backward(draft, index));
}

/* What a layer reads for those inside its calls. */
static void read_by_included(struct draft *draft, int index) {
    const struct plan_step *step = draft_step(draft, index);
    int y = plan_yields(draft->plan, index);
    if (!step->adds)
        return;
    read_value(draft, plan_added(draft->plan, index), draft_forward(draft, index));
    if (step->after && (draft_takes_sum(draft, index) || draft_step(draft, y - 1)->backward))
        read_value(draft, y, draft_slope(draft, index));
}

static bool is_stored(const struct draft *draft, int value) {
    if (value == 0)
        return true;
    int maker = plan_maker(draft->plan, value);
    return value == plan_yields(draft->plan, maker) && !draft_step(draft, maker)->makes_y;
}

static void live_values(struct draft *draft) {
    int layers = draft->graph->layer_count;
    for (int v = 0; v <= layers; v++) {
        bool kept = draft->plan->options.keep_values[v];
        draft->values[v].exists = is_stored(draft, v);
        draft->values[v].first_write =
            v == 0 ? TIME_START : time_forward(plan_maker(draft->plan, v));
        draft->values[v].last_read = kept ? time_end(draft) : draft->values[v].first_write;
    }
    for (int i = 0; i < layers; i++)
        if (!draft_step(draft, i)->included) {
            read_by_layer(draft, i);
            read_by_included(draft, i);
        }
}

/* ---- together ---------------------------------------------------------------------------------- */

static size_t value_bytes(struct draft *draft, int value) {
    struct shape shape = graph_shape(draft->graph, value);
    size_t pixels = (size_t)shape.height * (size_t)shape.width;
    size_t image = pixels * (size_t)plan_pitch(shape.channels) * sizeof(float);
    return draft_bytes(draft, (size_t)draft->plan->options.batch, image);
}

static void measure_items(struct draft *draft, struct item *items) {
    for (int v = 0; v <= draft->graph->layer_count; v++) {
        items[v].home = v;
        items[v].next = -1;
        if (items[v].exists)
            items[v].bytes = value_bytes(draft, v);
    }
}

bool draft_lifetimes(struct draft *draft) {
    size_t count = (size_t)draft->graph->layer_count + 1;
    draft->values = arena_alloc(draft->scratch, count, sizeof(struct item));
    draft->gradients = arena_alloc(draft->scratch, count, sizeof(struct item));
    bool *wanted = arena_alloc(draft->scratch, count, sizeof(bool));
    bool *written = arena_alloc(draft->scratch, count, sizeof(bool));
    if (!draft->values || !draft->gradients || !wanted || !written)
        return false;
    if (draft->plan->options.training) {
        find_wanted(draft, wanted);
        find_gradients(draft, wanted);
        drop_unstored(draft);
        find_writers(draft, written);
        keep_unreached(draft);
        live_gradients(draft);
    }
    live_values(draft);
    measure_items(draft, draft->values);
    measure_items(draft, draft->gradients);
    return true;
}
