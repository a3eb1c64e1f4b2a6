/* Plays a step of training or evaluation on the memory map of a plan.
 *
 * Every line of the slab carries the number of the content last written there; every read asks for the content
 * that it should find. A plan that lets anything overwrite what is still needed is caught, whatever rule it
 * broke. */
#ifndef TESTS_PLAN_PLAY_H
#define TESTS_PLAN_PLAY_H

#include "check.h"
#include "netrun/plan.h"

enum { PLAY_MOST_LAYERS = 512, NOTHING = 0 };

struct play {
    const struct plan *plan;
    const struct graph *graph;
    int *lines;   /* of PLAN_ALIGN bytes: what was written there last */
    int contents; /* numbers given out */
    int values[PLAY_MOST_LAYERS + 1],
        gradients[PLAY_MOST_LAYERS + 1]; /* what each should hold; NOTHING: not yet */
    int saved[PLAY_MOST_LAYERS];
    bool flows[PLAY_MOST_LAYERS + 1], wanted[PLAY_MOST_LAYERS + 1];
};

struct region {
    size_t first, count; /* lines */
};

static inline struct region region_of(size_t offset, size_t bytes) {
    assert_true(offset != PLAN_NONE);
    assert_int_equal(offset % PLAN_ALIGN, 0);
    return (struct region){offset / PLAN_ALIGN, (bytes + PLAN_ALIGN - 1) / PLAN_ALIGN};
}

static inline struct region value_region(const struct play *play, const size_t *offsets,
                                         int value) {
    struct shape shape = graph_shape(play->graph, value);
    size_t floats = (size_t)(shape.height * shape.width * plan_pitch(shape.channels));
    return region_of(offsets[value], (size_t)play->plan->options.batch * floats * sizeof(float));
}

static inline struct region saved_region(const struct play *play, int layer) {
    const struct layer_info *info = &play->graph->layers[layer].info;
    return region_of(play->plan->saved[layer],
                     info->saved_per_batch +
                         info->saved_per_image * (size_t)play->plan->options.batch);
}

static inline bool touch(struct region a, struct region b) {
    return a.first < b.first + b.count && b.first < a.first + a.count;
}

static inline int put(struct play *play, struct region region) {
    assert_true((region.first + region.count) * PLAN_ALIGN <= play->plan->slab);
    play->contents++;
    for (size_t i = 0; i < region.count; i++)
        play->lines[region.first + i] = play->contents;
    return play->contents;
}

static inline void holds(const struct play *play, struct region region, int content) {
    assert_true(content != NOTHING);
    for (size_t i = 0; i < region.count; i++)
        assert_int_equal(play->lines[region.first + i], content);
}

/* What is read when a value is: itself, or what the layer that makes it makes it from. */
static inline int read_for(const struct play *play, int value) {
    if (play->plan->values[value] != PLAN_NONE)
        return value;
    int maker = plan_maker(play->plan, value);
    assert_true(play->plan->steps[maker].makes_y);
    return play->graph->layers[maker].inputs[0];
}

static inline void holds_saved(const struct play *play, int layer) {
    if (play->plan->saved[layer] != PLAN_NONE)
        holds(play, saved_region(play, layer), play->saved[layer]);
}

static inline void holds_value(const struct play *play, int value) {
    int read = read_for(play, value);
    if (read != value)
        holds_saved(play, plan_maker(play->plan, value));
    holds(play, value_region(play, play->plan->values, read), play->values[read]);
}

static inline void holds_gradient(const struct play *play, int value) {
    holds(play, value_region(play, play->plan->gradients, value), play->gradients[value]);
}

/* ---- fusion ------------------------------------------------------------------------------------ */

/* Every reader of a value has it made. */
static inline void readers_make(const struct play *play, int value) {
    for (int i = 0; i < play->graph->layer_count; i++)
        for (int k = 0; k < play->graph->layers[i].info.inputs; k++)
            if (play->graph->layers[i].inputs[k] == value)
                assert_true(play->graph->layers[i].info.reads_made && k == 0);
}

static inline int times_read(const struct play *play, int value) {
    int times = 0;
    for (int i = 0; i < play->graph->layer_count; i++)
        for (int k = 0; k < play->graph->layers[i].info.inputs; k++)
            times += play->graph->layers[i].inputs[k] == value;
    return times;
}

static inline bool has(const struct graph_layer *layer, enum layer_trait trait) {
    return (layer->ops->traits & (unsigned)trait) != 0;
}

/* Nobody but the next layer sees the value, which is stored nowhere. */
static inline void inside(const struct play *play, const struct plan_options *asked, int value) {
    const struct graph_layer *next = &play->graph->layers[value];
    assert_true(times_read(play, value) == 1 && play->graph->output != value);
    assert_true(next->inputs[0] == value || next->inputs[1] == value);
    assert_false(asked->keep_values[value] || asked->keep_gradients[value]);
    assert_true(play->plan->steps[value].included);
}

static inline void check_included(const struct play *play, const struct plan_options *asked,
                                  int i) {
    const struct plan_step *step = &play->plan->steps[i];
    const struct graph_layer *layer = &play->graph->layers[i];
    int y = plan_yields(play->plan, i);
    for (int value = i + 1; value < y; value++)
        inside(play, asked, value);
    assert_int_equal(step->included,
                     i > 0 && plan_yields(play->plan, plan_maker(play->plan, i)) > i);
    if (step->adds)
        assert_true(has(&layer[1], LAYER_SUM) && layer[1].info.inputs == 2);
    if (step->after)
        assert_true(play->graph->layers[y - 1].ops->pointwise &&
                    !(step->adds && has(&play->graph->layers[y - 1], LAYER_READS_X)));
    if (step->adds || step->after)
        assert_true(layer->ops->make_y && !asked->no_fusion && !step->included);
}

/* What is not stored is nobody's wish, and each can do what it is to do. */
static inline void check_fusion(const struct play *play, const struct plan_options *asked, int i) {
    const struct plan_step *step = &play->plan->steps[i];
    const struct graph_layer *layer = &play->graph->layers[i];
    int output = play->graph->output, y = plan_yields(play->plan, i);
    assert_false(asked->no_fusion && (step->makes_y || step->makes_later || step->makes_dx));
    check_included(play, asked, i);
    if (step->makes_y) {
        assert_true(layer->ops->make_y && output != y && !asked->keep_values[y] && !step->adds);
        readers_make(play, y);
    }
    if (step->makes_later)
        assert_true(layer->ops->make_y && !step->makes_y && play->graph->layers[y].inputs[0] == y &&
                    play->graph->layers[y].info.reads_once);
    if (step->makes_dx) {
        assert_true(layer->ops->make_dx && layer[-1].info.reads_made && !asked->keep_gradients[i]);
        assert_true(layer->inputs[0] == i && times_read(play, i) == 1 && output != i);
    }
    if (step->takes_x)
        assert_true(layer->ops->take_x && layer->inputs[0] == i && layer[-1].info.offers);
    if (step->takes_dy) {
        assert_true(layer->ops->take_dy && play->graph->layers[y].inputs[0] == y && output != y);
        assert_true(play->graph->layers[y].info.inputs == 1 && play->graph->layers[y].info.offers &&
                    play->plan->steps[y].backward);
    }
}

/* ---- a step ------------------------------------------------------------------------------------ */

/* The bytes of a value that is read are not where something is written. */
static inline void apart(const struct play *play, int value, struct region written) {
    int read = read_for(play, value);
    assert_false(touch(written, value_region(play, play->plan->values, read)));
}

/* ... unless it is y, pixel by pixel in the place of what is read. */
static inline void apart_or_in_place(const struct play *play, int value, int maker,
                                     struct region written) {
    const size_t *offsets = play->plan->values;
    int y = plan_yields(play->plan, maker), read = read_for(play, value);
    bool in_place = has(&play->graph->layers[maker], LAYER_IN_PLACE) && offsets[y] == offsets[read];
    if (!in_place || written.first != value_region(play, offsets, y).first)
        apart(play, value, written);
}

/* What y is made from, while something is written. */
static inline void read_to_make(const struct play *play, int maker, struct region written) {
    holds_value(play, play->graph->layers[maker].inputs[0]);
    apart_or_in_place(play, play->graph->layers[maker].inputs[0], maker, written);
    holds_saved(play, maker);
    if (play->plan->saved[maker] != PLAN_NONE)
        assert_false(touch(written, saved_region(play, maker)));
    if (!play->plan->steps[maker].adds)
        return;
    holds_value(play, plan_added(play->plan, maker));
    apart_or_in_place(play, plan_added(play->plan, maker), maker, written);
}

/* Stores a layer's x, which the layer before has left for it to make. */
static inline void store_x(struct play *play, int index, struct region written) {
    const struct graph_layer *layer = &play->graph->layers[index];
    int maker = index > 0 ? plan_maker(play->plan, index) : 0;
    if (index == 0 || layer->inputs[0] != index || !play->plan->steps[maker].makes_later)
        return;
    struct region x = value_region(play, play->plan->values, index);
    read_to_make(play, maker, x);
    read_to_make(play, maker, written);
    play->values[index] = put(play, x);
}

/* What the next layer takes while this one writes it is left at once. */
static inline void leave_taken(struct play *play, int next) {
    if (play->plan->steps[next].takes_x && play->plan->saved[next] != PLAN_NONE)
        play->saved[next] = put(play, saved_region(play, next));
}

static inline void play_forward(struct play *play, int index) {
    const struct graph_layer *layer = &play->graph->layers[index];
    const size_t *offsets = play->plan->values;
    int value = plan_yields(play->plan, index);
    bool identity = has(layer, LAYER_RENAMES) ||
                    (has(layer, LAYER_ONLY_TRAINING) && !play->plan->options.training);
    bool shared = offsets[value] == offsets[layer->inputs[0]];
    if (play->plan->steps[index].included)
        return;
    bool writes = !play->plan->steps[index].makes_y && !play->plan->steps[index].makes_later;
    struct region y = writes ? value_region(play, offsets, value) : (struct region){0, 0};
    store_x(play, index, y);
    if (index + 1 < play->graph->layer_count)
        leave_taken(play, index + 1);
    for (int k = 0; k < layer->info.inputs; k++)
        holds_value(play, layer->inputs[k]);
    if (play->plan->steps[index].takes_x)
        holds_saved(play, index);
    else if (play->plan->saved[index] != PLAN_NONE)
        play->saved[index] = put(play, saved_region(play, index));
    if (!writes)
        return;
    if (play->plan->steps[index].adds)
        read_to_make(play, index, y);
    for (int k = 0; k < layer->info.inputs; k++) {
        int read = read_for(play, layer->inputs[k]);
        bool may_touch = k == 0 && shared && (identity || has(layer, LAYER_IN_PLACE));
        assert_true(may_touch || !touch(y, value_region(play, offsets, read)));
    }
    play->values[value] = identity && shared ? play->values[layer->inputs[0]] : put(play, y);
}

/* What a layer left, or a value, is there and not where dx is written. */
static inline void read_saved_beside(const struct play *play, int layer, struct region dx) {
    holds_saved(play, layer);
    if (play->plan->saved[layer] != PLAN_NONE)
        assert_false(touch(dx, saved_region(play, layer)));
}

static inline void read_beside(const struct play *play, int value, struct region dx) {
    int read = read_for(play, value);
    holds_value(play, value);
    assert_false(touch(dx, value_region(play, play->plan->values, read)));
    if (read != value)
        read_saved_beside(play, plan_maker(play->plan, value), dx);
}

/* What a layer itself gives, where others are inside its call, has no gradient of its own. */
static inline bool is_inner_gradient(const struct play *play, int value) {
    return value > 0 && plan_yields(play->plan, value - 1) > value;
}

/* Does the next layer make this one's dy? */
static inline bool is_dy_made(const struct play *play, int index) {
    int next = plan_dy(play->plan, index);
    return next < play->graph->layer_count && play->plan->steps[next].makes_dx;
}

/* The value whose gradient is read for dy. */
static inline int dy_of(const struct play *play, int index) {
    int next = plan_dy(play->plan, index);
    return is_dy_made(play, index) ? plan_dy(play->plan, next) : next;
}

/* What backward reads, besides dy, must be there and must not be where dx is written. */
static inline void read_besides_dy(const struct play *play, int index, struct region dx) {
    const struct graph_layer *layer = &play->graph->layers[index];
    for (int k = 0; has(layer, LAYER_READS_X) && k < layer->info.inputs; k++)
        read_beside(play, layer->inputs[k], dx);
    if (has(layer, LAYER_READS_Y))
        read_beside(play, index + 1, dx);
    read_saved_beside(play, index, dx);
    if (is_dy_made(play, index)) {
        read_beside(play, index + 1, dx);
        read_saved_beside(play, index + 1, dx);
    }
}

/* Gradients of inputs already written, which this dx may not change unless both are dy, unchanged. */
static inline void apart_from_others(const struct play *play, int index, int input,
                                     bool same_bytes) {
    const struct graph_layer *layer = &play->graph->layers[index];
    const size_t *offsets = play->plan->gradients;
    struct region dx = value_region(play, offsets, layer->inputs[input]);
    for (int k = 0; k < input; k++) {
        int other = layer->inputs[k];
        if (other != layer->inputs[input] && offsets[other] != PLAN_NONE && !same_bytes)
            assert_false(touch(dx, value_region(play, offsets, other)));
    }
}

static inline void play_dx(struct play *play, int index, int input) {
    const struct graph_layer *layer = &play->graph->layers[index];
    const size_t *offsets = play->plan->gradients;
    int x = layer->inputs[input], y = dy_of(play, index);
    struct region dx = value_region(play, offsets, x);
    bool add = play->plan->steps[index].dx_add[input], shared = offsets[x] == offsets[y];
    bool same_bytes = shared && !add && (has(layer, LAYER_SUM) || has(layer, LAYER_RENAMES));
    bool in_place = shared && !add && layer->info.inputs == 1 && has(layer, LAYER_IN_PLACE) &&
                    !is_dy_made(play, index);
    assert_int_equal(add, play->gradients[x] != NOTHING);
    holds_gradient(play, y);
    read_besides_dy(play, index, dx);
    apart_from_others(play, index, input, same_bytes);
    assert_true(same_bytes || in_place || !touch(dx, value_region(play, offsets, y)));
    if (add)
        holds_gradient(play, x);
    play->gradients[x] = same_bytes ? play->gradients[y] : put(play, dx);
}

static inline bool is_trained(const struct graph *graph, const bool *frozen, int param) {
    return graph->params[param].shape->role == PARAM_TRAINED && !frozen[param];
}

static inline bool trains(const struct graph *graph, const bool *frozen, int layer) {
    const struct graph_layer *at = &graph->layers[layer];
    for (int i = 0; i < at->info.param_count; i++)
        if (is_trained(graph, frozen, at->first_param + i))
            return true;
    return false;
}

/* The gradient of a sum is made as that of y is written, by backward of layer `index`. */
static inline void play_take(struct play *play, int index) {
    int maker = plan_maker(play->plan, index), sum = plan_dy(play->plan, maker);
    const struct plan_step *step = &play->plan->steps[maker];
    const size_t *offsets = play->plan->gradients;
    if (!step->takes_dy || !step->adds || !step->after || plan_yields(play->plan, maker) != index)
        return;
    struct region dx = value_region(play, offsets, sum);
    bool in_place =
        has(&play->graph->layers[sum], LAYER_IN_PLACE) && offsets[sum] == offsets[index];
    holds_gradient(play, index);
    assert_true(in_place || !touch(dx, value_region(play, offsets, index)));
    assert_false(touch(dx, value_region(play, offsets, dy_of(play, index))));
    read_beside(play, index, dx);
    read_beside(play, play->graph->layers[maker].inputs[0], dx);
    read_saved_beside(play, maker, dx);
    read_besides_dy(play, index, dx);
    play->gradients[sum] = put(play, dx);
}

/* Its work is done by the call that it is inside of. */
static inline bool has_no_backward(const struct play *play, int index) {
    const struct plan_step *owner = &play->plan->steps[plan_maker(play->plan, index + 1)];
    bool last = plan_yields(play->plan, plan_maker(play->plan, index + 1)) == index + 1;
    return play->plan->steps[index].included && last && owner->after &&
           (!owner->adds || owner->takes_dy);
}

static inline void play_backward(struct play *play, int index) {
    const struct graph_layer *layer = &play->graph->layers[index];
    bool wants = trains(play->graph, play->plan->options.frozen, index);
    for (int k = 0; k < layer->info.inputs; k++)
        wants = wants || play->wanted[layer->inputs[k]];
    assert_int_equal(play->plan->steps[index].backward,
                     wants && play->flows[index + 1] && !has_no_backward(play, index));
    if (!play->plan->steps[index].backward)
        return;
    holds_gradient(play, dy_of(play, index));
    read_besides_dy(play, index, (struct region){0, 0});
    for (int k = 0; k < layer->info.inputs; k++)
        if (play->wanted[layer->inputs[k]] && !play->plan->steps[index].makes_dx &&
            !is_inner_gradient(play, layer->inputs[k]))
            play_dx(play, index, k);
    if (index > 0 && layer->inputs[0] == index)
        play_take(play, index);
}

/* ---- what is wanted, by definition -------------------------------------------------------------- */

static inline void find_wanted(struct play *play, const struct plan_options *asked) {
    const struct graph *graph = play->graph;
    for (int v = 0; v <= graph->layer_count; v++) {
        const struct graph_layer *layer = v > 0 ? &graph->layers[v - 1] : NULL;
        bool kept = asked->keep_gradients[v] || v == graph->output;
        bool trained = layer && trains(graph, asked->frozen, v - 1);
        play->wanted[v] = kept || trained || (v == 0 && asked->input_gradient);
        for (int k = 0; layer && k < layer->info.inputs; k++)
            play->wanted[v] = play->wanted[v] || play->wanted[layer->inputs[k]];
    }
    play->flows[graph->output] = true;
    for (int i = graph->layer_count - 1; i >= 0; i--)
        for (int k = 0; play->flows[i + 1] && k < graph->layers[i].info.inputs; k++)
            play->flows[graph->layers[i].inputs[k]] = true;
}

/* Fusion stores no value inside a call. */
static inline bool is_between(const struct play *play, int value) {
    return value > 0 && plan_yields(play->plan, plan_maker(play->plan, value)) != value;
}

static inline bool is_gradient_made(const struct play *play, int value) {
    return value < play->graph->layer_count && play->plan->steps[value].makes_dx;
}

static inline void check_kept_gradient(const struct play *play, const struct plan_options *asked,
                                       int v) {
    bool stored = !is_inner_gradient(play, v) && !is_gradient_made(play, v);
    bool exists = asked->training && (play->wanted[v] && play->flows[v]) && stored;
    bool kept = asked->training && (asked->keep_gradients[v] || v == play->graph->output ||
                                    (v == 0 && asked->input_gradient));
    assert_int_equal(play->plan->gradients[v] != PLAN_NONE, exists || kept);
    if (exists && (kept || asked->no_reuse))
        holds_gradient(play, v);
    struct region untouched = {0, 0};
    if (kept && !exists)
        untouched = value_region(play, play->plan->gradients, v);
    for (size_t i = 0; i < untouched.count; i++)
        assert_int_equal(play->lines[untouched.first + i], NOTHING);
}

/* What is kept is whole at the end. A kept gradient that nothing flows to was never written. */
static inline void check_kept(const struct play *play, const struct plan_options *asked) {
    const struct graph *graph = play->graph;
    for (int v = 0; v <= graph->layer_count; v++) {
        bool stored = play->plan->values[v] != PLAN_NONE;
        bool kept = asked->keep_values[v] || v == 0 || v == graph->output;
        bool made = v > 0 && play->plan->steps[plan_maker(play->plan, v)].makes_y;
        assert_int_equal(stored, !is_between(play, v) && !made);
        assert_true(stored || !kept);
        if (kept || (stored && asked->no_reuse))
            holds_value(play, v);
        check_kept_gradient(play, asked, v);
    }
}

/* Parameters, gradients and state keep their own lines from first to last. */
static inline void check_params(struct play *play, int *contents) {
    const struct plan *plan = play->plan;
    for (int i = 0; i < play->graph->param_count; i++) {
        size_t bytes = param_size(play->graph->params[i].shape) * sizeof(float);
        const size_t offsets[] = {plan->params[i], plan->param_gradients[i], plan->optim_state[i]};
        const size_t sizes[] = {bytes, bytes, bytes * (size_t)plan->options.optim_slots};
        bool trained = plan->options.training && is_trained(play->graph, plan->options.frozen, i);
        assert_int_equal(offsets[1] != PLAN_NONE, trained);
        assert_int_equal(offsets[2] != PLAN_NONE, trained && plan->options.optim_slots > 0);
        for (int k = 0; k < 3; k++) {
            if (offsets[k] == PLAN_NONE)
                continue;
            struct region region = region_of(offsets[k], sizes[k]);
            if (contents[3 * i + k] == NOTHING)
                contents[3 * i + k] = put(play, region);
            else
                holds(play, region, contents[3 * i + k]);
        }
    }
}

/* Packed weights: of each layer where they stay, else all in one place. */
static inline void put_packed(struct play *play) {
    const struct plan *plan = play->plan;
    size_t most = 0, place = PLAN_NONE;
    for (int i = 0; i < play->graph->layer_count; i++) {
        size_t bytes = play->graph->layers[i].info.packed;
        assert_int_equal(plan->packed[i] == PLAN_NONE, bytes == 0);
        if (bytes == 0)
            continue;
        if (!plan->options.training)
            put(play, region_of(plan->packed[i], bytes));
        assert_true(!plan->options.training || place == PLAN_NONE || place == plan->packed[i]);
        place = plan->packed[i];
        most = bytes > most ? bytes : most;
    }
    if (plan->options.training && most > 0)
        put(play, region_of(place, most));
}

static inline void put_scratch(struct play *play) {
    const struct plan *plan = play->plan;
    int batch = plan->options.batch, slices = batch < SLICE_MOST ? batch : SLICE_MOST;
    int workers = plan->options.threads < slices ? plan->options.threads : slices;
    size_t shared = 0;
    for (int i = 0; i < play->graph->layer_count; i++) {
        const struct layer_info *info = &play->graph->layers[i].info;
        size_t most = info->shared_scratch;
        for (int image = 0; image < batch && image < info->shared_images; image++)
            most += info->shared_per_image;
        shared = most > shared ? most : shared;
        assert_true(info->worker_scratch <= plan->worker_stride);
        assert_true(info->slice_scratch <= plan->slice_stride);
    }
    put(play, region_of(plan->worker_scratch, plan->worker_stride * (size_t)workers));
    put(play, region_of(plan->slice_scratch, plan->slice_stride * (size_t)slices));
    put(play, region_of(plan->shared_scratch, shared));
}

static inline void play_step(const struct plan *plan, const struct plan_options *asked) {
    struct play play = {.plan = plan, .graph = plan->graph};
    int params[3 * LAYER_MOST_PARAMS * PLAY_MOST_LAYERS] = {NOTHING},
                                       layers = plan->graph->layer_count;
    play.lines = calloc(plan->slab / PLAN_ALIGN, sizeof *play.lines);
    assert_non_null(play.lines);
    find_wanted(&play, asked);
    for (int i = 0; i < layers; i++)
        check_fusion(&play, asked, i);
    check_params(&play, params);
    play.values[0] = put(&play, value_region(&play, plan->values, 0));
    for (int i = 0; i < layers; i++) {
        put_packed(&play);
        put_scratch(&play);
        play_forward(&play, i);
    }
    holds_value(&play, plan->graph->output);
    if (asked->training)
        play.gradients[plan->graph->output] =
            put(&play, value_region(&play, plan->gradients, plan->graph->output));
    for (int i = layers - 1; asked->training && i >= 0; i--) {
        put_packed(&play);
        put_scratch(&play);
        play_backward(&play, i);
    }
    check_params(&play, params);
    check_kept(&play, asked);
    free(play.lines);
}

#endif
