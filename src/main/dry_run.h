/* What --dry-run prints. */
#ifndef MAIN_DRY_RUN_H
#define MAIN_DRY_RUN_H

#include "options.h"

/* The graph and the memory of a netdef, forward and training, at options->batch. */
bool dry_run_netdef(struct arena *arena, const struct netdef *netdef, const struct options *options,
                    FILE *out, struct report *report);

/* Every arm's graph and the memory of every job. */
bool dry_run_experiment(struct run *run, const struct options *options, FILE *out);

/* What a file of weights says of itself; with --verbose its tensors too. */
bool dry_run_weights(struct arena *arena, const char *path, const struct options *options,
                     FILE *out, struct report *report);

#endif
