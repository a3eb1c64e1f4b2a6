/* CSV tables (RFC 4180, lines ended by \n). The writer has an arena of its own, so that csv_end frees all;
 * a full disk is found there too, so that nobody has to check every cell. */
#include "netrun/format.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

struct csv {
    struct arena *arena;
    struct file_writer writer;
    bool in_row; /* a cell has been written in this row */
};

struct csv *csv_begin(const char *path, struct report *report) {
    struct arena *arena = arena_new();
    struct csv *csv = arena ? arena_alloc(arena, 1, sizeof *csv) : NULL;
    if (!csv || !file_begin(&csv->writer, path, report)) {
        arena_free(arena);
        return NULL;
    }
    csv->arena = arena;
    return csv;
}

static FILE *next_cell(struct csv *csv) {
    if (csv->in_row)
        fputc(',', csv->writer.out);
    csv->in_row = true;
    return csv->writer.out;
}

/* A quote inside quotes is written twice. */
static void write_quoted(const char *text, FILE *out) {
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

void csv_text(struct csv *csv, const char *text) {
    if (!csv)
        return;
    FILE *out = next_cell(csv);
    if (text[strcspn(text, ",\"\r\n")])
        write_quoted(text, out);
    else
        fputs(text, out);
}

void csv_int(struct csv *csv, int64_t number) {
    if (csv)
        fprintf(next_cell(csv), "%" PRId64, number);
}

void csv_real(struct csv *csv, double number) {
    if (!csv)
        return;
    if (isnan(number))
        fputs("nan", next_cell(csv)); /* printf may say -nan */
    else
        fprintf(next_cell(csv), "%.9g", number);
}

void csv_end_row(struct csv *csv) {
    if (!csv)
        return;
    fputc('\n', csv->writer.out);
    csv->in_row = false;
}

bool csv_end(struct csv *csv, struct report *report) {
    if (!csv)
        return false;
    bool good = file_commit(&csv->writer, report);
    arena_free(csv->arena);
    return good;
}
