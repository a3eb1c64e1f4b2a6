/* The gradcam task: where did the network look? For images, arms, layers and methods it leaves maps, pictures,
 * and numbers that say what the maps are worth. Evaluation mode throughout; of several seeds the first. */
#include "gradcam.h"
#include "colormap.h"
#include "weights.h"

#include <string.h>

/* ---- keys -------------------------------------------------------------------------------------- */

static const char *const region_names[] = {
    [REGION_SAID] = "said", [REGION_TRUTH] = "truth", [REGION_ALL] = "all", NULL};
static const char *const split_names[] = {
    [SPLIT_AUTO] = "auto", [SPLIT_ONLY_TEST] = "test", [SPLIT_ONLY_TRAIN] = "train", NULL};
static const char *const use_names[] = {[WEIGHTS_LAST] = "last", [WEIGHTS_BEST] = "best", NULL};

#define FIELD(name) offsetof(struct gradcam_config, name)
static const struct attr attrs[] = {
    {"method",
     "how: gradcam, gradcam++, hirescam, layercam, xgradcam, eigencam, scorecam, "
     "gradient, guided; one or a list",
     ATTR_NODE, FIELD(method), .shown = "gradcam"},
    {"target", "the class that is explained: its name or number, predicted, or label", ATTR_NODE,
     FIELD(target), .shown = "predicted"},
    {"region",
     "where there is a score for each pixel: those that are said to be of the class, "
     "those that truly are, or all",
     ATTR_CHOICE, FIELD(region), .fallback = REGION_SAID, .choices = region_names},
    {"layer", "where: a path, a group, a pattern, or a list of them", ATTR_NODE, FIELD(layer),
     .shown = "the last convolution with space, and what follows it at its shape"},
    {"split",
     "images to look at; auto: the split that data names, after a stage that trains the "
     "test split",
     ATTR_CHOICE, FIELD(split), .fallback = SPLIT_AUTO, .choices = split_names},
    {"use", "after a stage that trains: the weights of its last epoch, or of its best", ATTR_CHOICE,
     FIELD(use), .fallback = WEIGHTS_LAST, .choices = use_names},
    {"mistakes", "only images that this arm gets wrong", ATTR_STRING, FIELD(mistakes),
     .shown = "all images"},
    {"per_class", "only the first so many images of each class", ATTR_INT, FIELD(per_class),
     .min = 1, .max = 1e6, .shown = "all"},
    {"show", "images with pictures and maps; the others only enter the numbers", ATTR_INT,
     FIELD(show), .fallback = 12, .min = 0, .max = 1000},
    {"colormap", "colours of the maps", ATTR_CHOICE, FIELD(colormap), .fallback = COLORMAP_JET,
     .choices = colormap_names},
    {"weight", "of the colours that are laid over an image", ATTR_FLOAT, FIELD(weight),
     .fallback = 0.4, .max = 1},
    {"objects", "hold maps against the known masks of generated images", ATTR_BOOL, FIELD(objects),
     .fallback = false},
    {"curves", "images for the deletion and insertion curves", ATTR_INT, FIELD(curves),
     .fallback = 0, .max = 1e6},
    {"sanity", "images for the comparison with maps of randomised weights", ATTR_INT, FIELD(sanity),
     .fallback = 0, .max = 1e6},
};
#undef FIELD

static const struct attr arm_attrs[] = {
    {"layer", "where to look in this arm", ATTR_NODE, offsetof(struct gradcam_arm_config, layer),
     .shown = "the task's"},
};

const char *const gradcam_number_names[NUMBER_COUNT] = {
    [NUMBER_SPREAD] = "spread",          [NUMBER_MEAN] = "mean",
    [NUMBER_POINTING] = "pointing_game", [NUMBER_ENERGY] = "energy_inside",
    [NUMBER_DELETION] = "deletion",      [NUMBER_DELETION_RANDOM] = "deletion_random",
    [NUMBER_INSERTION] = "insertion",    [NUMBER_INSERTION_RANDOM] = "insertion_random",
};

static bool prepare(struct run *run, struct job *job) {
    job->state = arena_alloc(run->arena, 1, sizeof(struct gradcam));
    return job->state && gradcam_read(run, job);
}

static bool wishes(struct run *run, const struct job *job, int arm, struct plan_options *options) {
    const struct gradcam *state = job->state;
    const struct gaze *gaze = &state->gazes[arm];
    bool *keep = arena_alloc(run->arena, (size_t)gaze->graph->layer_count + 1, sizeof *keep);
    bool *frozen = arena_alloc(run->arena, (size_t)gaze->graph->param_count, sizeof *frozen);
    if (!keep || !frozen)
        return false;
    for (int i = 0; i < gaze->graph->param_count; i++)
        frozen[i] = true;
    for (int place = 1; place < gaze->value_count; place++)
        keep[gaze->values[place]] = true;
    for (int i = 0; i < gaze->look_count; i++)
        options->input_gradient |= gaze->looks[i].place == 0;
    keep[0] = options->input_gradient;
    options->training = true; /* backward is wanted, in evaluation mode */
    options->frozen = frozen;
    options->optim_slots = 0;
    options->keep_values = keep;
    options->keep_gradients = keep;
    return true;
}

static enum data_split gradcam_split(const struct run *run, const struct job *job) {
    const struct gradcam_config *config = job->config;
    if (config->split != SPLIT_AUTO)
        return config->split == SPLIT_ONLY_TEST ? SPLIT_TEST : SPLIT_TRAIN;
    for (const struct job *before = run->jobs; before < job; before++)
        if (before->ops->trains)
            return SPLIT_TEST;
    return data_split_of(job->stage->data);
}

/* ---- the known masks ---------------------------------------------------------------------------- */

/* `data:` as written for this stage, or for all. */
static const struct node *data_written(const struct run *run, const struct job *job) {
    const struct node *all = run->experiment->resolved, *stages = node_get(all, "stages");
    const struct node *stage = stages ? stages->entries[job - run->jobs].value : NULL;
    bool has_keys = stage && stage->kind == NODE_MAP && stage->entries[0].value->kind == NODE_MAP;
    const struct node *own = has_keys ? node_get(stage->entries[0].value, "data") : NULL;
    return own ? own : node_get(all, "data");
}

/* The same with `masks: true`. NULL: out of memory. */
static const struct node *data_with_masks(struct run *run, const struct job *job) {
    const struct node *data = data_written(run, job);
    struct node *masks = data ? node_new(run->arena, NODE_BOOL, &data->pos) : NULL;
    struct node *copy = data ? node_new(run->arena, NODE_MAP, &data->pos) : NULL;
    if (!masks || !copy)
        return NULL;
    copy->entries = arena_alloc(run->arena, (size_t)data->count + 1, sizeof *copy->entries);
    if (!copy->entries)
        return NULL;
    for (int i = 0; i < data->count; i++)
        if (strcmp(data->entries[i].key, "masks") != 0)
            copy->entries[copy->count++] = data->entries[i];
    masks->boolean = true;
    copy->entries[copy->count++] = (struct entry){"masks", data->pos, masks};
    return copy;
}

static bool open_objects(struct run *run, const struct job *job) {
    const struct gradcam_config *config = job->config;
    struct gradcam *state = job->state;
    if (state->data.masks)
        state->objects = state->data;
    if (!config->objects || state->data.masks)
        return true;
    const struct node *map = data_with_masks(run, job);
    const struct data_spec *spec = map ? data_check(run->arena, map, run->report) : NULL;
    struct data_request request = {.folder = run->options->data,
                                   .split = gradcam_split(run, job),
                                   .seed = run->experiment->seeds[0]};
    return spec && data_open(spec, &request, run->arena, &state->objects, run->report);
}

/* ---- the run ----------------------------------------------------------------------------------- */

static enum run_end run_arms(struct run *run, const struct job *job) {
    enum run_end end = RUN_FINE;
    for (int arm = 0; end == RUN_FINE && arm < run->experiment->arm_count; arm++) {
        struct arena *arena = arena_child(run->arena); /* one arm's slab at a time */
        end = arena ? gradcam_run_arm(run, job, arm, arena) : RUN_FAILED;
        arena_free(arena);
    }
    return end;
}

static enum run_end run_gradcam(struct run *run, struct job *job) {
    struct gradcam *state = job->state;
    if (!task_open_data(run, job, gradcam_split(run, job), &state->data) ||
        !gradcam_read_target(run, job) || !open_objects(run, job))
        return RUN_FAILED;
    task_record_data(run, &state->data);
    enum run_end end = gradcam_choose(run, job);
    end = end == RUN_FINE ? run_arms(run, job) : end;
    if (end != RUN_FINE)
        return end;
    return gradcam_pictures(run, job) && gradcam_sheet(run, job) && gradcam_report(run, job)
               ? RUN_FINE
               : RUN_FAILED;
}

const struct task_ops task_gradcam = {
    .name = "gradcam",
    .summary = "shows where networks look, and what such maps are worth",
    .example = "stages:\n"
               "  - train: {epochs: 3}\n"
               "  - gradcam: {method: [gradcam, layercam], target: label, show: 8}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct gradcam_config),
    .arm_attrs = arm_attrs,
    .arm_attr_count = BASE_COUNT(arm_attrs),
    .arm_config_size = sizeof(struct gradcam_arm_config),
    .both_splits = true,
    .prepare = prepare,
    .wishes = wishes,
    .run = run_gradcam,
};
