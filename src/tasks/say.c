/* Words to the user while a run is on: lines to screen and log, and how far it is. */
#include "task.h"
#include "weights.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void run_say(const struct run *run, const char *format, ...) {
    FILE *const outs[] = {run->options->quiet ? NULL : run->options->screen,
                          run->log ? run->log->file : NULL};
    for (int i = 0; i < BASE_COUNT(outs); i++) {
        if (!outs[i])
            continue;
        va_list arguments;
        va_start(arguments, format);
        vfprintf(outs[i], format, arguments);
        va_end(arguments);
        fputc('\n', outs[i]);
        fflush(outs[i]);
    }
}

void say_not_drawn(const struct run *run) {
    run_say(run, "note: gnuplot is not installed, so there are no pictures; the scripts (.gp) and "
                 "tables (.csv) are there");
}

void say_fresh(const struct run *run, const struct job *job, int arm) {
    if (weights_are_fresh(run, job, arm))
        run_say(run, "note: nothing has trained %s: its weights are those it starts with",
                run->experiment->arms[arm].name);
}

/* ---- progress ---------------------------------------------------------------------------------- */

enum { BAR_WIDTH = 12 };
static const double BAR_SECONDS = 0.1, LINE_SECONDS = 10; /* between two showings */

struct progress progress_start(const struct run *run, const char *what, const char *unit,
                               int64_t first, int64_t total) {
    const struct run_options *options = run->options;
    double now = clock_seconds();
    return (struct progress){
        .run = run,
        .what = what,
        .unit = unit,
        .first = first,
        .total = total,
        .started = now,
        .shown = now,
        .bar = options->progress == PROGRESS_AUTO && isatty(fileno(options->screen)),
    };
}

/* A line that would wrap could not be written over. */
static int screen_width(FILE *screen) {
    enum { USUAL = 80 };
    struct winsize size;
    return ioctl(fileno(screen), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL;
}

/* What matters most comes first, since the line is cut. */
static void print_bar(const struct progress *progress, int64_t done, const char *left) {
    FILE *screen = progress->run->options->screen;
    char bar[BAR_WIDTH + 1], line[512];
    int full = (int)(BAR_WIDTH * done / progress->total);
    memset(bar, '-', BAR_WIDTH);
    memset(bar, '#', (size_t)full);
    bar[BAR_WIDTH] = '\0';
    int used = snprintf(line, sizeof line, "%.64s [%s] %s left, ", progress->what, bar, left);
    size_t room = sizeof line - (size_t)used;
    if (*progress->detail)
        snprintf(line + used, room, "%s", progress->detail);
    else
        snprintf(line + used, room, "%" PRId64 "/%" PRId64 " %s", done, progress->total,
                 progress->unit);
    fprintf(screen, "\r\033[K%.*s", screen_width(screen) - 1, line);
}

static void print_line(const struct progress *progress, int64_t done, const char *left) {
    fprintf(progress->run->options->screen, "  %s: %" PRId64 " of %" PRId64 " %s%s%s, %s left\n",
            progress->what, done, progress->total, progress->unit, *progress->detail ? ", " : "",
            progress->detail, left);
}

void progress_show(struct progress *progress, int64_t done) {
    const struct run_options *options = progress->run->options;
    double now = clock_seconds();
    int64_t since = done - progress->first;
    bool silent = options->quiet || options->progress == PROGRESS_OFF;
    double pause = progress->bar ? BAR_SECONDS : LINE_SECONDS;
    if (silent || since < 1 || (now - progress->shown < pause && !(progress->bar && since == 1)))
        return;
    progress->shown = now;
    double pace = (now - progress->started) / (double)since;
    struct quoted left = text_seconds(pace * (double)(progress->total - done));
    if (progress->bar)
        print_bar(progress, done, left.text);
    else
        print_line(progress, done, left.text);
    fflush(options->screen);
}

void progress_end(struct progress *progress) {
    if (!progress->bar || progress->run->options->quiet)
        return;
    fputs("\r\033[K", progress->run->options->screen);
    fflush(progress->run->options->screen);
}
