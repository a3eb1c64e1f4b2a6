/* Paths: written names, the round of each repeat, `body` or `shortcut`, then the layer's own name or kind.
 *
 * Numbers for equal ones count every entry that could be there, switched on or not, so that switching one
 * entry renames no other. */
#include "expand.h"

#include <string.h>

/* The text, or "" and a note that memory ran out. */
static const char *or_empty(struct expand *expand, const char *text) {
    if (!text)
        expand->failed = true;
    return text ? text : "";
}

/* A copy also where there is nothing to join: the netdef, which holds the part, goes before the graph. */
const char *path_join(struct expand *expand, const char *prefix, const char *part) {
    if (!*part)
        return prefix;
    return or_empty(expand,
                    arena_printf(expand->arena, "%s%s%s", prefix, *prefix ? "." : "", part));
}

const char *path_numbered(struct expand *expand, const char *prefix, const char *name) {
    int *count = text_map_put(expand->arena, &expand->counts, path_join(expand, prefix, name));
    if (!count)
        return or_empty(expand, NULL);
    if (++*count == 1)
        return name;
    return or_empty(expand, arena_printf(expand->arena, "%s_%d", name, *count));
}

const char *path_part(struct expand *expand, struct place *place, const struct call *call,
                      const char *other) {
    if (!call->name && place->given) {
        const char *given = place->given;
        place->given = NULL;
        return given;
    }
    const char *name = call->name ? call->name : other;
    return name ? path_numbered(expand, place->prefix, name) : "";
}

bool path_check_name(struct expand *expand, const struct node *name) {
    static const char *const reserved[] = {"body", "shortcut", "input"};
    const char *text = node_string(name);
    if (!text)
        return report_at(expand->report, &name->pos, "a name is text, not %s",
                         node_describe(name).text);
    if (!*text || text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")])
        return report_at(expand->report, &name->pos,
                         "%s is no name for a layer; use a-z, 0-9 and _", quote(text).text);
    if (!text[strspn(text, "0123456789")])
        return report_at(expand->report, &name->pos,
                         "%s is no name for a layer: numbers are the rounds of repeats",
                         quote(text).text);
    if (strlen(text) > EXPAND_MOST_NAME)
        return report_at(expand->report, &name->pos, "the name %s is longer than %d characters",
                         quote(text).text, EXPAND_MOST_NAME);
    for (int i = 0; i < BASE_COUNT(reserved); i++)
        if (!strcmp(text, reserved[i]))
            return report_at(expand->report, &name->pos,
                             "%s has a meaning of its own in paths; use another name",
                             quote(text).text);
    return true;
}
