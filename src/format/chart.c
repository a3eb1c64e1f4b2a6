/* Line charts: a table of all points, a script that draws panels side by side from it, the picture.
 *
 * The table has a column per series; series that share x (iterations, most of the time) share its column
 * too, others bring their own, so that a spreadsheet can plot either. The plot area has a fixed size: what
 * titles and legends need is added to the canvas. Points that are not finite (or not over 0 on a log axis)
 * leave a gap. */
#include "netrun/format.h"

#include <math.h>
#include <string.h>

#include "script.h"
#include "utf8.h"

enum { PLOT_HEIGHT = 800, ONLY_PANEL = 1800, ONE_OF_PANELS = 1400 /* widths */ };

#define X_AXIS_LINES 3.3 /* its ticks and label */

/* A column of the table. */
struct column {
    const char *name;
    const double *values;
    int count;
};

/* A series and where its numbers stand in the table, columns from 1. */
struct curve {
    const struct chart_series *series;
    const struct chart_panel *panel;
    int x, y, low, high; /* low, high: 0 when there is no band */
};

/* A chart laid out for its table and its script. */
struct layout {
    const struct chart *chart;
    struct arena *arena;
    struct curve *curves; /* those of panel 0, then panel 1, ... */
    struct column *columns;
    int curve_count, column_count;
    double top, bottom; /* lines above and below the plot area, the same in every panel */
};

/* ---- the table --------------------------------------------------------------------------------- */

static bool same_x(const struct chart_series *a, const struct chart_series *b) {
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++)
        if (a->x[i] != b->x[i])
            return false;
    return true;
}

/* Adds a column; returns its number. The name stays on one line, because the script skips exactly one. */
static int add_column(struct layout *layout, char *name, const double *values, int count) {
    for (char *c = name; c && *c; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    layout->columns[layout->column_count++] = (struct column){name, values, count};
    return layout->column_count;
}

static int add_x_column(struct layout *layout, const struct curve *curve) {
    const char *label = curve->panel->x_label;
    char *name = arena_printf(layout->arena, "%s", label ? label : "x");
    return add_column(layout, name, curve->series->x, curve->series->count);
}

static int add_y_column(struct layout *layout, const struct curve *curve, const char *ending,
                        const double *values) {
    const char *title = layout->chart->panel_count > 1 ? curve->panel->title : NULL;
    char *name = arena_printf(layout->arena, "%s%s%s%s", title ? title : "", title ? ": " : "",
                              curve->series->name, ending);
    return add_column(layout, name, values, curve->series->count);
}

/* Gives a curve its columns; `before`: the curve to the left, or NULL. */
static void place_curve(struct layout *layout, struct curve *curve, const struct curve *before) {
    const struct chart_series *series = curve->series;
    bool shared = before && same_x(before->series, series);
    curve->x = shared ? before->x : add_x_column(layout, curve);
    curve->y = add_y_column(layout, curve, "", series->y);
    if (series->low && series->high) {
        curve->low = add_y_column(layout, curve, ", low", series->low);
        curve->high = add_y_column(layout, curve, ", high", series->high);
    }
}

/* False: out of memory. */
static bool place_curves(struct layout *layout) {
    const struct chart *chart = layout->chart;
    for (int p = 0; p < chart->panel_count; p++)
        layout->curve_count += chart->panels[p].series_count;
    size_t count = (size_t)layout->curve_count;
    layout->curves = arena_alloc(layout->arena, count, sizeof *layout->curves);
    layout->columns = arena_alloc(layout->arena, 4 * count, sizeof *layout->columns);
    if (!layout->curves || !layout->columns)
        return false;
    struct curve *curve = layout->curves, *before = NULL;
    for (int p = 0; p < chart->panel_count; p++)
        for (int s = 0; s < chart->panels[p].series_count; s++, before = curve++) {
            curve->panel = &chart->panels[p];
            curve->series = &chart->panels[p].series[s];
            place_curve(layout, curve, before);
        }
    for (int c = 0; c < layout->column_count; c++)
        if (!layout->columns[c].name)
            return false;
    return true;
}

static bool write_table(const struct layout *layout, const char *path, struct report *report) {
    struct csv *csv = csv_begin(path, report);
    int rows = 0;
    for (int c = 0; c < layout->column_count; c++) {
        csv_text(csv, layout->columns[c].name);
        if (layout->columns[c].count > rows)
            rows = layout->columns[c].count;
    }
    csv_end_row(csv);
    for (int row = 0; row < rows; row++) {
        for (int c = 0; c < layout->column_count; c++)
            if (row < layout->columns[c].count)
                csv_real(csv, layout->columns[c].values[row]);
            else
                csv_text(csv, "");
        csv_end_row(csv);
    }
    return csv_end(csv, report);
}

/* ---- the layout of the page -------------------------------------------------------------------- */

static int panel_width(const struct chart *chart) {
    return chart->panel_count > 1 ? ONE_OF_PANELS : ONLY_PANEL;
}

/* Entries of a legend side by side, and how much wider gnuplot must take them than it does by itself: it
 * reckons with as many digits of the base font as the longest name has characters. */
struct legend {
    int columns, rows;
    double width;
};

/* As gnuplot reckons, but a little more careful, so that it never needs more rows than it is given. */
static struct legend legend_of(const struct chart_panel *panel, int width) {
    enum { MARGINS = 14, SAMPLE = 8 }; /* characters beside the plot area, and beside a name */
    double widest = 0;
    int longest = 0;
    for (int s = 0; s < panel->series_count; s++) {
        int length = utf8_characters(panel->series[s].name);
        widest = fmax(widest, 11.0 / 13 * script_width(panel->series[s].name));
        longest = length > longest ? length : longest;
    }
    int fitting = (int)((width / SCRIPT_CHARACTER - MARGINS) / (widest + SAMPLE));
    int columns = fitting > 1 ? fitting : 1;
    int rows = (panel->series_count + columns - 1) / columns;
    return (struct legend){columns, rows, widest - longest + 1};
}

static void measure(struct layout *layout) {
    const struct chart *chart = layout->chart;
    int rows = 0;
    bool title = false, note = false;
    for (int p = 0; p < chart->panel_count; p++) {
        const struct chart_panel *panel = &chart->panels[p];
        int needed = legend_of(panel, panel_width(chart)).rows;
        rows = needed > rows ? needed : rows;
        title = title || panel->title;
        note = note || panel->note;
    }
    layout->top =
        script_title_lines(chart->title, chart->note) + (title ? 1.8 : 0.4) + (note ? 1 : 0);
    layout->bottom = X_AXIS_LINES + 0.8 + 0.95 * rows;
}

/* ---- the script -------------------------------------------------------------------------------- */

static bool drawable(const struct chart_series *series, int i, bool log) {
    return i >= 0 && i < series->count && isfinite(series->x[i]) && range_holds(series->y[i], log);
}

/* Whether a point stands alone, so that no line would show it. */
static bool has_lone_point(const struct chart_series *series, bool log) {
    for (int i = 0; i < series->count; i++)
        if (drawable(series, i, log) && !drawable(series, i - 1, log) &&
            !drawable(series, i + 1, log))
            return true;
    return false;
}

static void add_ranges(const struct chart_series *series, bool log, struct range *x,
                       struct range *y) {
    for (int i = 0; i < series->count; i++) {
        if (!isfinite(series->x[i]))
            continue;
        range_add(x, series->x[i], false);
        range_add(y, series->y[i], log);
        if (series->low && series->high) {
            range_add(y, series->low[i], log);
            range_add(y, series->high[i], log);
        }
    }
}

bool chart_decades_apart(const struct chart_series *series, int count) {
    struct range x = RANGE_EMPTY, y = RANGE_EMPTY;
    for (int s = 0; s < count; s++)
        add_ranges(&series[s], true, &x, &y);
    return y.high >= 100 * y.low;
}

static void write_panel_label(FILE *out, const char *text, double lines, const char *style) {
    if (!text)
        return;
    fprintf(out, "set label at graph 0.5,1 center offset 0,%g %s noenhanced ", lines, style);
    script_text(out, text, 80);
    fputc('\n', out);
}

static void write_legend_place(FILE *out, const struct layout *layout,
                               const struct chart_panel *panel) {
    struct legend legend = legend_of(panel, panel_width(layout->chart));
    fprintf(out,
            "set key at graph 0.5,character %g center top horizontal Left reverse maxcols %d "
            "width %.3g samplen 2.5 spacing 1.1 font ',11'\n",
            layout->bottom - X_AXIS_LINES, legend.columns, legend.width);
}

/* A band is cut at the foot of the axis: its lower edge may be 0 or less where the axis is logarithmic. */
static void write_band(FILE *out, const struct curve *curve, struct range y) {
    fprintf(out,
            "table skip 1 using %d:(at_least($%d, %.9g)):%d with filledcurves linecolor rgb '%s' "
            "fillstyle transparent solid 0.18 noborder notitle",
            curve->x, curve->low, y.low, curve->high, script_color(curve->series->color));
}

/* Dots where the colours begin again, so that no two lines look the same too soon. */
static const char *dashes(const struct chart_series *series) {
    if (series->color < SCRIPT_COLORS)
        return series->dashed ? " dashtype (8,4)" : "";
    return series->dashed ? " dashtype (8,4,2,4)" : " dashtype (2,3)";
}

static void write_line(FILE *out, const struct curve *curve) {
    enum { MARKERS = 60 }; /* more would run into each other */
    const struct chart_series *series = curve->series;
    /* A log axis may be drawn linear after all: its gaps must stay gaps. */
    fprintf(out,
            curve->panel->log_y ? "table skip 1 using %d:(over_0($%d)) with "
                                : "table skip 1 using %d:%d with ",
            curve->x, curve->y);
    if (series->points || has_lone_point(series, curve->panel->log_y))
        fprintf(out, "linespoints pointtype 7 pointsize 0.7 pointinterval %d",
                series->points ? 1 + series->count / MARKERS : 1);
    else
        fputs("lines", out);
    fprintf(out, " linewidth 1.5 linecolor rgb '%s'%s", script_color(series->color),
            dashes(series));
    script_key(out, series->name);
}

/* Bands first, so that no line is veiled by another's band. */
static void write_plot(FILE *out, const struct curve *curves, int count, struct range y) {
    const char *separator = "plot ";
    for (int bands = 1; bands >= 0; bands--)
        for (int c = 0; c < count; c++) {
            if (bands && !curves[c].low)
                continue;
            fputs(separator, out);
            separator = ", \\\n     ";
            if (bands)
                write_band(out, &curves[c], y);
            else
                write_line(out, &curves[c]);
        }
    fputs(count ? "\n" : "plot NaN notitle\n", out);
}

static void write_panel(FILE *out, const struct layout *layout, const struct chart_panel *panel,
                        const struct curve *curves) {
    struct range x = RANGE_EMPTY, y = RANGE_EMPTY;
    for (int s = 0; s < panel->series_count; s++)
        add_ranges(&panel->series[s], panel->log_y, &x, &y);
    fputc('\n', out);
    write_panel_label(out, panel->title, panel->note ? 1.9 : 0.9, "font ',13'");
    write_panel_label(out, panel->note, 0.8, "font ',10' textcolor rgb '#707070'");
    write_legend_place(out, layout, panel);
    script_axis(out, &(struct script_axis){"x", panel->x_label, x, 0, false});
    y = script_axis(out, &(struct script_axis){"y", panel->y_label, y, 0.05, panel->log_y});
    write_plot(out, curves, panel->series_count, y);
}

static void write_script(FILE *out, const struct layout *layout, const char *name) {
    const struct chart *chart = layout->chart;
    script_begin(out,
                 &(struct script_page){
                     .name = name,
                     .title = chart->title,
                     .note = chart->note,
                     .width = panel_width(chart) * chart->panel_count,
                     .center = chart->panel_count > 1 ? "screen 0.5" : "graph 0.5",
                     .height = PLOT_HEIGHT + (int)(SCRIPT_LINE * (layout->top + layout->bottom)),
                 });
    fprintf(out,
            "set grid linetype 1 linecolor rgb '#e0e0e0' linewidth 0.5\n"
            "set xtics offset 0,0.4\nset ytics offset 0.6,0\n"
            "set xlabel offset 0,0.3\nset ylabel offset 1,0\n"
            "set tmargin %g\nset bmargin %g\n"
            "at_least(value, least) = value < least ? least : value\n"
            "over_0(value) = value > 0 ? value : NaN\n",
            layout->top, layout->bottom);
    if (chart->panel_count > 1)
        fprintf(out, "set multiplot layout 1,%d\n", chart->panel_count);
    const struct curve *curves = layout->curves;
    for (int p = 0; p < chart->panel_count; p++) {
        write_panel(out, layout, &chart->panels[p], curves);
        curves += chart->panels[p].series_count;
        fputs(p < chart->panel_count - 1 ? "unset label\n" : "", out);
    }
    if (chart->panel_count > 1)
        fputs("unset multiplot\n", out);
}

static bool write_files(struct layout *layout, const char *folder, const char *name,
                        struct report *report) {
    const char *table = arena_printf(layout->arena, "%s/%s.csv", folder, name);
    struct file_writer script;
    if (!table || !place_curves(layout) || !write_table(layout, table, report) ||
        !script_file(&script, folder, name, ".gp", report))
        return false;
    measure(layout);
    write_script(script.out, layout, name);
    return file_commit(&script, report);
}

bool chart_write(const struct chart *chart, const char *folder, const char *name, bool *drawn,
                 struct report *report) {
    *drawn = false;
    struct layout layout = {.chart = chart, .arena = arena_new()};
    bool good = layout.arena && write_files(&layout, folder, name, report);
    arena_free(layout.arena);
    return good && gnuplot_draw(folder, name, drawn, report);
}
