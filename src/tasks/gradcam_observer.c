/* An arm at work on a batch, which runs forward and backward once for all its images, each with its own class;
 * what the methods need is copied, since some of them then run the network again. */
#include "gradcam.h"
#include "weights.h"

#include <string.h>

/* ---- memory ------------------------------------------------------------------------------------ */

static size_t floats_of(struct tensor tensor) {
    return tensor_pixels(tensor) * (size_t)tensor.pitch;
}

/* A tensor as `like`, of the planned batch. */
static struct tensor make_copy(const struct observer *observer, struct tensor like,
                               struct arena *arena) {
    like.images = observer->bench.plan->options.batch;
    like.data = arena_alloc(arena, floats_of(like), sizeof(float));
    return like;
}

static bool make_copies(struct observer *observer, struct arena *arena) {
    const struct gaze *gaze = observer->gaze;
    const struct exec *exec = observer->bench.exec;
    size_t places = (size_t)gaze->value_count;
    observer->activations = arena_alloc(arena, places, sizeof *observer->activations);
    observer->gradients = arena_alloc(arena, places, sizeof *observer->gradients);
    bool good = observer->activations && observer->gradients;
    for (int i = 0; good && i < gaze->value_count; i++) {
        struct tensor like = exec_value(exec, gaze->values[i]);
        observer->activations[i] = make_copy(observer, like, arena);
        observer->gradients[i] = make_copy(observer, like, arena);
        good = observer->activations[i].data && observer->gradients[i].data;
    }
    if (good)
        observer->guided_gradient = make_copy(observer, exec_value(exec, 0), arena);
    return good && observer->guided_gradient.data;
}

/* The most cells or channels that any place has, and the pixels of an image. */
static size_t widest(const struct gaze *gaze, bool channels) {
    size_t most = 1;
    for (int i = 0; i < gaze->value_count; i++) {
        struct shape shape = graph_shape(gaze->graph, gaze->values[i]);
        size_t cells = (size_t)shape.height * (size_t)shape.width;
        size_t size = channels ? (size_t)shape.channels : cells;
        most = size > most ? size : most;
    }
    return most;
}

static bool make_room(struct observer *observer, struct arena *arena) {
    const struct gaze *gaze = observer->gaze;
    size_t batch = (size_t)observer->bench.plan->options.batch;
    size_t channels = widest(gaze, true) + batch, cells = widest(gaze, false);
    struct shape input = gaze->graph->input, output = graph_shape(gaze->graph, gaze->graph->output);
    size_t pixels = (size_t)input.height * (size_t)input.width;
    size_t out = (size_t)output.height * (size_t)output.width;
    size_t most = cells > pixels ? cells : pixels;
    observer->targets = arena_alloc(arena, batch, sizeof *observer->targets);
    observer->regions = arena_alloc(arena, batch * out, sizeof *observer->regions);
    observer->said = arena_alloc(arena, batch * out, sizeof *observer->said);
    observer->weights = arena_alloc(arena, channels, sizeof *observer->weights);
    observer->spare = arena_alloc(arena, channels, sizeof *observer->spare);
    observer->map = arena_alloc(arena, cells, sizeof *observer->map);
    observer->random = arena_alloc(arena, cells, sizeof *observer->random);
    observer->spread = arena_alloc(arena, pixels, sizeof *observer->spread);
    observer->object = arena_alloc(arena, pixels, sizeof *observer->object);
    observer->labels = arena_alloc(arena, pixels, sizeof *observer->labels);
    observer->order = arena_alloc(arena, pixels, sizeof *observer->order);
    observer->ranks = arena_alloc(arena, 2 * most, sizeof *observer->ranks);
    return observer->targets && observer->regions && observer->said && observer->weights &&
           observer->spare && observer->map && observer->random && observer->spread &&
           observer->object && observer->labels && observer->order && observer->ranks;
}

/* ---- guided backpropagation -------------------------------------------------------------------- */

static bool wants_guided(const struct gaze *gaze) {
    for (int i = 0; i < gaze->look_count; i++)
        if (gaze->looks[i].method->guided)
            return true;
    return false;
}

static void copy_params(const struct observer *observer) {
    const struct graph *graph = observer->gaze->graph;
    for (int i = 0; i < graph->param_count; i++)
        memcpy(exec_change_param(observer->guided, i), exec_param(observer->bench.exec, i),
               param_size(graph->params[i].shape) * sizeof(float));
}

static bool open_guided(struct observer *observer, struct arena *arena) {
    struct run *run = observer->run;
    struct plan_options options = observer->bench.plan->options;
    const struct graph *graph = cam_guided_graph(arena, observer->gaze->graph);
    const struct plan *plan = graph ? plan_build(arena, graph, &options, run->report) : NULL;
    observer->guided =
        plan ? exec_new(arena, plan, run->pool, run->experiment->seeds[0], run->report) : NULL;
    return observer->guided != NULL;
}

static void seed_all(const struct observer *observer, struct exec *exec) {
    struct tensor dy = exec_gradient(exec, observer->gaze->graph->output);
    for (int i = 0; i < observer->bench.batch.count; i++)
        cam_seed(dy, i, &observer->targets[i]);
}

static void look_guided(const struct observer *observer) {
    struct tensor image = observer->activations[0];
    int count = observer->bench.batch.count;
    copy_params(observer);
    memcpy(exec_input(observer->guided).data, image.data, floats_of(image) * sizeof(float));
    exec_forward(observer->guided, count, false, 0);
    seed_all(observer, observer->guided);
    exec_backward(observer->guided, false);
    struct tensor gradient = exec_gradient(observer->guided, 0);
    memcpy(observer->guided_gradient.data, gradient.data, floats_of(gradient) * sizeof(float));
}

/* ---- looking ----------------------------------------------------------------------------------- */

static void copy_values(const struct observer *observer, bool gradients) {
    const struct gaze *gaze = observer->gaze;
    for (int i = 0; i < gaze->value_count; i++) {
        const struct exec *exec = observer->bench.exec;
        struct tensor from =
            gradients ? exec_gradient(exec, gaze->values[i]) : exec_value(exec, gaze->values[i]);
        struct tensor to = (gradients ? observer->gradients : observer->activations)[i];
        if (from.data)
            memcpy(to.data, from.data, floats_of(from) * sizeof(float));
    }
}

void observer_look(const struct observer *observer) {
    copy_values(observer, false);
    seed_all(observer, observer->bench.exec);
    exec_backward(observer->bench.exec, false);
    copy_values(observer, true);
    if (observer->guided)
        look_guided(observer);
}

struct cam_trial observer_trial(const struct observer *observer, int index) {
    return (struct cam_trial){.exec = observer->bench.exec,
                              .batch = observer->bench.plan->options.batch,
                              .output = observer->gaze->graph->output,
                              .image = tensor_images(observer->activations[0], index, 1),
                              .target = &observer->targets[index]};
}

static bool is_empty(const struct observer *observer, const struct cam_target *target) {
    struct shape output = graph_shape(observer->gaze->graph, observer->gaze->graph->output);
    for (int p = 0; target->region && p < output.height * output.width; p++)
        if (target->region[p])
            return false;
    return target->region != NULL;
}

const char *observer_draw(const struct observer *observer, const struct look *look, int index,
                          float *map) {
    struct tensor gradients =
        look->method->guided ? observer->guided_gradient : observer->gradients[look->place];
    struct cam_trial trial = observer_trial(observer, index);
    struct cam_call call = {.activation =
                                tensor_images(observer->activations[look->place], index, 1),
                            .gradient = tensor_images(gradients, index, 1),
                            .grid = &look->grid,
                            .trial = &trial,
                            .weights = observer->weights,
                            .spare = observer->spare,
                            .map = map};
    look->method->draw(&call);
    if (cam_finish(map, look->grid.height * look->grid.width))
        return NULL;
    return is_empty(observer, &observer->targets[index])
               ? "the class is nowhere in the image, so that there is no score to explain"
               : cam_why_empty(&call);
}

/* ---- opening ----------------------------------------------------------------------------------- */

bool observer_open(struct observer *observer, struct arena *arena) {
    const struct gradcam_config *config = observer->job->config;
    const struct dataset *data = &observer->state->data;
    struct run *run = observer->run;
    if (!bench_open(&observer->bench, run, observer->job, observer->arm, 0, data, arena) ||
        !weights_start(run, observer->job, observer->arm, 0, observer->bench.exec,
                       (enum weights_which)config->use))
        return false;
    observer->loader = loader_new(arena, observer->job->stage->data, data,
                                  run->experiment->seeds[0], false, false, run->report);
    return observer->loader && make_copies(observer, arena) && make_room(observer, arena) &&
           (!wants_guided(observer->gaze) || open_guided(observer, arena));
}
