/* The `data:` map of an experiment, checked: the source with its own attributes beside those of every
 * source, then what is known of the images. No file is read. */
#include "spec.h"

#include <limits.h>
#include <string.h>

static const char *const splits[] = {"train", "test", NULL};
static const char *const others[] = {"error", "synthetic", NULL};

static const struct attr common[] = {
    {"source", "where the images come from", ATTR_STRING, offsetof(struct data_spec, source_name),
     .required = true},
    {"split", "training or test images", ATTR_CHOICE, offsetof(struct data_spec, split),
     .choices = splits},
    {"batch", "images per step", ATTR_INT, offsetof(struct data_spec, batch), .fallback = 128,
     .min = 1, .max = 65536},
    {"index", "only these images, by their number in the split, from 0", ATTR_INT_LIST,
     offsetof(struct data_spec, index), .max = INT_MAX, .shown = "all"},
    {"only", "only images of these classes: a list of names or numbers", ATTR_NODE,
     offsetof(struct data_spec, only), .shown = "all"},
    {"limit", "only the first so many of them", ATTR_INT, offsetof(struct data_spec, limit),
     .min = 1, .max = INT_MAX, .shown = "all"},
    {"augment", "what is done to each image, a list in this order", ATTR_NODE,
     offsetof(struct data_spec, augment), .shown = "nothing"},
    {"otherwise", "where the data is not there: an error, or generated images in its place",
     ATTR_CHOICE, offsetof(struct data_spec, otherwise), .choices = others},
};

struct attr_table data_attributes(void) {
    return (struct attr_table){"data", common, BASE_COUNT(common)};
}

int data_batch(const struct data_spec *spec) {
    return spec->batch;
}

enum data_split data_split_of(const struct data_spec *spec) {
    return (enum data_split)spec->split;
}

const struct pos *data_pos(const struct data_spec *spec) {
    return spec_pos(spec, "source");
}

bool data_expected(const struct data_spec *spec, struct shape *shape, int *classes, bool *masks) {
    *shape = spec->described[spec->split].shape;
    *classes = spec->described[spec->split].classes;
    *masks = spec->described[spec->split].masks;
    return spec->known;
}

bool data_unlabelled(const struct data_spec *spec, enum data_split split, struct arena *arena) {
    struct data_request request = {
        .split = split, .pos = *spec_pos(spec, "source"), .map = spec->map};
    return spec->source->unlabelled && spec->source->unlabelled(spec->config, &request, arena);
}

size_t data_bytes(const struct data_spec *spec, enum data_split split) {
    const struct dataset *dataset = &spec->described[split];
    return spec->known ? dataset->bytes + loader_bytes(dataset, spec->batch) : 0;
}

const struct pos *spec_pos(const struct data_spec *spec, const char *key) {
    const struct node *value = node_get(spec->map, key);
    return value ? &value->pos : &spec->map->pos;
}

/* ---- source and attributes --------------------------------------------------------------------- */

struct quoted hint_of(const char *word, const char *(*name_at)(int index)) {
    struct nearest nearest = {.word = word};
    struct quoted all = {"; there are"};
    for (int i = 0; name_at(i); i++) {
        nearest_offer(&nearest, name_at(i));
        size_t used = strlen(all.text);
        snprintf(all.text + used, sizeof all.text - used, "%s %s", i ? "," : "", name_at(i));
    }
    struct quoted hint = nearest_hint(&nearest);
    return hint.text[0] ? hint : all;
}

const char *source_name_at(int index) {
    const struct source_ops *source = source_at(index);
    return source ? source->name : NULL;
}

static const struct source_ops *find_source(const struct node *map, struct report *report) {
    const struct node *value = node_get(map, "source");
    const char *name = value ? node_string(value) : NULL;
    const struct source_ops *source = name ? source_find(name) : NULL;
    if (!value)
        report_at(report, &map->pos, "data has no source; write source: cifar10");
    else if (!name)
        report_at(report, &value->pos, "source is the name of a data source, not %s",
                  node_describe(value).text);
    else if (!source)
        report_at(report, &value->pos, "no data source %s%s", quote(name).text,
                  hint_of(name, source_name_at).text);
    return source;
}

/* Both tables as one, so that a wrong key is compared with all right ones; the source's own struct follows
 * at `own` bytes. */
static struct attr *merged_rows(struct arena *arena, const struct source_ops *source, size_t own) {
    size_t count = BASE_COUNT(common) + (size_t)source->attr_count;
    struct attr *rows = arena_alloc(arena, count, sizeof *rows);
    if (!rows)
        return NULL;
    memcpy(rows, common, sizeof common);
    for (int i = 0; i < source->attr_count; i++) {
        rows[BASE_COUNT(common) + i] = source->attrs[i];
        rows[BASE_COUNT(common) + i].offset += own;
    }
    return rows;
}

static struct data_spec *read_attributes(struct arena *arena, const struct node *map,
                                         const struct source_ops *source, struct report *report) {
    size_t own = (sizeof(struct data_spec) + 15) / 16 * 16;
    struct attr *rows = merged_rows(arena, source, own);
    char *memory = arena_alloc(arena, 1, own + source->config_size);
    if (!rows || !memory)
        return NULL;
    struct attr_table table = {"data", rows, BASE_COUNT(common) + source->attr_count};
    if (!attrs_read(arena, &table, map, &map->pos, memory, report))
        return NULL;
    struct data_spec *spec = (struct data_spec *)memory;
    spec->map = map;
    spec->source = source;
    spec->config = memory + own;
    if (source->prepare && !source->prepare(memory + own, arena, report))
        return NULL;
    return spec;
}

/* What is known of a split without its files. */
static bool describe(struct arena *arena, struct data_spec *spec, enum data_split split,
                     struct report *report) {
    struct dataset *dataset = &spec->described[split];
    *dataset = (struct dataset){.source = spec->source->name, .split = splits[split]};
    if (!spec->known)
        return true;
    struct data_request request = {.split = split, .pos = *spec_pos(spec, "source")};
    return spec->source->describe(spec->config, &request, arena, dataset, report) &&
           selection_check(spec, dataset, split, report);
}

static bool describe_splits(struct arena *arena, struct data_spec *spec, struct report *report) {
    spec->known = spec->source->describe != NULL;
    if (!spec->known && spec->otherwise == OTHERWISE_SYNTHETIC)
        return report_at(
            report, spec_pos(spec, "otherwise"),
            "nothing can stand in for %s, whose images are not known without the files",
            spec->source->name);
    return describe(arena, spec, SPLIT_TRAIN, report) && describe(arena, spec, SPLIT_TEST, report);
}

const struct data_spec *data_check(struct arena *arena, const struct node *map,
                                   struct report *report) {
    if (map->kind != NODE_MAP) {
        report_at(report, &map->pos, "data is a map, like {source: cifar10, batch: 128}, not %s",
                  node_describe(map).text);
        return NULL;
    }
    const struct source_ops *source = find_source(map, report);
    struct data_spec *spec = source ? read_attributes(arena, map, source, report) : NULL;
    if (!spec)
        return NULL;
    bool described = describe_splits(arena, spec, report);
    return augments_read(arena, spec, report) && described ? spec : NULL;
}
