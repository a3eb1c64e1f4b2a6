/* normalize: torchvision's Normalize, (value - mean) / std for each channel, values from 0 to 1. */
#include "sample.h"

enum preset { PRESET_NONE, PRESET_CIFAR10, PRESET_MNIST, PRESET_IMAGENET, PRESET_HALF };

struct normalize {
    int preset;
    struct attr_list mean, std; /* of double */
};

static const char *const presets[] = {"none", "cifar10", "mnist", "imagenet", "half", NULL};

static const struct attr attrs[] = {
    {"preset", "mean and std of a well-known data set; half: 0.5 and 0.5", ATTR_CHOICE,
     offsetof(struct normalize, preset), .choices = presets},
    {"mean", "one per channel, or one for all", ATTR_FLOAT_LIST, offsetof(struct normalize, mean),
     .shown = "the preset's"},
    {"std", "one per channel, or one for all", ATTR_FLOAT_LIST, offsetof(struct normalize, std),
     .shown = "the preset's"},
};

/* Mean and std, one per channel or one for all. */
struct moments {
    int count;
    const double *mean, *std;
};

static struct moments moments_of(const struct normalize *normalize) {
    static const double cifar10_mean[] = {0.4914, 0.4822, 0.4465},
                        cifar10_std[] = {0.247, 0.243, 0.261};
    static const double mnist_mean[] = {0.1307}, mnist_std[] = {0.3081}, half[] = {0.5};
    static const double imagenet_mean[] = {0.485, 0.456, 0.406},
                        imagenet_std[] = {0.229, 0.224, 0.225};
    static const struct moments known[] = {
        [PRESET_CIFAR10] = {3, cifar10_mean, cifar10_std},
        [PRESET_MNIST] = {1, mnist_mean, mnist_std},
        [PRESET_IMAGENET] = {3, imagenet_mean, imagenet_std},
        [PRESET_HALF] = {1, half, half},
    };
    if (normalize->preset != PRESET_NONE)
        return known[normalize->preset];
    return (struct moments){normalize->mean.count, normalize->mean.items, normalize->std.items};
}

static bool check(const void *config, struct shape shape, const struct pos *pos,
                  struct report *report) {
    const struct normalize *normalize = config;
    bool lists = normalize->mean.count > 0 || normalize->std.count > 0;
    if (lists == (normalize->preset != PRESET_NONE))
        return report_at(report, pos,
                         "normalize takes either a preset (cifar10, mnist, imagenet, half) or "
                         "mean and std");
    if (lists && normalize->mean.count != normalize->std.count)
        return report_at(report, pos,
                         "normalize has %d in mean and %d in std; give as many of both",
                         normalize->mean.count, normalize->std.count);
    struct moments moments = moments_of(normalize);
    for (int i = 0; i < moments.count; i++)
        if (!(moments.std[i] > 0))
            return report_at(report, pos,
                             "normalize divides by std, which must be over 0; this is %g",
                             moments.std[i]);
    if (moments.count != 1 && moments.count != shape.channels)
        return report_at(report, pos,
                         "normalize has mean and std for %d channels, but the images have %d",
                         moments.count, shape.channels);
    return true;
}

static void apply(const void *config, struct sample *sample) {
    struct moments moments = moments_of(config);
    struct tensor values = sample->values;
    size_t pixels = tensor_pixels(values);
    for (int c = 0; c < values.channels; c++) {
        int which = moments.count == 1 ? 0 : c;
        float mean = (float)moments.mean[which], std = (float)moments.std[which];
        float *value = values.data + c;
        for (size_t i = 0; i < pixels; i++, value += values.pitch)
            *value = (*value - mean) / std;
    }
}

const struct augment_ops data_augment_normalize = {
    .name = "normalize",
    .summary = "(value - mean) / std for each channel, values from 0 to 1",
    .example = "normalize: cifar10",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct normalize),
    .shorthand = "preset",
    .floats = true,
    .evaluation = true,
    .check = check,
    .apply = apply,
};
