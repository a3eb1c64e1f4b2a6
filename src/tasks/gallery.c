/* Specimens side by side: the image, and what was said of it in words, or the true mask and the one said. */
#include "gallery.h"
#include "pass.h"
#include "sheet.h"

#include <math.h>

enum {
    MARGIN = 12,
    GAP = 6,      /* between a picture and its words */
    SIDE = 168,   /* of a picture, about */
    LETTERS = 16, /* at least, below a picture */
    COLUMNS = 6,  /* of specimens; masks take three pictures each */
    MASK_COLUMNS = 2,
    HEAD_LINES = 3,
};

static const struct color black = {0, 0, 0}, grey = {110, 110, 110};

double gallery_probability(const float *scores, int count, int class) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += exp((double)scores[i] - (double)scores[class]);
    return 1 / sum;
}

/* ---- where things are -------------------------------------------------------------------------- */

struct layout {
    const struct gallery *gallery;
    const struct dataset *dataset;
    int scale, width, height; /* of one picture */
    int pictures, lines;      /* of one specimen */
    int columns, rows, cell_width, cell_height;
};

static int larger(int a, int b) {
    return a > b ? a : b;
}

static struct layout layout_of(const struct gallery *gallery) {
    const struct dataset *dataset = gallery->dataset;
    struct layout layout = {
        .gallery = gallery, .dataset = dataset, .scale = sheet_scale(dataset->shape, SIDE)};
    layout.width = dataset->shape.width * layout.scale;
    layout.height = dataset->shape.height * layout.scale;
    layout.pictures = dataset->masks ? 3 : 1;
    layout.lines = dataset->masks ? 1 : 3;
    layout.columns = dataset->masks ? MASK_COLUMNS : COLUMNS;
    layout.rows = (gallery->count - 1) / layout.columns + 1;
    layout.cell_width =
        MARGIN + larger(layout.pictures * (layout.width + MARGIN / 2), LETTERS * SHEET_LETTER);
    layout.cell_height = layout.height + GAP + layout.lines * SHEET_LINE + MARGIN;
    return layout;
}

/* ---- drawing ----------------------------------------------------------------------------------- */

/* A line below a picture, cut to the cell. */
static void caption(struct picture *sheet, const struct layout *layout, int x, int y, int line,
                    const char *text) {
    char cut[256];
    snprintf(cut, sizeof cut, "%.*s", layout->cell_width / SHEET_LETTER - 1, text);
    sheet_text(sheet, x, y + layout->height + GAP + line * SHEET_LINE, cut, line ? grey : black);
}

static void draw_words(struct picture *sheet, const struct layout *layout, int x, int y,
                       const struct specimen *specimen) {
    char text[256];
    bool known = specimen->label >= 0;
    snprintf(text, sizeof text, "is %s",
             known ? layout->gallery->class_names[specimen->label] : "?");
    caption(sheet, layout, x, y, 0, text);
    snprintf(text, sizeof text, "said %s", layout->gallery->class_names[specimen->said]);
    caption(sheet, layout, x, y, 1, text);
    snprintf(text, sizeof text, "p %.3f  #%d", specimen->share,
             image_number(layout->dataset, specimen->image));
    caption(sheet, layout, x, y, 2, text);
}

static void draw_masks(struct picture *sheet, const struct layout *layout, int x, int y,
                       const struct specimen *specimen, const int32_t *truth) {
    char text[256];
    int step = layout->width + MARGIN / 2;
    sheet_mask(sheet, x + step, y, truth, layout->dataset->shape, layout->scale);
    sheet_mask(sheet, x + 2 * step, y, specimen->mask, layout->dataset->shape, layout->scale);
    snprintf(text, sizeof text, "#%d: image, truth, said; %.1f %% wrong",
             image_number(layout->dataset, specimen->image), 100 * specimen->share);
    caption(sheet, layout, x, y, 0, text);
}

/* `pixels` and `truth`: room for one image and its labels. */
static void draw_specimen(struct picture *sheet, const struct layout *layout, int place,
                          uint8_t *pixels, int32_t *truth) {
    const struct dataset *dataset = layout->dataset;
    const struct specimen *specimen = &layout->gallery->specimens[place];
    int x = MARGIN + place % layout->columns * layout->cell_width;
    int y = HEAD_LINES * SHEET_LINE + place / layout->columns * layout->cell_height;
    dataset->fetch(dataset, specimen->image, pixels, truth);
    sheet_image(sheet, x, y, pixels, dataset->shape, layout->scale);
    if (specimen->mask)
        draw_masks(sheet, layout, x, y, specimen, truth);
    else
        draw_words(sheet, layout, x, y, specimen);
}

/* Two lines: what this is, and the colours of masks. */
static void draw_head(struct picture *sheet, const struct gallery *gallery) {
    const struct dataset *dataset = gallery->dataset;
    char text[256];
    snprintf(text, sizeof text, "%s on %s, %s split%s", gallery->title, dataset->source,
             dataset->split, dataset->stand_in ? " (SYNTHETIC stand-in)" : "");
    sheet_text(sheet, MARGIN, 8, text, black);
    int x = MARGIN, y = 8 + SHEET_LINE;
    for (int i = 0; dataset->masks && i < dataset->classes && x < sheet->width; i++)
        x = sheet_key(sheet, x, y, sheet_class_color(i), gallery->class_names[i]);
}

static bool draw(const struct run *run, const char *name, const struct gallery *gallery,
                 struct arena *arena) {
    struct layout layout = layout_of(gallery);
    struct picture sheet = sheet_new(arena, MARGIN + layout.columns * layout.cell_width,
                                     HEAD_LINES * SHEET_LINE + layout.rows * layout.cell_height);
    size_t size = shape_size(gallery->dataset->shape);
    uint8_t *pixels = arena_alloc(arena, size, 1);
    int32_t *truth = arena_alloc(arena, size, sizeof *truth);
    const char *path = arena_printf(arena, "%s/%s.png", run->folder, name);
    if (!sheet.pixels || !pixels || !truth || !path)
        return false;
    draw_head(&sheet, gallery);
    for (int i = 0; i < gallery->count; i++)
        draw_specimen(&sheet, &layout, i, pixels, truth);
    return png_write(path, sheet, run->report);
}

bool gallery_write(const struct run *run, const char *name, const struct gallery *gallery) {
    if (gallery->count == 0)
        return true;
    struct arena *arena = arena_child(run->arena);
    bool good = arena && draw(run, name, gallery, arena);
    arena_free(arena);
    return good;
}
