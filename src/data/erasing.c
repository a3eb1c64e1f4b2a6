/* erasing: torchvision's RandomErasing (Zhong et al. 2020, "Random erasing data augmentation"). The mask, if
 * there is one, keeps its labels: what is hidden is still there. */
#include "sample.h"

#include <math.h>

struct erasing {
    double p, value;
    struct attr_list scale, ratio; /* of double; two each */
};

#define FIELD(name) offsetof(struct erasing, name)
static const struct attr attrs[] = {
    {"p", "probability", ATTR_FLOAT, FIELD(p), .fallback = 0.5, .max = 1},
    {"scale", "least and most of the image's area", ATTR_FLOAT_LIST, FIELD(scale), .max = 1,
     .shown = "[0.02, 0.33]"},
    {"ratio", "least and most of height over width", ATTR_FLOAT_LIST, FIELD(ratio), .max = 1000,
     .min_open = true, .shown = "[0.3, 3.3]"},
    {"value", "what is put in its place, in every channel", ATTR_FLOAT, FIELD(value),
     .fallback = 0},
};
#undef FIELD

struct range {
    double low, high;
};

static struct range range_of(const struct attr_list *list, struct range fallback) {
    const double *items = list->items;
    return list->count == 2 ? (struct range){items[0], items[1]} : fallback;
}

static struct range scale_of(const struct erasing *erasing) {
    return range_of(&erasing->scale, (struct range){0.02, 0.33});
}

static struct range ratio_of(const struct erasing *erasing) {
    return range_of(&erasing->ratio, (struct range){0.3, 3.3});
}

static bool check_range(const struct attr_list *list, const char *name, const char *example,
                        const struct pos *pos, struct report *report) {
    const double *items = list->items;
    return list->count == 0 || (list->count == 2 && items[0] <= items[1]) ||
           report_at(report, pos, "%s of erasing is [least, most], like %s", name, example);
}

static bool check(const void *config, struct shape shape, const struct pos *pos,
                  struct report *report) {
    (void)shape;
    const struct erasing *erasing = config;
    bool scale = check_range(&erasing->scale, "scale", "[0.02, 0.33]", pos, report);
    return check_range(&erasing->ratio, "ratio", "[0.3, 3.3]", pos, report) && scale;
}

struct box {
    int top, left, height, width;
};

/* Ten tries for a box that is smaller than the image both ways, as in torchvision. */
static bool draw_box(const struct erasing *erasing, struct sample *sample, struct box *box) {
    struct range scale = scale_of(erasing), ratio = ratio_of(erasing);
    int height = sample->shape.height, width = sample->shape.width;
    for (int i = 0; i < 10; i++) {
        double area = height * width * random_between(sample->random, scale.low, scale.high);
        double aspect = exp(random_between(sample->random, log(ratio.low), log(ratio.high)));
        double tall = rint(sqrt(area * aspect)), wide = rint(sqrt(area / aspect));
        if (tall >= height || wide >= width)
            continue;
        box->height = (int)tall;
        box->width = (int)wide;
        box->top = (int)random_below(sample->random, (uint32_t)(height - box->height) + 1);
        box->left = (int)random_below(sample->random, (uint32_t)(width - box->width) + 1);
        return true;
    }
    return false;
}

static void erase(struct tensor values, struct box box, float value) {
    for (int y = box.top; y < box.top + box.height; y++)
        for (int x = box.left; x < box.left + box.width; x++) {
            size_t pixel = (size_t)y * (size_t)values.width + (size_t)x;
            for (int c = 0; c < values.channels; c++)
                values.data[pixel * (size_t)values.pitch + (size_t)c] = value;
        }
}

static void apply(const void *config, struct sample *sample) {
    const struct erasing *erasing = config;
    struct box box;
    if (random_uniform(sample->random) < erasing->p && draw_box(erasing, sample, &box))
        erase(sample->values, box, (float)erasing->value);
}

const struct augment_ops data_augment_erasing = {
    .name = "erasing",
    .summary = "a random rectangle overwritten, with probability p (after normalize)",
    .example = "erasing: {p: 0.75, scale: [0.02, 0.1], value: 1}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct erasing),
    .floats = true,
    .check = check,
    .apply = apply,
};
