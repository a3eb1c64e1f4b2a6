/* The predict task: what networks with weights say of images - the likeliest classes of each, or the class of
 * each pixel - and, if wanted, the output of any layer as an array. */
#include "predict.h"

#include <math.h>

#include <string.h>

/* ---- keys -------------------------------------------------------------------------------------- */

#define FIELD(name) offsetof(struct predict_config, name)
static const struct attr attrs[] = {
    {"split", "images to look at", ATTR_CHOICE, FIELD(split), .fallback = PASS_TEST,
     .choices = pass_splits},
    {"use", "after a stage that trains: the weights of its last epoch, or of its best", ATTR_CHOICE,
     FIELD(use), .fallback = WEIGHTS_LAST, .choices = weights_names},
    {"top", "classes to name for each image, the likeliest first", ATTR_INT, FIELD(top),
     .fallback = 5, .min = 1, .max = 1000},
    {"show", "images to show as a picture", ATTR_INT, FIELD(show), .fallback = 24, .min = 0,
     .max = 1000},
    {"array",
     "a .npy file of images x channels x height x width, as the network takes them, in place "
     "of the data's images",
     ATTR_STRING, FIELD(array), .shown = "none"},
    {"outputs", "a layer whose output is written as an array, outputs_ARM.npy", ATTR_NODE,
     FIELD(outputs), .shown = "none"},
};
#undef FIELD

static const struct attr arm_attrs[] = {
    {"outputs", "the layer of this arm whose output is written", ATTR_NODE,
     offsetof(struct predict_arm_config, outputs), .shown = "the experiment's"},
};

/* ---- prepare ----------------------------------------------------------------------------------- */

static bool find_output(const struct run *run, const struct job *job, int arm,
                        struct prediction *prediction) {
    const struct predict_config *config = job->config;
    const struct predict_arm_config *own = job->arm_configs[arm];
    const struct node *outputs = own->outputs ? own->outputs : config->outputs;
    prediction->value = -1;
    if (!outputs)
        return true;
    prediction->value = graph_find(run->graphs[arm], outputs, run->report) + 1;
    return prediction->value > 0;
}

/* Does the output say classes, whether or not they are the data's? */
static bool says_classes(const struct graph *graph, const struct dataset *data) {
    struct shape output = graph_shape(graph, graph->output);
    return output_is_scores(graph, data) ||
           (!data->masks && output.rank == 1 && output.channels > 1);
}

/* Is there anything to leave? */
static bool check_says(const struct run *run, int arm, const struct prediction *prediction) {
    const struct graph *graph = run->graphs[arm];
    return prediction->scores || prediction->value >= 0 ||
           report_at(
               run->report, &run->experiment->arms[arm].pos,
               "the network %s yields %s, no score for each of the data's classes, so it says "
               "none; for an array of what a layer yields write outputs: %s",
               quote(graph->name).text, shape_text(graph_shape(graph, graph->output)).text,
               graph->layer_count > 0 ? graph->layers[graph->layer_count - 1].path : "LAYER");
}

/* What is known of it before the data is open. */
static bool check_arm(const struct run *run, const struct job *job, int arm,
                      struct prediction *prediction) {
    struct dataset data = {0};
    if (!find_output(run, job, arm, prediction))
        return false;
    if (!data_expected(job->stage->data, &data.shape, &data.classes, &data.masks))
        return true;
    prediction->scores = says_classes(run->graphs[arm], &data);
    return check_says(run, arm, prediction);
}

static bool prepare(struct run *run, struct job *job) {
    struct predict *state = arena_alloc(run->arena, 1, sizeof *state);
    if (!state)
        return false;
    int arms = run->experiment->arm_count;
    state->predictions = arena_alloc(run->arena, (size_t)arms, sizeof *state->predictions);
    job->state = state;
    bool good = state->predictions != NULL;
    for (int i = 0; state->predictions && i < arms; i++)
        good = check_arm(run, job, i, &state->predictions[i]) && good;
    return good;
}

static bool wishes(struct run *run, const struct job *job, int arm, struct plan_options *options) {
    const struct predict *state = job->state;
    int value = state->predictions[arm].value;
    bool *keep = arena_alloc(run->arena, (size_t)run->graphs[arm]->layer_count + 1, sizeof *keep);
    if (!keep)
        return false;
    if (value >= 0)
        keep[value] = true;
    options->optim_slots = 0;
    options->keep_values = keep;
    return true;
}

/* ---- room for what is found -------------------------------------------------------------------- */

static void *room(struct arena *arena, bool wanted, size_t images, size_t count, size_t size) {
    return arena_alloc(arena, wanted ? images * count : 0, size);
}

static bool make_specimens(struct arena *arena, const struct dataset *data, size_t pixels,
                           struct prediction *prediction) {
    size_t most = (size_t)prediction->specimen_most;
    prediction->specimens = arena_alloc(arena, most, sizeof *prediction->specimens);
    for (size_t i = 0; prediction->specimens && data->masks && i < most; i++) {
        prediction->specimens[i].mask = arena_alloc(arena, pixels, sizeof(int32_t));
        if (!prediction->specimens[i].mask)
            return false;
    }
    return prediction->specimens != NULL;
}

/* Pictures without labels may be of classes that only the network knows. NULL: out of memory. */
static const char *const *class_names(const struct run *run, const struct job *job, int arm,
                                      int count) {
    const struct predict_config *config = job->config;
    const struct predict *state = job->state;
    if (state->data.classes == count)
        return state->data.class_names;
    const char *const *trained =
        weights_classes(run, job, arm, (enum weights_which)config->use, count);
    const char **names = arena_alloc(run->arena, (size_t)count, sizeof *names);
    for (int i = 0; names && i < count; i++) {
        names[i] = trained ? trained[i] : arena_printf(run->arena, "%d", i);
        if (!names[i])
            return NULL;
    }
    return names;
}

static bool make_tables(struct arena *arena, const struct dataset *data, size_t images,
                        struct prediction *prediction) {
    size_t top = (size_t)prediction->top;
    bool words = prediction->scores && !data->masks, masks = prediction->scores && data->masks;
    prediction->labels = room(arena, words, images, 1, sizeof(int));
    prediction->classes = room(arena, words, images, top, sizeof(int));
    prediction->probabilities = room(arena, words, images, top, sizeof(double));
    prediction->right = room(arena, masks, images, 1, sizeof(double));
    prediction->shares =
        room(arena, masks, images, (size_t)prediction->class_count, sizeof(double));
    prediction->outputs = room(arena, true, images, prediction->output_size, sizeof(float));
    return prediction->labels && prediction->classes && prediction->probabilities &&
           prediction->right && prediction->shares && prediction->outputs;
}

static bool make_prediction(const struct run *run, const struct job *job, int arm,
                            struct prediction *prediction) {
    const struct predict_config *config = job->config;
    const struct predict *state = job->state;
    const struct dataset *data = &state->data;
    const struct graph *graph = run->graphs[arm];
    int classes = graph_shape(graph, graph->output).channels;
    prediction->scores = says_classes(graph, data);
    prediction->class_count = classes;
    prediction->class_names = class_names(run, job, arm, classes);
    prediction->unlabelled =
        data->unlabelled || state->array.values || !output_is_scores(graph, data);
    prediction->top = config->top < classes ? config->top : classes;
    prediction->specimen_most = config->show < state->images ? config->show : state->images;
    if (state->array.values) /* numbers that went through `augment` are no picture */
        prediction->specimen_most = 0;
    if (prediction->value >= 0)
        prediction->output_size = shape_size(graph_shape(graph, prediction->value));
    size_t pixels = shape_size(data->shape) / (size_t)data->shape.channels;
    return prediction->class_names &&
           make_tables(run->arena, data, (size_t)state->images, prediction) &&
           make_specimens(run->arena, data, pixels, prediction);
}

/* ---- seeing ------------------------------------------------------------------------------------ */

/* The likeliest classes; of equals the first. */
static void rank_classes(const float *scores, int count, int top, int *classes) {
    for (int i = 0, filled = 0; i < count; i++) {
        int place = filled;
        while (place > 0 && scores[classes[place - 1]] < scores[i])
            place--;
        if (place == top)
            continue;
        filled += filled < top;
        memmove(&classes[place + 1], &classes[place],
                (size_t)(filled - 1 - place) * sizeof *classes);
        classes[place] = i;
    }
}

static void see_words(struct prediction *prediction, const struct pass *pass, int image,
                      int index) {
    const struct bench *bench = pass->bench;
    struct tensor y = tensor_images(exec_value(bench->exec, bench->graph->output), index, 1);
    int *classes = prediction->classes + (size_t)image * (size_t)prediction->top;
    double *probabilities = prediction->probabilities + (size_t)image * (size_t)prediction->top;
    rank_classes(y.data, y.channels, prediction->top, classes);
    for (int i = 0; i < prediction->top; i++)
        probabilities[i] = gallery_probability(y.data, y.channels, classes[i]);
    int label = prediction->unlabelled ? -1 : bench->batch.labels[index];
    prediction->labels[image] = label;
    if (prediction->specimen_count < prediction->specimen_most)
        prediction->specimens[prediction->specimen_count++] =
            (struct specimen){image, label, classes[0], probabilities[0], NULL};
}

static void see_mask(struct prediction *prediction, const struct pass *pass, int image, int index) {
    const struct bench *bench = pass->bench;
    int64_t pixels = bench->labels;
    const int32_t *labels = bench->batch.labels + index * pixels,
                  *said = pass->said + index * pixels;
    double *shares = prediction->shares + image * prediction->class_count;
    for (int64_t i = 0; i < pixels; i++)
        shares[said[i]] += 1 / (double)pixels;
    prediction->right[image] =
        prediction->unlabelled ? NAN : (double)metrics_right(labels, said, pixels) / (double)pixels;
    if (prediction->specimen_count == prediction->specimen_most)
        return;
    struct specimen *specimen = &prediction->specimens[prediction->specimen_count++];
    *specimen = (struct specimen){image, -1, -1, 1 - prediction->right[image], specimen->mask};
    memcpy(specimen->mask, said, (size_t)pixels * sizeof *said);
}

static void see(void *context, const struct pass *pass, int first) {
    struct prediction *prediction = context;
    const struct bench *bench = pass->bench;
    prediction->images = first + bench->batch.count;
    if (prediction->value >= 0)
        tensor_to_nchw(exec_value(bench->exec, prediction->value),
                       prediction->outputs + (size_t)first * prediction->output_size);
    for (int i = 0; prediction->scores && i < bench->batch.count; i++)
        (bench->labels > 1 ? see_mask : see_words)(prediction, pass, first + i, i);
}

/* ---- the run ----------------------------------------------------------------------------------- */

/* Of several seeds the first counts. */
static enum run_end run_arm(struct run *run, const struct job *job, int arm, struct arena *arena) {
    const struct predict_config *config = job->config;
    const struct predict *state = job->state;
    struct prediction *prediction = &state->predictions[arm];
    struct bench bench;
    if (!make_prediction(run, job, arm, prediction) || !check_says(run, arm, prediction) ||
        !bench_open(&bench, run, job, arm, 0, &state->data, arena) ||
        !weights_start(run, job, arm, 0, bench.exec, (enum weights_which)config->use))
        return RUN_FAILED;
    say_fresh(run, job, arm);
    struct pass pass = {.run = run,
                        .stage = job->stage,
                        .bench = &bench,
                        .array = state->array.values,
                        .array_images = state->images,
                        .said = prediction->scores ? pass_said(&bench, arena) : NULL,
                        .see = see,
                        .context = prediction};
    if (!pass.array)
        pass.loader = loader_new(arena, job->stage->data, &state->data, run->experiment->seeds[0],
                                 false, false, run->report);
    if ((!pass.array && !pass.loader) || (prediction->scores && !pass.said))
        return RUN_FAILED;
    struct sums sums = {0};
    enum run_end end = pass_run(&pass, &sums, NULL);
    return end == RUN_FINE && !predict_report(run, job, arm) ? RUN_FAILED : end;
}

static bool fits(const struct npy *array, struct shape shape) {
    return array->rank == 4 && array->dims[0] > 0 && array->dims[1] == shape.channels &&
           array->dims[2] == shape.height && array->dims[3] == shape.width;
}

/* Reads the array, where there is one, and holds it against the networks. */
static bool read_array(const struct run *run, const struct job *job) {
    const struct predict_config *config = job->config;
    struct predict *state = job->state;
    state->images = state->data.images;
    if (!config->array)
        return true;
    const struct pos *pos = &node_get(job->stage->own, "array")->pos;
    const char *path = file_beside(run->arena, pos->file->path, config->array);
    if (!path || !npy_read(run->arena, path, &state->array, run->report, pos))
        return false;
    state->images = state->array.dims[0];
    for (int i = 0; i < run->experiment->arm_count; i++)
        if (!fits(&state->array, run->graphs[i]->input))
            return report_at(
                run->report, pos, "the array is %s, and the network %s takes images x %s",
                dims_text(state->array.rank, state->array.dims).text,
                quote(run->graphs[i]->name).text, shape_text(run->graphs[i]->input).text);
    run_say(run, "images: %s of %s", text_commas(state->images).text, path);
    return true;
}

static enum run_end run_predict(struct run *run, struct job *job) {
    const struct predict_config *config = job->config;
    struct predict *state = job->state;
    if (!task_open_data(run, job, pass_split(config->split), &state->data) || !read_array(run, job))
        return RUN_FAILED;
    task_record_data(run, &state->data);
    enum run_end end = RUN_FINE;
    for (int arm = 0; end == RUN_FINE && arm < run->experiment->arm_count; arm++) {
        struct arena *arena = arena_child(run->arena); /* one arm's slab at a time */
        end = arena ? run_arm(run, job, arm, arena) : RUN_FAILED;
        arena_free(arena);
    }
    return end;
}

const struct task_ops task_predict = {
    .name = "predict",
    .summary =
        "says what networks see in images: the likeliest classes, or the class of each pixel",
    .example = "task: predict\n"
               "data: {source: cifar10, split: test, index: [0, 1, 2], augment: [normalize: "
               "cifar10]}\n"
               "arms: {cnn: {net: ../netdefs/cifar_cnn.yaml, weights: [{from: "
               "cifar_cnn.safetensors}]}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct predict_config),
    .arm_attrs = arm_attrs,
    .arm_attr_count = BASE_COUNT(arm_attrs),
    .arm_config_size = sizeof(struct predict_arm_config),
    .both_splits = true,
    .prepare = prepare,
    .wishes = wishes,
    .run = run_predict,
};
