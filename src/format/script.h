/* script: what the gnuplot scripts of line charts and of heat maps share - one look, text that shows as it
 * is, axes with ticks that people can read - and the run of the program. Figures are measured in lines and
 * characters of the base font, as gnuplot does, so that a script can be redrawn in any size. */
#ifndef NETRUN_FORMAT_SCRIPT_H
#define NETRUN_FORMAT_SCRIPT_H

#include "netrun/base.h"

enum { SCRIPT_CHARACTER = 22, SCRIPT_LINE = 40 }; /* pixels of a digit and of a line, base font */

/* Begins the file <folder>/<name><ending>. */
bool script_file(struct file_writer *writer, const char *folder, const char *name,
                 const char *ending, struct report *report);

/* The head of every script: where it draws, how it looks, title and note of the whole figure. */
struct script_page {
    const char *name, *title, *note; /* title, note: or NULL */
    const char *center;              /* of both: "graph 0.5", or "screen 0.5" over several panels */
    int width, height;               /* pixels */
};
void script_begin(FILE *out, const struct script_page *page);

/* Lines that script_begin needs at the top for title and note. */
double script_title_lines(const char *title, const char *note);

/* Text in gnuplot's single quotes, at most `most` characters: quotes doubled, control characters become
 * spaces, damaged UTF-8 U+FFFD. Single, because gnuplot runs what stands in `backquotes` in double ones. */
void script_text(FILE *out, const char *text, int most);

/* About how wide the text is, never less than it will be, in digits of its font. */
double script_width(const char *text);

/* " title 'TEXT' noenhanced": underscores and braces show as they are. */
void script_key(FILE *out, const char *text);

/* The colour of that number, "#0072B2"; the palette begins again after SCRIPT_COLORS. */
enum { SCRIPT_COLORS = 8 };
const char *script_color(int index);

/* The values that an axis has to show. */
struct range {
    double low, high; /* low > high: none yet */
    bool whole;       /* all are integers */
};
#define RANGE_EMPTY ((struct range){INFINITY, -INFINITY, true})

/* Whether the value can be drawn: finite, and over 0 on a log axis. */
bool range_holds(double value, bool log);
void range_add(struct range *range, double value, bool log);

/* Range, scale, ticks and label of one axis. */
struct script_axis {
    const char *axis;  /* "x", "y", "cb" */
    const char *label; /* or NULL */
    struct range range;
    double margin; /* share of the range left free at both ends */
    bool log;
};

/* Writes the axis; returns the range that it shows. */
struct range script_axis(FILE *out, const struct script_axis *axis);

/* Runs gnuplot on <folder>/<name>.gp, in the folder, for <name>.png. `drawn`: false when gnuplot is not
 * installed, which is no error. */
bool gnuplot_draw(const char *folder, const char *name, bool *drawn, struct report *report);

#endif
