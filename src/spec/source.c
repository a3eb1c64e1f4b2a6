/* Files that name files: paths, cycles, limits. */
#include "source.h"

#include <string.h>

/* "a.yaml > b.yaml > a.yaml", from the file that comes again. NULL: out of memory. */
static const char *chain_text(struct arena *arena, const struct source *chain, const char *path) {
    const char *before =
        chain && strcmp(chain->path, path) != 0 ? chain_text(arena, chain->outer, path) : "";
    return before ? arena_printf(arena, "%s%s > ", before, chain ? chain->path : "") : NULL;
}

static bool goes_round(const struct source *chain, const char *path) {
    for (; chain; chain = chain->outer)
        if (!strcmp(chain->path, path))
            return true;
    return false;
}

/* A chain of links can give one file any number of paths, so depth is bounded too. */
static bool may_open(struct reading *reading, const struct node *named, const char *how,
                     const char *path, const struct source *outer) {
    int depth = 0;
    for (const struct source *source = outer; source; source = source->outer)
        depth++;
    if (goes_round(outer, path)) {
        const char *chain = chain_text(reading->arena, outer, path);
        return chain && report_at(reading->report, &named->pos, "%s goes round in a circle: %s%s",
                                  how, chain, path);
    }
    if (depth >= SOURCE_MOST_DEPTH)
        return report_at(reading->report, &named->pos, "files name files more than %d deep",
                         SOURCE_MOST_DEPTH);
    if (++reading->files > SOURCE_MOST_FILES)
        return report_at(reading->report, &named->pos, "a netdef is made of more than %d files",
                         SOURCE_MOST_FILES);
    return true;
}

const struct node *source_open(struct reading *reading, const struct node *named, const char *how,
                               const struct source *outer, struct source *source) {
    const char *name = node_string(named);
    if (!name || !*name) {
        report_at(reading->report, &named->pos, "%s takes the path of a file, not %s", how,
                  node_describe(named).text);
        return NULL;
    }
    const char *path = file_beside(reading->arena, named->pos.file->path, name);
    if (!path || !may_open(reading, named, how, path, outer))
        return NULL;
    const struct node *tree = conf_read(reading->arena, path, reading->report, &named->pos);
    *source = (struct source){path, outer};
    return tree ? node_used_from(reading->arena, tree, &named->pos) : NULL;
}
