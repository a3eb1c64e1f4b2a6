/* The worst mistakes: found while a pass goes on, shown on a sheet. */
#include "evaluate.h"
#include "sheet.h"

#include <math.h>
#include <string.h>

/* ---- finding them ------------------------------------------------------------------------------ */

bool mistakes_new(struct mistakes *mistakes, int most, const struct dataset *dataset,
                  struct arena *arena) {
    size_t pixels = shape_size(dataset->shape) / (size_t)dataset->shape.channels;
    *mistakes = (struct mistakes){.most = most};
    mistakes->items = arena_alloc(arena, (size_t)most, sizeof *mistakes->items);
    for (int i = 0; mistakes->items && dataset->masks && i < most; i++) {
        mistakes->items[i].mask = arena_alloc(arena, pixels, sizeof(int32_t));
        if (!mistakes->items[i].mask)
            return false;
    }
    return mistakes->items != NULL;
}

/* Room for a mistake at its place in the order, or NULL: it is not among the worst. */
static struct mistake *make_room(struct mistakes *mistakes, double badness) {
    int place = mistakes->count;
    while (place > 0 && mistakes->items[place - 1].badness < badness)
        place--;
    if (place == mistakes->most)
        return NULL;
    if (mistakes->count < mistakes->most)
        mistakes->count++;
    struct mistake *items = mistakes->items, last = items[mistakes->count - 1];
    memmove(&items[place + 1], &items[place],
            (size_t)(mistakes->count - 1 - place) * sizeof *items);
    items[place].mask = last.mask; /* masks are places to write to; none may be lost */
    return &items[place];
}

static double probability(const float *scores, int count, int class) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += exp((double)scores[i] - (double)scores[class]);
    return 1 / sum;
}

static void see_label(struct mistakes *mistakes, const struct pass *pass, int image, int index) {
    const struct bench *bench = pass->bench;
    int label = bench->batch.labels[index], said = pass->said[index];
    if (label == said)
        return;
    struct tensor y = tensor_images(exec_value(bench->exec, bench->graph->output), index, 1);
    double badness = probability(y.data, y.channels, said);
    struct mistake *mistake = make_room(mistakes, badness);
    if (mistake)
        *mistake = (struct mistake){image, badness, label, said, NULL};
}

static void see_mask(struct mistakes *mistakes, const struct pass *pass, int image, int index) {
    const struct bench *bench = pass->bench;
    const int32_t *labels = bench->batch.labels + index * bench->labels;
    const int32_t *said = pass->said + index * bench->labels;
    int64_t wrong = bench->labels - metrics_right(labels, said, bench->labels);
    double badness = (double)wrong / (double)bench->labels;
    struct mistake *mistake = wrong > 0 ? make_room(mistakes, badness) : NULL;
    if (!mistake)
        return;
    *mistake = (struct mistake){image, badness, 0, 0, mistake->mask};
    memcpy(mistake->mask, said, (size_t)bench->labels * sizeof *said);
}

void mistakes_see(void *context, const struct pass *pass, int first) {
    struct mistakes *mistakes = context;
    bool masks = mistakes->items[0].mask != NULL;
    for (int i = 0; i < pass->bench->batch.count; i++)
        (masks ? see_mask : see_label)(mistakes, pass, first + i, i);
}

/* ---- the sheet --------------------------------------------------------------------------------- */

enum {
    MARGIN = 12,
    SIDE = 168,   /* of a picture, about */
    LETTERS = 16, /* at least, below a picture */
    COLUMNS = 6,  /* of mistakes; masks take three pictures each */
    MASK_COLUMNS = 2,
    HEAD_LINES = 3,
};

static const struct color black = {0, 0, 0}, grey = {110, 110, 110};

/* Where things are on the sheet. */
struct layout {
    const struct dataset *dataset;
    int scale, width, height; /* of one picture */
    int pictures, lines;      /* of one mistake */
    int columns, cell_width, cell_height;
};

static struct layout layout_of(const struct dataset *dataset, int count) {
    struct layout layout = {.dataset = dataset, .scale = sheet_scale(dataset->shape, SIDE)};
    layout.width = dataset->shape.width * layout.scale;
    layout.height = dataset->shape.height * layout.scale;
    layout.pictures = dataset->masks ? 3 : 1;
    layout.lines = dataset->masks ? 1 : 3;
    int most = dataset->masks ? MASK_COLUMNS : COLUMNS;
    layout.columns = count < most ? count : most;
    int pictures = layout.pictures * (layout.width + MARGIN / 2), words = LETTERS * SHEET_LETTER;
    layout.cell_width = MARGIN + (pictures > words ? pictures : words);
    layout.cell_height = layout.height + layout.lines * SHEET_LINE + MARGIN;
    return layout;
}

/* A line below a picture, cut to the cell. */
static void caption(struct picture *sheet, const struct layout *layout, int x, int y, int line,
                    const char *text) {
    char cut[256];
    snprintf(cut, sizeof cut, "%.*s", layout->cell_width / SHEET_LETTER - 1, text);
    sheet_text(sheet, x, y + layout->height + 6 + line * SHEET_LINE, cut, line ? grey : black);
}

static void draw_label(struct picture *sheet, const struct layout *layout, int x, int y,
                       const struct mistake *mistake) {
    char text[256];
    snprintf(text, sizeof text, "is %s", layout->dataset->class_names[mistake->label]);
    caption(sheet, layout, x, y, 0, text);
    snprintf(text, sizeof text, "said %s", layout->dataset->class_names[mistake->said]);
    caption(sheet, layout, x, y, 1, text);
    snprintf(text, sizeof text, "p %.3f  #%d", mistake->badness, mistake->image);
    caption(sheet, layout, x, y, 2, text);
}

static void draw_masks(struct picture *sheet, const struct layout *layout, int x, int y,
                       const struct mistake *mistake, const int32_t *truth) {
    char text[256];
    int step = layout->width + MARGIN / 2;
    sheet_mask(sheet, x + step, y, truth, layout->dataset->shape, layout->scale);
    sheet_mask(sheet, x + 2 * step, y, mistake->mask, layout->dataset->shape, layout->scale);
    snprintf(text, sizeof text, "#%d: image, truth, said; %.1f %% wrong", mistake->image,
             100 * mistake->badness);
    caption(sheet, layout, x, y, 0, text);
}

/* `pixels` and `truth`: room for one image and its labels. */
static void draw_mistake(struct picture *sheet, const struct layout *layout, int place,
                         const struct mistake *mistake, uint8_t *pixels, int32_t *truth) {
    const struct dataset *dataset = layout->dataset;
    int x = MARGIN + place % layout->columns * layout->cell_width;
    int y = HEAD_LINES * SHEET_LINE + place / layout->columns * layout->cell_height;
    dataset->fetch(dataset, mistake->image, pixels, truth);
    sheet_image(sheet, x, y, pixels, dataset->shape, layout->scale);
    if (dataset->masks)
        draw_masks(sheet, layout, x, y, mistake, truth);
    else
        draw_label(sheet, layout, x, y, mistake);
}

/* Two lines: what this is, and (masks) the colours of the classes or (stand-in data) a note. */
static void draw_head(struct picture *sheet, const struct dataset *dataset, const char *arm) {
    char text[256];
    snprintf(text, sizeof text, "%s: worst mistakes on %s, %s split%s", arm, dataset->source,
             dataset->split, dataset->stand_in ? " (SYNTHETIC stand-in)" : "");
    sheet_text(sheet, MARGIN, 8, text, black);
    int x = MARGIN, y = 8 + SHEET_LINE;
    for (int i = 0; dataset->masks && i < dataset->classes && x < sheet->width; i++) {
        sheet_square(sheet, x, y, SHEET_LETTER, sheet_class_color(i));
        x += 3 * SHEET_LETTER / 2;
        sheet_text(sheet, x, y, dataset->class_names[i], grey);
        x += ((int)strlen(dataset->class_names[i]) + 1) * SHEET_LETTER;
    }
}

static bool draw(const struct run *run, const char *name, int arm, const struct dataset *dataset,
                 const struct mistakes *mistakes, struct arena *arena) {
    struct layout layout = layout_of(dataset, mistakes->count);
    int rows = (mistakes->count - 1) / layout.columns + 1;
    struct picture sheet = sheet_new(arena, MARGIN + layout.columns * layout.cell_width,
                                     HEAD_LINES * SHEET_LINE + rows * layout.cell_height);
    size_t size = shape_size(dataset->shape);
    uint8_t *pixels = arena_alloc(arena, size, 1);
    int32_t *truth = arena_alloc(arena, size, sizeof *truth);
    const char *path = arena_printf(arena, "%s/%s.png", run->folder, name);
    if (!sheet.pixels || !pixels || !truth || !path)
        return false;
    draw_head(&sheet, dataset, run->experiment->arms[arm].name);
    for (int i = 0; i < mistakes->count; i++)
        draw_mistake(&sheet, &layout, i, &mistakes->items[i], pixels, truth);
    return png_write(path, sheet, run->report);
}

/* ---- the table --------------------------------------------------------------------------------- */

static bool tabulate(const struct run *run, const char *name, const struct dataset *dataset,
                     const struct mistakes *mistakes, struct arena *arena) {
    static const char *const head[] = {"image", "is", "said", "probability"};
    static const char *const mask_head[] = {"image", "wrong_pixels"};
    const char *path = arena_printf(arena, "%s/%s.csv", run->folder, name);
    struct csv *csv = path ? csv_begin(path, run->report) : NULL;
    int columns = dataset->masks ? BASE_COUNT(mask_head) : BASE_COUNT(head);
    for (int i = 0; i < columns; i++)
        csv_text(csv, (dataset->masks ? mask_head : head)[i]);
    csv_end_row(csv);
    for (int i = 0; i < mistakes->count; i++) {
        const struct mistake *mistake = &mistakes->items[i];
        csv_int(csv, mistake->image);
        if (!dataset->masks) {
            csv_text(csv, dataset->class_names[mistake->label]);
            csv_text(csv, dataset->class_names[mistake->said]);
        }
        csv_real(csv, mistake->badness);
        csv_end_row(csv);
    }
    return csv_end(csv, run->report);
}

bool mistakes_write(const struct run *run, const struct job *job, int arm,
                    const struct dataset *dataset, const struct mistakes *mistakes) {
    if (mistakes->count == 0)
        return true;
    struct arena *arena = arena_child(run->arena);
    const char *stem =
        arena ? arena_printf(arena, "mistakes_%s", run->experiment->arms[arm].name) : NULL;
    const char *name = stem ? run_job_name(run, job, stem) : NULL;
    bool good = name && tabulate(run, name, dataset, mistakes, arena) &&
                draw(run, name, arm, dataset, mistakes, arena);
    arena_free(arena);
    return good;
}
