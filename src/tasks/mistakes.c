/* The worst mistakes: found while a pass goes on, shown as a gallery and a table. */
#include "evaluate.h"

#include <string.h>

/* ---- finding them ------------------------------------------------------------------------------ */

bool mistakes_new(struct mistakes *mistakes, int most, const struct dataset *dataset,
                  struct arena *arena) {
    size_t pixels = shape_size(dataset->shape) / (size_t)dataset->shape.channels;
    *mistakes = (struct mistakes){.most = most};
    mistakes->items = arena_alloc(arena, (size_t)most, sizeof *mistakes->items);
    for (int i = 0; mistakes->items && dataset->masks && i < most; i++) {
        mistakes->items[i].mask = arena_alloc(arena, pixels, sizeof(int32_t));
        if (!mistakes->items[i].mask)
            return false;
    }
    return mistakes->items != NULL;
}

/* Room for a mistake at its place in the order, or NULL: it is not among the worst. */
static struct specimen *make_room(struct mistakes *mistakes, double share) {
    int place = mistakes->count;
    while (place > 0 && mistakes->items[place - 1].share < share)
        place--;
    if (place == mistakes->most)
        return NULL;
    if (mistakes->count < mistakes->most)
        mistakes->count++;
    struct specimen *items = mistakes->items, last = items[mistakes->count - 1];
    memmove(&items[place + 1], &items[place],
            (size_t)(mistakes->count - 1 - place) * sizeof *items);
    items[place].mask = last.mask; /* masks are places to write to; none may be lost */
    return &items[place];
}

static void see_label(struct mistakes *mistakes, const struct pass *pass, int image, int index) {
    const struct bench *bench = pass->bench;
    int label = bench->batch.labels[index], said = pass->said[index];
    if (label == said)
        return;
    struct tensor y = tensor_images(exec_value(bench->exec, bench->graph->output), index, 1);
    double share = gallery_probability(y.data, y.channels, said);
    struct specimen *mistake = make_room(mistakes, share);
    if (mistake)
        *mistake = (struct specimen){image, label, said, share, NULL};
}

static void see_mask(struct mistakes *mistakes, const struct pass *pass, int image, int index) {
    const struct bench *bench = pass->bench;
    const int32_t *labels = bench->batch.labels + index * bench->labels;
    const int32_t *said = pass->said + index * bench->labels;
    int64_t wrong = bench->labels - metrics_right(labels, said, bench->labels);
    double share = (double)wrong / (double)bench->labels;
    struct specimen *mistake = wrong > 0 ? make_room(mistakes, share) : NULL;
    if (!mistake)
        return;
    *mistake = (struct specimen){image, -1, -1, share, mistake->mask};
    memcpy(mistake->mask, said, (size_t)bench->labels * sizeof *said);
}

void mistakes_see(void *context, const struct pass *pass, int first) {
    struct mistakes *mistakes = context;
    bool masks = mistakes->items[0].mask != NULL;
    for (int i = 0; i < pass->bench->batch.count; i++)
        (masks ? see_mask : see_label)(mistakes, pass, first + i, i);
}

/* ---- the table --------------------------------------------------------------------------------- */

static bool tabulate(const struct run *run, const struct job *job, const char *stem,
                     const struct dataset *dataset, const struct mistakes *mistakes) {
    static const char *const head[] = {"image", "is", "said", "probability"};
    static const char *const mask_head[] = {"image", "wrong_pixels"};
    struct csv *csv = run_csv(run, job, stem);
    int columns = dataset->masks ? BASE_COUNT(mask_head) : BASE_COUNT(head);
    for (int i = 0; i < columns; i++)
        csv_text(csv, (dataset->masks ? mask_head : head)[i]);
    csv_end_row(csv);
    for (int i = 0; i < mistakes->count; i++) {
        const struct specimen *mistake = &mistakes->items[i];
        csv_int(csv, image_number(dataset, mistake->image));
        if (!dataset->masks) {
            csv_text(csv, dataset->class_names[mistake->label]);
            csv_text(csv, dataset->class_names[mistake->said]);
        }
        csv_real(csv, mistake->share);
        csv_end_row(csv);
    }
    return csv_end(csv, run->report);
}

bool mistakes_write(const struct run *run, const struct job *job, int arm,
                    const struct dataset *dataset, const struct mistakes *mistakes) {
    const char *arm_name = run->experiment->arms[arm].name;
    const char *stem = arena_printf(run->arena, "mistakes_%s", arm_name);
    const char *name = stem ? run_job_name(run, job, stem) : NULL;
    struct gallery gallery = {.title = arena_printf(run->arena, "%s: worst mistakes", arm_name),
                              .dataset = dataset,
                              .class_names = dataset->class_names,
                              .specimens = mistakes->items,
                              .count = mistakes->count};
    return name && gallery.title && tabulate(run, job, stem, dataset, mistakes) &&
           gallery_write(run, name, &gallery);
}
