/* sheet.h: a picture of pictures - images enlarged so that each pixel is a square, masks in colours, words.
 *
 * Words are drawn with glyphs that lie in the program. gnuplot could draw them too, but it may not be installed,
 * its fonts differ from machine to machine, and it smooths what it enlarges; a sheet is to show every pixel, and
 * to be the same picture everywhere. */
#ifndef TASKS_SHEET_H
#define TASKS_SHEET_H

#include "netrun/format.h"
#include "netrun/tensor.h"

struct color {
    uint8_t red, green, blue;
};

/* A colour for each class; 0 is black. The first eleven can be told apart by people with any of the three kinds
 * of colour blindness; those after them are far from their neighbours. */
struct color sheet_class_color(int class);

enum {
    SHEET_LETTER = 10,
    SHEET_LINE = 20
}; /* pixels from one letter, one line of text to the next */

/* A white picture (RGB) in `arena`; pixels NULL: out of memory. */
struct picture sheet_new(struct arena *arena, int width, int height);

/* How many times an image of this shape is enlarged to be about `side` pixels wide or high; at least 1. */
int sheet_scale(struct shape shape, int side);

/* These draw with the upper left corner at (x, y); what lies outside the sheet is cut off. */
void sheet_text(struct picture *sheet, int x, int y, const char *text, struct color color);
void sheet_square(struct picture *sheet, int x, int y, int side, struct color color);

/* An entry of a legend: a framed square and its word. Gives where the next one begins. */
int sheet_key(struct picture *sheet, int x, int y, struct color color, const char *text);

/* height x width x channels bytes; the first three channels, or all as grey. */
void sheet_image(struct picture *sheet, int x, int y, const uint8_t *pixels, struct shape shape,
                 int scale);

/* height x width classes. */
void sheet_mask(struct picture *sheet, int x, int y, const int32_t *classes, struct shape shape,
                int scale);

#endif
