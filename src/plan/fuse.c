/* What layers do for one another (struct layer_maker, struct layer_taker), decided from the graph alone:
 *
 *   after     an elementwise layer that alone reads the layer before it runs inside that layer's call
 *   makes_y   y is not stored, because all who read it can have it made
 *   makes_dx  dx is not stored, because the layer before reads it alone and can have it made
 *   takes_x   the layer before offers its y to this one as it is written
 *   takes_dy  the layer behind, which alone reads y, likewise offers its dx
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

static bool may_include(const struct draft *draft, int index) {
    return index + 1 < draft->graph->layer_count && layer_of(draft, index)->ops->make_y &&
           layer_of(draft, index + 1)->ops->pointwise && reads_alone(draft, index + 1) &&
           !is_kept(draft, index + 1);
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
    return layer_of(draft, index)->ops->make_y && draft->graph->output != y &&
           !draft->plan->options.keep_values[y] && readers_can_make(draft, y);
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

static bool may_take_dy(const struct draft *draft, int index) {
    int y = plan_yields(draft->plan, index);
    return layer_of(draft, index)->ops->take_dy && y < draft->graph->layer_count &&
           reads_alone(draft, y) && layer_of(draft, y)->info.offers;
}

void draft_fuse(struct draft *draft) {
    bool training = draft->plan->options.training;
    for (int i = 0; i < draft->graph->layer_count; i++) {
        struct plan_step *step = &draft->plan->steps[i];
        step->after = !step->included && may_include(draft, i);
        if (step->after)
            draft->plan->steps[i + 1].included = true;
        step->makes_y = may_make_y(draft, i);
        step->makes_dx = training && may_make_dx(draft, i);
        step->takes_x = training && may_take_x(draft, i);
        step->takes_dy = training && may_take_dy(draft, i);
    }
}
