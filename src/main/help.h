/* Help and lists, from the registries' own rows. */
#ifndef MAIN_HELP_H
#define MAIN_HELP_H

#include "netrun/base.h"

/* How to use netrun. */
void help_usage(FILE *out);

/* `netrun help TOPIC`: a kind, task, source, ..., or a whole registry. False: see the report. */
bool help_topic(const char *topic, bool markdown, FILE *out, struct report *report);

/* `netrun list REGISTRY`: a line for each. False: see the report. */
bool help_list(const char *registry, FILE *out, struct report *report);

/* The registries' names, a line each. */
void help_registries(FILE *out);

#endif
