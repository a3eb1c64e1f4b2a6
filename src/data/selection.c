/* The images that `index`, `only` and `limit` choose from a data set. */
#include "spec.h"

#include <string.h>

/* A data set that shows some images of another. */
struct selection {
    struct dataset whole;
    int *chosen; /* their numbers in `whole` */
};

static void fetch_chosen(const struct dataset *dataset, int index, uint8_t *pixels,
                         int32_t *labels) {
    const struct selection *selection = dataset->state;
    selection->whole.fetch(&selection->whole, selection->chosen[index], pixels, labels);
}

static void fetch_chosen_anew(const struct dataset *dataset, int64_t epoch, int index,
                              uint8_t *pixels, int32_t *labels) {
    const struct selection *selection = dataset->state;
    selection->whole.fetch_anew(&selection->whole, epoch, selection->chosen[index], pixels, labels);
}

static bool original_chosen(const struct dataset *dataset, int index, struct arena *arena,
                            struct picture *picture, struct report *report) {
    const struct selection *selection = dataset->state;
    return selection->whole.original(&selection->whole, selection->chosen[index], arena, picture,
                                     report);
}

static const char *name_chosen(const struct dataset *dataset, int index) {
    const struct selection *selection = dataset->state;
    return selection->whole.name(&selection->whole, selection->chosen[index]);
}

static int class_named(const struct dataset *dataset, const char *name, const struct pos *pos,
                       struct report *report) {
    struct nearest nearest = {.word = name};
    for (int i = 0; i < dataset->classes; i++) {
        if (strcmp(dataset->class_names[i], name) == 0)
            return i;
        nearest_offer(&nearest, dataset->class_names[i]);
    }
    report_at(report, pos, "no class %s in %s%s", quote(name).text, dataset->source,
              nearest_hint(&nearest).text);
    return -1;
}

/* The class that a name or a number means, or -1. */
static int class_of(const struct dataset *dataset, const struct node *node, struct report *report) {
    if (node->kind == NODE_STRING)
        return class_named(dataset, node->string, &node->pos, report);
    if (node->kind != NODE_INT)
        report_at(report, &node->pos, "a class is a name or a number, not %s",
                  node_describe(node).text);
    else if (node->integer >= 0 && node->integer < dataset->classes)
        return (int)node->integer;
    else
        report_at(report, &node->pos, "no class %lld in %s, whose classes are 0 to %d",
                  (long long)node->integer, dataset->source, dataset->classes - 1);
    return -1;
}

/* The items of `only`, which may be one class that is no list. */
static int only_count(const struct node *only) {
    return !only ? 0 : only->kind == NODE_LIST ? only->count : 1;
}

static const struct node *only_item(const struct node *only, int index) {
    return only->kind == NODE_LIST ? only->entries[index].value : only;
}

static bool check_only(const struct data_spec *spec, const struct dataset *dataset,
                       struct report *report) {
    bool good = true;
    if (spec->only && dataset->masks)
        return report_at(report, spec_pos(spec, "only"),
                         "only needs images of one class each; %s has one for every pixel",
                         dataset->source);
    for (int i = 0; i < only_count(spec->only); i++)
        good &= class_of(dataset, only_item(spec->only, i), report) >= 0;
    return good;
}

static bool check_index(const struct data_spec *spec, const struct dataset *dataset,
                        struct report *report) {
    const int *items = spec->index.items;
    for (int i = 0; i < spec->index.count; i++)
        if (items[i] < 0 || items[i] >= dataset->images)
            return report_at(report, spec_pos(spec, "index"),
                             "no image %d in %s %s, whose images are 0 to %d", items[i],
                             dataset->source, dataset->split, dataset->images - 1);
    return true;
}

bool selection_check(const struct data_spec *spec, const struct dataset *dataset,
                     enum data_split split, struct report *report) {
    bool index = (int)split != spec->split || check_index(spec, dataset, report);
    return check_only(spec, dataset, report) && index;
}

/* Is the image of one of the classes in `only`? */
static bool is_wanted(const struct data_spec *spec, const struct dataset *dataset, int image,
                      struct report *report) {
    int32_t label;
    if (!spec->only)
        return true;
    dataset->fetch(dataset, image, NULL, &label);
    for (int i = 0; i < only_count(spec->only); i++)
        if (class_of(dataset, only_item(spec->only, i), report) == label)
            return true;
    return false;
}

/* Fills `chosen` and gives how many they are. */
static int choose(const struct data_spec *spec, const struct dataset *dataset, bool by_index,
                  int *chosen, struct report *report) {
    int candidates = by_index ? spec->index.count : dataset->images;
    int most = spec->limit > 0 ? spec->limit : candidates, count = 0;
    for (int i = 0; i < candidates && count < most; i++) {
        int image = by_index ? ((const int *)spec->index.items)[i] : i;
        if (is_wanted(spec, dataset, image, report))
            chosen[count++] = image;
    }
    return count;
}

bool selection_apply(const struct data_spec *spec, enum data_split split, struct arena *arena,
                     struct dataset *dataset, struct report *report) {
    bool by_index = (int)split == spec->split && spec->index.count > 0;
    if (!by_index && !spec->only && (spec->limit == 0 || spec->limit >= dataset->images))
        return true;
    struct selection *selection = arena_alloc(arena, 1, sizeof *selection);
    size_t most = (size_t)(by_index ? spec->index.count : dataset->images);
    int *chosen = arena_alloc(arena, most, sizeof *chosen);
    if (!selection || !chosen)
        return false;
    *selection = (struct selection){*dataset, chosen};
    dataset->images = choose(spec, &selection->whole, by_index, chosen, report);
    dataset->state = selection;
    dataset->fetch = fetch_chosen;
    dataset->fetch_anew = selection->whole.fetch_anew ? fetch_chosen_anew : NULL;
    dataset->original = selection->whole.original ? original_chosen : NULL;
    dataset->name = selection->whole.name ? name_chosen : NULL;
    dataset->numbers = chosen;
    return dataset->images > 0 ||
           report_at(report, spec_pos(spec, "only"), "no image of %s %s is of these classes",
                     dataset->source, dataset->split);
}
