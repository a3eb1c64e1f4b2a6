/* One step: forward in order, the loss, backward in reverse.
 *
 * All memory is the plan's slab; a call is put together on the stack from the plan's offsets. A layer gets no
 * pointer to what its traits do not name, since others may lie there by then. */
#include "state.h"

#include <assert.h>
#include <math.h>
#include <sys/mman.h>

/* Asks for large pages, which a step measured 3 % faster with; a wish only. Pages that the slab shares with
 * others are left alone. */
static void wish_large_pages(char *slab, size_t bytes) {
    const size_t page = (size_t)1 << 21;
    size_t skip = (page - (uintptr_t)slab % page) % page;
    if (bytes >= skip + page)
        (void)madvise(slab + skip, (bytes - skip) / page * page, MADV_HUGEPAGE);
}

struct exec *exec_new(struct arena *arena, const struct plan *plan, struct pool *pool,
                      uint64_t seed, struct report *report) {
    size_t needed = plan_resident(plan, 0), room = plan_machine_memory();
    if (needed > room) {
        report_error(report, "a batch of %s needs %s of memory, and %s are free; take a smaller %s",
                     text_commas(plan->options.batch).text, text_bytes(needed).text,
                     text_bytes(room).text, plan->options.batch > 1 ? "batch" : "network");
        return NULL;
    }
    struct exec *exec = arena_alloc(arena, 1, sizeof *exec);
    char *slab = arena_alloc(arena, plan->slab, 1);
    if (!exec || !slab)
        return NULL;
    wish_large_pages(slab, plan->slab);
    *exec = (struct exec){
        .plan = plan, .pool = pool, .seed = seed, .slab = slab, .images = plan->options.batch};
    return params_cut(exec, arena) ? exec : NULL;
}

/* ---- one call ---------------------------------------------------------------------------------- */

/* A call with the arrays that it points to. */
struct frame {
    struct layer_call call;
    struct tensor x[LAYER_MOST_INPUTS], dx[LAYER_MOST_INPUTS];
    float *params[LAYER_MOST_PARAMS], *grads[LAYER_MOST_PARAMS];
};

/* A layer's frame, and those of the layers that do something for it (layers.h, fusion). */
struct frames {
    struct frame own, before, behind;
};

/* What forward and backward have in common. */
static void frame_begin(struct frame *frame, const struct exec *exec, int index) {
    const struct plan *plan = exec->plan;
    const struct graph_layer *layer = &plan->graph->layers[index];
    const struct plan_step *step = &plan->steps[index];
    frame->call =
        (struct layer_call){.config = layer->config,
                            .info = &layer->info,
                            .pool = exec->pool,
                            .images = exec->images,
                            .training = exec->training,
                            .freeze_stats = exec->rules && exec->rules->freeze_stats[index],
                            .seed = exec->seed,
                            .step = exec->step,
                            .path_hash = layer->path_hash,
                            .x = frame->x,
                            .y = state_tensor(exec, plan->values, plan_yields(plan, index)),
                            .params = frame->params,
                            .saved = state_at(exec, plan->saved[index]),
                            .worker_scratch = exec->slab + plan->worker_scratch,
                            .slice_scratch = exec->slab + plan->slice_scratch,
                            .shared_scratch = exec->slab + plan->shared_scratch,
                            .worker_stride = plan->worker_stride,
                            .slice_stride = plan->slice_stride,
                            .packed = state_at(exec, plan->packed[index]),
                            .is_packed = exec->packed};
    frame->call.adds = step->adds;
    if (step->adds)
        frame->call.plus = state_tensor(exec, plan->values, plan_added(plan, index));
    if (step->after) {
        const struct graph_layer *last = layer + step->adds + 1;
        frame->call.after = last->ops->pointwise;
        frame->call.after_config = last->config;
    }
    for (int k = 0; k < layer->info.inputs; k++)
        frame->x[k] = state_tensor(exec, plan->values, layer->inputs[k]);
    for (int i = 0; i < layer->info.param_count; i++)
        frame->params[i] = state_param(exec, layer->first_param + i);
}

/* The layer itself, and the layer before where that makes x or takes dx. */
static void frames_begin(struct frames *frames, const struct exec *exec, int index,
                         enum exec_part part) {
    const struct plan *plan = exec->plan;
    int x = plan->graph->layers[index].inputs[0], before = x > 0 ? plan_maker(plan, x) : 0;
    const struct plan_step *step = &plan->steps[before];
    bool makes = step->makes_y || (step->makes_later && x == index && part == EXEC_FORWARD);
    frame_begin(&frames->own, exec, index);
    if (x == 0 || !(makes || step->takes_dy))
        return;
    frame_begin(&frames->before, exec, before);
    if (makes)
        frames->own.call.make_x = (struct layer_maker){
            .make = plan->graph->layers[before].ops->make_y, .call = &frames->before.call};
}

/* In the mode at hand the layer's output has the bytes of its input. */
static bool is_identity(const struct exec *exec, const struct graph_layer *layer) {
    return (layer->ops->traits & LAYER_RENAMES) ||
           ((layer->ops->traits & LAYER_ONLY_TRAINING) && !exec->training);
}

/* ---- forward ----------------------------------------------------------------------------------- */

/* The next layer takes what this one offers, if it does. */
static void frames_offer_y(struct frames *frames, const struct exec *exec, int index) {
    const struct plan *plan = exec->plan;
    int next = index + 1;
    if (next == plan->graph->layer_count || !plan->steps[next].takes_x || !exec->training)
        return;
    frame_begin(&frames->behind, exec, next);
    frames->own.call.offer_y =
        (struct layer_taker){plan->graph->layers[next].ops->take_x, &frames->behind.call};
}

static void forward_layer(const struct exec *exec, int index) {
    const struct graph_layer *layer = &exec->plan->graph->layers[index];
    const size_t *offsets = exec->plan->values;
    const struct plan_step *step = &exec->plan->steps[index];
    struct frames frames;
    if (step->included ||
        (is_identity(exec, layer) && offsets[index + 1] == offsets[layer->inputs[0]]))
        return;
    frames_begin(&frames, exec, index, EXEC_FORWARD);
    frames_offer_y(&frames, exec, index);
    frames.own.call.taken = step->takes_x && exec->training;
    if (step->makes_later)
        frames.own.call.y.data = NULL;
    layer->ops->forward(&frames.own.call);
}

void exec_forward(struct exec *exec, int images, bool training, uint32_t step) {
    assert(images >= 1 && images <= exec->plan->options.batch);
    assert(exec->plan->options.training || !training);
    exec->images = images;
    exec->training = training;
    exec->step = step;
    record_begin(exec, EXEC_FORWARD);
    for (int i = 0; i < exec->plan->graph->layer_count; i++) {
        forward_layer(exec, i);
        record_add(exec, i);
    }
    exec->packed = !exec->plan->options.training;
}

static bool is_finite(struct tensor tensor) {
    size_t pixels = tensor_pixels(tensor);
    for (size_t p = 0; p < pixels; p++)
        for (int c = 0; c < tensor.channels; c++)
            if (!isfinite(tensor.data[p * (size_t)tensor.pitch + (size_t)c]))
                return false;
    return true;
}

/* A value that nobody has stored yet, made pixel by pixel. */
static bool is_made_finite(const struct exec *exec, int maker) {
    const struct graph_layer *layer = &exec->plan->graph->layers[maker];
    struct frame frame;
    struct shape channels = shape_vector(layer->info.out.channels);
    struct tensor pixel =
        tensor_at(state_at(exec, exec->plan->worker_scratch), 1, channels, channels.channels);
    frame_begin(&frame, exec, maker);
    frame.call.y.data = NULL; /* in the place of x, perhaps */
    for (size_t p = 0; p < tensor_pixels(frame.call.y); p++) {
        layer->ops->make_y(&frame.call, p, 1, pixel.data, (size_t)pixel.pitch);
        if (!is_finite(pixel))
            return false;
    }
    return true;
}

/* What the layer's call yields. */
static bool yields_finite(const struct exec *exec, int index) {
    const struct plan *plan = exec->plan;
    if (plan->steps[index].included)
        return true;
    if (plan->steps[index].makes_y || plan->steps[index].makes_later)
        return is_made_finite(exec, index);
    return is_finite(state_tensor(exec, plan->values, plan_yields(plan, index)));
}

int exec_first_not_finite(struct exec *exec, int images, uint32_t step) {
    exec->images = images;
    exec->step = step;
    for (int i = 0; i < exec->plan->graph->layer_count; i++) {
        forward_layer(exec, i);
        if (!yields_finite(exec, i))
            return i;
    }
    return -1;
}

double exec_loss(struct exec *exec, const struct loss_ops *ops, const void *config,
                 struct target target) {
    int output = exec->plan->graph->output;
    target.values = exec_value(exec, 0);
    record_begin(exec, EXEC_LOSS);
    double loss = ops->run(&(struct loss_call){.config = config,
                                               .pool = exec->pool,
                                               .y = exec_value(exec, output),
                                               .dy = exec_gradient(exec, output),
                                               .target = target,
                                               .scale = 1});
    record_add(exec, 0);
    return loss;
}

/* ---- backward ---------------------------------------------------------------------------------- */

/* Nothing is to be done for this input: its gradient is that of y, and lies there already. */
static bool is_shared(const struct exec *exec, int index, int input) {
    const struct graph_layer *layer = &exec->plan->graph->layers[index];
    const size_t *offsets = exec->plan->gradients;
    bool same_bytes = (layer->ops->traits & LAYER_SUM) || is_identity(exec, layer);
    return same_bytes && !exec->plan->steps[index].dx_add[input] &&
           offsets[layer->inputs[input]] == offsets[index + 1];
}

/* Adds what backward writes. False: nothing. */
static bool frame_want(struct frame *frame, const struct exec *exec, int index) {
    const struct plan *plan = exec->plan;
    const struct graph_layer *layer = &plan->graph->layers[index];
    bool any = plan->steps[index].makes_dx;
    for (int k = 0; k < layer->info.inputs; k++) {
        frame->dx[k] = state_tensor(exec, plan->gradients, layer->inputs[k]);
        if (is_shared(exec, index, k))
            frame->dx[k].data = NULL;
        any |= frame->dx[k].data != NULL;
    }
    for (int i = 0; i < layer->info.param_count; i++) {
        frame->grads[i] = state_at(exec, plan->param_gradients[layer->first_param + i]);
        any |= frame->grads[i] != NULL;
    }
    return any;
}

/* Takes away what backward does not read: something else may lie there now. */
static void frame_forget(struct frame *frame, const struct graph_layer *layer) {
    for (int k = 0; !(layer->ops->traits & LAYER_READS_X) && k < layer->info.inputs; k++)
        frame->x[k].data = NULL;
    if (!(layer->ops->traits & LAYER_READS_Y))
        frame->call.y.data = NULL;
}

/* dy lies in memory, or the next layer makes it. */
static void frames_read_dy(struct frames *frames, const struct exec *exec, int index) {
    const struct plan *plan = exec->plan;
    struct layer_call *next = &frames->behind.call;
    int y = plan_dy(plan, index);
    frames->own.call.dy = state_tensor(exec, plan->gradients, y);
    if (y == plan->graph->layer_count || !plan->steps[y].makes_dx)
        return;
    frame_begin(&frames->behind, exec, y);
    next->dy = state_tensor(exec, plan->gradients, plan_dy(plan, y));
    frames->own.call.make_dy = (struct layer_maker){
        .make = plan->graph->layers[y].ops->make_dx, .call = next, .reads_dy = true};
}

static void frames_offer_dx(struct frames *frames, const struct exec *exec, int index) {
    const struct plan *plan = exec->plan;
    int x = plan->graph->layers[index].inputs[0], before = x > 0 ? plan_maker(plan, x) : 0;
    if (x == 0 || !plan->steps[before].takes_dy || plan_yields(plan, before) != index)
        return;
    frames->before.call.dy = state_tensor(exec, plan->gradients, plan_dy(plan, before));
    if (plan_dy(plan, before) != x)
        frames->before.call.dy_after = frames->own.dx[0];
    frames->own.call.offer_dx =
        (struct layer_taker){plan->graph->layers[before].ops->take_dy, &frames->before.call};
}

static void backward_layer(const struct exec *exec, int index, bool add) {
    const struct graph_layer *layer = &exec->plan->graph->layers[index];
    struct frames frames;
    struct frame *frame = &frames.own;
    frames_begin(&frames, exec, index, EXEC_BACKWARD);
    if (!frame_want(frame, exec, index))
        return;
    frame_forget(frame, layer);
    frames_read_dy(&frames, exec, index);
    frames_offer_dx(&frames, exec, index);
    frame->call.taken = exec->plan->steps[index].takes_dy;
    frame->call.dx = frame->dx;
    frame->call.dx_add = exec->plan->steps[index].dx_add;
    frame->call.grads = frame->grads;
    frame->call.grads_add = add;
    layer->ops->backward(&frame->call);
}

void exec_backward(struct exec *exec, bool add) {
    record_begin(exec, EXEC_BACKWARD);
    for (int i = exec->plan->graph->layer_count - 1; i >= 0; i--)
        if (exec->plan->steps[i].backward) {
            backward_layer(exec, i, add);
            record_add(exec, i);
        }
}

/* ---- views ------------------------------------------------------------------------------------- */

static struct tensor view(const struct exec *exec, const size_t *offsets, bool kept, int value) {
    struct tensor tensor = state_tensor(exec, offsets, value);
    if (!kept)
        tensor.data = NULL;
    return tensor;
}

struct tensor exec_value(const struct exec *exec, int value) {
    const struct plan *plan = exec->plan;
    return view(exec, plan->values, plan->options.keep_values[value], value);
}

struct tensor exec_gradient(const struct exec *exec, int value) {
    const struct plan *plan = exec->plan;
    return view(exec, plan->gradients, plan->options.keep_gradients[value], value);
}

struct tensor exec_input(struct exec *exec) {
    struct tensor input = exec_value(exec, 0);
    input.images = exec->plan->options.batch;
    return input;
}

const float *exec_param(const struct exec *exec, int index) {
    return state_param(exec, index);
}

float *exec_change_param(struct exec *exec, int index) {
    exec->packed = false;
    return state_param(exec, index);
}

const float *exec_param_gradient(const struct exec *exec, int index) {
    return state_at(exec, exec->plan->param_gradients[index]);
}
