/* The command line: one table of options, read with getopt_long. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum option_id {
    OPTION_DRY_RUN = 256,
    OPTION_BATCH,
    OPTION_DOT,
    OPTION_SET,
    OPTION_SEED,
    OPTION_THREADS,
    OPTION_OUT,
    OPTION_DATA,
    OPTION_RESUME,
    OPTION_PROFILE,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_NO_COLOR,
    OPTION_PROGRESS,
    OPTION_MARKDOWN,
    OPTION_VERSION,
    OPTION_HELP
};

static const struct {
    const char *name, *value, *summary;
    enum option_id id;
} rows[] = {
    {"dry-run", NULL, "check all, print the graph; read no data, run nothing", OPTION_DRY_RUN},
    {"batch", "N", "images per batch, for the memory that --dry-run prints of a netdef (1)",
     OPTION_BATCH},
    {"dot", "FILE", "write the graph for Graphviz", OPTION_DOT},
    {"set", "PATH=VALUE", "override any entry: iterations=5, arms.plain.net.params.n=3",
     OPTION_SET},
    {"seed", "N", "the same as --set seed=N", OPTION_SEED},
    {"threads", "N", "threads (all cores); results do not depend on it", OPTION_THREADS},
    {"out", "DIR", "where run folders go (out)", OPTION_OUT},
    {"data", "DIR", "where data sets are ($NETRUN_DATA, else data)", OPTION_DATA},
    {"resume", NULL, "go on with a run that was stopped", OPTION_RESUME},
    {"profile", NULL, "say where the time of the training steps went, layer by layer",
     OPTION_PROFILE},
    {"quiet", NULL, "print errors only", OPTION_QUIET},
    {"verbose", NULL, "print more", OPTION_VERBOSE},
    {"no-color", NULL, "no colors in errors (as with NO_COLOR in the environment)",
     OPTION_NO_COLOR},
    {"progress", "MODE", "auto (a bar on a terminal), plain (lines) or off", OPTION_PROGRESS},
    {"markdown", NULL, "help as Markdown, for the manual", OPTION_MARKDOWN},
    {"version", NULL, "version, BLAS kernel and instruction set", OPTION_VERSION},
    {"help", NULL, "this", OPTION_HELP},
};

void options_print(FILE *out) {
    for (int i = 0; i < BASE_COUNT(rows); i++) {
        char name[64];
        snprintf(name, sizeof name, "--%s%s%s", rows[i].name, rows[i].value ? " " : "",
                 rows[i].value ? rows[i].value : "");
        fprintf(out, "  %-18s %s\n", name, rows[i].summary);
    }
}

/* ---- values ------------------------------------------------------------------------------------ */

static bool read_count(const char *name, const char *text, int *count, struct report *report) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || *end || end == text || value < 1 || value > INT_MAX)
        return report_error(report, "--%s takes a whole number of at least 1, not %s", name,
                            quote(text).text);
    *count = (int)value;
    return true;
}

enum { THREADS_MOST = 1024 };

static bool read_threads(const char *text, int *threads, struct report *report) {
    if (!read_count("threads", text, threads, report))
        return false;
    return *threads <= THREADS_MOST ||
           report_error(report, "--threads takes at most %d", THREADS_MOST);
}

static bool add_override(struct options *options, struct arena *arena, const char *text,
                         struct report *report) {
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return report_error(report, "--set takes PATH=VALUE, not %s", quote(text).text);
    char *path = arena_copy(arena, text, (size_t)(equals - text));
    options->overrides[options->override_count++] = (struct override){path, equals + 1};
    return path != NULL;
}

static bool read_progress(const char *text, enum progress_mode *mode, struct report *report) {
    static const char *const names[] = {
        [PROGRESS_AUTO] = "auto", [PROGRESS_PLAIN] = "plain", [PROGRESS_OFF] = "off"};
    for (int i = 0; i < BASE_COUNT(names); i++)
        if (!strcmp(text, names[i])) {
            *mode = (enum progress_mode)i;
            return true;
        }
    return report_error(report, "--progress takes auto, plain or off, not %s", quote(text).text);
}

/* ---- one option -------------------------------------------------------------------------------- */

static bool apply(struct options *options, struct arena *arena, int id, const char *value,
                  struct report *report) {
    struct run_options *run = &options->run;
    switch (id) {
    case OPTION_DRY_RUN:
        options->dry_run = true;
        return true;
    case OPTION_BATCH:
        return read_count("batch", value, &options->batch, report);
    case OPTION_DOT:
        options->dot = value;
        return true;
    case OPTION_SET:
        return add_override(options, arena, value, report);
    case OPTION_SEED:
        options->overrides[options->override_count++] = (struct override){"seed", value};
        return true;
    case OPTION_THREADS:
        return read_threads(value, &run->threads, report);
    case OPTION_OUT:
        run->out = value;
        return true;
    case OPTION_DATA:
        run->data = value;
        return true;
    case OPTION_RESUME:
        return run->resume = true;
    case OPTION_PROFILE:
        return run->profile = true;
    case OPTION_QUIET:
        return run->quiet = true;
    case OPTION_VERBOSE:
        return run->verbose = true;
    case OPTION_NO_COLOR:
        return options->no_color = true;
    case OPTION_PROGRESS:
        return read_progress(value, &run->progress, report);
    case OPTION_MARKDOWN:
        return options->markdown = true;
    case OPTION_VERSION:
        options->command = COMMAND_VERSION;
        return true;
    default:
        options->command = COMMAND_USAGE;
        return true;
    }
}

/* ---- all of them ------------------------------------------------------------------------------- */

static bool unknown_option(const char *word, struct report *report) {
    struct quoted name = quote(word);
    struct nearest nearest = {.word = word + strspn(word, "-")};
    for (int i = 0; i < BASE_COUNT(rows); i++)
        nearest_offer(&nearest, rows[i].name);
    return report_error(report, "there is no option %s%s", name.text, nearest_hint(&nearest).text);
}

static void take_command(struct options *options) {
    static const struct {
        const char *word;
        enum command command;
    } commands[] = {{"help", COMMAND_HELP}, {"list", COMMAND_LIST}, {"compare", COMMAND_COMPARE}};
    for (int i = 0; i < BASE_COUNT(commands); i++)
        if (options->word_count > 0 && !strcmp(options->words[0], commands[i].word)) {
            options->command = commands[i].command;
            options->words++;
            options->word_count--;
            return; /* `help list` is about the word after it */
        }
}

static int cores(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static void set_defaults(struct options *options) {
    const char *data = getenv("NETRUN_DATA");
    options->run = (struct run_options){
        .threads = cores(), .out = "out", .data = data && *data ? data : "data", .screen = stdout};
}

static void fill_getopt(struct option *table) {
    for (int i = 0; i < BASE_COUNT(rows); i++)
        table[i] = (struct option){rows[i].name, rows[i].value ? required_argument : no_argument,
                                   NULL, (int)rows[i].id};
}

bool options_read(struct options *options, struct arena *arena, int argc, char **argv,
                  struct report *report) {
    struct option table[BASE_COUNT(rows) + 1] = {{NULL, 0, NULL, 0}};
    fill_getopt(table);
    set_defaults(options);
    options->overrides = arena_alloc(arena, (size_t)argc, sizeof *options->overrides);
    if (!options->overrides)
        return false;
    opterr = 0;
    bool good = true;
    for (int id; (id = getopt_long(argc, argv, ":", table, NULL)) != -1;) {
        if (id == ':')
            good = report_error(report, "%s needs a value", argv[optind - 1]);
        else if (id == '?')
            good = unknown_option(argv[optind - 1], report);
        else
            good = apply(options, arena, id, optarg, report) && good;
    }
    options->words = (const char *const *)argv + optind;
    options->word_count = argc - optind;
    if (options->command == COMMAND_RUN)
        take_command(options);
    return good;
}
