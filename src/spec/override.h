/* override.h: `--set PATH=VALUE`. */
#ifndef SPEC_OVERRIDE_H
#define SPEC_OVERRIDE_H

#include "netrun/spec.h"

/* An override with its value read; it is shown as a text of its own, called --set. */
struct option {
    const struct text_file *file; /* "epochs=2" */
    const char *path;             /* "epochs" */
    const struct node *value;
};

bool option_read(struct arena *arena, const struct override *override, struct option *option,
                 struct report *report);

/* The tree with the option's value in its place. All but the last part of a path must be there; the last
 * may be new, because whoever reads the map refuses what it does not know. NULL: see the report. */
const struct node *option_apply(struct arena *arena, const struct node *tree,
                                const struct option *option, struct report *report);

#endif
