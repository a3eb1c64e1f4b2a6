/* colormap.h: colours for numbers from 0 to 1. */
#ifndef TASKS_COLORMAP_H
#define TASKS_COLORMAP_H

#include "sheet.h"

enum colormap { COLORMAP_JET, COLORMAP_VIRIDIS, COLORMAP_MAGMA, COLORMAP_GREY };
extern const char *const colormap_names[]; /* in that order, NULL at the end */

struct color colormap_at(enum colormap colormap, double value);

/* clip(image + weight x colour): `pixels` as sheet_image takes them, of `channels` bytes; `values` one for each
 * of `count` pixels; `rgb` three bytes each. */
void colormap_lay_over(enum colormap colormap, double weight, const uint8_t *pixels, int channels,
                       const float *values, size_t count, uint8_t *rgb);

#endif
