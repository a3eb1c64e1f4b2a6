/* Where the time of an arm's steps goes, beside the least that it could be.
 *
 * The floor is the products of each algorithm at the machine's peak, plus the bytes that no fusion can save at
 * the speed of memory: what reads and writes maps as a whole (convolutions, pools) does, what works on each
 * value as it passes (activations, batch norm, dropout) does not, a sum reads its second input. */
#include "profile.h"

/* ---- work -------------------------------------------------------------------------------------- */

static double images_per_batch(const struct profile *profile) {
    return (double)profile->record->images / (double)profile->record->batches;
}

static double seconds_of(const struct profile *profile, enum exec_part part, int index) {
    return profile->record->seconds[part][index] / (double)profile->record->batches;
}

static bool has_gradient(const struct profile *profile, int value) {
    return profile->plan->gradients[value] != PLAN_NONE;
}

static bool has_param_gradients(const struct profile *profile, const struct graph_layer *layer) {
    return layer->info.param_count > 0 &&
           profile->plan->param_gradients[layer->first_param] != PLAN_NONE;
}

/* Forward, gradients of the inputs, gradients of the parameters: each goes through all products once. */
static int passes(const struct profile *profile, int index) {
    const struct graph_layer *layer = &profile->plan->graph->layers[index];
    bool dx = has_gradient(profile, layer->inputs[0]) || profile->plan->steps[index].makes_dx;
    return 1 + dx + has_param_gradients(profile, layer);
}

/* ---- bytes ------------------------------------------------------------------------------------- */

static double value_bytes(const struct profile *profile, int value) {
    return (double)shape_size(graph_shape(profile->plan->graph, value)) * sizeof(float) *
           images_per_batch(profile);
}

static double param_bytes(const struct graph_layer *layer) {
    double floats = 0;
    for (int i = 0; i < layer->info.param_count; i++)
        floats += (double)param_size(&layer->info.params[i]);
    return floats * sizeof(float);
}

/* Another layer can do it while it reads or writes the same values. */
static bool rides_along(const struct layer_ops *ops) {
    return ops->pointwise || ops->make_y || (ops->traits & (LAYER_RENAMES | LAYER_ONLY_TRAINING));
}

static double forward_bytes(const struct profile *profile, int index) {
    const struct graph_layer *layer = &profile->plan->graph->layers[index];
    bool sum = layer->ops->traits & LAYER_SUM;
    double bytes = sum ? 0 : value_bytes(profile, index + 1) + param_bytes(layer);
    for (int k = sum; k < layer->info.inputs; k++)
        bytes += value_bytes(profile, layer->inputs[k]);
    return bytes;
}

static double backward_bytes(const struct profile *profile, int index) {
    const struct graph_layer *layer = &profile->plan->graph->layers[index];
    if (!profile->plan->steps[index].backward || (layer->ops->traits & LAYER_SUM))
        return 0;
    double y = value_bytes(profile, index + 1);
    double bytes = layer->ops->traits & LAYER_READS_Y ? 2 * y : y; /* with the gradient */
    for (int k = 0; k < layer->info.inputs; k++) {
        double x = value_bytes(profile, layer->inputs[k]);
        bytes += (layer->ops->traits & LAYER_READS_X ? x : 0) +
                 (has_gradient(profile, layer->inputs[k]) ? x : 0);
    }
    return bytes + (has_param_gradients(profile, layer) ? 2 : 1) * param_bytes(layer);
}

/* Parameters and state are read and written, gradients read. */
static double optimizer_bytes(const struct profile *profile) {
    const struct plan *plan = profile->plan;
    double floats = 0;
    for (int i = 0; i < plan->graph->param_count; i++)
        if (plan->param_gradients[i] != PLAN_NONE)
            floats += (double)param_size(plan->graph->params[i].shape);
    return floats * sizeof(float) * (3 + 2 * plan->options.optim_slots);
}

/* ---- numbers ----------------------------------------------------------------------------------- */

struct profile_work profile_layer(const struct profile *profile, int index) {
    const struct graph_layer *layer = &profile->plan->graph->layers[index];
    const struct layer_info *info = &layer->info;
    double twice = 2 * passes(profile, index) * images_per_batch(profile);
    int64_t products = info->products > 0 ? info->products : info->multiply_adds;
    struct profile_work work = {.forward = seconds_of(profile, EXEC_FORWARD, index),
                                .backward = seconds_of(profile, EXEC_BACKWARD, index),
                                .operations = twice * (double)info->multiply_adds,
                                .products = twice * (double)products};
    if (!rides_along(layer->ops))
        work.bytes = forward_bytes(profile, index) + backward_bytes(profile, index);
    return work;
}

struct profile_work profile_layers(const struct profile *profile) {
    struct profile_work sum = {.bytes = optimizer_bytes(profile)};
    for (int i = 0; i < profile->plan->graph->layer_count; i++) {
        struct profile_work work = profile_layer(profile, i);
        sum.forward += work.forward;
        sum.backward += work.backward;
        sum.operations += work.operations;
        sum.products += work.products;
        sum.bytes += work.bytes;
    }
    return sum;
}

double profile_seconds(const struct profile *profile, enum exec_part part) {
    bool per_layer = part == EXEC_FORWARD || part == EXEC_BACKWARD;
    int count = per_layer ? profile->plan->graph->layer_count : 1;
    double seconds = 0;
    for (int i = 0; i < count; i++)
        seconds += seconds_of(profile, part, i);
    return seconds;
}

double profile_step(const struct profile *profile) {
    double seconds = 0;
    for (enum exec_part part = 0; part < EXEC_PARTS; part++)
        seconds += profile_seconds(profile, part);
    return seconds;
}

double profile_rate(const struct profile_work *work) {
    double seconds = work->forward + work->backward;
    return seconds > 0 ? work->operations / seconds : 0;
}

double profile_share(const struct profile *profile, const struct profile_work *work) {
    double seconds = work->forward + work->backward;
    return seconds > 0 ? work->products / seconds / profile->limits.operations : 0;
}

double profile_floor(const struct profile *profile, const struct profile_work *work) {
    return work->products / profile->limits.operations + work->bytes / profile->limits.bytes;
}
