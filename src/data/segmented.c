/* segmented: the images of a grey source, each with a mask instead of a label - what is not black belongs to
 * the image's class. So a set for classification becomes one for segmentation. */
#include "wrapped.h"

struct segmented {
    const struct node *of;
    struct wrapped wrapped; /* what `of` says */
};

static const struct attr attrs[] = {
    {"of", "the source of the images, grey ones with a label each; with attributes {NAME: {...}}",
     ATTR_NODE, offsetof(struct segmented, of), .required = true},
};

static bool prepare(void *config, struct arena *arena, struct report *report) {
    struct segmented *segmented = config;
    return wrapped_read(arena, segmented->of, &segmented->wrapped, report);
}

static bool describe(const void *config, const struct data_request *request, struct arena *arena,
                     struct dataset *dataset, struct report *report) {
    const struct segmented *segmented = config;
    struct dataset inner;
    if (!wrapped_describe(&segmented->wrapped, request, arena, &inner, report))
        return false;
    dataset->shape = inner.shape;
    dataset->images = inner.images;
    dataset->bytes = inner.bytes;
    return wrapped_classes(&inner, arena, dataset);
}

static void fetch(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels) {
    const struct dataset *inner = dataset->state;
    int32_t label;
    inner->fetch(inner, index, pixels, &label);
    wrapped_mask(pixels, dataset->shape, label, labels);
}

static bool reachable(const void *config, const struct data_request *request, struct arena *arena,
                      struct report *report) {
    const struct segmented *source = config;
    return wrapped_reachable(&source->wrapped, request, arena, report);
}

static bool open(const void *config, const struct data_request *request, struct arena *arena,
                 struct dataset *dataset, struct report *report) {
    const struct segmented *segmented = config;
    struct dataset *inner = arena_alloc(arena, 1, sizeof *inner);
    if (!inner || !wrapped_open(&segmented->wrapped, request, arena, inner, report))
        return false;
    dataset->images = inner->images;
    dataset->stand_in = inner->stand_in;
    dataset->state = inner;
    dataset->fetch = fetch;
    return true;
}

const struct source_ops data_source_segmented = {
    .name = "segmented",
    .summary = "the images of a grey source, each with a mask: where a pixel is over 0 the label + "
               "1, else 0, the background",
    .example = "data: {source: segmented, of: mnist, batch: 128, augment: [normalize: mnist]}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct segmented),
    .prepare = prepare,
    .describe = describe,
    .reachable = reachable,
    .open = open,
};
