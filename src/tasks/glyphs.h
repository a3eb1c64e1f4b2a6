/* glyphs.h: the printable characters of ASCII as 5 columns of 7 pixels, the lowest bit at the top. */
#ifndef TASKS_GLYPHS_H
#define TASKS_GLYPHS_H

#include <stdint.h>

enum { GLYPH_WIDTH = 5, GLYPH_HEIGHT = 7 };

/* The columns of a character; of others, those of '?'. */
const uint8_t *glyph_columns(char character);

#endif
