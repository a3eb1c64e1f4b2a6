/* --dry-run: layers with shapes, totals, where weights come from, and the memory that a run will take; or what
 * a file of weights says of itself. */
#include "dry_run.h"

#include <string.h>

static bool write_dot(const struct graph *graph, const char *path, FILE *out,
                      struct report *report) {
    if (!path)
        return true;
    if (!graph_write_dot(graph, path, report))
        return false;
    fprintf(out, "graph written to %s\n", path);
    return true;
}

static void print_memory(const struct plan *plan, const char *what, size_t data_bytes, FILE *out) {
    size_t resident = plan_resident(plan, data_bytes), machine = plan_machine_memory();
    fprintf(out, "memory, %s, batch %d: slab %s bytes; whole process about %s\n", what,
            plan->options.batch, text_commas((int64_t)plan->slab).text, text_bytes(resident).text);
    if (resident > machine)
        fprintf(out, "warning: this machine has %s left\n", text_bytes(machine).text);
}

static bool memory_of_graph(struct arena *arena, const struct graph *graph,
                            const struct options *options, bool training, FILE *out,
                            struct report *report) {
    struct plan_options wishes = {.batch = options->batch ? options->batch : 1,
                                  .threads = options->run.threads,
                                  .training = training};
    const struct plan *plan = plan_build(arena, graph, &wishes, report);
    if (!plan)
        return false;
    print_memory(plan, training ? "training" : "forward", 0, out);
    if (options->run.verbose)
        plan_print(plan, out);
    return true;
}

bool dry_run_netdef(struct arena *arena, const struct netdef *netdef, const struct options *options,
                    FILE *out, struct report *report) {
    const struct graph *graph = graph_build(arena, netdef, report);
    if (!graph)
        return false;
    graph_print_table(graph, options->batch ? options->batch : 1, out);
    return memory_of_graph(arena, graph, options, false, out, report) &&
           memory_of_graph(arena, graph, options, true, out, report) &&
           write_dot(graph, options->dot, out, report);
}

/* With several arms, --dot x.dot becomes x.plain.dot, x.residual.dot. */
static const char *dot_of_arm(const struct run *run, const struct options *options, int arm) {
    if (!options->dot || run->experiment->arm_count == 1)
        return options->dot;
    return arena_printf(run->arena, "%s.%s.dot", options->dot, run->experiment->arms[arm].name);
}

static bool dry_run_arm(struct run *run, const struct options *options, int arm, FILE *out) {
    const struct experiment *experiment = run->experiment;
    fprintf(out, "%sarm %s\n", arm > 0 ? "\n" : "", experiment->arms[arm].name);
    graph_print_table(run->graphs[arm], data_batch(run->jobs[0].stage->data), out);
    surgery_print(run->surgeries[arm], options->run.verbose, out);
    for (int i = 0; i < experiment->stage_count; i++) {
        const struct plan *plan = run_plan(run, &run->jobs[i], arm);
        if (!plan)
            return false;
        print_memory(plan, run->jobs[i].ops->name, run_data_bytes(&run->jobs[i]), out);
        if (options->run.verbose)
            plan_print(plan, out);
    }
    return write_dot(run->graphs[arm], dot_of_arm(run, options, arm), out, run->report);
}

bool dry_run_experiment(struct run *run, const struct options *options, FILE *out) {
    fprintf(out, "experiment %s: %s\n", run->experiment->name,
            run->experiment->summary ? run->experiment->summary : run->experiment->stages[0].task);
    bool good = true;
    for (int arm = 0; good && arm < run->experiment->arm_count; arm++)
        good = dry_run_arm(run, options, arm, out);
    return good;
}

/* ---- weights ----------------------------------------------------------------------------------- */

/* Of control characters, which a terminal would obey, a '?'. */
static void print_clean(const char *text, size_t length, FILE *out) {
    for (size_t i = 0; i < length; i++)
        fputc((unsigned char)text[i] < ' ' || text[i] == 0x7F ? '?' : text[i], out);
}

static bool is_text(const struct text_pair *pair) {
    return strchr(pair->value, '\n') != NULL;
}

static void print_pair(const struct text_pair *pair, FILE *out) {
    enum { WIDTH = 14 };
    int length = (int)strlen(pair->key);
    print_clean(pair->key, strlen(pair->key), out);
    fprintf(out, "%*s", length < WIDTH ? WIDTH - length + 1 : 1, "");
    print_clean(pair->value, strlen(pair->value), out);
    fputc('\n', out);
}

/* A value of several lines, indented, as YAML has it. */
static void print_text(const struct text_pair *pair, FILE *out) {
    print_clean(pair->key, strlen(pair->key), out);
    fputs(":\n", out);
    for (const char *line = pair->value; *line;) {
        size_t length = strcspn(line, "\n");
        fputs("  ", out);
        print_clean(line, length, out);
        fputc('\n', out);
        line += length + (line[length] == '\n');
    }
}

static void print_tensors(const struct tensor_file *file, FILE *out) {
    for (int i = 0; i < file->count; i++)
        fprintf(out, "  %-40s %s\n", quote(file->tensors[i].name).text,
                dims_text(file->tensors[i].rank, file->tensors[i].dims).text);
}

static int64_t values_of(const struct tensor_file *file) {
    int64_t sum = 0;
    for (int i = 0; i < file->count; i++) {
        int64_t size = 1;
        for (int k = 0; k < file->tensors[i].rank; k++)
            size *= file->tensors[i].dims[k];
        sum += size;
    }
    return sum;
}

bool dry_run_weights(struct arena *arena, const char *path, const struct options *options,
                     FILE *out, struct report *report) {
    const struct tensor_file *file = safetensors_read(arena, path, report, NULL);
    if (!file)
        return false;
    fprintf(out, "weights %s: %d tensors, %s values\n", path, file->count,
            text_commas(values_of(file)).text);
    if (options->run.verbose)
        print_tensors(file, out);
    for (int i = 0; i < file->pairs; i++)
        if (!is_text(&file->metadata[i]))
            print_pair(&file->metadata[i], out);
    for (int i = 0; i < file->pairs; i++)
        if (is_text(&file->metadata[i]))
            print_text(&file->metadata[i], out);
    return true;
}
