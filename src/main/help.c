/* Help from the registries: what a kind, task or source says of itself, as text or as Markdown.
 *
 * Every registry has rows of one pattern; `struct topic` is what help needs of a row, and a registry here is
 * a function that gives the topic at an index. */
#include "help.h"

#include "netrun/tasks.h"
#include "options.h"

#include <string.h>

struct topic {
    const char *name, *summary, *example;
    struct attr_table table;
};

#define TOPIC(ops)                                                                                 \
    (struct topic) {                                                                               \
        (ops)->name, (ops)->summary, (ops)->example, {                                             \
            (ops)->name, (ops)->attrs, (ops)->attr_count                                           \
        }                                                                                          \
    }

static bool layer_topic(int index, struct topic *topic) {
    const struct layer_ops *ops = layer_at(index);
    if (ops)
        *topic = TOPIC(ops);
    return ops;
}

static bool init_topic(int index, struct topic *topic) {
    const struct init_ops *ops = init_at(index);
    if (ops)
        *topic =
            (struct topic){ops->name, ops->summary, NULL, {ops->name, ops->attrs, ops->attr_count}};
    return ops;
}

static bool loss_topic(int index, struct topic *topic) {
    const struct loss_ops *ops = loss_at(index);
    if (ops)
        *topic = TOPIC(ops);
    return ops;
}

static bool optim_topic(int index, struct topic *topic) {
    const struct optim_ops *ops = optim_at(index);
    if (ops)
        *topic = TOPIC(ops);
    return ops;
}

static bool schedule_topic(int index, struct topic *topic) {
    const struct schedule_ops *ops = schedule_at(index);
    if (ops)
        *topic = TOPIC(ops);
    return ops;
}

static bool source_topic(int index, struct topic *topic) {
    const struct source_ops *ops = source_at(index);
    if (ops)
        *topic = TOPIC(ops);
    return ops;
}

static bool augment_topic(int index, struct topic *topic) {
    const struct augment_ops *ops = augment_at(index);
    if (ops)
        *topic = TOPIC(ops);
    return ops;
}

static bool task_topic(int index, struct topic *topic) {
    const struct task_ops *ops = task_at(index);
    if (ops)
        *topic = TOPIC(ops);
    return ops;
}

static const struct registry {
    const char *name, *summary;
    bool (*at)(int index, struct topic *topic);
    struct attr_table (*common)(void); /* attributes of every row; NULL: none */
} registries[] = {
    {"layers", "kinds of layers, for netdefs", layer_topic, NULL},
    {"init", "initialisations, for `init:` of a netdef", init_topic, NULL},
    {"tasks", "what an experiment can do", task_topic, NULL},
    {"data", "sources of images, for `data:`", source_topic, data_attributes},
    {"augment", "what is done to an image, for `augment:`", augment_topic, NULL},
    {"losses", "for `loss:`", loss_topic, NULL},
    {"optimizers", "for `optimizer:`", optim_topic, NULL},
    {"schedules", "how the learning rate goes over a run, for `schedule:`", schedule_topic, NULL},
};

/* ---- one topic --------------------------------------------------------------------------------- */

static void print_text(const struct topic *topic, FILE *out) {
    fprintf(out, "%s - %s\n", topic->name, topic->summary);
    if (topic->table.count > 0) {
        fputc('\n', out);
        attrs_print_help(&topic->table, out);
    }
    if (topic->example)
        fprintf(out, "\n%s\n", topic->example);
}

static void print_markdown(const struct topic *topic, FILE *out) {
    fprintf(out, "### %s\n\n%s.\n\n", topic->name, topic->summary);
    if (topic->table.count > 0) {
        attrs_print_markdown(&topic->table, out);
        fputc('\n', out);
    }
    if (topic->example)
        fprintf(out, "```yaml\n%s\n```\n\n", topic->example);
}

static void print_topic(const struct topic *topic, bool markdown, FILE *out) {
    if (markdown)
        print_markdown(topic, out);
    else
        print_text(topic, out);
}

/* ---- topics by name ---------------------------------------------------------------------------- */

static const struct registry *find_registry(const char *name) {
    for (int i = 0; i < BASE_COUNT(registries); i++)
        if (!strcmp(registries[i].name, name))
            return &registries[i];
    return NULL;
}

/* Every row of that name (`synthetic` may be in two registries). */
static int print_rows_named(const char *name, bool markdown, FILE *out) {
    int found = 0;
    struct topic topic;
    for (int i = 0; i < BASE_COUNT(registries); i++)
        for (int j = 0; registries[i].at(j, &topic); j++)
            if (!strcmp(topic.name, name) && ++found)
                print_topic(&topic, markdown, out);
    return found;
}

static bool no_topic(const char *name, struct report *report) {
    struct nearest nearest = {.word = name};
    struct topic topic;
    for (int i = 0; i < BASE_COUNT(registries); i++) {
        nearest_offer(&nearest, registries[i].name);
        for (int j = 0; registries[i].at(j, &topic); j++)
            nearest_offer(&nearest, topic.name);
    }
    return report_error(report, "there is no help on %s%s", quote(name).text,
                        nearest_hint(&nearest).text);
}

static void print_common(const struct registry *registry, bool markdown, FILE *out) {
    struct attr_table table = registry->common();
    if (markdown)
        attrs_print_markdown(&table, out);
    else
        attrs_print_help(&table, out);
    fputc('\n', out);
}

bool help_topic(const char *name, bool markdown, FILE *out, struct report *report) {
    const struct registry *registry = find_registry(name);
    struct topic topic;
    if (!registry)
        return print_rows_named(name, markdown, out) > 0 || no_topic(name, report);
    if (registry->common)
        print_common(registry, markdown, out);
    for (int j = 0; registry->at(j, &topic); j++) {
        if (j > 0 && !markdown)
            fputc('\n', out);
        print_topic(&topic, markdown, out);
    }
    return true;
}

/* ---- lists ------------------------------------------------------------------------------------- */

void help_registries(FILE *out) {
    for (int i = 0; i < BASE_COUNT(registries); i++)
        fprintf(out, "  %-18s %s\n", registries[i].name, registries[i].summary);
}

bool help_list(const char *name, FILE *out, struct report *report) {
    const struct registry *registry = find_registry(name);
    if (!registry) {
        struct nearest nearest = {.word = name};
        for (int i = 0; i < BASE_COUNT(registries); i++)
            nearest_offer(&nearest, registries[i].name);
        return report_error(report, "there is no list of %s%s", quote(name).text,
                            nearest_hint(&nearest).text);
    }
    struct topic topic;
    for (int j = 0; registry->at(j, &topic); j++)
        fprintf(out, "%-18s %s\n", topic.name, topic.summary);
    return true;
}

void help_usage(FILE *out) {
    fputs("netrun - an interpreter for neural networks\n\n"
          "  netrun [options] EXPERIMENT.yaml ...            run experiments\n"
          "  netrun --dry-run EXPERIMENT.yaml|NETDEF.yaml    check all, print graph and memory\n"
          "  netrun --dry-run WEIGHTS.safetensors            how these weights were trained\n"
          "  netrun help [TOPIC]                             help on a layer, task, ... or a list\n"
          "  netrun list LIST                                a line for each\n"
          "  netrun compare RUN ...                          finished runs in one table and "
          "figure\n\n"
          "Options\n",
          out);
    options_print(out);
    fputs("\nLists and topics\n", out);
    help_registries(out);
    fputs("\nExit status: 0 fine; 1 wrong input or failed run; 2 wrong usage; 3 the loss left the "
          "finite\n"
          "numbers; 130 or 143 interrupted.\n",
          out);
}
