/* The words that every gnuplot script needs. Ranges and ticks are chosen here and not by gnuplot: it
 * refuses figures without a drawable point, and labels a log axis of less than a decade once or never. */
#include "script.h"

#include <math.h>
#include <string.h>

#include "utf8.h"

bool script_file(struct file_writer *writer, const char *folder, const char *name,
                 const char *ending, struct report *report) {
    char path[sizeof writer
                  ->path]; /* one that is cut here is too long for file_begin, which says so */
    snprintf(path, sizeof path, "%s/%s%s", folder, name, ending);
    return file_begin(writer, path, report);
}

/* ---- text and colour --------------------------------------------------------------------------- */

static void write_character(FILE *out, const char *text, int length) {
    bool control = (unsigned char)*text < 0x20 || *text == 0x7F;
    if (length == 0)
        fputs("\xEF\xBF\xBD", out);
    else if (*text == '\'')
        fputs("''", out);
    else
        fprintf(out, "%.*s", length, control ? " " : text);
}

void script_text(FILE *out, const char *text, int most) {
    fputc('\'', out);
    for (int shown = 0; *text && shown < most; shown++) {
        int length = utf8_length(text);
        bool last = shown == most - 1 && text[length ? length : 1];
        if (last)
            fputs("\xE2\x80\xA6", out); /* the ellipsis */
        else
            write_character(out, text, length);
        text += length ? length : 1;
    }
    fputc('\'', out);
}

/* After DejaVu Sans, where a digit is 0.636 of the font's height, r 0.411, W 0.989, a Chinese word 1. */
double script_width(const char *text) {
    double width = 0;
    while (*text) {
        int length = utf8_length(text);
        bool upper = *text >= 'A' && *text <= 'Z';
        if (length != 1 || strchr("mwMW@%", *text))
            width += 1.6;
        else
            width += strchr("fijlrtI .,:;-'|()!", *text) ? 0.65 : upper ? 1.25 : 1;
        text += length ? length : 1;
    }
    return width;
}

void script_key(FILE *out, const char *text) {
    enum { LONGEST = 60 };
    fputs(" title ", out);
    script_text(out, text, LONGEST);
    fputs(" noenhanced", out);
}

/* Okabe and Ito (2008), "Color universal design"; yellow last, being faint on white. */
const char *script_color(int index) {
    static const char *const palette[SCRIPT_COLORS] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                       "#E69F00", "#56B4E9", "#000000", "#F0E442"};
    return palette[index % SCRIPT_COLORS];
}

/* ---- the head ---------------------------------------------------------------------------------- */

double script_title_lines(const char *title, const char *note) {
    return (title ? 2.2 : 0.8) + (note ? 1.2 : 0);
}

/* One line of text over the plot, its middle `lines` under the top of the canvas. */
static void write_title_line(FILE *out, const char *text, const char *center, double lines,
                             const char *style, int most) {
    fprintf(out, "set label at %s,screen 1 center offset 0,%g %s noenhanced ", center, -lines,
            style);
    script_text(out, text, most);
    fputc('\n', out);
}

enum { BASE_SIZE = 13, TITLE_SIZE = 16, TITLE_SMALLEST = 11, NOTE_SIZE = 10 }; /* points */

/* A long title is set smaller, so that it is not cut. */
static int title_size(const char *title, int room) {
    double width = script_width(title) * SCRIPT_CHARACTER * TITLE_SIZE / BASE_SIZE;
    int fitting = (int)fmin(TITLE_SIZE, TITLE_SIZE * room / fmax(width, 1));
    return fitting < TITLE_SMALLEST ? TITLE_SMALLEST : fitting;
}

static void write_title(FILE *out, const struct script_page *page, int most) {
    int size = title_size(page->title, most * SCRIPT_CHARACTER);
    char style[32];
    snprintf(style, sizeof style, "font ',%d'", size);
    write_title_line(out, page->title, page->center, 1.5, style, most * TITLE_SIZE / size);
}

static void write_note(FILE *out, const struct script_page *page, int most, double lines) {
    char style[64];
    snprintf(style, sizeof style, "font ',%d' textcolor rgb '#707070'", NOTE_SIZE);
    write_title_line(out, page->note, page->center, lines - 0.6, style,
                     most * TITLE_SIZE / NOTE_SIZE);
}

static void write_titles(FILE *out, const struct script_page *page) {
    int most = page->width / SCRIPT_CHARACTER - 6;
    double lines = script_title_lines(page->title, page->note);
    if (page->title)
        write_title(out, page, most);
    if (page->note)
        write_note(out, page, most, lines);
}

void script_begin(FILE *out, const struct script_page *page) {
    const char *name = page->name;
    fprintf(out,
            "# To draw %s.png again: gnuplot %s.gp\n"
            "# For print: set terminal pdfcairo size 16cm,11cm font 'DejaVu Sans,8'\n"
            "reset\n"
            "set terminal pngcairo size %d,%d font 'DejaVu Sans,%d' fontscale 2 linewidth 2\n"
            "set output exists('ARG1') && strlen(ARG1) ? ARG1 : '%s.png'\n"
            "set encoding utf8\n"
            "set minussign\n"
            "set datafile separator comma\n"
            "table = '%s.csv'\n"
            "set border 3 linecolor rgb '#404040' linewidth 0.6\n"
            "set tics nomirror out scale 0.5,0.25 textcolor rgb '#404040'\n",
            name, name, page->width, page->height, BASE_SIZE, name, name);
    write_titles(out, page);
}

/* ---- axes -------------------------------------------------------------------------------------- */

/* Within bounds that leave room for a margin: float32 values and their squares never come near them. */
bool range_holds(double value, bool log) {
    const double most = 1e250;
    return fabs(value) < most && (!log || value > 1 / most);
}

void range_add(struct range *range, double value, bool log) {
    if (!range_holds(value, log))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
    range->whole = range->whole && value == floor(value);
}

/* A range that is never empty, with its margin. */
static struct range widened(struct range range, double margin, bool log) {
    if (range.low > range.high)
        return (struct range){0, 1, false};
    if (log) {
        double factor = pow(range.high / range.low, margin);
        return (struct range){range.low / factor, range.high * factor, range.whole};
    }
    double extra = margin * (range.high - range.low);
    if (range.low == range.high)
        extra = range.low != 0 ? fabs(range.low) / 10 : 1;
    return (struct range){range.low - extra, range.high + extra, range.whole};
}

/* Ticks at `digits` times every `step`-th power of ten, as a list: left to choose them itself, gnuplot
 * loops without end on long log axes. */
static void write_tick_list(FILE *out, const char *axis, struct range range, const char *digits,
                            int step) {
    const char *comma = "";
    int power = (int)floor(log10(range.low) / step) * step;
    fprintf(out, "set %stics (", axis);
    for (; pow(10, power) <= range.high; power += step)
        for (const char *digit = digits; *digit; digit++) {
            double tick = (*digit - '0') * pow(10, power);
            if (tick < range.low || tick > range.high)
                continue;
            fprintf(out, "%s%.9g", comma, tick);
            comma = ", ";
        }
    fputs(")\n", out);
}

/* Powers of ten, at most nine; between them too where they alone would be too few. */
static void write_ticks_log(FILE *out, const char *axis, struct range range) {
    enum { MOST_LABELS = 9, MOST_MARKED = 5 };
    double decades = log10(range.high / range.low);
    if (decades < 2.3) { /* which may hold a single power of ten */
        bool plain = range.low >= 1e-4 && range.high < 1e5;
        fprintf(out, "set format %s '%s'\n", axis, plain ? "%g" : "%.0l×10^{%L}");
        write_tick_list(out, axis, range, decades < 1.2 ? "12357" : "125", 1);
        return;
    }
    fprintf(out, "set format %s '10^{%%L}'\n", axis);
    if (decades <= MOST_MARKED)
        fprintf(out, "set %stics 10\nset m%stics 10\n", axis, axis);
    else
        write_tick_list(out, axis, range, "1", (int)ceil(decades / MOST_LABELS));
}

static void write_ticks_linear(FILE *out, const char *axis, struct range range) {
    enum { MOST_WHOLE = 10 }; /* of so few epochs none is left out, and none halved */
    bool each = range.whole && range.high - range.low <= MOST_WHOLE;
    fprintf(out, "set format %s '%%h'\nset %stics %s\nset m%stics 1\n", axis, axis,
            each ? "1" : "autofreq", axis);
}

static void write_label(FILE *out, const char *axis, const char *label) {
    enum { LONGEST = 60 };
    fprintf(out, "set %slabel ", axis);
    script_text(out, label, LONGEST);
    fputs(" noenhanced\n", out);
}

struct range script_axis(FILE *out, const struct script_axis *axis) {
    /* A log axis of less than half a decade looks linear, and linear ticks suit it better. */
    bool log = axis->log && axis->range.high > 3 * axis->range.low;
    struct range range = widened(axis->range, axis->margin, log);
    write_label(out, axis->axis, axis->label ? axis->label : "");
    fprintf(out, "%s logscale %s\nset %srange [%.9g:%.9g]\n", log ? "set" : "unset", axis->axis,
            axis->axis, range.low, range.high);
    if (log)
        write_ticks_log(out, axis->axis, range);
    else
        write_ticks_linear(out, axis->axis, range);
    return range;
}
