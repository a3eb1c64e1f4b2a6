/* Heat maps: a table with a row per layer, a script that draws it as an image, the picture. Rows have the
 * height of a name until the figure is full, then they get thinner and names that would overlap are left
 * out. What has no colour (not finite, or not over 0 on a log scale) shows the grey behind the image. */
#include "netrun/format.h"

#include <math.h>

#include "script.h"

enum {
    WIDTH = 1800,
    NAME_HEIGHT = 26,
    LEAST_HEIGHT = 600,
    MOST_HEIGHT = 1500, /* of the plot area, pixels */
    LONGEST_NAME = 48,  /* characters */
};

static bool write_table(const struct chart_heat *heat, const char *path, struct report *report) {
    struct csv *csv = csv_begin(path, report);
    csv_text(csv, heat->y_label ? heat->y_label : "");
    for (int column = 0; column < heat->columns; column++)
        if (heat->column_names)
            csv_text(csv, heat->column_names[column]);
        else
            csv_real(csv, heat->x[column]);
    csv_end_row(csv);
    for (int row = 0; row < heat->rows; row++) {
        csv_text(csv, heat->row_names[row]);
        for (int column = 0; column < heat->columns; column++)
            csv_real(csv, heat->values[(size_t)row * (size_t)heat->columns + (size_t)column]);
        csv_end_row(csv);
    }
    return csv_end(csv, report);
}

static struct range range_of_values(const struct chart_heat *heat) {
    struct range range = RANGE_EMPTY;
    size_t count = (size_t)heat->rows * (size_t)heat->columns;
    for (size_t i = 0; i < count; i++)
        range_add(&range, heat->values[i], heat->log_color);
    return range;
}

static int plot_height(const struct chart_heat *heat) {
    int height = heat->rows * NAME_HEIGHT;
    return height < LEAST_HEIGHT ? LEAST_HEIGHT : height > MOST_HEIGHT ? MOST_HEIGHT : height;
}

#define SMALL_PRINT (9.0 / 13) /* of the base font: names */

/* The widest name, in characters of the base font. */
static double widest_name(const char *const *names, int count) {
    double widest = 0;
    for (int i = 0; i < count; i++)
        widest = fmax(widest, script_width(names[i]));
    return SMALL_PRINT * fmin(widest, LONGEST_NAME);
}

static double name_margin(const struct chart_heat *heat) {
    return 3 + widest_name(heat->row_names, heat->rows);
}

/* " 'stem' 0, ...": every second, third, ... name where there is no room for all. */
static void write_names(FILE *out, const char *const *names, int count, int room) {
    int step = (count + room - 1) / room;
    fputs(" ( \\\n", out);
    for (int i = 0; i < count; i += step) {
        fputs("    ", out);
        script_text(out, names[i], LONGEST_NAME);
        fprintf(out, " %d%s", i, i + step < count ? ", \\\n" : "");
    }
    fputs(")\n", out);
}

/* ---- columns ----------------------------------------------------------------------------------- */

static double first_column(const struct chart_heat *heat) {
    return heat->column_names ? 0 : heat->x[0];
}

/* Distance of the columns. */
static double column_step(const struct chart_heat *heat) {
    return heat->columns > 1 && !heat->column_names
               ? (heat->x[heat->columns - 1] - heat->x[0]) / (heat->columns - 1)
               : 1;
}

/* Names that are wider than their columns are turned. */
static bool names_are_turned(const struct chart_heat *heat) {
    enum { COLOR_BOX = 14 }; /* what stands beside the image on the right, characters */
    if (!heat->column_names)
        return false;
    double room = (double)WIDTH / SCRIPT_CHARACTER - name_margin(heat) - COLOR_BOX;
    return widest_name(heat->column_names, heat->columns) + 1 > room / heat->columns;
}

/* Lines below the image: ticks, then the label. */
static double bottom_lines(const struct chart_heat *heat) {
    double width = names_are_turned(heat) ? widest_name(heat->column_names, heat->columns) : 0;
    return 4 + 0.5 * width * SCRIPT_CHARACTER / SCRIPT_LINE;
}

/* Where names are turned gnuplot would put it far below them. */
static void write_x_label(FILE *out, const struct chart_heat *heat) {
    if (!names_are_turned(heat) || !heat->x_label)
        return;
    fputs("set label at graph 0.5,screen 0 center offset 0,1 noenhanced ", out);
    script_text(out, heat->x_label, LONGEST_NAME);
    fputc('\n', out);
}

static void write_column_ticks(FILE *out, const struct chart_heat *heat) {
    enum { FEW_COLUMNS = 12, MOST_NAMES = WIDTH / NAME_HEIGHT / 2 }; /* few: each has a tick */
    if (heat->column_names) {
        fprintf(out, "set xtics noenhanced font ',9' %s",
                names_are_turned(heat) ? "rotate by 45 right" : "");
        write_names(out, heat->column_names, heat->columns, MOST_NAMES);
    } else if (heat->columns <= FEW_COLUMNS) {
        fprintf(out, "set xtics %.9g,%.9g\n", heat->x[0], column_step(heat));
    }
}

static void write_axes(FILE *out, const struct chart_heat *heat) {
    double step = column_step(heat), first = first_column(heat);
    double half = 0.499 * step; /* the image covers its frame */
    struct range x = RANGE_EMPTY;
    range_add(&x, first - half, false);
    range_add(&x, first + step * (heat->columns - 1) + half, false);
    const char *label = names_are_turned(heat) ? NULL : heat->x_label;
    script_axis(out, &(struct script_axis){"x", label, x, 0, false});
    write_x_label(out, heat);
    write_column_ticks(out, heat);
    fputs("set ytics noenhanced font ',9' offset 0.6,0", out);
    write_names(out, heat->row_names, heat->rows, plot_height(heat) / NAME_HEIGHT);
    fprintf(out, "set yrange [%d.5:-0.5]\n", heat->rows - 1);
    if (heat->y_label) {
        fputs("set label at graph 0,1 right offset -1,0.7 font ',11' noenhanced ", out);
        script_text(out, heat->y_label, LONGEST_NAME);
        fputc('\n', out);
    }
}

static void write_colors(FILE *out, const struct chart_heat *heat, struct range range) {
    if (heat->low < heat->high)
        range = (struct range){heat->low, heat->high, false};
    /* Viridis (van der Walt and Smith 2015), every 32nd of its 256 colours. */
    fputs(
        "set palette defined (0 '#440154', 1 '#472c7a', 2 '#3b518b', 3 '#2c718e', 4 '#21908d', \\\n"
        "    5 '#27ad81', 6 '#5cc863', 7 '#aadc32', 8 '#fde725')\n"
        "set object rectangle from graph 0.002,0.002 to graph 0.998,0.998 behind fillcolor rgb "
        "'#c8c8c8' \\\n"
        "    fillstyle solid noborder\n",
        out);
    script_axis(out, &(struct script_axis){"cb", heat->value_label, range, 0, heat->log_color});
    fprintf(out, "shown(value) = %s ? value : NaN\n",
            heat->log_color ? "value > 0 && value < 1e308" : "abs(value) < 1e308");
}

static void write_script(FILE *out, const struct chart_heat *heat, const char *name) {
    enum { Y_LABEL_LINES = 2 };
    double bottom = bottom_lines(heat);
    double top = script_title_lines(heat->title, heat->note) + Y_LABEL_LINES;
    script_begin(out, &(struct script_page){
                          .name = name,
                          .title = heat->title,
                          .note = heat->note,
                          .width = WIDTH,
                          .center = "screen 0.5",
                          .height = plot_height(heat) + (int)(SCRIPT_LINE * (top + bottom)),
                      });
    fprintf(out,
            "set border 15\nset xtics offset 0,0.4\nset xlabel offset 0,0.3\nunset key\n"
            "set tmargin %g\nset bmargin %g\nset lmargin %g\nset cblabel offset 1,0\n\n",
            top, bottom, name_margin(heat));
    struct range range = range_of_values(heat);
    write_axes(out, heat);
    write_colors(out, heat, range);
    if (range.low <= range.high) /* gnuplot refuses an image without a colour */
        fprintf(out,
                "plot table matrix every ::1:1 using (%.9g + %.9g * ($1 - 1)):($2 - 1):(shown($3)) "
                "\\\n     with image\n",
                first_column(heat), column_step(heat));
    else
        fputs("plot NaN notitle\n", out);
}

static bool write_script_file(const struct chart_heat *heat, const char *folder, const char *name,
                              struct report *report) {
    struct file_writer script;
    if (!script_file(&script, folder, name, ".gp", report))
        return false;
    write_script(script.out, heat, name);
    return file_commit(&script, report);
}

bool chart_write_heat(const struct chart_heat *heat, const char *folder, const char *name,
                      bool *drawn, struct report *report) {
    *drawn = false;
    char table[sizeof((struct file_writer *)0)->path]; /* one cut here is refused as too long */
    snprintf(table, sizeof table, "%s/%s.csv", folder, name);
    return write_table(heat, table, report) && write_script_file(heat, folder, name, report) &&
           gnuplot_draw(folder, name, drawn, report);
}
