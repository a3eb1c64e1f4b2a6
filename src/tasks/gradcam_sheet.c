/* All maps on one picture, sheet.png: a row for each image, and for each arm, layer and method the map and the
 * map over the image, with what the arm said. Where the object is known its mask stands beside the image. Short
 * rows stand beside one another. */
#include "colormap.h"
#include "gradcam.h"
#include "sheet.h"

enum {
    MARGIN = 12,
    GAP = 6,         /* between a picture and its words */
    SIDE = 128,      /* of a picture, about */
    WIDEST = 1600,   /* rows stand beside each other up to this width */
    TALLEST = 6,     /* ... if there are more than so many */
    TITLE_LINES = 3, /* two, and a gap */
    HEAD_LINES = 3,  /* arm, method, layer */
    CAPTION_LINES = 3
};

static const struct color black = {0, 0, 0}, dim = {110, 110, 110};

struct page {
    struct run *run;
    const struct job *job;
    const struct gradcam *state;
    struct arena *arena;
    struct picture sheet;
    int scale, width, height; /* of one picture */
    int first, column, row;   /* pixels: where looks begin in a row, of a look, of an image */
    int across, across_width; /* rows beside one another; pixels of one */
    uint8_t *pixels, *over;   /* of one image */
    int32_t *labels;
    float *spread;
};

/* ---- layout ------------------------------------------------------------------------------------ */

static int look_count(const struct page *page) {
    int count = 0;
    for (int arm = 0; arm < page->run->experiment->arm_count; arm++)
        count += page->state->gazes[arm].look_count;
    return count;
}

static void lay_out(struct page *page) {
    struct shape shape = page->state->data.shape;
    page->scale = sheet_scale(shape, SIDE);
    page->width = shape.width * page->scale;
    page->height = shape.height * page->scale;
    int pictures = page->state->objects.fetch ? 2 : 1;
    page->first = MARGIN + pictures * (page->width + MARGIN / 2) + MARGIN;
    page->column = 2 * (page->width + MARGIN / 2) + MARGIN;
    page->row = page->height + GAP + CAPTION_LINES * SHEET_LINE + MARGIN;
    page->across_width = page->first + look_count(page) * page->column;
    int fit = WIDEST / page->across_width, wanted = (page->state->shown + TALLEST - 1) / TALLEST;
    page->across = fit > wanted ? wanted : fit > 1 ? fit : 1;
}

/* Rows below one another. */
static int down(const struct page *page) {
    return (page->state->shown + page->across - 1) / page->across;
}

static bool make_page(struct page *page) {
    struct shape shape = page->state->data.shape;
    size_t pixels = (size_t)shape.height * (size_t)shape.width;
    lay_out(page);
    page->sheet =
        sheet_new(page->arena, page->across * page->across_width,
                  (TITLE_LINES + HEAD_LINES) * SHEET_LINE + MARGIN + down(page) * page->row);
    page->pixels = arena_alloc(page->arena, shape_size(shape), 1);
    page->over = arena_alloc(page->arena, pixels, 3);
    page->labels = arena_alloc(page->arena, pixels, sizeof *page->labels);
    page->spread = arena_alloc(page->arena, pixels, sizeof *page->spread);
    return page->sheet.pixels && page->pixels && page->over && page->labels && page->spread;
}

/* Images go down, then across. */
static int top_of(const struct page *page, int image) {
    return (TITLE_LINES + HEAD_LINES) * SHEET_LINE + MARGIN + image % down(page) * page->row;
}

static int left_of(const struct page *page, int image) {
    return image / down(page) * page->across_width;
}

/* A line of text, cut to `width` pixels. */
static void line(struct page *page, int x, int y, int width, const char *text, struct color color) {
    char cut[256];
    snprintf(cut, sizeof cut, "%.*s", width / SHEET_LETTER, text);
    sheet_text(&page->sheet, x, y, cut, color);
}

/* ---- drawing ----------------------------------------------------------------------------------- */

static void draw_head(struct page *page, int arm, int look, int x) {
    const struct gaze *gaze = &page->state->gazes[arm];
    const char *const lines[HEAD_LINES] = {
        page->run->experiment->arms[arm].name, gaze->looks[look].method->name,
        graph_value_path(gaze->graph, gaze->values[gaze->looks[look].place])};
    for (int i = 0; i < HEAD_LINES; i++)
        line(page, x, 8 + (TITLE_LINES + i) * SHEET_LINE, page->column - MARGIN, lines[i],
             i ? dim : black);
}

static void draw_image(struct page *page, int image) {
    const struct gradcam *state = page->state;
    const struct dataset *data = &state->data, *objects = &state->objects;
    int number = state->images[image], x = left_of(page, image) + MARGIN, y = top_of(page, image);
    char text[128];
    if (objects->fetch) {
        objects->fetch(objects, number, page->pixels, page->labels);
        sheet_mask(&page->sheet, x + page->width + MARGIN / 2, y, page->labels, data->shape,
                   page->scale);
    }
    int label = gradcam_label(data, number, page->arena);
    data->fetch(data, number, page->pixels, page->labels);
    sheet_image(&page->sheet, x, y, page->pixels, data->shape, page->scale);
    snprintf(text, sizeof text, "#%d", gradcam_number(state, image));
    line(page, x, y + page->height + GAP, page->first - 2 * MARGIN, text, black);
    line(page, x, y + page->height + GAP + SHEET_LINE, page->first - 2 * MARGIN,
         label < 0 ? "" : gradcam_class(page->state, label).text, dim);
}

/* The map by itself: each cell a rectangle of its colour, at the layer's resolution. */
static void draw_map(struct page *page, const struct look *look, const float *map, int x, int y) {
    const struct gradcam_config *config = page->job->config;
    for (int i = 0; i < page->height; i++)
        for (int j = 0; j < page->width; j++) {
            int cell = i * look->grid.height / page->height * look->grid.width +
                       j * look->grid.width / page->width;
            sheet_square(&page->sheet, x + j, y + i, 1,
                         colormap_at((enum colormap)config->colormap, (double)map[cell]));
        }
}

static void draw_overlay(struct page *page, const struct look *look, const float *map, int x,
                         int y) {
    const struct gradcam_config *config = page->job->config;
    struct shape shape = page->state->data.shape;
    size_t pixels = (size_t)shape.height * (size_t)shape.width;
    cam_grid_spread(&look->grid, map, shape, shape.height, shape.width, page->spread);
    colormap_lay_over((enum colormap)config->colormap, config->weight, page->pixels, shape.channels,
                      page->spread, pixels, page->over);
    sheet_image(&page->sheet, x, y, page->over, shape_map(3, shape.height, shape.width),
                page->scale);
}

/* Below a map: the class explained and its score; what was said, where it is another. */
static void draw_words(struct page *page, const struct verdict *verdict, const char *why, int x,
                       int y) {
    char text[256];
    int width = page->column - MARGIN;
    bool said = verdict->predicted != verdict->target;
    struct quoted target = gradcam_class(page->state, verdict->target);
    struct quoted predicted = gradcam_class(page->state, verdict->predicted);
    y += page->height + GAP;
    snprintf(text, sizeof text, "%s %.2f", target.text, verdict->score);
    line(page, x, y, width, text, black);
    snprintf(text, sizeof text, "p %.3f%s%s", verdict->probability, said ? ", said " : "",
             said ? predicted.text : "");
    line(page, x, y + SHEET_LINE, width, text, dim);
    if (why)
        line(page, x, y + 2 * SHEET_LINE, width, "empty: see log", dim);
}

static void draw_look(struct page *page, int arm, int look, int image, int x) {
    const struct gaze *gaze = &page->state->gazes[arm];
    const struct look *at = &gaze->looks[look];
    int y = top_of(page, image);
    draw_map(page, at, at->maps[image], x, y);
    draw_overlay(page, at, at->maps[image], x + page->width + MARGIN / 2, y);
    draw_words(page, &gaze->verdicts[image], at->why[image], x, y);
}

static void draw_looks(struct page *page, int image) {
    int x = left_of(page, image) + page->first;
    for (int arm = 0; arm < page->run->experiment->arm_count; arm++)
        for (int i = 0; i < page->state->gazes[arm].look_count; i++, x += page->column) {
            if (image % down(page) == 0)
                draw_head(page, arm, i, x);
            draw_look(page, arm, i, image, x);
        }
}

/* What the images are, and what is asked of them. */
static void draw_title(struct page *page) {
    const struct experiment *experiment = page->run->experiment;
    const struct dataset *data = &page->state->data;
    int width = page->sheet.width - 2 * MARGIN;
    char text[256];
    snprintf(text, sizeof text, "%s, %s split%s", data->source, data->split,
             data->stand_in ? " (SYNTHETIC stand-in)" : "");
    line(page, MARGIN, 8, width, experiment->summary ? experiment->summary : experiment->name,
         black);
    line(page, MARGIN, 8 + SHEET_LINE, width, text, dim);
}

static bool draw(struct page *page) {
    const char *name = run_job_name(page->run, page->job, "sheet");
    const char *path =
        name ? arena_printf(page->arena, "%s/%s.png", page->run->folder, name) : NULL;
    if (!path || !make_page(page))
        return false;
    draw_title(page);
    for (int image = 0; image < page->state->shown; image++) {
        draw_image(page, image);
        draw_looks(page, image);
    }
    return png_write(path, page->sheet, page->run->report);
}

bool gradcam_sheet(struct run *run, const struct job *job) {
    struct page page = {
        .run = run, .job = job, .state = job->state, .arena = arena_child(run->arena)};
    bool good = page.state->shown == 0 || (page.arena && draw(&page));
    arena_free(page.arena);
    return good;
}
