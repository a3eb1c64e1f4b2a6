/* glyphs.h: the printable characters of ASCII, each a picture of how much of a pixel is ink. */
#ifndef TASKS_GLYPHS_H
#define TASKS_GLYPHS_H

enum { GLYPH_WIDTH = 10, GLYPH_HEIGHT = 20, GLYPH_INK = 15 };

/* 0 to GLYPH_INK at row y, column x of a character; of one that is not printable, of '?'. */
int glyph_ink(char character, int x, int y);

#endif
