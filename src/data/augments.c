/* The list `augment:` of an experiment: each entry found in the registry and its attributes read. */
#include "spec.h"

/* The name and the attributes (or NULL) of an entry like `crop`, `crop: 4` or `crop: {padding: 4}`. */
struct written {
    const char *name;
    struct pos pos;
    const struct node *value;
};

static bool read_entry(const struct node *entry, struct written *written, struct report *report) {
    if (entry->kind == NODE_STRING)
        *written = (struct written){entry->string, entry->pos, NULL};
    else if (entry->kind == NODE_MAP && entry->count == 1)
        *written = (struct written){entry->entries[0].key, entry->entries[0].key_pos,
                                    entry->entries[0].value};
    else
        return report_at(report, &entry->pos,
                         "an augmentation is a name, or one name with its attributes, like crop: "
                         "{padding: 4}");
    return true;
}

static const char *augment_name_at(int index) {
    const struct augment_ops *ops = augment_at(index);
    return ops ? ops->name : NULL;
}

static const struct augment_ops *find_augment(const struct written *written,
                                              struct report *report) {
    const struct augment_ops *ops = augment_find(written->name);
    if (ops)
        return ops;
    report_at(report, &written->pos, "no augmentation %s%s", quote(written->name).text,
              hint_of(written->name, augment_name_at).text);
    return NULL;
}

/* `normalize: cifar10` as `normalize: {preset: cifar10}`. */
static const struct node *long_form(struct arena *arena, const struct augment_ops *ops,
                                    const struct node *value) {
    if (!value || value->kind == NODE_MAP || !ops->shorthand)
        return value;
    struct node *map = node_new(arena, NODE_MAP, &value->pos);
    struct entry *entry = arena_alloc(arena, 1, sizeof *entry);
    if (!map || !entry)
        return NULL;
    *entry = (struct entry){ops->shorthand, value->pos, value};
    map->entries = entry;
    map->count = 1;
    return map;
}

static bool read_augment(struct arena *arena, const struct data_spec *spec,
                         const struct node *entry, struct augment_step *step,
                         struct report *report) {
    struct written written;
    if (!read_entry(entry, &written, report) || !(step->ops = find_augment(&written, report)))
        return false;
    const struct augment_ops *ops = step->ops;
    const struct node *value = long_form(arena, ops, written.value);
    void *config = arena_alloc(arena, 1, ops->config_size);
    if (!config || (written.value && !value))
        return false;
    step->config = config;
    step->pos = written.pos;
    struct attr_table table = {ops->name, ops->attrs, ops->attr_count};
    return attrs_read(arena, &table, value, &step->pos, config, report) &&
           (!spec->known || !ops->check ||
            ops->check(config, spec->described[spec->split].shape, &step->pos, report));
}

/* Once floats, an image does not become 8-bit again. */
static bool check_order(const struct data_spec *spec, struct report *report) {
    const char *floats = NULL;
    for (int i = 0; i < spec->augment_count; i++) {
        const struct augment_step *step = &spec->augments[i];
        if (step->ops->floats)
            floats = step->ops->name;
        else if (floats)
            return report_at(report, &step->pos,
                             "%s works on 8-bit images and %s makes floats of them: put %s first",
                             step->ops->name, floats, step->ops->name);
    }
    return true;
}

bool augments_read(struct arena *arena, struct data_spec *spec, struct report *report) {
    const struct node *list = spec->augment;
    if (!list)
        return true;
    if (list->kind != NODE_LIST)
        return report_at(report, &list->pos, "augment is a list, like [normalize: cifar10], not %s",
                         node_describe(list).text);
    spec->augments = arena_alloc(arena, (size_t)list->count, sizeof *spec->augments);
    if (!spec->augments)
        return false;
    bool good = true;
    for (int i = 0; i < list->count; i++)
        good &= read_augment(arena, spec, list->entries[i].value, &spec->augments[i], report);
    spec->augment_count = list->count;
    return good && check_order(spec, report);
}
