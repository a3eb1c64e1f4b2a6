/* format: bytes to tables and pictures, and back - JSON, CSV, NPY, PNG, gzip, safetensors, charts.
 *
 * The only user of jansson, libpng, zlib and of gnuplot (a program). Every file is written whole or not at
 * all. Paths are said in messages; all functions that return bool put the reason into the report. */
#ifndef NETRUN_FORMAT_H
#define NETRUN_FORMAT_H

#include "netrun/base.h"

/* ---- JSON --------------------------------------------------------------------------------------
 * Objects and lists are built in an arena and written in one go; they die with the arena. Keys keep the
 * order they were first set in; setting one again replaces its value. A NULL (memory ran out) may be
 * passed everywhere: json_write then fails. Reals are written with 9 significant digits and stay reals
 * (1.0), NaN and infinities become null; bytes that are not UTF-8 become U+FFFD.
 * (Not `json_object`: that symbol is jansson's.) */
struct json;
struct json *json_new_object(struct arena *arena);
struct json *json_new_list(struct arena *arena);
void json_set(struct json *object, const char *key, struct json *value);
void json_set_text(struct json *object, const char *key, const char *text);
void json_set_int(struct json *object, const char *key, int64_t number);
void json_set_real(struct json *object, const char *key, double number);
void json_set_bool(struct json *object, const char *key, bool truth);
void json_set_all(struct json *object, const struct json *other); /* its members, shared with it */
void json_add(struct json *list, struct json *value);
void json_add_text(struct json *list, const char *text);
void json_add_int(struct json *list, int64_t number);
void json_add_real(struct json *list, double number);
bool json_write(const struct json *root, const char *path, struct report *report);

/* The tree that a file holds, in `arena`; null becomes NaN. NULL: see the report. */
struct json *json_read(struct arena *arena, const char *path, struct report *report);

/* What a tree holds; a NULL may be asked for everything and has nothing. */
const struct json *json_get(const struct json *object, const char *key); /* NULL: no such member */
const struct json *json_first(const struct json *container); /* member of an object or a list */
const struct json *json_next(const struct json *member);     /* NULL: it is the last */
const char *json_key(const struct json *member);             /* of an object */
const char *json_text(const struct json *value);             /* NULL: it is no text */
double json_number(const struct json *value);                /* NaN: it is no number */
bool json_truth(const struct json *value);                   /* false: it is no boolean */
int json_count(const struct json *container);

/* ---- CSV ---------------------------------------------------------------------------------------
 * One head line, then rows; text is quoted where needed; numbers with 9 significant digits, so that the
 * float32 is exact. Errors are kept and told by csv_end. */
struct csv;
struct csv *csv_begin(const char *path, struct report *report);
void csv_text(struct csv *csv, const char *text);
void csv_int(struct csv *csv, int64_t number);
void csv_real(struct csv *csv, double number);
void csv_end_row(struct csv *csv);
bool csv_end(struct csv *csv,
             struct report *report); /* frees it, also on error; NULL gives false */

/* ---- arrays and pictures ----------------------------------------------------------------------- */

/* A .npy file (format 1.0), float32, C order. */
bool npy_write(const char *path, const float *values, int rank, const int *dims,
               struct report *report);

/* What a .npy file holds: float32, or float64 made float32, in C order. */
enum { NPY_MOST_RANK = 8 };
struct npy {
    int rank, dims[NPY_MOST_RANK];
    float *values;
};

/* Reads a file whole, in `arena`. `pos`: where the user named the file, or NULL. False: see the report. */
bool npy_read(struct arena *arena, const char *path, struct npy *npy, struct report *report,
              const struct pos *pos);

/* An 8-bit picture: rows from the top, `channels` 1 (grey) or 3 (RGB) bytes a pixel, no padding. */
struct picture {
    int width, height, channels;
    uint8_t *pixels;
};
bool png_write(const char *path, struct picture picture, struct report *report);

/* Reads any PNG; the pixels lie in `arena`. 16 bit become 8, palettes RGB, what is transparent is laid over white.
 * Refuses more than PICTURE_MOST_PIXELS. `pos`: where the user named the file, or NULL. False: see the report. */
enum { PICTURE_MOST_PIXELS = 1 << 26 };
bool png_read(struct arena *arena, const char *path, struct picture *picture, struct report *report,
              const struct pos *pos);

/* The whole content of a file that may be gzipped, in `arena`. Refuses more than `limit` bytes unpacked,
 * and damaged files. NULL: see the report. */
uint8_t *gzip_read(struct arena *arena, const char *path, size_t limit, size_t *size,
                   struct report *report);

/* ---- weights -----------------------------------------------------------------------------------
 * Files of tensors with names, by the specification at https://github.com/huggingface/safetensors. */
enum { NAMED_MOST_RANK = 8 };

struct named_tensor {
    const char *name;
    int rank, dims[NAMED_MOST_RANK]; /* in PyTorch's order */
    const float *values; /* read: NULL where the file holds no floating-point numbers (counters) */
};

/* "64x1x3x3"; of rank 0 "a number". */
struct quoted dims_text(int rank, const int *dims);

/* A pair of the file's metadata. */
struct text_pair {
    const char *key, *value;
};

/* float32, in the order given, the same bytes for the same values. Names differ from one another. */
bool safetensors_write(const char *path, const struct named_tensor *tensors, int count,
                       const struct text_pair *metadata, int pairs, struct report *report);

/* What a file holds, in the order of its header. */
struct tensor_file {
    struct named_tensor *tensors;
    int count;
    struct text_pair *metadata;
    int pairs;
};

/* Reads a file whole, in `arena`; F64, F16 and BF16 become float32. Refuses every header that does not
 * account for each byte of the file. `pos`: where the user named the file, or NULL. NULL: see the report. */
const struct tensor_file *safetensors_read(struct arena *arena, const char *path,
                                           struct report *report, const struct pos *pos);

/* ---- charts ------------------------------------------------------------------------------------
 * A chart is a CSV (every number that it shows), a gnuplot script that reads it, and the PNG that gnuplot
 * draws from it. Colours are the Okabe-Ito palette, which colour-blind people can tell apart; the legend
 * stands below the plot. All text is shown as it is, cut where it would not fit. */
struct chart_series {
    const char *name;    /* in the legend and over the column */
    int color;           /* index into the palette: one per arm, the same in every chart */
    bool dashed, points; /* points: markers on the line */
    const double *x, *y; /* a point that is not finite, or not over 0 on a log axis, leaves a gap */
    const double *low, *high; /* a band around the line (spread over seeds); NULL: none */
    int count;
};

/* One plot of a chart; several stand side by side. Texts may be NULL. */
struct chart_panel {
    const char *title, *x_label, *y_label;
    bool log_y; /* values less than half a decade apart are drawn on a linear axis all the same */
    const struct chart_series *series;
    int series_count;
    const char *note; /* small print over the plot */
};

struct chart {
    const char *title, *note; /* note: small print under the title (stand-in data); or NULL */
    const struct chart_panel *panels;
    int panel_count;
};

/* A heat map: `values[row * columns + column]`, colour by log10 when `log_color`. What is not finite (or
 * not over 0 then) is grey. Title, note and labels may be NULL. */
struct chart_heat {
    const char *title, *note, *x_label, *y_label, *value_label;
    bool log_color;
    int rows, columns;
    const double *values;
    const double *x; /* of the columns, evenly spaced, rising; not read where they have names */
    const char *const *column_names; /* or NULL */
    const char *const *row_names;    /* the first at the top */
    double low, high;                /* colour range; both 0: from the values */
};

/* Whether values over 0 span a factor of 100 or more, so that `log_y` suits them better. */
bool chart_decades_apart(const struct chart_series *series, int count);

/* Write <folder>/<name>.csv, .gp and .png (the name is part of a gnuplot script: letters, digits, _ and -).
 * `drawn`: whether there is a PNG; false without an error means that gnuplot is not installed. `cd folder
 * && gnuplot name.gp` draws it later, or again. */
bool chart_write(const struct chart *chart, const char *folder, const char *name, bool *drawn,
                 struct report *report);
bool chart_write_heat(const struct chart_heat *heat, const char *folder, const char *name,
                      bool *drawn, struct report *report);

#endif
