/* Drawing on a sheet: every function goes through `dot`, which keeps to the picture. */
#include "sheet.h"
#include "glyphs.h"

#include <math.h>
#include <string.h>

/* `ink` parts of GLYPH_INK of the colour over what is there. */
static uint8_t mixed(uint8_t there, uint8_t color, int ink) {
    return (uint8_t)((there * (GLYPH_INK - ink) + color * ink + GLYPH_INK / 2) / GLYPH_INK);
}

static void dot(struct picture *sheet, int x, int y, struct color color, int ink) {
    if (x < 0 || y < 0 || x >= sheet->width || y >= sheet->height)
        return;
    uint8_t *pixel = sheet->pixels + ((size_t)y * (size_t)sheet->width + (size_t)x) * 3;
    pixel[0] = mixed(pixel[0], color.red, ink);
    pixel[1] = mixed(pixel[1], color.green, ink);
    pixel[2] = mixed(pixel[2], color.blue, ink);
}

struct picture sheet_new(struct arena *arena, int width, int height) {
    size_t bytes = (size_t)width * (size_t)height * 3;
    struct picture sheet = {
        .width = width, .height = height, .channels = 3, .pixels = arena_alloc(arena, bytes, 1)};
    if (sheet.pixels)
        memset(sheet.pixels, 0xFF, bytes);
    return sheet;
}

int sheet_scale(struct shape shape, int side) {
    int longest = shape.height > shape.width ? shape.height : shape.width;
    return side > longest ? side / longest : 1;
}

void sheet_square(struct picture *sheet, int x, int y, int side, struct color color) {
    for (int i = 0; i < side; i++)
        for (int j = 0; j < side; j++)
            dot(sheet, x + j, y + i, color, GLYPH_INK);
}

static void letter(struct picture *sheet, int x, int y, char character, struct color color) {
    for (int i = 0; i < GLYPH_HEIGHT; i++)
        for (int j = 0; j < GLYPH_WIDTH; j++)
            dot(sheet, x + j, y + i, color, glyph_ink(character, j, i));
}

void sheet_text(struct picture *sheet, int x, int y, const char *text, struct color color) {
    for (; *text; text++, x += SHEET_LETTER)
        letter(sheet, x, y, *text, color);
}

void sheet_image(struct picture *sheet, int x, int y, const uint8_t *pixels, struct shape shape,
                 int scale) {
    bool colored = shape.channels >= 3;
    for (int i = 0; i < shape.height; i++)
        for (int j = 0; j < shape.width; j++, pixels += shape.channels)
            sheet_square(
                sheet, x + j * scale, y + i * scale, scale,
                (struct color){pixels[0], pixels[colored ? 1 : 0], pixels[colored ? 2 : 0]});
}

/* One of the three parts of a hue at full saturation, 0 to 1; `hue` in turns. */
static double part_of(double hue, double shift) {
    double distance = fabs(6 * fmod(hue + shift, 1) - 3);
    return fmin(fmax(distance - 1, 0), 1);
}

/* Found by a search for the largest CIELAB distance between any two, seen by normal eyes and as Machado, Oliveira
 * and Fernandes (2009) model protanopia, deuteranopia and tritanopia: over 34 in each. */
static const struct color told_apart[] = {
    {0, 0, 0},       {255, 255, 255}, {234, 72, 5},   {60, 134, 101},
    {247, 194, 133}, {251, 110, 208}, {109, 15, 103}, {50, 6, 250},
    {153, 255, 15},  {138, 0, 2},     {178, 92, 255},
};

/* Turning the hue by the golden section each time keeps neighbours apart, however many classes there are;
 * every second turn is darker. */
static struct color turned_color(int class) {
    double hue = fmod(0.6180339887498949 * (class - 1), 1), bright = class % 2 ? 255 : 190;
    return (struct color){(uint8_t)(bright * (0.15 + 0.85 * part_of(hue, 0))),
                          (uint8_t)(bright * (0.15 + 0.85 * part_of(hue, 2.0 / 3))),
                          (uint8_t)(bright * (0.15 + 0.85 * part_of(hue, 1.0 / 3)))};
}

struct color sheet_class_color(int class) {
    if (class >= BASE_COUNT(told_apart))
        return turned_color(class);
    return told_apart[class > 0 ? class : 0];
}

int sheet_key(struct picture *sheet, int x, int y, struct color color, const char *text) {
    static const struct color frame = {0, 0, 0}, ink = {110, 110, 110};
    int top = y + (GLYPH_HEIGHT - SHEET_LETTER) / 2;
    sheet_square(sheet, x - 1, top - 1, SHEET_LETTER + 2, frame);
    sheet_square(sheet, x, top, SHEET_LETTER, color);
    x += 3 * SHEET_LETTER / 2;
    sheet_text(sheet, x, y, text, ink);
    return x + ((int)strlen(text) + 1) * SHEET_LETTER;
}

void sheet_mask(struct picture *sheet, int x, int y, const int32_t *classes, struct shape shape,
                int scale) {
    for (int i = 0; i < shape.height; i++)
        for (int j = 0; j < shape.width; j++)
            sheet_square(sheet, x + j * scale, y + i * scale, scale, sheet_class_color(*classes++));
}
