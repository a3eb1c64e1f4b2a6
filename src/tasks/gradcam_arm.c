/* One arm's maps. A batch runs forward and backward once for all its images, each with its own class; what the
 * methods need is copied, since some of them then run the network again. */
#include "gradcam.h"
#include "metrics.h"
#include "weights.h"

#include <math.h>
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

/* What the arm leaves. */
static bool make_looks(const struct observer *observer) {
    struct arena *arena = observer->run->arena;
    const struct gradcam *state = observer->state;
    size_t images = (size_t)state->image_count, shown = (size_t)state->shown;
    struct gaze *gaze = observer->gaze;
    gaze->verdicts = arena_alloc(arena, images, sizeof *gaze->verdicts);
    bool good = gaze->verdicts != NULL;
    for (int i = 0; good && i < gaze->look_count; i++) {
        struct look *look = &gaze->looks[i];
        look->maps = arena_alloc(arena, shown, sizeof *look->maps);
        look->why = arena_alloc(arena, shown, sizeof *look->why);
        good = look->maps && look->why;
        for (int n = 0; good && n < NUMBER_COUNT; n++) {
            good = (look->numbers[n] = arena_alloc(arena, images, sizeof(double))) != NULL;
            for (size_t k = 0; good && k < images; k++)
                look->numbers[n][k] = NAN;
        }
    }
    return good;
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
        memcpy(exec_param(observer->guided, i), exec_param(observer->bench.exec, i),
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

/* ---- targets ----------------------------------------------------------------------------------- */

static int target_class(const struct observer *observer, const int32_t *said, const int32_t *labels,
                        int64_t count) {
    const struct gradcam *state = observer->state;
    int classes = graph_shape(observer->gaze->graph, observer->gaze->graph->output).channels;
    if (state->target >= 0)
        return state->target;
    const int32_t *from = state->target == TARGET_LABEL ? labels : said;
    int class = count > 1 ? gradcam_most_frequent(from, count, classes) : from[0];
    return class >= 0 && class < classes ? class : 0;
}

/* The class and region of each image of the batch at hand. */
static void set_targets(const struct observer *observer) {
    const struct gradcam_config *config = observer->job->config;
    const struct bench *bench = &observer->bench;
    struct tensor y = exec_value(bench->exec, bench->graph->output);
    int64_t pixels = (int64_t)y.height * y.width;
    metrics_classes(y, observer->run->pool, observer->said);
    for (int i = 0; i < bench->batch.count; i++) {
        const int32_t *said = observer->said + i * pixels;
        const int32_t *labels = bench->batch.labels + i * bench->labels;
        bool *region = observer->regions + i * pixels;
        bool truth = config->region == REGION_TRUTH && bench->labels == pixels;
        int class = target_class(observer, said, labels, pixels);
        for (int64_t p = 0; p < pixels; p++)
            region[p] = (truth ? labels : said)[p] == class;
        bool everywhere = pixels == 1 || config->region == REGION_ALL;
        observer->targets[i] = (struct cam_target){class, everywhere ? NULL : region};
    }
}

/* ---- numbers ----------------------------------------------------------------------------------- */

/* Where the object of the image is; false: not known. */
static bool find_object(const struct observer *observer, int image, struct arena *scratch) {
    const struct dataset *objects = &observer->state->objects;
    if (!objects->fetch)
        return false;
    uint8_t *pixels = arena_alloc(scratch, shape_size(objects->shape), 1);
    if (!pixels)
        return false;
    objects->fetch(objects, image, pixels, observer->labels);
    for (int p = 0; p < objects->shape.height * objects->shape.width; p++)
        observer->object[p] = observer->labels[p] > 0;
    return true;
}

static void measure(const struct observer *observer, struct look *look, int chosen, bool object) {
    struct shape input = observer->gaze->graph->input;
    int pixels = input.height * input.width;
    look->numbers[NUMBER_SPREAD][chosen] =
        cam_entropy(observer->map, look->grid.height * look->grid.width);
    if (!object)
        return;
    cam_grid_spread(&look->grid, observer->map, input, input.height, input.width, observer->spread);
    look->numbers[NUMBER_POINTING][chosen] =
        cam_pointing(observer->spread, observer->object, pixels);
    look->numbers[NUMBER_ENERGY][chosen] = cam_energy(observer->spread, observer->object, pixels);
}

/* ---- one image --------------------------------------------------------------------------------- */

static bool keep_map(const struct observer *observer, struct look *look, int chosen,
                     const char *why) {
    size_t cells = (size_t)look->grid.height * (size_t)look->grid.width;
    float *map = arena_alloc(observer->run->arena, cells, sizeof *map);
    if (!map)
        return false;
    memcpy(map, observer->map, cells * sizeof *map);
    look->maps[chosen] = map;
    look->why[chosen] = why;
    return true;
}

static void judge(const struct observer *observer, int index, int chosen) {
    const struct cam_target *target = &observer->targets[index];
    struct tensor y = exec_value(observer->bench.exec, observer->gaze->graph->output);
    int64_t pixels = (int64_t)y.height * y.width;
    const int32_t *said = observer->said + index * pixels;
    observer->gaze->verdicts[chosen] = (struct verdict){
        .predicted = pixels > 1 ? gradcam_most_frequent(said, pixels, y.channels) : said[0],
        .target = target->class,
        .score = cam_score(y, index, target),
        .probability = cam_probability(y, index, target)};
}

/* `index` in the batch, `chosen` among the chosen images. */
static bool explain(const struct observer *observer, int index, int chosen, struct arena *scratch) {
    const struct gradcam_config *config = observer->job->config;
    const struct gradcam *state = observer->state;
    bool object = find_object(observer, state->images[chosen], scratch);
    for (int i = 0; i < observer->gaze->look_count; i++) {
        struct look *look = &observer->gaze->looks[i];
        const char *why = observer_draw(observer, look, index, observer->map);
        measure(observer, look, chosen, object);
        if (chosen < state->shown && !keep_map(observer, look, chosen, why))
            return false;
        if (chosen < config->curves)
            gradcam_curves(observer, look, index, chosen);
    }
    return true;
}

/* ---- one batch --------------------------------------------------------------------------------- */

static void run_batch(struct observer *observer, int number) {
    struct bench *bench = &observer->bench;
    loader_fill(observer->loader, number, &bench->batch, observer->run->pool);
    exec_forward(bench->exec, bench->batch.count, false, 0);
    set_targets(observer);
}

/* The chosen images from `chosen` on that lie in this batch; returns the first that does not, -1: failed. */
static int explain_batch(struct observer *observer, int number, int chosen) {
    const struct gradcam *state = observer->state;
    struct arena *scratch = arena_child(observer->run->arena);
    int batch = observer->bench.plan->options.batch, first = number * batch, next = chosen;
    bool good = scratch != NULL;
    run_batch(observer, number);
    for (; next < state->image_count && state->images[next] < first + batch; next++)
        judge(observer, state->images[next] - first, next);
    observer_look(observer);
    for (; good && chosen < next; chosen++)
        good = explain(observer, state->images[chosen] - first, chosen, scratch);
    arena_free(scratch);
    return good ? next : -1;
}

/* ---- the arm ----------------------------------------------------------------------------------- */

static enum run_end explain_all(struct observer *observer) {
    const struct gradcam *state = observer->state;
    struct run *run = observer->run;
    int batch = observer->bench.plan->options.batch;
    struct progress progress = progress_start(run, run->experiment->arms[observer->arm].name,
                                              "images", 0, state->image_count);
    for (int next = 0; next < state->image_count; progress_show(&progress, next)) {
        next = explain_batch(observer, state->images[next] / batch, next);
        if (next < 0)
            return RUN_FAILED;
        if (*run->options->stop)
            return RUN_STOPPED;
    }
    progress_end(&progress);
    return RUN_FINE;
}

/* The comparison with randomised weights comes last, for it spoils them. */
static bool check_sanity(struct observer *observer, struct arena *arena) {
    const struct gradcam_config *config = observer->job->config;
    const struct gradcam *state = observer->state;
    int batch = observer->bench.plan->options.batch, images = 0;
    if (config->sanity == 0)
        return true;
    run_batch(observer, state->images[0] / batch);
    observer_look(observer);
    while (images < config->sanity && images < state->image_count &&
           state->images[images] / batch == state->images[0] / batch)
        images++;
    return gradcam_sanity(observer, images, arena);
}

enum run_end gradcam_run_arm(struct run *run, const struct job *job, int arm, struct arena *arena) {
    const struct gradcam_config *config = job->config;
    struct gradcam *state = job->state;
    struct observer observer = {
        .run = run, .job = job, .state = state, .gaze = &state->gazes[arm], .arm = arm};
    if (!bench_open(&observer.bench, run, job, arm, 0, &state->data, arena) ||
        !weights_start(run, job, arm, 0, observer.bench.exec, (enum weights_which)config->use))
        return RUN_FAILED;
    observer.loader = loader_new(arena, job->stage->data, &state->data, run->experiment->seeds[0],
                                 false, false, run->report);
    if (!observer.loader || !make_copies(&observer, arena) || !make_room(&observer, arena) ||
        !make_looks(&observer) || (wants_guided(observer.gaze) && !open_guided(&observer, arena)))
        return RUN_FAILED;
    enum run_end end = explain_all(&observer);
    return end == RUN_FINE && !check_sanity(&observer, arena) ? RUN_FAILED : end;
}
