/* The command line. */
#ifndef MAIN_OPTIONS_H
#define MAIN_OPTIONS_H

#include "netrun/spec.h"
#include "netrun/tasks.h"

enum command {
    COMMAND_RUN,
    COMMAND_HELP,
    COMMAND_LIST,
    COMMAND_COMPARE,
    COMMAND_VERSION,
    COMMAND_USAGE /* --help, whatever else is asked for */
};

struct options {
    enum command command;
    const char *const *words; /* files, or the topic */
    int word_count;
    struct override *overrides;
    int override_count;
    bool dry_run, no_color, markdown;
    int batch;       /* 0: not given */
    const char *dot; /* NULL: not given */
    struct run_options run;
};

/* Reads argv. False: the report says what is wrong with the usage, or memory ran out. */
bool options_read(struct options *options, struct arena *arena, int argc, char **argv,
                  struct report *report);

/* The list of options, for `netrun help`. */
void options_print(FILE *out);

#endif
