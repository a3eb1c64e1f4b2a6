/* Which images are looked at: all of the data (which `index`, `only` and `limit` have narrowed), the mistakes of
 * an arm, the first few of each class. */
#include "gradcam.h"
#include "pass.h"
#include "weights.h"

#include <string.h>

int gradcam_most_frequent(const int32_t *classes, int64_t count, int class_count) {
    int best = 0;
    int64_t most = 0;
    for (int class = 1; class < class_count; class ++) {
        int64_t found = 0;
        for (int64_t i = 0; i < count; i++)
            found += classes[i] == class;
        if (found > most)
            best = class;
        most = found > most ? found : most;
    }
    return best;
}

int gradcam_number(const struct gradcam *state, int image) {
    const int *numbers = state->data.numbers;
    return numbers ? numbers[state->images[image]] : state->images[image];
}

struct quoted gradcam_class(const struct gradcam *state, int class) {
    const struct dataset *data = &state->data;
    struct quoted text;
    if (data->classes > 1 && class < data->classes)
        snprintf(text.text, sizeof text.text, "%s", data->class_names[class]);
    else
        snprintf(text.text, sizeof text.text, "%d", class);
    return text;
}

/* The class that most of the mask has. */
static int label_of_mask(const struct dataset *data, int image, struct arena *scratch) {
    size_t pixels = (size_t)data->shape.height * (size_t)data->shape.width;
    uint8_t *bytes = arena_alloc(scratch, shape_size(data->shape), 1);
    int32_t *mask = arena_alloc(scratch, pixels, sizeof *mask);
    if (!bytes || !mask)
        return -1;
    data->fetch(data, image, bytes, mask);
    return gradcam_most_frequent(mask, (int64_t)pixels, data->classes);
}

int gradcam_label(const struct dataset *data, int image, struct arena *arena) {
    int32_t label = -1;
    if (data->unlabelled)
        return label;
    if (!data->masks) {
        data->fetch(data, image, NULL, &label);
        return label;
    }
    struct arena *scratch = arena_child(arena);
    label = scratch ? label_of_mask(data, image, scratch) : -1;
    arena_free(scratch);
    return label;
}

/* ---- mistakes ---------------------------------------------------------------------------------- */

/* Is anything of the image wrong? */
static void see(void *context, const struct pass *pass, int first) {
    bool *wrong = context;
    const struct bench *bench = pass->bench;
    for (int i = 0; i < bench->batch.count; i++) {
        const int32_t *labels = bench->batch.labels + i * bench->labels;
        const int32_t *said = pass->said + i * bench->labels;
        wrong[first + i] = metrics_right(labels, said, bench->labels) < bench->labels;
    }
}

static enum run_end find_mistakes(struct run *run, const struct job *job, int arm, bool *wrong,
                                  struct arena *arena) {
    const struct gradcam_config *config = job->config;
    const struct gradcam *state = job->state;
    struct bench bench;
    struct sums sums = {0};
    if (!output_is_scores(run->graphs[arm], &state->data)) {
        report_at(run->report, &run->experiment->arms[arm].pos,
                  "the network %s yields no score for each of the %d classes, so it makes no "
                  "mistakes to be shown",
                  quote(run->graphs[arm]->name).text, state->data.classes);
        return RUN_FAILED;
    }
    if (!bench_open(&bench, run, job, arm, 0, &state->data, arena) ||
        !weights_start(run, job, arm, 0, bench.exec, (enum weights_which)config->use))
        return RUN_FAILED;
    struct pass pass = {.run = run,
                        .stage = job->stage,
                        .bench = &bench,
                        .loader = loader_new(arena, job->stage->data, &state->data,
                                             run->experiment->seeds[0], false, false, run->report),
                        .said = pass_said(&bench, arena),
                        .see = see,
                        .context = wrong};
    return pass.loader && pass.said ? pass_run(&pass, &sums, NULL) : RUN_FAILED;
}

static int arm_named(const struct run *run, const char *name) {
    int arm = 0;
    while (strcmp(run->experiment->arms[arm].name, name) != 0)
        arm++;
    return arm;
}

static enum run_end mark_mistakes(struct run *run, const struct job *job, bool *wanted) {
    const struct gradcam_config *config = job->config;
    struct arena *arena = arena_child(run->arena);
    enum run_end end =
        arena ? find_mistakes(run, job, arm_named(run, config->mistakes), wanted, arena)
              : RUN_FAILED;
    arena_free(arena);
    return end;
}

/* ---- the choice -------------------------------------------------------------------------------- */

/* Leaves the first `most` images of each class. */
static bool keep_few(const struct gradcam *state, bool *wanted, int most, struct arena *arena) {
    int *found = arena_alloc(arena, (size_t)state->data.classes, sizeof *found);
    for (int i = 0; found && i < state->data.images; i++) {
        int label = wanted[i] ? gradcam_label(&state->data, i, arena) : -1;
        wanted[i] = label >= 0 && found[label]++ < most;
    }
    return found != NULL;
}

/* What needs labels is refused where there are none. */
static bool check_labels(struct run *run, const struct job *job) {
    const struct gradcam_config *config = job->config;
    const struct gradcam *state = job->state;
    const char *what = config->mistakes                ? "mistakes"
                       : config->per_class > 0         ? "per_class"
                       : state->target == TARGET_LABEL ? "target: label"
                                                       : NULL;
    return !what || !state->data.unlabelled ||
           report_at(run->report, data_pos(job->stage->data),
                     "%s needs labels, and these images have none: put them into one folder per "
                     "class",
                     what);
}

enum run_end gradcam_choose(struct run *run, struct job *job) {
    const struct gradcam_config *config = job->config;
    struct gradcam *state = job->state;
    int images = state->data.images;
    if (!check_labels(run, job))
        return RUN_FAILED;
    bool *wanted = arena_alloc(run->arena, (size_t)images, sizeof *wanted);
    state->images = arena_alloc(run->arena, (size_t)images, sizeof *state->images);
    if (!wanted || !state->images)
        return RUN_FAILED;
    memset(wanted, 1, (size_t)images);
    enum run_end end = config->mistakes ? mark_mistakes(run, job, wanted) : RUN_FINE;
    if (end != RUN_FINE)
        return end;
    if (config->per_class > 0 && !keep_few(state, wanted, config->per_class, run->arena))
        return RUN_FAILED;
    for (int i = 0; i < images; i++)
        if (wanted[i])
            state->images[state->image_count++] = i;
    state->shown = state->image_count < config->show ? state->image_count : config->show;
    if (state->image_count == 0)
        report_error(run->report, "%s makes no mistake on these images: there is nothing to show",
                     quote(config->mistakes).text);
    return state->image_count > 0 ? RUN_FINE : RUN_FAILED;
}
