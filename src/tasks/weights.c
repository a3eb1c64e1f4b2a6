/* Weights between stages, and of a finished arm. A later stage reads the file that an earlier one left rather
 * than memory, so that it makes no difference whether the run was stopped in between.
 *
 * Such a file counts: the same run leaves the same bytes, so it holds no time, host or path. */
#include "weights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const weights_names[] = {[WEIGHTS_LAST] = "last", [WEIGHTS_BEST] = "best", NULL};

static const char classes_key[] = "classes";

/* Whose weights a file holds. */
struct owner {
    const struct job *job;
    int arm, seed; /* the seed's number in the list */
    enum weights_which which;
};

/* <arm>.last.safetensors; <arm>.seed3.last.safetensors where there are several seeds; <arm>_2... for the
 * second stage that trains. NULL: out of memory. */
static const char *file_of(const struct run *run, struct arena *arena, const struct owner *owner) {
    const struct experiment *experiment = run->experiment;
    const char *stem = run_job_name(run, owner->job, experiment->arms[owner->arm].name);
    char seed_part[32] = "";
    if (experiment->seed_count > 1)
        snprintf(seed_part, sizeof seed_part, ".seed%llu",
                 (unsigned long long)experiment->seeds[owner->seed]);
    return stem ? arena_printf(arena, "%s/%s%s.%s.safetensors", run->folder, stem, seed_part,
                               weights_names[owner->which])
                : NULL;
}

/* ---- writing ----------------------------------------------------------------------------------- */

struct named_tensor weights_tensor(const struct graph *graph, int param, const char *name,
                                   const float *values) {
    const struct layer_param *shape = graph->params[param].shape;
    struct named_tensor tensor = {.name = name, .rank = shape->rank, .values = values};
    memcpy(tensor.dims, shape->dims, sizeof shape->dims);
    return tensor;
}

/* How the epoch was chosen; a score by which it was chosen flatters the network. */
static const char *const chosen[] = {
    [WEIGHTS_LAST] = "last epoch", [WEIGHTS_BEST] = "best epoch on the test data"};

static struct named_tensor *tensors_of(struct arena *arena, const struct graph *graph,
                                       const struct exec *exec) {
    struct named_tensor *tensors = arena_alloc(arena, (size_t)graph->param_count, sizeof *tensors);
    for (int i = 0; tensors && i < graph->param_count; i++)
        tensors[i] = weights_tensor(graph, i, graph->params[i].path, exec_param(exec, i));
    return tensors;
}

static bool write_file(const struct run *run, const struct owner *owner, const struct exec *exec,
                       const struct weights_note *note, struct arena *arena) {
    const struct experiment *experiment = run->experiment;
    const struct graph *graph = run->graphs[owner->arm];
    const char *path = file_of(run, arena, owner);
    size_t size;
    struct text_pair metadata[] = {
        {"netdef", graph->name},
        {"experiment", experiment->name},
        {"arm", experiment->arms[owner->arm].name},
        {"seed", arena_printf(arena, "%llu", (unsigned long long)experiment->seeds[owner->seed])},
        {"data", note->data},
        {"epoch", arena_printf(arena, "%d", note->epoch)},
        {note->score_name, arena_printf(arena, "%.9g", note->score)},
        {"chosen", chosen[owner->which]},
        {"netrun", NETRUN_VERSION},
        {"resolved", run_text(arena, experiment->expanded, &size)},
        {classes_key, note->classes}};
    int pairs = BASE_COUNT(metadata) - (note->classes ? 0 : 1);
    const struct named_tensor *tensors = tensors_of(arena, graph, exec);
    for (int i = 0; i < pairs; i++)
        if (!metadata[i].value)
            return false;
    return path && tensors &&
           safetensors_write(path, tensors, graph->param_count, metadata, pairs, run->report);
}

bool weights_write(const struct run *run, const struct job *job, int arm, int seed,
                   const struct exec *exec, enum weights_which which,
                   const struct weights_note *note) {
    struct arena *arena = arena_child(run->arena);
    struct owner owner = {job, arm, seed, which};
    bool good = arena && write_file(run, &owner, exec, note, arena);
    arena_free(arena);
    return good;
}

/* ---- reading ----------------------------------------------------------------------------------- */

/* The last stage before this one that trains, or NULL. */
static const struct job *trained_before(const struct run *run, const struct job *job) {
    while (job > run->jobs)
        if ((--job)->ops->trains)
            return job;
    return NULL;
}

static bool has_shape(const struct named_tensor *tensor, const struct layer_param *shape) {
    bool same = tensor->rank == shape->rank;
    for (int i = 0; same && i < shape->rank; i++)
        same = tensor->dims[i] == shape->dims[i];
    return same;
}

const float *weights_find(const struct tensor_file *file, const char *name,
                          const struct layer_param *shape) {
    for (int i = 0; i < file->count; i++)
        if (!strcmp(file->tensors[i].name, name))
            return has_shape(&file->tensors[i], shape) ? file->tensors[i].values : NULL;
    return NULL;
}

bool weights_finite(const float *values, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

/* Copies every parameter of a graph from a file that this run has written. */
static bool take_all(const struct run *run, const struct graph *graph, const char *path,
                     const struct tensor_file *file, struct exec *exec) {
    for (int i = 0; i < graph->param_count; i++) {
        struct quoted name = quote(graph->params[i].path);
        size_t size = param_size(graph->params[i].shape);
        const float *values = weights_find(file, graph->params[i].path, graph->params[i].shape);
        if (!values)
            return report_error(run->report, "'%s' has no fitting %s", path, name.text);
        if (!weights_finite(values, size))
            return report_error(run->report, "%s in '%s' holds what is no finite number", name.text,
                                path);
        memcpy(exec_change_param(exec, i), values, size * sizeof *values);
    }
    return true;
}

bool weights_start(struct run *run, const struct job *job, int arm, int seed, struct exec *exec,
                   enum weights_which which) {
    const struct job *before = trained_before(run, job);
    if (!before) {
        exec_load(exec, run->surgeries[arm]);
        return true;
    }
    struct arena *arena = arena_child(run->arena);
    struct owner owner = {before, arm, seed, which};
    const char *path = arena ? file_of(run, arena, &owner) : NULL;
    const struct tensor_file *file = path ? safetensors_read(arena, path, run->report, NULL) : NULL;
    bool good = file && take_all(run, run->graphs[arm], path, file, exec);
    arena_free(arena);
    return good;
}

/* ---- what networks were trained to say ---------------------------------------------------------- */

/* The file may be a stranger's: what a terminal would obey becomes a '?'. NULL: out of memory. */
static const char *clean_name(struct arena *arena, const char *text, size_t length) {
    char *name = arena_copy(arena, text, length);
    for (char *at = name; at && *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            *at = '?';
    return name;
}

/* The names that a file gives; NULL: it does not give `count`. */
static const char *const *names_in(const struct tensor_file *file, int count, struct arena *arena) {
    const char *line = "", **names = arena_alloc(arena, (size_t)count, sizeof *names);
    int found = 0;
    for (int i = 0; i < file->pairs; i++)
        if (!strcmp(file->metadata[i].key, classes_key))
            line = file->metadata[i].value;
    for (; names && *line && found < count; found++) {
        size_t length = strcspn(line, "\n");
        names[found] = clean_name(arena, line, length);
        if (!names[found])
            return NULL;
        line += length + (line[length] == '\n');
    }
    return found == count && !*line ? names : NULL;
}

const char *const *weights_classes(const struct run *run, const struct job *job, int arm,
                                   enum weights_which which, int count) {
    const struct job *before = trained_before(run, job);
    const struct surgery *surgery = run->surgeries[arm];
    const char *const *names = NULL;
    for (int i = 0; !before && !names && i < surgery->file_count; i++)
        names = names_in(surgery->files[i].file, count, run->arena);
    if (!before)
        return names;
    struct arena *arena = arena_child(run->arena);
    struct owner owner = {before, arm, 0, which};
    const char *path = arena ? file_of(run, arena, &owner) : NULL;
    const struct tensor_file *file = path ? safetensors_read(arena, path, run->report, NULL) : NULL;
    names = file ? names_in(file, count, run->arena) : NULL;
    arena_free(arena);
    return names;
}

bool weights_are_fresh(const struct run *run, const struct job *job, int arm) {
    return !trained_before(run, job) && run->surgeries[arm]->file_count == 0;
}
