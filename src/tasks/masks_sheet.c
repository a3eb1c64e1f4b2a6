/* The first images of a split with their masks: a row for each, with the image, the true mask, and for every arm
 * the mask said and where it is wrong. Arms stand side by side, so that an eye can compare them; masks.csv has
 * the share of wrong pixels under each picture. */
#include "evaluate.h"
#include "sheet.h"

#include <string.h>

/* ---- while a pass goes on ---------------------------------------------------------------------- */

bool shown_masks_new(struct shown_masks *shown, int most, const struct dataset *dataset,
                     struct arena *arena) {
    int count = most < dataset->images ? most : dataset->images;
    shown->count = dataset->masks ? count : 0;
    shown->pixels = (size_t)dataset->shape.height * (size_t)dataset->shape.width;
    shown->said = arena_alloc(arena, (size_t)shown->count * shown->pixels, sizeof *shown->said);
    return shown->said != NULL;
}

void shown_masks_see(struct shown_masks *shown, const struct pass *pass, int first) {
    int last = first + pass->bench->batch.count;
    for (int image = first; image < last && image < shown->count; image++)
        memcpy(shown->said + (size_t)image * shown->pixels,
               pass->said + (size_t)(image - first) * shown->pixels,
               shown->pixels * sizeof *shown->said);
}

/* ---- where things are -------------------------------------------------------------------------- */

enum {
    MARGIN = 12,
    GAP = 6,
    SIDE = 168,     /* of a picture, about */
    WIDEST = 1500,  /* rows stand beside each other up to this width */
    HEAD_LINES = 5, /* what this is, two of colours, the names of the columns, a gap */
    COLUMN_LINE = 3
};

static const struct color black = {0, 0, 0}, grey = {110, 110, 110};

/* Of the pictures of errors. */
static const struct color wrong = {230, 159, 0}, right = {90, 90, 90}, ground = {0, 0, 0};

struct masks_page {
    struct run *run;
    const struct evaluate *state;
    const struct dataset *dataset;
    struct picture sheet;
    int scale, width, height; /* of one picture */
    int arms;                 /* that say classes */
    int columns, row_width, row_height;
    int count;       /* images */
    uint8_t *pixels; /* of one image, and its mask */
    int32_t *truth;
};

/* The n-th arm that says classes. */
static int arm_shown(const struct masks_page *page, int number) {
    int arm = 0;
    while (!page->state->evaluations[arm].scores || number-- > 0)
        arm++;
    return arm;
}

static void lay_out(struct masks_page *page) {
    struct shape shape = page->dataset->shape;
    page->scale = sheet_scale(shape, SIDE);
    page->width = shape.width * page->scale;
    page->height = shape.height * page->scale;
    page->row_width = (2 + 2 * page->arms) * (page->width + GAP) + MARGIN;
    page->row_height = page->height + SHEET_LINE + MARGIN;
    page->columns = page->row_width < WIDEST ? WIDEST / page->row_width : 1;
    if (page->columns > page->count)
        page->columns = page->count;
}

/* Words above or below picture `number` of a row, cut to its width. */
static void words(struct masks_page *page, int x, int y, int number, const char *text) {
    char cut[256];
    snprintf(cut, sizeof cut, "%.*s", page->width / SHEET_LETTER, text);
    sheet_text(&page->sheet, x + number * (page->width + GAP), y, cut, grey);
}

/* ---- drawing ----------------------------------------------------------------------------------- */

static void draw_head(struct masks_page *page) {
    const struct dataset *dataset = page->dataset;
    char text[256];
    int x = MARGIN, y = 8;
    snprintf(text, sizeof text, "masks on %s, %s split%s", dataset->source, dataset->split,
             dataset->stand_in ? " (SYNTHETIC stand-in)" : "");
    sheet_text(&page->sheet, x, y, text, black);
    y += SHEET_LINE;
    for (int i = 0; i < dataset->classes; i++)
        x = sheet_key(&page->sheet, x, y, sheet_class_color(i), dataset->class_names[i]);
    x = sheet_key(&page->sheet, MARGIN, y + SHEET_LINE, wrong, "wrong");
    x = sheet_key(&page->sheet, x, y + SHEET_LINE, right, "right");
    sheet_key(&page->sheet, x, y + SHEET_LINE, ground, "right, background");
}

static void draw_column_names(struct masks_page *page, int x) {
    int y = 8 + COLUMN_LINE * SHEET_LINE;
    words(page, x, y, 0, "image");
    words(page, x, y, 1, "truth");
    for (int i = 0; i < page->arms; i++) {
        words(page, x, y, 2 + 2 * i, page->run->experiment->arms[arm_shown(page, i)].name);
        words(page, x, y, 3 + 2 * i, "errors");
    }
}

static void draw_errors(struct masks_page *page, int x, int y, const int32_t *said) {
    struct shape shape = page->dataset->shape;
    for (int i = 0; i < shape.height * shape.width; i++) {
        bool good = said[i] == page->truth[i];
        sheet_square(&page->sheet, x + i % shape.width * page->scale,
                     y + i / shape.width * page->scale, page->scale,
                     !good         ? wrong
                     : said[i] > 0 ? right
                                   : ground);
    }
}

static double share_wrong(const struct masks_page *page, const struct shown_masks *shown,
                          int image) {
    const int32_t *said = shown->said + (size_t)image * shown->pixels;
    int64_t pixels = (int64_t)shown->pixels;
    return (double)(pixels - metrics_right(page->truth, said, pixels)) / (double)pixels;
}

static void draw_arm(struct masks_page *page, int x, int y, int number, int image) {
    const struct shown_masks *shown = &page->state->evaluations[arm_shown(page, number)].shown;
    const int32_t *said = shown->said + (size_t)image * shown->pixels;
    int picture = 2 + 2 * number, step = page->width + GAP;
    char text[32];
    sheet_mask(&page->sheet, x + picture * step, y, said, page->dataset->shape, page->scale);
    draw_errors(page, x + (picture + 1) * step, y, said);
    snprintf(text, sizeof text, "%.1f %%", 100 * share_wrong(page, shown, image));
    words(page, x, y + page->height + 4, picture + 1, text);
}

static void draw_row(struct masks_page *page, int image) {
    const struct dataset *dataset = page->dataset;
    int x = MARGIN + image % page->columns * page->row_width;
    int y = 8 + (HEAD_LINES - 1) * SHEET_LINE + image / page->columns * page->row_height;
    char text[32];
    dataset->fetch(dataset, image, page->pixels, page->truth);
    sheet_image(&page->sheet, x, y, page->pixels, dataset->shape, page->scale);
    sheet_mask(&page->sheet, x + page->width + GAP, y, page->truth, dataset->shape, page->scale);
    snprintf(text, sizeof text, "#%d", image_number(dataset, image));
    words(page, x, y + page->height + 4, 0, text);
    for (int i = 0; i < page->arms; i++)
        draw_arm(page, x, y, i, image);
}

static bool draw(struct masks_page *page, const char *name, struct arena *arena) {
    lay_out(page);
    int rows = (page->count - 1) / page->columns + 1;
    page->sheet = sheet_new(arena, MARGIN + page->columns * page->row_width,
                            HEAD_LINES * SHEET_LINE + rows * page->row_height);
    const char *path = arena_printf(arena, "%s/%s.png", page->run->folder, name);
    if (!page->sheet.pixels || !path)
        return false;
    draw_head(page);
    for (int i = 0; i < page->columns; i++)
        draw_column_names(page, MARGIN + i * page->row_width);
    for (int image = 0; image < page->count; image++)
        draw_row(page, image);
    return png_write(path, page->sheet, page->run->report);
}

/* ---- the table --------------------------------------------------------------------------------- */

static bool tabulate(const struct masks_page *page, const struct job *job) {
    struct csv *csv = run_csv(page->run, job, "masks");
    csv_text(csv, "image");
    for (int i = 0; i < page->arms; i++)
        csv_text(csv, page->run->experiment->arms[arm_shown(page, i)].name);
    csv_end_row(csv);
    for (int image = 0; image < page->count; image++) {
        page->dataset->fetch(page->dataset, image, page->pixels, page->truth);
        csv_int(csv, image_number(page->dataset, image));
        for (int i = 0; i < page->arms; i++)
            csv_real(csv,
                     share_wrong(page, &page->state->evaluations[arm_shown(page, i)].shown, image));
        csv_end_row(csv);
    }
    return csv_end(csv, page->run->report);
}

bool masks_sheet_write(struct run *run, const struct job *job) {
    const struct evaluate *state = job->state;
    struct masks_page page = {.run = run, .state = state, .dataset = &state->seen};
    for (int arm = 0; arm < run->experiment->arm_count; arm++) {
        page.arms += state->evaluations[arm].scores;
        if (state->evaluations[arm].scores)
            page.count = state->evaluations[arm].shown.count;
    }
    if (page.count == 0)
        return true;
    struct arena *arena = arena_child(run->arena);
    size_t size = arena ? shape_size(state->data.shape) : 0;
    page.pixels = arena ? arena_alloc(arena, size, 1) : NULL;
    page.truth = arena ? arena_alloc(arena, size, sizeof *page.truth) : NULL;
    const char *name = run_job_name(run, job, "masks");
    bool good =
        page.pixels && page.truth && name && tabulate(&page, job) && draw(&page, name, arena);
    arena_free(arena);
    return good;
}
