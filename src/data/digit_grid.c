/* digit_grid: canvases of rows x columns cells, with images of a grey source in random cells. As many images as
 * `digits` are put down one after the other; one that meets another takes its cell, black ground and all, so
 * that a cell holds the last image or none. Canvas `index` is a function of (seed, split, epoch, index): the
 * training split has new canvases in every epoch, the test split always the same. */
#include "wrapped.h"

#include <string.h>

enum {
    MOST_CELLS_A_SIDE = 32,
    MOST_CELLS = MOST_CELLS_A_SIDE * MOST_CELLS_A_SIDE,
    MOST_SIDE = 64, /* of an image: one is held on the stack */
    EMPTY = -1
};

struct digit_grid {
    const struct node *of;
    int rows, columns, digits, images;
    struct wrapped wrapped; /* what `of` says */
};

static const struct attr attrs[] = {
    {"of", "the source of the digits, grey images with a label each; with attributes {NAME: {...}}",
     ATTR_NODE, offsetof(struct digit_grid, of), .required = true},
    {"rows", "of cells, each as large as an image of the source", ATTR_INT,
     offsetof(struct digit_grid, rows), .fallback = 2, .min = 1, .max = MOST_CELLS_A_SIDE},
    {"columns", "of cells", ATTR_INT, offsetof(struct digit_grid, columns), .fallback = 3, .min = 1,
     .max = MOST_CELLS_A_SIDE},
    {"digits", "put into random cells one after the other; a later one overwrites an earlier one",
     ATTR_INT, offsetof(struct digit_grid, digits), .fallback = 10, .min = 0, .max = 10000},
    {"images",
     "canvases of the training split, new ones in every epoch; the test split has a fifth as "
     "many, always the same",
     ATTR_INT, offsetof(struct digit_grid, images), .fallback = 10000, .min = 5, .max = 10e6},
};

static bool prepare(void *config, struct arena *arena, struct report *report) {
    struct digit_grid *grid = config;
    return wrapped_read(arena, grid->of, &grid->wrapped, report);
}

static bool describe(const void *config, const struct data_request *request, struct arena *arena,
                     struct dataset *dataset, struct report *report) {
    const struct digit_grid *grid = config;
    struct dataset inner;
    if (!wrapped_describe(&grid->wrapped, request, arena, &inner, report))
        return false;
    struct shape cell = inner.shape;
    if (cell.height > MOST_SIDE || cell.width > MOST_SIDE)
        return report_at(report, &request->pos,
                         "digit_grid takes images of up to %dx%d pixels; those of %s are %s",
                         MOST_SIDE, MOST_SIDE, inner.source, shape_text(cell).text);
    dataset->shape = shape_map(1, grid->rows * cell.height, grid->columns * cell.width);
    dataset->images = request->split == SPLIT_TRAIN ? grid->images : grid->images / 5;
    dataset->bytes = inner.bytes;
    return wrapped_classes(&inner, arena, dataset);
}

/* ---- canvases ---------------------------------------------------------------------------------- */

/* What canvases are made from. */
struct canvases {
    struct dataset inner;
    uint64_t seed;
    enum data_split split;
    int rows, columns, digits;
};

/* The image that each cell holds in the end. */
static void deal(const struct canvases *canvases, int64_t epoch, int index, int *cells) {
    uint32_t count = (uint32_t)(canvases->rows * canvases->columns);
    uint32_t place = (uint32_t)(2 * epoch) + (uint32_t)canvases->split;
    struct random random = random_stream(canvases->seed, RANDOM_GRID, place, (uint32_t)index);
    for (uint32_t i = 0; i < count; i++)
        cells[i] = EMPTY;
    for (int i = 0; i < canvases->digits; i++) {
        int image = (int)random_below(&random, (uint32_t)canvases->inner.images);
        cells[random_below(&random, count)] = image;
    }
}

/* Puts an image and its mask where the cell begins; `width`: of the canvas. */
static void put(const struct dataset *inner, int image, size_t width, uint8_t *pixels,
                int32_t *mask) {
    uint8_t source[MOST_SIDE * MOST_SIDE];
    int32_t source_mask[MOST_SIDE * MOST_SIDE], label;
    size_t columns = (size_t)inner->shape.width;
    inner->fetch(inner, image, source, &label);
    wrapped_mask(source, inner->shape, label, source_mask);
    for (size_t y = 0; y < (size_t)inner->shape.height; y++) {
        memcpy(pixels + y * width, source + y * columns, columns);
        memcpy(mask + y * width, source_mask + y * columns, columns * sizeof *mask);
    }
}

static void fetch_anew(const struct dataset *dataset, int64_t epoch, int index, uint8_t *pixels,
                       int32_t *labels) {
    const struct canvases *canvases = dataset->state;
    const struct dataset *inner = &canvases->inner;
    size_t width = (size_t)dataset->shape.width, count = shape_size(dataset->shape);
    int cells[MOST_CELLS];
    deal(canvases, epoch, index, cells);
    memset(pixels, 0, count);
    memset(labels, 0, count * sizeof *labels);
    for (int i = 0; i < canvases->rows * canvases->columns; i++) {
        size_t y = (size_t)(i / canvases->columns * inner->shape.height);
        size_t x = (size_t)(i % canvases->columns * inner->shape.width);
        if (cells[i] != EMPTY)
            put(inner, cells[i], width, pixels + y * width + x, labels + y * width + x);
    }
}

static void fetch(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels) {
    fetch_anew(dataset, 0, index, pixels, labels);
}

static bool reachable(const void *config, const struct data_request *request, struct arena *arena,
                      struct report *report) {
    const struct digit_grid *source = config;
    return wrapped_reachable(&source->wrapped, request, arena, report);
}

static bool open(const void *config, const struct data_request *request, struct arena *arena,
                 struct dataset *dataset, struct report *report) {
    const struct digit_grid *grid = config;
    struct canvases *canvases = arena_alloc(arena, 1, sizeof *canvases);
    if (!canvases || !wrapped_open(&grid->wrapped, request, arena, &canvases->inner, report))
        return false;
    canvases->seed = request->seed;
    canvases->split = request->split;
    canvases->rows = grid->rows;
    canvases->columns = grid->columns;
    canvases->digits = grid->digits;
    dataset->stand_in = canvases->inner.stand_in;
    dataset->state = canvases;
    dataset->fetch = fetch;
    dataset->fetch_anew = request->split == SPLIT_TRAIN ? fetch_anew : NULL;
    return true;
}

const struct source_ops data_source_digit_grid = {
    .name = "digit_grid",
    .summary = "canvases of cells with images of a grey source in random ones, with masks as of "
               "segmented",
    .example = "data: {source: digit_grid, of: mnist, rows: 2, columns: 3, augment: [normalize: "
               "mnist]}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct digit_grid),
    .prepare = prepare,
    .describe = describe,
    .reachable = reachable,
    .open = open,
};
