/* The door: a file, told apart by its first key, with what the command line says about it. */
#include "experiment.h"
#include "netdef.h"
#include "override.h"
#include "tree.h"

#include <string.h>

/* What is asked for, and what has become of the file so far. */
struct request {
    struct arena *arena;
    struct report *report;
    const char *path;       /* tidied, to find circles */
    const struct node *map; /* of the file, overridden */
    const struct node *set; /* values for a netdef's parameters */
};

static bool holds_blocks(const struct node *map) {
    return node_get(map, "blocks") || node_get(map, "params");
}

static enum spec_kind kind_of(const struct node *map, struct report *report) {
    const struct entry *netdef = node_entry(map, "netdef"),
                       *experiment = node_entry(map, "experiment");
    if (netdef && !experiment)
        return SPEC_NETDEF;
    if (experiment && !netdef)
        return SPEC_EXPERIMENT;
    if (netdef && experiment)
        report_at(report, &experiment->key_pos,
                  "a file is a netdef or an experiment; this one has both keys");
    else if (map->kind == NODE_MAP && holds_blocks(map))
        report_at(report, &map->pos,
                  "this is a file of blocks for 'include'; a netdef begins with netdef: NAME");
    else
        report_at(report, &map->pos,
                  "this is no file of netrun; it begins with netdef: NAME or experiment: NAME");
    return SPEC_NONE;
}

/* params.n=3 sets a parameter as a variant would, so that its type is the declared one. */
static bool set_param(struct request *request, const struct option *option) {
    static const size_t before = sizeof "params." - 1;
    struct entry entry = {
        option->path + before, {option->file, 1, (int)before + 1, NULL}, option->value};
    request->set = tree_with(request->arena, request->set, entry);
    return request->set != NULL;
}

static bool apply(struct request *request, const struct override *override, enum spec_kind kind) {
    struct option option;
    if (!option_read(request->arena, override, &option, request->report))
        return false;
    if (kind == SPEC_NETDEF && !strncmp(option.path, "params.", 7))
        return set_param(request, &option);
    const struct node *changed =
        option_apply(request->arena, request->map, &option, request->report);
    if (changed)
        request->map = changed;
    return changed != NULL;
}

static enum spec_kind build(const struct request *request, enum spec_kind kind,
                            const struct netdef **netdef, const struct experiment **experiment) {
    struct netdef_text text = {.map = request->map, .path = request->path, .set = request->set};
    if (kind == SPEC_NETDEF)
        *netdef = netdef_build(request->arena, &text, request->report);
    else
        *experiment = experiment_build(request->arena, request->map, request->report);
    return *netdef || *experiment ? kind : SPEC_NONE;
}

enum spec_kind spec_read(struct arena *arena, const char *path, const struct override *overrides,
                         int override_count, const struct netdef **netdef,
                         const struct experiment **experiment, struct report *report) {
    struct request request = {.arena = arena, .report = report};
    *netdef = NULL;
    *experiment = NULL;
    request.path = file_beside(arena, "", path);
    request.map = request.path ? conf_read(arena, path, report, NULL) : NULL;
    request.set = request.map ? tree_empty(arena, &request.map->pos) : NULL;
    enum spec_kind kind = request.set ? kind_of(request.map, report) : SPEC_NONE;
    bool good = kind != SPEC_NONE;
    for (int i = 0; kind != SPEC_NONE && i < override_count; i++)
        good = apply(&request, &overrides[i], kind) && good;
    return good ? build(&request, kind, netdef, experiment) : SPEC_NONE;
}
