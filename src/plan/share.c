/* Who moves into whose memory.
 *
 * Two rules keep the bits. A call may write over an item only when everybody else in its memory has been read
 * for the last time. And items that hold the same bytes (a renamed value, the gradients of a sum's inputs) may
 * share while they live only if none of them is added to before the others have been read. An item moves in
 * when it is first written; all that lies in one memory is thus alive without a break. */
#include "draft.h"

static bool has_trait(const struct graph_layer *layer, enum layer_trait trait) {
    return (layer->ops->traits & (unsigned)trait) != 0;
}

/* In this plan the output has the bytes of the input: always, or since there is no training. */
static bool is_identity(const struct draft *draft, const struct graph_layer *layer) {
    return has_trait(layer, LAYER_RENAMES) ||
           (has_trait(layer, LAYER_ONLY_TRAINING) && !draft->plan->options.training);
}

static void move_in(struct item *items, int item, int other) {
    int home = items[other].home;
    items[item].home = home;
    items[item].next = items[home].next;
    items[home].next = item;
}

/* Nobody in this item's memory is read after `moment`. */
static bool all_read(const struct item *items, int item, int moment) {
    for (int i = items[item].home; i >= 0; i = items[i].next)
        if (items[i].last_read > moment)
            return false;
    return true;
}

/* How many of a layer's inputs are, or lie in the memory of, this item. */
static int inputs_in(const struct item *items, const struct graph_layer *layer, int item) {
    int count = 0;
    for (int k = 0; k < layer->info.inputs; k++)
        count += items[layer->inputs[k]].home == items[item].home;
    return count;
}

/* ---- values ------------------------------------------------------------------------------------ */

static void share_value(struct draft *draft, int index) {
    const struct graph_layer *layer = &draft->graph->layers[index];
    struct item *values = draft->values;
    int x = layer->inputs[0], y = plan_yields(draft->plan, index);
    if (!values[x].exists || !values[y].exists || draft_step(draft, index)->included)
        return;
    bool in_place = has_trait(layer, LAYER_IN_PLACE) && inputs_in(values, layer, x) == 1 &&
                    all_read(values, x, draft_forward(draft, index));
    if (values[x].bytes == values[y].bytes && (in_place || is_identity(draft, layer)))
        move_in(values, y, x);
}

/* ---- gradients --------------------------------------------------------------------------------- */

static int times_read(const struct graph_layer *layer, int value) {
    int times = 0;
    for (int k = 0; k < layer->info.inputs; k++)
        times += layer->inputs[k] == value;
    return times;
}

/* When a value's gradient is next added to, once backward of layer `index` has stored it or passed by. */
static int next_add(const struct draft *draft, int value, int index) {
    if (times_read(&draft->graph->layers[index], value) > 1)
        return time_backward(draft, index);
    for (int i = index - 1; i >= 0; i--)
        if (draft->plan->steps[i].backward && times_read(&draft->graph->layers[i], value) > 0)
            return time_backward(draft, i);
    return time_end(draft) + 1;
}

/* May the gradient of x, with the same bytes as that of y, share its memory from backward of `index` on? */
static bool may_stay_equal(const struct draft *draft, int x, int y, int index) {
    const struct item *gradients = draft->gradients;
    int x_changes = next_add(draft, x, index);
    for (int i = gradients[y].home; i >= 0; i = gradients[i].next)
        if (x_changes <= gradients[i].last_read ||
            next_add(draft, i, index) <= gradients[x].last_read)
            return false;
    return true;
}

static bool may_share_gradient(const struct draft *draft, int index, int input) {
    const struct graph_layer *layer = &draft->graph->layers[index];
    const struct item *gradients = draft->gradients;
    int x = layer->inputs[input], y = plan_yields(draft->plan, index);
    if (!gradients[x].exists || draft->plan->steps[index].dx_add[input] ||
        gradients[x].bytes != gradients[y].bytes)
        return false;
    if (has_trait(layer, LAYER_SUM) || has_trait(layer, LAYER_RENAMES))
        return may_stay_equal(draft, x, y, index);
    return layer->info.inputs == 1 && has_trait(layer, LAYER_IN_PLACE) &&
           all_read(gradients, y, time_backward(draft, index));
}

/* Behind a sum, dx of the elementwise layer where that works in place. */
static void share_taken(struct draft *draft, int index) {
    int y = plan_yields(draft->plan, index), dy = plan_dy(draft->plan, index);
    if (has_trait(&draft->graph->layers[dy], LAYER_IN_PLACE) && draft->gradients[dy].exists &&
        all_read(draft->gradients, y, draft_slope(draft, index)))
        move_in(draft->gradients, dy, y);
}

static void share_gradients(struct draft *draft, int index) {
    const struct graph_layer *layer = &draft->graph->layers[index];
    for (int k = 0; draft->plan->steps[index].backward && k < layer->info.inputs; k++)
        if (may_share_gradient(draft, index, k))
            move_in(draft->gradients, layer->inputs[k], plan_yields(draft->plan, index));
}

void draft_share(struct draft *draft) {
    int layers = draft->graph->layer_count;
    for (int i = 0; i < layers; i++)
        share_value(draft, i);
    for (int i = layers - 1; i >= 0; i--) {
        int maker = plan_maker(draft->plan, i + 1);
        if (plan_yields(draft->plan, maker) == i + 1 && draft_takes_sum(draft, maker))
            share_taken(draft, maker);
        share_gradients(draft, i);
    }
}
