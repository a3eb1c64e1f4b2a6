/* Adebayo et al. (2018), "Sanity checks for saliency maps": a map that stays the same when the network forgets
 * what it has learned, layer by layer from the last one on, does not show what it has learned. Weights are
 * drawn anew in the size they had; the classes explained stay those of the trained network. */
#include "gradcam.h"

#include <math.h>

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
    float *values = exec_param(observer->bench.exec, param);
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

/* ---- comparing --------------------------------------------------------------------------------- */

static int cells_of(const struct look *look) {
    return look->grid.height * look->grid.width;
}

/* The maps of the trained network: per look, those of the images side by side. NULL: out of memory. */
static float **draw_trained(const struct observer *observer, int images, int first,
                            struct arena *arena) {
    const struct gaze *gaze = observer->gaze;
    float **maps = arena_alloc(arena, (size_t)gaze->look_count, sizeof *maps);
    for (int i = 0; maps && i < gaze->look_count; i++) {
        const struct look *look = &gaze->looks[i];
        maps[i] = arena_alloc(arena, (size_t)images * (size_t)cells_of(look), sizeof **maps);
        for (int k = 0; maps[i] && k < images; k++)
            observer_draw(observer, look, observer->state->images[k] - first,
                          maps[i] + (size_t)k * (size_t)cells_of(look));
        if (!maps[i])
            return NULL;
    }
    return maps;
}

/* Mean over the images that have a map both before and now. */
static double similarity(const struct observer *observer, const struct look *look,
                         const float *trained, int images, int first) {
    double sum = 0;
    int count = 0;
    for (int k = 0; k < images; k++) {
        observer_draw(observer, look, observer->state->images[k] - first, observer->map);
        double correlation = cam_rank_correlation(trained + (size_t)k * (size_t)cells_of(look),
                                                  observer->map, cells_of(look), observer->ranks);
        sum += isnan(correlation) ? 0 : correlation;
        count += !isnan(correlation);
    }
    return count > 0 ? sum / count : NAN;
}

bool gradcam_sanity(struct observer *observer, int images, struct arena *arena) {
    struct gaze *gaze = observer->gaze;
    struct bench *bench = &observer->bench;
    int batch = bench->plan->options.batch, number = observer->state->images[0] / batch;
    int all = count_weights(gaze->graph), param = gaze->graph->param_count, done = 0;
    float **trained = draw_trained(observer, images, number * batch, arena);
    for (int depth = 1; trained && done < all && gaze->sanity_steps < SANITY_MOST; depth *= 2) {
        int until = depth < all ? depth : all, step = gaze->sanity_steps++;
        param = randomise_until(observer, param, done, until);
        done = gaze->sanity_depth[step] = until;
        loader_fill(observer->loader, number, &bench->batch, observer->run->pool);
        exec_forward(bench->exec, bench->batch.count, false, 0);
        observer_look(observer);
        for (int i = 0; i < gaze->look_count; i++)
            gaze->looks[i].sanity[step] =
                similarity(observer, &gaze->looks[i], trained[i], images, number * batch);
    }
    return trained != NULL;
}
