/* Adebayo et al. (2018), "Sanity checks for saliency maps": a map that stays the same when the network forgets
 * what it has learned, layer by layer from the last one on, does not show what it has learned. Weights are
 * drawn anew in the size they had; the classes explained stay those of the trained network. */
#include "gradcam.h"

#include <math.h>
#include <string.h>

/* ---- randomising ------------------------------------------------------------------------------- */

static bool is_weight(const struct graph *graph, int param) {
    const struct layer_param *shape = graph->params[param].shape;
    return shape->role == PARAM_TRAINED && shape->fan_in > 0 && shape->rank > 1;
}

static int count_weights(const struct graph *graph) {
    int count = 0;
    for (int i = 0; i < graph->param_count; i++)
        count += is_weight(graph, i);
    return count;
}

/* New values from a normal distribution around 0, of the size that the old ones had. */
static void randomise(const struct observer *observer, int param) {
    const struct graph_param *at = &observer->gaze->graph->params[param];
    float *values = exec_change_param(observer->bench.exec, param);
    size_t size = param_size(at->shape);
    struct random random = random_stream(observer->run->experiment->seeds[0], RANDOM_SYNTHETIC,
                                         hash_text("randomised"), hash_text(at->path));
    double squares = 0;
    for (size_t i = 0; i < size; i++)
        squares += (double)values[i] * (double)values[i];
    for (size_t i = 0; i < size; i++)
        values[i] = (float)(sqrt(squares / (double)size) * random_normal(&random));
}

/* Randomises weights below `param` until `depth` of them are, `done` were before. Returns where it stopped. */
static int randomise_until(const struct observer *observer, int param, int done, int depth) {
    while (done < depth) {
        param--;
        if (is_weight(observer->gaze->graph, param)) {
            randomise(observer, param);
            done++;
        }
    }
    return param;
}

/* ---- weights as they were ------------------------------------------------------------------------ */

static bool keep_weights(const struct observer *observer, struct arena *arena, float **kept) {
    const struct graph *graph = observer->gaze->graph;
    for (int i = 0; i < graph->param_count; i++) {
        size_t size = param_size(graph->params[i].shape);
        kept[i] = arena_alloc(arena, size, sizeof **kept);
        if (!kept[i])
            return false;
        memcpy(kept[i], exec_param(observer->bench.exec, i), size * sizeof **kept);
    }
    return true;
}

static void restore_weights(const struct observer *observer, float *const *kept) {
    const struct graph *graph = observer->gaze->graph;
    for (int i = 0; i < graph->param_count; i++)
        memcpy(exec_change_param(observer->bench.exec, i), kept[i],
               param_size(graph->params[i].shape) * sizeof **kept);
}

/* ---- comparing --------------------------------------------------------------------------------- */

/* The chosen images of one batch. */
struct group {
    int first, count; /* among the chosen */
    int begin;        /* the batch's first image */
};

/* Of one look: the maps of the trained network for a group, and what was found of all groups. */
struct comparison {
    float *trained;
    double
        sum[SANITY_MOST]; /* of rank correlations of images that have a map both before and now */
    int count[SANITY_MOST];
};

static int cells_of(const struct look *look) {
    return look->grid.height * look->grid.width;
}

static void draw_trained(const struct observer *observer, struct group group, int index,
                         struct comparison *comparison) {
    const struct look *look = &observer->gaze->looks[index];
    for (int k = 0; k < group.count; k++)
        observer_draw(observer, look, observer->state->images[group.first + k] - group.begin,
                      comparison->trained + (size_t)k * (size_t)cells_of(look));
}

static void compare(const struct observer *observer, struct group group, int index, int step,
                    struct comparison *comparison) {
    const struct look *look = &observer->gaze->looks[index];
    for (int k = 0; k < group.count; k++) {
        observer_draw(observer, look, observer->state->images[group.first + k] - group.begin,
                      observer->map);
        const float *trained = comparison->trained + (size_t)k * (size_t)cells_of(look);
        double correlation =
            cam_rank_correlation(trained, observer->map, cells_of(look), observer->ranks);
        if (!isnan(correlation)) {
            comparison->sum[step] += correlation;
            comparison->count[step]++;
        }
    }
}

/* From the trained network to one of which nothing is left: 1, 2, 4, ... layers randomised. */
static void compare_group(struct observer *observer, struct group group,
                          struct comparison *comparisons) {
    struct gaze *gaze = observer->gaze;
    struct bench *bench = &observer->bench;
    int all = count_weights(gaze->graph), param = gaze->graph->param_count, done = 0;
    gradcam_run_batch(observer, group.begin / bench->plan->options.batch);
    observer_look(observer);
    for (int i = 0; i < gaze->look_count; i++)
        draw_trained(observer, group, i, &comparisons[i]);
    for (int depth = 1, step = 0; done < all && step < SANITY_MOST; depth *= 2, step++) {
        int until = depth < all ? depth : all;
        param = randomise_until(observer, param, done, until);
        done = gaze->sanity_depth[step] = until;
        gaze->sanity_steps = step + 1;
        exec_forward(bench->exec, bench->batch.count, false, 0);
        observer_look(observer);
        for (int i = 0; i < gaze->look_count; i++)
            compare(observer, group, i, step, &comparisons[i]);
    }
}

static struct comparison *comparisons_new(const struct gaze *gaze, int images,
                                          struct arena *arena) {
    struct comparison *all = arena_alloc(arena, (size_t)gaze->look_count, sizeof *all);
    for (int i = 0; all && i < gaze->look_count; i++) {
        size_t floats = (size_t)images * (size_t)cells_of(&gaze->looks[i]);
        all[i].trained = arena_alloc(arena, floats, sizeof *all[i].trained);
        if (!all[i].trained)
            return NULL;
    }
    return all;
}

static void take_means(struct gaze *gaze, const struct comparison *comparisons) {
    for (int i = 0; i < gaze->look_count; i++)
        for (int step = 0; step < gaze->sanity_steps; step++) {
            int count = comparisons[i].count[step];
            gaze->looks[i].sanity[step] = count > 0 ? comparisons[i].sum[step] / count : NAN;
        }
}

bool gradcam_sanity(struct observer *observer, int images, struct arena *arena) {
    struct gaze *gaze = observer->gaze;
    const int *numbers = observer->state->images;
    int batch = observer->bench.plan->options.batch;
    struct comparison *comparisons = comparisons_new(gaze, images < batch ? images : batch, arena);
    float **weights = arena_alloc(arena, (size_t)gaze->graph->param_count, sizeof *weights);
    if (!comparisons || !weights || !keep_weights(observer, arena, weights))
        return false;
    for (struct group group = {0}; group.first < images; group.first += group.count) {
        group.begin = numbers[group.first] / batch * batch;
        for (group.count = 1; group.first + group.count < images &&
                              numbers[group.first + group.count] < group.begin + batch;)
            group.count++;
        restore_weights(observer, weights);
        compare_group(observer, group, comparisons);
    }
    take_means(gaze, comparisons);
    return true;
}
