/* The errors of one run, with positions, printed as compilers do: place, message, the line, a caret.
 *
 * Memory that runs out while an error is being kept loses its text, never the fact that there was one. */
#include "netrun/base.h"

#include <stdarg.h>
#include <string.h>

struct diagnostic {
    struct diagnostic *next, *notes;
    struct pos pos; /* file NULL: no place */
    const char *message;
};

struct report {
    struct arena *arena;
    struct diagnostic *first, **end;
    struct diagnostic *last; /* takes notes; NULL: the last error was not kept */
    int count, kept;
};

struct report *report_new(struct arena *arena) {
    struct report *report = arena_alloc(arena, 1, sizeof *report);
    if (report) {
        report->arena = arena;
        report->end = &report->first;
    }
    return report;
}

static bool same_place(const struct pos *a, const struct pos *b) {
    return a->file == b->file && a->line == b->line && a->column == b->column;
}

static bool already_said(const struct report *report, const struct pos *pos, const char *message) {
    for (const struct diagnostic *d = report->first; d; d = d->next)
        if (same_place(&d->pos, pos) && !strcmp(d->message, message))
            return true;
    return false;
}

static struct diagnostic *diagnostic_new(struct arena *arena, const struct pos *pos,
                                         const char *message) {
    struct diagnostic *made = message ? arena_alloc(arena, 1, sizeof *made) : NULL;
    if (made) {
        made->pos = *pos;
        made->message = message;
    }
    return made;
}

static void keep(struct report *report, const struct pos *pos, const char *message) {
    report->last = NULL;
    if (message && already_said(report, pos, message))
        return;
    report->count++;
    if (report->kept == REPORT_MOST)
        return;
    struct diagnostic *made = diagnostic_new(report->arena, pos, message);
    if (!made)
        return;
    *report->end = made;
    report->end = &made->next;
    report->last = made;
    report->kept++;
}

bool report_at(struct report *report, const struct pos *pos, const char *format, ...) {
    static const struct pos nowhere;
    va_list arguments;
    va_start(arguments, format);
    keep(report, pos ? pos : &nowhere, arena_vprintf(report->arena, format, arguments));
    va_end(arguments);
    return false;
}

bool report_error(struct report *report, const char *format, ...) {
    static const struct pos nowhere;
    va_list arguments;
    va_start(arguments, format);
    keep(report, &nowhere, arena_vprintf(report->arena, format, arguments));
    va_end(arguments);
    return false;
}

void report_note(struct report *report, const struct pos *pos, const char *format, ...) {
    if (!report->last)
        return;
    va_list arguments;
    va_start(arguments, format);
    struct diagnostic *note =
        diagnostic_new(report->arena, pos, arena_vprintf(report->arena, format, arguments));
    va_end(arguments);
    struct diagnostic **end = &report->last->notes;
    while (*end)
        end = &(*end)->next;
    *end = note;
}

int report_count(const struct report *report) {
    return report->count;
}

/* ---- printing ---------------------------------------------------------------------------------- */

/* The line that holds the position; its length without the line end. */
static const char *line_of(const struct pos *pos, size_t *length) {
    const char *line = pos->file->text, *end = line + pos->file->size;
    if (!strncmp(line, "\xEF\xBB\xBF", 3))
        line += 3;
    for (int i = 1; i < pos->line && line < end; line++)
        i += *line == '\n';
    *length = 0;
    while (line + *length < end && line[*length] != '\n' && line[*length] != '\r')
        ++*length;
    return line;
}

enum { LINE_MOST = 160, CHAIN_MOST = 8 }; /* bytes of a line shown; places of a chain shown */

static bool starts_character(char c) {
    return ((unsigned char)c & 0xC0) != 0x80;
}

/* The line and, under it, spaces (tabs where the line has tabs) and a caret. */
static void print_line(const struct pos *pos, FILE *out, const char *green, const char *plain) {
    size_t length;
    const char *line = line_of(pos, &length);
    if (length > LINE_MOST)
        length = LINE_MOST;
    if (pos->column < 1 || (size_t)pos->column > length + 1)
        return;
    fprintf(out, "%5d | %.*s\n      | ", pos->line, (int)length, line);
    int column = 1;
    for (size_t i = 0; i < length; i++) {
        column += i > 0 && starts_character(line[i]);
        if (column >= pos->column)
            break;
        if (starts_character(line[i]))
            fputc(line[i] == '\t' ? '\t' : ' ', out);
    }
    fprintf(out, "%s^%s\n", green, plain);
}

struct style {
    const char *bold, *red, *green, *plain;
};

static void print_one(const struct pos *pos, const char *kind, const char *color,
                      const char *message, FILE *out, const struct style *style) {
    if (pos->file) {
        fprintf(out, "%s%s:%d:%d:%s ", style->bold, pos->file->path, pos->line, pos->column,
                style->plain);
    } else {
        fprintf(out, "%snetrun:%s ", style->bold, style->plain);
    }
    fprintf(out, "%s%s:%s %s\n", color, kind, style->plain, message);
    if (pos->file)
        print_line(pos, out, style->green, style->plain);
}

static void print_chain(const struct pos *pos, FILE *out, const struct style *style) {
    int shown = 0;
    for (const struct pos *from = pos->used_from; from && shown < CHAIN_MOST;
         from = from->used_from)
        if (from->file && ++shown)
            print_one(from, "note", style->bold, "used from here", out, style);
}

void report_print(const struct report *report, FILE *out, bool color) {
    static const struct style colored = {"\033[1m", "\033[1;31m", "\033[1;32m", "\033[0m"};
    static const struct style uncolored = {"", "", "", ""};
    const struct style *style = color ? &colored : &uncolored;
    for (const struct diagnostic *d = report->first; d; d = d->next) {
        print_one(&d->pos, "error", style->red, d->message, out, style);
        for (const struct diagnostic *note = d->notes; note; note = note->next)
            print_one(&note->pos, "note", style->bold, note->message, out, style);
        print_chain(&d->pos, out, style);
    }
    if (report->count > report->kept && report->kept > 0)
        fprintf(out, "netrun: and %d more like these\n", report->count - report->kept);
    if (report->kept == 0)
        fprintf(out, "netrun: %serror:%s out of memory\n", style->red, style->plain);
}
