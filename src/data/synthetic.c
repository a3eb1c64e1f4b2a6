/* synthetic: images drawn when they are asked for - a task that a convolutional network learns in a minute
 * and a linear model does not, for trying things without any data. Image `index` of a split is a function
 * of (seed, split, index); nothing is stored. Labels go round, so every part of a split is balanced. */
#include "synthetic.h"
#include "wrapped.h"

struct synthetic {
    struct attr_list shape; /* channels, height, width; empty: 3, 32, 32 */
    int classes, images, objects;
    bool masks;
};

static const char *const objects[] = {
    [STAND_IN_SHAPES] = "shapes", [STAND_IN_DIGITS] = "digits", NULL};

static const struct attr attrs[] = {
    {"shape", "channels, height and width of an image", ATTR_INT_LIST,
     offsetof(struct synthetic, shape), .shown = "[3, 32, 32]"},
    {"classes", "how many", ATTR_INT, offsetof(struct synthetic, classes), .fallback = 10, .min = 1,
     .max = 1000},
    {"images", "of the training split; the test split has a fifth as many", ATTR_INT,
     offsetof(struct synthetic, images), .fallback = 10000, .min = 5, .max = 10e6},
    {"objects", "what is drawn: shapes with textures, or digits", ATTR_CHOICE,
     offsetof(struct synthetic, objects), .choices = objects},
    {"masks", "a label for every pixel: 0 the background, class + 1 the object", ATTR_BOOL,
     offsetof(struct synthetic, masks), .fallback = false},
};

/* ---- describing -------------------------------------------------------------------------------- */

static bool read_shape(const struct attr_list *list, struct shape *shape, const struct pos *pos,
                       struct report *report) {
    static const int usual[] = {3, 32, 32};
    const int *sizes = list->count > 0 ? list->items : usual;
    bool good = list->count == 0 || list->count == 3;
    for (int i = 0; i < 3 && good; i++)
        good = i == 0 ? sizes[i] >= 1 && sizes[i] <= SCENE_MOST_CHANNELS
                      : sizes[i] >= 8 && sizes[i] <= 1024;
    if (!good)
        return report_at(report, pos,
                         "the shape of synthetic is [channels, height, width]: 1 to %d channels, "
                         "height and width from 8 to 1024",
                         SCENE_MOST_CHANNELS);
    *shape = shape_map(sizes[0], sizes[1], sizes[2]);
    return true;
}

static bool check_classes(const struct synthetic *synthetic, struct shape shape,
                          const struct pos *pos, struct report *report) {
    if (synthetic->objects == STAND_IN_DIGITS && synthetic->classes > DIGIT_CLASSES)
        return report_at(report, pos, "synthetic has digits for at most %d classes, not %d",
                         DIGIT_CLASSES, synthetic->classes);
    if (shape.channels == 1 && synthetic->classes > SCENE_CLASSES)
        return report_at(report, pos,
                         "synthetic has shapes for at most %d classes in one channel, not %d; "
                         "further ones differ in colour",
                         SCENE_CLASSES, synthetic->classes);
    return true;
}

/* One name per class, "background" before them where there are masks. */
static const char *const *class_names(const struct synthetic *synthetic, struct arena *arena) {
    int first = synthetic->masks, count = synthetic->classes;
    const char **names = arena_alloc(arena, (size_t)(first + count), sizeof *names);
    if (!names)
        return NULL;
    names[0] = "background";
    for (int i = 0; i < count; i++) {
        names[first + i] = synthetic->objects == STAND_IN_DIGITS ? arena_printf(arena, "%d", i)
                                                                 : scene_class_name(arena, i);
        if (!names[first + i])
            return NULL;
    }
    return names;
}

static bool describe(const void *config, const struct data_request *request, struct arena *arena,
                     struct dataset *dataset, struct report *report) {
    const struct synthetic *synthetic = config;
    if (!read_shape(&synthetic->shape, &dataset->shape, &request->pos, report) ||
        !check_classes(synthetic, dataset->shape, &request->pos, report))
        return false;
    dataset->images = request->split == SPLIT_TRAIN ? synthetic->images : synthetic->images / 5;
    dataset->classes = synthetic->classes + synthetic->masks;
    dataset->masks = synthetic->masks;
    dataset->class_names = class_names(synthetic, arena);
    return dataset->class_names != NULL;
}

/* ---- opening ----------------------------------------------------------------------------------- */

/* What images are drawn from. */
struct drawing {
    uint64_t seed;
    enum data_split split;
    enum stand_in objects;
    int classes; /* of objects, without the background */
};

static void fetch(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels) {
    const struct drawing *drawing = dataset->state;
    int label = index % drawing->classes;
    if (!dataset->masks)
        *labels = label;
    if (!pixels)
        return;
    struct random random =
        random_stream(drawing->seed, RANDOM_SYNTHETIC, (uint32_t)drawing->split, (uint32_t)index);
    if (drawing->objects == STAND_IN_SHAPES)
        scene_draw(&random, dataset->shape, label, drawing->classes, pixels,
                   dataset->masks ? labels : NULL);
    else
        digit_draw(&random, dataset->shape, label, pixels);
    if (drawing->objects == STAND_IN_DIGITS && dataset->masks)
        wrapped_mask(pixels, dataset->shape, label, labels);
}

static bool start_drawing(enum stand_in what, const struct data_request *request,
                          struct arena *arena, struct dataset *dataset) {
    struct drawing *drawing = arena_alloc(arena, 1, sizeof *drawing);
    if (!drawing)
        return false;
    *drawing =
        (struct drawing){request->seed, request->split, what, dataset->classes - dataset->masks};
    dataset->state = drawing;
    dataset->fetch = fetch;
    return true;
}

bool synthetic_stand_in(enum stand_in what, const struct data_request *request, struct arena *arena,
                        struct dataset *dataset) {
    dataset->stand_in = true;
    dataset->bytes = 0;
    return start_drawing(what, request, arena, dataset);
}

static bool open(const void *config, const struct data_request *request, struct arena *arena,
                 struct dataset *dataset, struct report *report) {
    (void)report;
    const struct synthetic *synthetic = config;
    return start_drawing((enum stand_in)synthetic->objects, request, arena, dataset);
}

const struct source_ops data_source_synthetic = {
    .name = "synthetic",
    .summary = "generated shapes with textures, or digits, of any image shape and class count",
    .example = "data: {source: synthetic, shape: [3, 32, 32], classes: 10, images: 4000}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct synthetic),
    .describe = describe,
    .open = open,
};
