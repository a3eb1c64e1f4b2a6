/* Experiments: the keys that all tasks share. What is left over is checked by the task it is meant for. */
#include "experiment.h"
#include "keys.h"
#include "netdef.h"
#include "tree.h"

#include <string.h>
#include <unistd.h>

const char *const experiment_keys[] = {"experiment", "summary", "task", "stages",
                                       "seed",       "seeds",   "data", "loss",
                                       "optimizer",  "arms",    NULL};

/* ---- seeds -------------------------------------------------------------------------------------- */

static bool seed_read(const struct node *node, uint64_t *seed, struct report *report) {
    if (node->kind != NODE_INT || node->integer < 0)
        return report_at(report, &node->pos, "a seed is an integer of at least 0, not %s",
                         node_describe(node).text);
    *seed = (uint64_t)node->integer;
    return true;
}

static bool seed_list_read(const struct node *list, uint64_t *seeds, struct report *report) {
    bool good = true;
    for (int i = 0; i < list->count; i++) {
        const struct node *node = list->entries[i].value;
        good = seed_read(node, &seeds[i], report) && good;
        for (int j = 0; good && j < i; j++)
            if (seeds[j] == seeds[i])
                good = report_at(report, &node->pos, "the seed %lld is there twice",
                                 (long long)node->integer);
    }
    return good;
}

static bool seeds_read(struct arena *arena, const struct node *map, struct experiment *experiment,
                       struct report *report) {
    const struct node *one = keys_value(map, "seed"), *list = keys_value(map, "seeds");
    if (one && list)
        return report_at(report, &node_entry(map, "seeds")->key_pos,
                         "an experiment has a seed or seeds, not both");
    if (list && (list->kind != NODE_LIST || list->count == 0))
        return report_at(report, &list->pos, "seeds is a list like [0, 1, 2], not %s",
                         list->kind == NODE_LIST ? "an empty one" : node_describe(list).text);
    if (list && list->count > EXPERIMENT_MOST_SEEDS)
        return report_at(report, &list->pos, "more than %d seeds", EXPERIMENT_MOST_SEEDS);
    int count = list ? list->count : 1;
    uint64_t *seeds = arena_alloc(arena, (size_t)count, sizeof *seeds);
    experiment->seeds = seeds;
    experiment->seed_count = count;
    if (!seeds)
        return false;
    return list ? seed_list_read(list, seeds, report) : !one || seed_read(one, seeds, report);
}

/* ---- the experiment as it runs ------------------------------------------------------------------- */

/* A path that holds wherever the text that names it is moved. NULL: out of memory. */
static const struct node *lasting_path(struct arena *arena, const struct node *path) {
    char folder[4096];
    const char *beside = file_beside(arena, path->pos.file->path, path->string);
    struct node *lasting = node_new(arena, NODE_STRING, &path->pos);
    if (!beside || !lasting)
        return NULL;
    bool known = getcwd(folder, sizeof folder - 1) != NULL;
    if (known)
        strcat(folder, "/");
    lasting->string = file_beside(arena, known ? folder : "", beside);
    return lasting->string ? lasting : NULL;
}

/* The map with a whole path under `key`, where there is a text. */
static const struct node *with_lasting_path(struct arena *arena, const struct node *map,
                                            const char *key) {
    const struct entry *written = node_entry(map, key);
    if (!written || written->value->kind != NODE_STRING)
        return map;
    struct entry entry = *written;
    entry.value = lasting_path(arena, entry.value);
    return entry.value ? tree_with(arena, map, entry) : NULL;
}

/* The keys of a task that name files: pictures of the user's own, an array of images. */
static const struct node *with_lasting_files(struct arena *arena, const struct node *map) {
    const struct entry *data = node_entry(map, "data");
    if (data && data->value->kind == NODE_MAP) {
        struct entry entry = *data;
        entry.value = with_lasting_path(arena, entry.value, "path");
        map = entry.value ? tree_with(arena, map, entry) : NULL;
    }
    return map ? with_lasting_path(arena, map, "array") : NULL;
}

/* A stage is its name, or a map of its name to its keys. */
static const struct node *lasting_stage(struct arena *arena, const struct node *stage) {
    if (stage->kind != NODE_MAP || stage->entries[0].value->kind != NODE_MAP)
        return stage;
    struct node *copy = tree_copy(arena, stage);
    if (copy)
        copy->entries[0].value = with_lasting_files(arena, stage->entries[0].value);
    return copy && copy->entries[0].value ? copy : NULL;
}

static const struct node *with_lasting_stages(struct arena *arena, const struct node *map) {
    const struct entry *stages = node_entry(map, "stages");
    if (!stages)
        return map;
    struct entry entry = *stages;
    struct node *copy = tree_copy(arena, stages->value);
    for (int i = 0; copy && i < copy->count; i++) {
        copy->entries[i].value = lasting_stage(arena, copy->entries[i].value);
        if (!copy->entries[i].value)
            return NULL;
    }
    entry.value = copy;
    return copy ? tree_with(arena, map, entry) : NULL;
}

static const struct node *lasting_weights(struct arena *arena, const struct node *list) {
    struct node *copy = tree_copy(arena, list);
    for (int i = 0; copy && i < copy->count; i++) {
        const struct node *map = copy->entries[i].value;
        struct entry from = *node_entry(map, "from");
        from.value = lasting_path(arena, from.value);
        copy->entries[i].value = from.value ? tree_with(arena, map, from) : NULL;
        if (!copy->entries[i].value)
            return NULL;
    }
    return copy;
}

/* A function that gives an arm's map anew. NULL: out of memory. */
typedef const struct node *(*arm_change)(struct arena *arena, const struct node *map,
                                         const struct arm *arm);

/* The arm with its netdef in place. */
static const struct node *with_netdef(struct arena *arena, const struct node *map,
                                      const struct arm *arm) {
    struct entry net = *node_entry(map, "net");
    net.value = netdef_tree(arena, arm->net);
    return net.value ? tree_with(arena, map, net) : NULL;
}

/* The arm with its weights by whole paths. */
static const struct node *with_lasting_weights(struct arena *arena, const struct node *map,
                                               const struct arm *arm) {
    if (!arm->weights)
        return map;
    struct entry weights = *node_entry(map, "weights");
    weights.value = lasting_weights(arena, arm->weights);
    return weights.value ? tree_with(arena, map, weights) : NULL;
}

/* The experiment with every arm changed. */
static const struct node *with_arms(struct arena *arena, const struct node *map,
                                    const struct experiment *experiment, arm_change change) {
    struct entry arms = *node_entry(map, "arms");
    struct node *copy = tree_copy(arena, arms.value);
    for (int i = 0; copy && i < copy->count; i++) {
        struct entry *entry = &copy->entries[i];
        entry->value = change(arena, entry->value, &experiment->arms[i]);
        if (!entry->value)
            return NULL;
    }
    arms.value = copy;
    return copy ? tree_with(arena, map, arms) : NULL;
}

/* The experiment as one text that says all: its netdefs, and the seed even where it is the default. */
static const struct node *expand(struct arena *arena, const struct node *map,
                                 const struct experiment *experiment) {
    struct entry seed = {"seed", map->pos, node_new(arena, NODE_INT, &map->pos)};
    map = seed.value ? with_arms(arena, map, experiment, with_netdef) : NULL;
    bool seeded = map && (node_get(map, "seed") || node_get(map, "seeds"));
    return !map || seeded ? map : tree_with(arena, map, seed);
}

static bool resolve(struct arena *arena, const struct node *map, struct experiment *experiment) {
    experiment->expanded = expand(arena, map, experiment);
    map = experiment->expanded ? with_lasting_files(arena, experiment->expanded) : NULL;
    map = map ? with_lasting_stages(arena, map) : NULL;
    if (map)
        experiment->resolved = with_arms(arena, map, experiment, with_lasting_weights);
    return experiment->resolved != NULL;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static bool parts_read(struct arena *arena, const struct node *map, struct experiment *experiment,
                       struct report *report) {
    const struct entry *arms = node_entry(map, "arms");
    bool good = keys_text(map, "summary", &experiment->summary, report);
    good = stages_read(arena, map, experiment, report) && good;
    good = seeds_read(arena, map, experiment, report) && good;
    if (!arms)
        return report_at(report, &experiment->pos,
                         "an experiment needs arms; write arms: {NAME: {net: PATH}}");
    return arms->value->kind != NODE_NULL && arms_read(arena, arms->value, experiment, report) &&
           good;
}

const struct experiment *experiment_build(struct arena *arena, const struct node *map,
                                          struct report *report) {
    struct experiment *experiment = arena_alloc(arena, 1, sizeof *experiment);
    if (!experiment)
        return NULL;
    if (map->count > EXPERIMENT_MOST_KEYS) {
        report_at(report, &map->pos, "more than %d keys", EXPERIMENT_MOST_KEYS);
        return NULL;
    }
    const struct node *name = keys_value(map, "experiment");
    bool good = keys_have_values(map, experiment_keys, report);
    experiment->pos = name ? name->pos : map->pos;
    experiment->name = name ? name_read(name, "an experiment", report) : NULL;
    good = parts_read(arena, map, experiment, report) && good && experiment->name;
    return good && resolve(arena, map, experiment) ? experiment : NULL;
}
