/* Glyphs as rows of hexadecimal digits, a digit for each pixel. */
#include "glyphs.h"

static const char glyphs['~' - ' ' + 1][GLYPH_HEIGHT][GLYPH_WIDTH + 1] = {
#include "glyphs.inc"
};

int glyph_ink(char character, int x, int y) {
    char printable = character >= ' ' && character <= '~' ? character : '?';
    char digit = glyphs[printable - ' '][y][x];
    return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}
