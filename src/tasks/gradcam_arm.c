/* One arm's maps and numbers, batch after batch. */
#include "gradcam.h"
#include "metrics.h"

#include <math.h>
#include <string.h>

/* ---- memory ------------------------------------------------------------------------------------ */

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

/* ---- targets ----------------------------------------------------------------------------------- */

static int target_class(const struct observer *observer, const int32_t *said, const int32_t *labels,
                        int64_t count) {
    const struct gradcam *state = observer->state;
    int classes = graph_shape(observer->gaze->graph, observer->gaze->graph->output).channels;
    if (state->target >= 0)
        return state->target;
    const int32_t *from = state->target == TARGET_LABEL ? labels : said;
    return count > 1 ? gradcam_most_frequent(from, count, classes) : from[0];
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

/* Where the object is that the image shows, or in data with masks what is of the class explained; false: not
 * known. */
static bool find_object(const struct observer *observer, int image, int class,
                        struct arena *scratch) {
    const struct gradcam *state = observer->state;
    const struct dataset *objects = &state->objects;
    if (!objects->fetch)
        return false;
    uint8_t *pixels = arena_alloc(scratch, shape_size(objects->shape), 1);
    if (!pixels)
        return false;
    objects->fetch(objects, image, pixels, observer->labels);
    for (int p = 0; p < objects->shape.height * objects->shape.width; p++)
        observer->object[p] =
            state->data.masks ? observer->labels[p] == class : observer->labels[p] > 0;
    return true;
}

static void measure(const struct observer *observer, struct look *look, int chosen, bool object) {
    struct shape input = observer->gaze->graph->input;
    int pixels = input.height * input.width, cells = look->grid.height * look->grid.width;
    look->numbers[NUMBER_SPREAD][chosen] = cam_entropy(observer->map, cells);
    look->numbers[NUMBER_MEAN][chosen] = cam_mean(observer->map, cells);
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
    bool object =
        find_object(observer, state->images[chosen], observer->targets[index].class, scratch);
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

void gradcam_run_batch(struct observer *observer, int number) {
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
    gradcam_run_batch(observer, number);
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
    int images = state->image_count < config->sanity ? state->image_count : config->sanity;
    if (images == 0)
        return true;
    return gradcam_sanity(observer, images, arena);
}

enum run_end gradcam_run_arm(struct run *run, const struct job *job, int arm, struct arena *arena) {
    struct gradcam *state = job->state;
    struct observer observer = {
        .run = run, .job = job, .state = state, .gaze = &state->gazes[arm], .arm = arm};
    if (!observer_open(&observer, arena) || !make_looks(&observer))
        return RUN_FAILED;
    enum run_end end = explain_all(&observer);
    return end == RUN_FINE && !check_sanity(&observer, arena) ? RUN_FAILED : end;
}
