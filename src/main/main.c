/* netrun: from a command line to an exit status. The only file that prints errors. */
#include "dry_run.h"
#include "help.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum exit_status { EXIT_FINE = 0, EXIT_WRONG_INPUT = 1, EXIT_WRONG_USAGE = 2, EXIT_NOT_FINITE = 3 };

/* Set by SIGINT and SIGTERM; a signal handler can reach nothing but a global. */
static volatile sig_atomic_t stop_signal;

static void note_signal(int signal) {
    stop_signal = signal;
}

/* The first signal asks the run to end well; the second ends the process. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a file over its limit is a failed write, not the end */
    signal(SIGPIPE, SIG_IGN);
}

static bool use_color(const struct options *options) {
    const char *no_color = getenv("NO_COLOR");
    return !options->no_color && !(no_color && *no_color) && isatty(STDERR_FILENO);
}

/* ---- one file ---------------------------------------------------------------------------------- */

static int status_of(enum run_end end) {
    switch (end) {
    case RUN_FINE:
        return EXIT_FINE;
    case RUN_NOT_FINITE:
        return EXIT_NOT_FINITE;
    case RUN_STOPPED:
        return 128 + (int)stop_signal;
    case RUN_FAILED:
        break;
    }
    return EXIT_WRONG_INPUT;
}

static int do_netdef(struct arena *arena, const struct netdef *netdef,
                     const struct options *options, struct report *report) {
    if (!options->dry_run && !options->dot) {
        report_at(
            report, &netdef->pos,
            "this is a netdef, which describes a network; to look at it use --dry-run, to run it "
            "write an experiment with net: %s",
            netdef->pos.file->path);
        return EXIT_WRONG_INPUT;
    }
    return dry_run_netdef(arena, netdef, options, stdout, report) ? EXIT_FINE : EXIT_WRONG_INPUT;
}

static int do_experiment(struct arena *arena, const struct experiment *experiment,
                         const struct options *options, struct report *report) {
    struct run *run = run_check(arena, experiment, &options->run, report);
    if (!run)
        return EXIT_WRONG_INPUT;
    if (options->dry_run || options->dot)
        return dry_run_experiment(run, options, stdout) ? EXIT_FINE : EXIT_WRONG_INPUT;
    return status_of(run_start(run));
}

static int do_weights(struct arena *arena, const char *path, const struct options *options,
                      struct report *report) {
    if (!options->dry_run) {
        report_error(report,
                     "'%s' holds weights: to look at them use --dry-run, to go on from them write "
                     "weights: [{from: PATH}] in an arm of an experiment",
                     path);
        return EXIT_WRONG_INPUT;
    }
    return dry_run_weights(arena, path, options, stdout, report) ? EXIT_FINE : EXIT_WRONG_INPUT;
}

static bool names_weights(const char *path) {
    static const char ending[] = ".safetensors";
    size_t length = strlen(path), tail = sizeof ending - 1;
    return length > tail && !strcmp(path + length - tail, ending);
}

static int do_checked_file(struct arena *arena, const char *path, const struct options *options,
                           struct report *report) {
    if (names_weights(path))
        return do_weights(arena, path, options, report);
    const struct netdef *netdef = NULL;
    const struct experiment *experiment = NULL;
    switch (spec_read(arena, path, options->overrides, options->override_count, &netdef,
                      &experiment, report)) {
    case SPEC_NETDEF:
        return do_netdef(arena, netdef, options, report);
    case SPEC_EXPERIMENT:
        return do_experiment(arena, experiment, options, report);
    case SPEC_NONE:
        break;
    }
    return EXIT_WRONG_INPUT;
}

static int do_file(const char *path, const struct options *options) {
    struct arena *arena = arena_new();
    struct report *report = arena ? report_new(arena) : NULL;
    int status = EXIT_WRONG_INPUT;
    if (report)
        status = do_checked_file(arena, path, options, report);
    fflush(stdout);
    if (!report)
        fputs("netrun: error: out of memory\n", stderr);
    else if (status != EXIT_FINE && (status < 128 || report_count(report) > 0))
        report_print(report, stderr, use_color(options));
    arena_free(arena);
    return status;
}

static int do_files(const struct options *options) {
    int status = EXIT_FINE;
    for (int i = 0; i < options->word_count && status < 128; i++) {
        int one = do_file(options->words[i], options);
        status = one != EXIT_FINE ? one : status;
    }
    if (status >= 128)
        fputs("netrun: interrupted\n", stderr);
    return status;
}

/* ---- commands ---------------------------------------------------------------------------------- */

static void print_version(void) {
    printf("netrun %s\nBLAS kernel: OpenBLAS %s\ninstruction set: %s\n", NETRUN_VERSION,
           gemm_kernel(), isa_name(isa_chosen()));
    if (gemm_warning())
        printf("warning: %s\n", gemm_warning());
}

static int do_help(const struct options *options, struct report *report) {
    if (options->word_count == 0) {
        help_usage(stdout);
        return EXIT_FINE;
    }
    return help_topic(options->words[0], options->markdown, stdout, report) ? EXIT_FINE
                                                                            : EXIT_WRONG_USAGE;
}

static int do_list(const struct options *options, struct report *report) {
    if (options->word_count == 0) {
        help_registries(stdout);
        return EXIT_FINE;
    }
    return help_list(options->words[0], stdout, report) ? EXIT_FINE : EXIT_WRONG_USAGE;
}

static int do_compare(const struct options *options, struct arena *arena, struct report *report) {
    if (options->word_count == 0) {
        report_error(report,
                     "which runs? netrun compare RUN RUN ..., each the folder of a finished run");
        return EXIT_WRONG_USAGE;
    }
    return compare_runs(arena, options->words, options->word_count, &options->run, report)
               ? EXIT_FINE
               : EXIT_WRONG_INPUT;
}

static int do_command(const struct options *options, struct arena *arena, struct report *report) {
    switch (options->command) {
    case COMMAND_HELP:
        return do_help(options, report);
    case COMMAND_LIST:
        return do_list(options, report);
    case COMMAND_COMPARE:
        return do_compare(options, arena, report);
    case COMMAND_VERSION:
        print_version();
        return EXIT_FINE;
    case COMMAND_USAGE:
        help_usage(stdout);
        return EXIT_FINE;
    case COMMAND_RUN:
        break;
    }
    if (options->word_count > 0)
        return do_files(options);
    report_error(report, "which experiment? netrun EXPERIMENT.yaml, or netrun help");
    return EXIT_WRONG_USAGE;
}

int main(int argc, char **argv) {
    struct arena *arena = arena_new();
    struct report *report = arena ? report_new(arena) : NULL;
    if (!report) {
        fputs("netrun: error: out of memory\n", stderr);
        return EXIT_WRONG_INPUT;
    }
    catch_signals();
    gemm_start();
    struct options options = {.run = {.stop = NULL}};
    int status = EXIT_WRONG_USAGE;
    if (options_read(&options, arena, argc, argv, report)) {
        options.run.stop = &stop_signal;
        status = do_command(&options, arena, report);
    }
    if (status != EXIT_FINE && report_count(report) > 0)
        report_print(report, stderr, use_color(&options));
    arena_free(arena);
    return fflush(stdout) == 0 || status != EXIT_FINE ? status : EXIT_WRONG_INPUT;
}
