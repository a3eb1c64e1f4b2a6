/* The evaluate task: networks with weights are judged on a split, in evaluation mode, on images without the
 * augmentations of training. */
#include "evaluate.h"
#include "weights.h"

/* ---- keys -------------------------------------------------------------------------------------- */

#define FIELD(name) offsetof(struct evaluate_config, name)
static const struct attr attrs[] = {
    {"split", "images to judge on", ATTR_CHOICE, FIELD(split), .fallback = PASS_TEST,
     .choices = pass_splits},
    {"use", "after a stage that trains: the weights of its last epoch, or of its best", ATTR_CHOICE,
     FIELD(use), .fallback = WEIGHTS_LAST, .choices = weights_names},
    {"worst", "mistakes to show on a sheet, the worst first", ATTR_INT, FIELD(worst),
     .fallback = 24, .min = 0, .max = 1000},
    {"masks", "images, the first of the split, whose masks are shown on a sheet for all arms",
     ATTR_INT, FIELD(masks), .fallback = 12, .min = 0, .max = 200},
    {"augment", "with the augmentations of training too", ATTR_BOOL, FIELD(augment),
     .fallback = false},
};
#undef FIELD

static bool check_measurable(const struct run *run, const struct job *job, int arm,
                             const struct dataset *data) {
    const struct graph *graph = run->graphs[arm];
    return output_is_scores(graph, data) || job->stage->loss ||
           report_at(run->report, &run->experiment->arms[arm].pos,
                     "there is nothing to judge the network %s by: it yields %s, no score for each "
                     "of the %d classes, and the experiment has no loss",
                     quote(graph->name).text, shape_text(graph_shape(graph, graph->output)).text,
                     data->classes);
}

static bool check_arms(const struct run *run, const struct job *job, const struct dataset *data) {
    bool good = true;
    for (int i = 0; i < run->experiment->arm_count; i++)
        good = check_measurable(run, job, i, data) && good;
    return good;
}

static bool prepare(struct run *run, struct job *job) {
    const struct evaluate_config *config = job->config;
    struct dataset data = {0}; /* what is known of it before it is open */
    job->state = arena_alloc(run->arena, 1, sizeof(struct evaluate));
    if (!job->state || !pass_check_labels(run, job, pass_split(config->split)))
        return false;
    return !data_expected(job->stage->data, &data.shape, &data.classes, &data.masks) ||
           check_arms(run, job, &data);
}

static bool wishes(struct run *run, const struct job *job, int arm, struct plan_options *options) {
    (void)run;
    (void)job;
    (void)arm;
    options->training = false;
    options->optim_slots = 0;
    return true;
}

/* ---- one arm ----------------------------------------------------------------------------------- */

static bool make_evaluation(struct arena *arena, const struct evaluate_config *config,
                            const struct dataset *data, bool shown, struct evaluation *evaluation) {
    size_t cells = (size_t)data->classes * (size_t)data->classes;
    evaluation->confusion = (struct confusion){
        data->classes, arena_alloc(arena, cells, sizeof *evaluation->confusion.counts)};
    return evaluation->confusion.counts &&
           (!shown || (mistakes_new(&evaluation->mistakes, config->worst, data, arena) &&
                       shown_masks_new(&evaluation->shown, config->masks, data, arena)));
}

/* To be a pass's `see`; the context is a struct evaluation. */
static void see(void *context, const struct pass *pass, int first) {
    struct evaluation *evaluation = context;
    if (evaluation->mistakes.most > 0)
        mistakes_see(&evaluation->mistakes, pass, first);
    shown_masks_see(&evaluation->shown, pass, first);
}

static enum run_end run_arm(struct run *run, const struct job *job, int arm, int seed,
                            struct evaluation *evaluation, struct arena *arena) {
    const struct evaluate_config *config = job->config;
    const struct evaluate *state = job->state;
    const struct dataset *data = &state->data;
    struct bench bench;
    evaluation->scores = output_is_scores(run->graphs[arm], data);
    if (!make_evaluation(run->arena, config, data, seed == 0, evaluation) ||
        !bench_open(&bench, run, job, arm, seed, data, arena) ||
        !weights_start(run, job, arm, seed, bench.exec, (enum weights_which)config->use))
        return RUN_FAILED;
    say_fresh(run, job, arm);
    bool shown = seed == 0 && evaluation->scores;
    struct pass pass = {.run = run,
                        .stage = job->stage,
                        .judge = true,
                        .bench = &bench,
                        .loader =
                            loader_new(arena, job->stage->data, data, run->experiment->seeds[seed],
                                       false, config->augment, run->report),
                        .said = evaluation->scores ? pass_said(&bench, arena) : NULL,
                        .see = shown ? see : NULL,
                        .context = evaluation};
    if (!pass.loader || (evaluation->scores && !pass.said))
        return RUN_FAILED;
    return pass_run(&pass, &evaluation->sums, &evaluation->confusion);
}

/* ---- the run ----------------------------------------------------------------------------------- */

static enum run_end run_arms(struct run *run, const struct job *job) {
    const struct evaluate *state = job->state;
    int arms = run->experiment->arm_count, count = arms * run->experiment->seed_count;
    enum run_end end = RUN_FINE;
    for (int i = 0; end == RUN_FINE && i < count; i++) {
        struct arena *arena = arena_child(run->arena); /* one arm's slab at a time */
        end = arena ? run_arm(run, job, i % arms, i / arms, &state->evaluations[i], arena)
                    : RUN_FAILED;
        arena_free(arena);
    }
    return end;
}

/* People see what was judged. */
static bool open_view(struct run *run, const struct job *job) {
    const struct evaluate_config *config = job->config;
    struct evaluate *state = job->state;
    state->seen = state->data;
    if (!config->augment)
        return true;
    struct loader *loader = loader_new(run->arena, job->stage->data, &state->data,
                                       run->experiment->seeds[0], false, true, run->report);
    return loader && loader_view(loader, run->arena, &state->seen);
}

static enum run_end run_evaluate(struct run *run, struct job *job) {
    const struct evaluate_config *config = job->config;
    struct evaluate *state = job->state;
    int count = run->experiment->arm_count * run->experiment->seed_count;
    state->evaluations = arena_alloc(run->arena, (size_t)count, sizeof *state->evaluations);
    if (!state->evaluations || !task_open_data(run, job, pass_split(config->split), &state->data) ||
        !check_arms(run, job, &state->data) || !open_view(run, job))
        return RUN_FAILED;
    task_record_data(run, &state->data);
    enum run_end end = run_arms(run, job);
    if (end != RUN_FINE)
        return end;
    return evaluate_report(run, job) && masks_sheet_write(run, job) ? RUN_FINE : RUN_FAILED;
}

const struct task_ops task_evaluate = {
    .name = "evaluate",
    .summary = "judges networks on images: loss, accuracy, confusion, the worst mistakes",
    .example = "stages:\n"
               "  - train: {epochs: 10}\n"
               "  - evaluate: {use: best}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct evaluate_config),
    .judges = true,
    .every_seed = true,
    .both_splits = true,
    .prepare = prepare,
    .wishes = wishes,
    .run = run_evaluate,
};
