/* Checkpoints: one safetensors file, whose metadata holds texts and numbers. Numbers are written with 17
 * digits, which give back every bit of a double. */
#include "checkpoint.h"
#include "weights.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char file_name[] = "checkpoint.safetensors";
static const char log_key[] = "log.txt", machine_key[] = "machine";

/* What the bits of a run depend on beside the experiment. NULL: out of memory. */
static const char *machine_of(struct arena *arena) {
    return arena_printf(arena, "netrun %s, %s, OpenBLAS %s", NETRUN_VERSION, isa_name(isa_chosen()),
                        gemm_kernel());
}

/* ---- writing ----------------------------------------------------------------------------------- */

struct checkpoint_draft checkpoint_draft(struct arena *arena) {
    return (struct checkpoint_draft){.arena = arena};
}

void checkpoint_put_text(struct checkpoint_draft *draft, const char *key, const char *text) {
    struct text_pair *texts =
        arena_grow(draft->arena, draft->texts, draft->text_count, &draft->text_room, sizeof *texts);
    if (!texts || !key || !text) {
        draft->failed = true;
        return;
    }
    texts[draft->text_count++] = (struct text_pair){key, text};
    draft->texts = texts;
}

void checkpoint_put_numbers(struct checkpoint_draft *draft, const char *key, const double *numbers,
                            int count) {
    enum { LONGEST = 26 }; /* "-1.2345678901234567e-308 " */
    char *text = arena_alloc(draft->arena, (size_t)count + 1, LONGEST);
    char *to = text;
    for (int i = 0; text && i < count; i++)
        to += snprintf(to, LONGEST, "%.17g ", numbers[i]);
    checkpoint_put_text(draft, key, text);
}

void checkpoint_put_tensor(struct checkpoint_draft *draft, struct named_tensor tensor) {
    struct named_tensor *tensors = arena_grow(draft->arena, draft->tensors, draft->tensor_count,
                                              &draft->tensor_room, sizeof *tensors);
    if (!tensors || !tensor.name) {
        draft->failed = true;
        return;
    }
    tensors[draft->tensor_count++] = tensor;
    draft->tensors = tensors;
}

bool checkpoint_save(struct checkpoint_draft *draft, const struct run *run) {
    double length = (double)journal_length(run->log, run->report);
    checkpoint_put_numbers(draft, log_key, &length, 1);
    checkpoint_put_text(draft, machine_key, machine_of(draft->arena));
    const char *path = arena_printf(draft->arena, "%s/%s", run->folder, file_name);
    return length >= 0 && path && !draft->failed &&
           safetensors_write(path, draft->tensors, draft->tensor_count, draft->texts,
                             draft->text_count, run->report);
}

/* ---- reading ----------------------------------------------------------------------------------- */

bool checkpoint_misfit(const struct run *run, const char *what) {
    return report_error(run->report,
                        "cannot go on: the checkpoint in '%s' has no fitting %s; run it without "
                        "--resume",
                        run->folder, quote(what).text);
}

const char *checkpoint_text(const struct run *run, const char *key) {
    for (int i = 0; i < run->checkpoint->pairs; i++)
        if (!strcmp(run->checkpoint->metadata[i].key, key))
            return run->checkpoint->metadata[i].value;
    return NULL;
}

bool checkpoint_numbers(const struct run *run, const char *key, double *numbers, int count) {
    const char *text = checkpoint_text(run, key);
    for (int i = 0; text && i < count; i++) {
        char *end;
        numbers[i] = strtod(text, &end);
        text = end > text ? end : NULL;
    }
    return (text && text[strspn(text, " ")] == '\0') || checkpoint_misfit(run, key);
}

bool checkpoint_count(const struct run *run, const char *key, int64_t *count) {
    double number;
    if (!checkpoint_numbers(run, key, &number, 1))
        return false;
    if (!(number >= 0 && number <= CHECKPOINT_MOST_COUNT))
        return checkpoint_misfit(run, key);
    *count = (int64_t)number;
    return true;
}

bool checkpoint_tensor(const struct run *run, const char *name, const struct layer_param *shape,
                       float *values) {
    const float *held = weights_find(run->checkpoint, name, shape);
    if (!held)
        return checkpoint_misfit(run, name);
    memcpy(values, held, param_size(shape) * sizeof *values);
    return true;
}

/* ---- the run folder ---------------------------------------------------------------------------- */

static bool same_experiment(const struct run *run) {
    enum { MOST = 16 * 1000 * 1000 };
    const char *path = run_path(run, "resolved.yaml");
    size_t size, fresh_size;
    const char *text = path ? file_read(run->arena, path, MOST, &size, run->report, NULL) : NULL;
    const char *fresh = text ? run_text(run->arena, run->experiment->resolved, &fresh_size) : NULL;
    if (!fresh)
        return false;
    bool same = size == fresh_size && !memcmp(text, fresh, size);
    return same || report_error(run->report,
                                "cannot go on: '%s' shows another experiment than the one at hand; "
                                "undo the change, or run it without --resume",
                                path);
}

bool checkpoint_find(struct run *run) {
    const char *path = run_path(run, file_name);
    if (!path)
        return false;
    if (!run->options->resume || !file_exists(path))
        return true;
    if (!same_experiment(run))
        return false;
    run->checkpoint = safetensors_read(run->arena, path, run->report, NULL);
    return run->checkpoint != NULL;
}

bool checkpoint_open_log(struct run *run) {
    const char *path = run_path(run, log_key);
    int64_t length = 0;
    if (!path || (run->checkpoint && !checkpoint_count(run, log_key, &length)) ||
        !journal_open(run->log, path, length, run->report))
        return false;
    if (!run->options->resume)
        return true;
    if (!run->checkpoint) {
        run_say(run, "note: there is nothing to go on with in %s, so this is a new run",
                run->folder);
        return true;
    }
    const char *then = checkpoint_text(run, machine_key), *now = machine_of(run->arena);
    if (then && now && strcmp(then, now) != 0)
        run_say(run, "note: the run was begun by %s, and goes on with %s: last digits may differ",
                then, now);
    return now != NULL;
}

void checkpoint_remove(const struct run *run) {
    const char *path = run_path(run, file_name);
    if (path)
        unlink(path);
}
