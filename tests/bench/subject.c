/* A network with all that it takes to run it. */
#include "subject.h"

/* Room for a rule's attributes, at their defaults. NULL: out of memory. */
static void *defaults(struct subject *subject, const char *owner, const struct attr *attrs,
                      int count, size_t size) {
    struct attr_table table = {owner, attrs, count};
    static const struct pos nowhere;
    void *config = arena_alloc(subject->arena, 1, size);
    bool good =
        config && attrs_read(subject->arena, &table, NULL, &nowhere, config, subject->report);
    return good ? config : NULL;
}

static bool choose_rules(struct subject *subject) {
    const struct loss_ops *loss = subject->loss = loss_find("cross_entropy");
    const struct optim_ops *optim = subject->optim = optim_find("adam");
    subject->loss_config =
        defaults(subject, loss->name, loss->attrs, loss->attr_count, loss->config_size);
    subject->optim_config =
        defaults(subject, optim->name, optim->attrs, optim->attr_count, optim->config_size);
    return subject->loss_config && subject->optim_config;
}

static bool build(struct subject *subject, const struct subject_options *options) {
    char *path = arena_printf(subject->arena, "netdefs/%s.yaml", options->net);
    const struct netdef *netdef =
        path ? netdef_read(subject->arena, path, subject->report, NULL) : NULL;
    subject->graph = netdef ? graph_build(subject->arena, netdef, subject->report) : NULL;
    if (!subject->graph || !choose_rules(subject))
        return false;
    int slots = subject->optim->slots(subject->optim_config);
    struct plan_options wishes = {.batch = options->batch,
                                  .threads = options->threads,
                                  .training = options->training,
                                  .optim_slots = options->training ? slots : 0};
    subject->plan = plan_build(subject->arena, subject->graph, &wishes, subject->report);
    subject->pool = pool_new(options->threads);
    if (!subject->plan || !subject->pool)
        return false;
    subject->exec = exec_new(subject->arena, subject->plan, subject->pool, 0, subject->report);
    return subject->exec;
}

static void fill_images(struct subject *subject) {
    struct random random = random_stream(0, RANDOM_TEST, 0, 0);
    struct tensor input = exec_input(subject->exec);
    size_t pixels = tensor_pixels(input);
    for (size_t p = 0; p < pixels; p++)
        for (int c = 0; c < input.channels; c++)
            input.data[p * (size_t)input.pitch + (size_t)c] = (float)random_normal(&random);
}

/* One per image, or one per pixel where the network yields a map. */
static bool fill_labels(struct subject *subject) {
    struct random random = random_stream(0, RANDOM_TEST, 1, 0);
    struct shape out = graph_shape(subject->graph, subject->graph->output);
    size_t count = (size_t)subject->plan->options.batch * (size_t)out.height * (size_t)out.width;
    subject->labels = arena_alloc(subject->arena, count, sizeof *subject->labels);
    for (size_t i = 0; subject->labels && i < count; i++)
        subject->labels[i] = (int32_t)random_below(&random, (uint32_t)out.channels);
    return subject->labels;
}

bool subject_open(struct subject *subject, const struct subject_options *options) {
    *subject = (struct subject){.arena = arena_new()};
    subject->report = subject->arena ? report_new(subject->arena) : NULL;
    if (subject->report && build(subject, options) && fill_labels(subject)) {
        exec_init(subject->exec);
        fill_images(subject);
        return true;
    }
    if (subject->report && report_count(subject->report) > 0)
        report_print(subject->report, stderr, false);
    else
        fprintf(stderr, "bench: %s: out of memory\n", options->net);
    return false;
}

void subject_close(struct subject *subject) {
    pool_free(subject->pool);
    arena_free(subject->arena);
}

static void step(struct subject *subject) {
    exec_forward(subject->exec, subject->plan->options.batch, true, subject->steps++);
    exec_loss(subject->exec, subject->loss, subject->loss_config,
              (struct target){.labels = subject->labels});
    exec_backward(subject->exec, false);
    exec_optimize(subject->exec, subject->optim, subject->optim_config);
}

double subject_run(struct subject *subject) {
    double start = clock_seconds();
    if (subject->plan->options.training)
        step(subject);
    else
        exec_forward(subject->exec, subject->plan->options.batch, false, 0);
    return clock_seconds() - start;
}
