/* Words to the user while a run is on: lines to screen and log, and how far it is. */
#include "task.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

void run_say(const struct run *run, const char *format, ...) {
    FILE *const outs[] = {run->options->quiet ? NULL : run->options->screen, run->log};
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

/* ---- progress ---------------------------------------------------------------------------------- */

enum { BAR_WIDTH = 24 };
static const double BAR_SECONDS = 0.1, LINE_SECONDS = 10; /* between two showings */

struct progress progress_start(const struct run *run, const char *what, const char *unit,
                               int64_t total) {
    const struct run_options *options = run->options;
    double now = clock_seconds();
    return (struct progress){
        .run = run,
        .what = what,
        .unit = unit,
        .total = total,
        .started = now,
        .shown = now,
        .bar = options->progress == PROGRESS_AUTO && isatty(fileno(options->screen)),
    };
}

static void print_bar(const struct progress *progress, int64_t done, const char *left) {
    char bar[BAR_WIDTH + 1];
    int full = (int)(BAR_WIDTH * done / progress->total);
    memset(bar, '-', BAR_WIDTH);
    memset(bar, '#', (size_t)full);
    bar[BAR_WIDTH] = '\0';
    fprintf(progress->run->options->screen, "\r\033[K%s [%s] %" PRId64 "/%" PRId64 " %s, %s left",
            progress->what, bar, done, progress->total, progress->unit, left);
}

void progress_show(struct progress *progress, int64_t done) {
    const struct run_options *options = progress->run->options;
    double now = clock_seconds();
    bool silent = options->quiet || options->progress == PROGRESS_OFF;
    double pause = progress->bar ? BAR_SECONDS : LINE_SECONDS;
    if (silent || done < 1 || (now - progress->shown < pause && !(progress->bar && done == 1)))
        return;
    progress->shown = now;
    double left = (now - progress->started) / (double)done * (double)(progress->total - done);
    struct quoted text = text_seconds(left);
    if (progress->bar)
        print_bar(progress, done, text.text);
    else
        fprintf(options->screen, "  %s: %" PRId64 " of %" PRId64 " %s, %s left\n", progress->what,
                done, progress->total, progress->unit, text.text);
    fflush(options->screen);
}

void progress_end(struct progress *progress) {
    if (!progress->bar || progress->run->options->quiet)
        return;
    fputs("\r\033[K", progress->run->options->screen);
    fflush(progress->run->options->screen);
}
