/* What layers do for one another (struct layer_maker, struct layer_taker), decided from the graph alone:
 *
 *   adds      a sum of two that alone reads the layer before it runs inside that layer's call
 *   after     so does an elementwise layer that alone reads the layer before it, or the sum
 *   makes_y   y is not stored, because all who read it can have it made
 *   makes_later  y is stored as the layer behind, which can have it made, reads it
 *   makes_dx  dx is not stored, because the layer before reads it alone and can have it made
 *   takes_x   the layer before offers its y to this one as it is written
 *   takes_dy  the layer behind likewise offers its dx, to which nobody adds later
 *
 * Only where nobody keeps what is then not stored, and between neighbours in the order of the graph. */
#include "draft.h"

static const struct graph_layer *layer_of(const struct draft *draft, int index) {
    return &draft->graph->layers[index];
}

/* How often a value is read. */
static int times_read(const struct draft *draft, int value) {
    int times = 0;
    for (int i = 0; i < draft->graph->layer_count; i++)
        for (int k = 0; k < layer_of(draft, i)->info.inputs; k++)
            times += layer_of(draft, i)->inputs[k] == value;
    return times;
}

/* Layer `index` alone reads the layer before it. */
static bool reads_alone(const struct draft *draft, int index) {
    const struct graph_layer *layer = layer_of(draft, index);
    return index > 0 && layer->info.inputs == 1 && layer->inputs[0] == index &&
           times_read(draft, index) == 1 && draft->graph->output != index;
}

static bool is_kept(const struct draft *draft, int value) {
    const struct plan_options *options = &draft->plan->options;
    return options->keep_values[value] || options->keep_gradients[value];
}

/* Backward of such a layer needs no forward of its own. */
static bool leaves_nothing(const struct graph_layer *layer) {
    return layer->info.saved_per_image + layer->info.saved_per_batch == 0;
}

/* The next layer is a sum of this one's y, which is for nobody else, and one value. */
static bool may_add(const struct draft *draft, int index) {
    int y = index + 1;
    if (y == draft->graph->layer_count || !layer_of(draft, index)->ops->make_y)
        return false;
    const struct graph_layer *next = layer_of(draft, y);
    bool sums = (next->ops->traits & LAYER_SUM) && next->info.inputs == 2 &&
                (next->inputs[0] == y || next->inputs[1] == y) && leaves_nothing(next);
    return sums && times_read(draft, y) == 1 && draft->graph->output != y && !is_kept(draft, y);
}

/* Behind a sum, which nobody stores, f' must be a function of y. */
static bool may_include(const struct draft *draft, int index) {
    int next = plan_yields(draft->plan, index);
    if (next == draft->graph->layer_count || !layer_of(draft, index)->ops->make_y)
        return false;
    const struct graph_layer *layer = layer_of(draft, next);
    bool from_y = !(layer->ops->traits & LAYER_READS_X) && leaves_nothing(layer);
    return layer->ops->pointwise && (from_y || !draft_step(draft, index)->adds) &&
           reads_alone(draft, next) && !is_kept(draft, next);
}

/* All who read the value can have it made. */
static bool readers_can_make(const struct draft *draft, int value) {
    int times = 0;
    for (int i = 0; i < draft->graph->layer_count; i++) {
        const struct graph_layer *layer = layer_of(draft, i);
        for (int k = 0; k < layer->info.inputs; k++) {
            if (layer->inputs[k] != value)
                continue;
            if (!layer->info.reads_made)
                return false;
            times++;
        }
    }
    return times > 0;
}

static bool may_make_y(const struct draft *draft, int index) {
    int y = plan_yields(draft->plan, index);
    return layer_of(draft, index)->ops->make_y && !draft_step(draft, index)->adds &&
           draft->graph->output != y && !draft->plan->options.keep_values[y] &&
           readers_can_make(draft, y);
}

/* The layer behind has y made before others read it. */
static bool may_make_later(const struct draft *draft, int index) {
    int y = plan_yields(draft->plan, index);
    if (!layer_of(draft, index)->ops->make_y || y == draft->graph->layer_count)
        return false;
    const struct graph_layer *behind = layer_of(draft, y);
    return behind->info.reads_once && behind->inputs[0] == y;
}

/* The layer before, unless it has no calls of its own. */
static const struct graph_layer *caller_before(const struct draft *draft, int index) {
    bool none = index == 0 || draft_step(draft, index - 1)->included;
    return none ? NULL : layer_of(draft, index - 1);
}

static bool may_make_dx(const struct draft *draft, int index) {
    const struct graph_layer *before = caller_before(draft, index);
    return layer_of(draft, index)->ops->make_dx && reads_alone(draft, index) && before &&
           before->info.reads_made && !draft->plan->options.keep_gradients[index];
}

static bool may_take_x(const struct draft *draft, int index) {
    const struct graph_layer *layer = layer_of(draft, index);
    const struct graph_layer *before = caller_before(draft, index);
    return layer->ops->take_x && layer->inputs[0] == index && before && before->info.offers;
}

/* Of all who read y the layer behind is the last to add to its gradient. */
static bool may_take_dy(const struct draft *draft, int index) {
    int y = plan_yields(draft->plan, index);
    if (!layer_of(draft, index)->ops->take_dy || y == draft->graph->layer_count)
        return false;
    const struct graph_layer *behind = layer_of(draft, y);
    return behind->info.offers && behind->info.inputs == 1 && behind->inputs[0] == y &&
           draft->graph->output != y;
}

/* Decides what runs inside the calls of a layer. */
static void include(struct draft *draft, int index) {
    struct plan_step *steps = draft->plan->steps;
    if (steps[index].included)
        return;
    steps[index].adds = may_add(draft, index);
    steps[index].after = may_include(draft, index);
    for (int i = index + 1; i < plan_yields(draft->plan, index); i++)
        steps[i].included = true;
}

void draft_fuse(struct draft *draft) {
    bool training = draft->plan->options.training;
    for (int i = 0; i < draft->graph->layer_count; i++) {
        struct plan_step *step = &draft->plan->steps[i];
        include(draft, i);
        step->makes_y = may_make_y(draft, i);
        step->makes_later = !step->makes_y && !step->included && may_make_later(draft, i);
        step->makes_dx = training && may_make_dx(draft, i);
        step->takes_x = training && may_take_x(draft, i);
        step->takes_dy = training && may_take_dy(draft, i);
    }
}
