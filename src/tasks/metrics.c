/* What a network says, counted. Scores are made of whole numbers, so they do not depend on the order in
 * which images were seen. */
#include "metrics.h"

#include <math.h>

/* ---- what was said ----------------------------------------------------------------------------- */

struct saying {
    struct tensor y;
    int32_t *classes;
};

static int32_t highest(const float *scores, int count) {
    int32_t best = 0;
    for (int i = 1; i < count; i++)
        if (scores[i] > scores[best])
            best = i;
    return best;
}

static void say_image(void *context, int image, int worker) {
    (void)worker;
    const struct saying *saying = context;
    size_t pixels = tensor_pixels(saying->y) / (size_t)saying->y.images;
    size_t first = (size_t)image * pixels;
    for (size_t p = first; p < first + pixels; p++)
        saying->classes[p] =
            highest(saying->y.data + p * (size_t)saying->y.pitch, saying->y.channels);
}

void metrics_classes(struct tensor y, struct pool *pool, int32_t *classes) {
    struct saying saying = {y, classes};
    pool_run(pool, y.images, say_image, &saying);
}

int64_t metrics_right(const int32_t *labels, const int32_t *said, int64_t count) {
    int64_t right = 0;
    for (int64_t i = 0; i < count; i++)
        right += labels[i] == said[i];
    return right;
}

/* ---- confusion --------------------------------------------------------------------------------- */

static int64_t *cell(const struct confusion *confusion, int truth, int said) {
    return confusion->counts + (int64_t)truth * confusion->classes + said;
}

void confusion_add(struct confusion *confusion, const int32_t *labels, const int32_t *said,
                   int64_t count) {
    for (int64_t i = 0; i < count; i++)
        ++*cell(confusion, labels[i], said[i]);
}

static double share(int64_t part, int64_t whole) {
    return whole > 0 ? (double)part / (double)whole : NAN;
}

struct class_scores confusion_class(const struct confusion *confusion, int class) {
    int64_t truly = 0, called = 0, both = *cell(confusion, class, class);
    for (int i = 0; i < confusion->classes; i++) {
        truly += *cell(confusion, class, i);
        called += *cell(confusion, i, class);
    }
    return (struct class_scores){.count = truly,
                                 .recall = share(both, truly),
                                 .precision = share(both, called),
                                 .iu = share(both, truly + called - both)};
}

/* A mean over what is a number. */
struct mean {
    double sum, weight;
};

static void mean_add(struct mean *mean, double value, int64_t weight) {
    if (isnan(value))
        return;
    mean->sum += value * (double)weight;
    mean->weight += (double)weight;
}

static double mean_value(struct mean mean) {
    return mean.weight > 0 ? mean.sum / mean.weight : NAN;
}

/* The share of all labels from class `first` on that was found. */
static double accuracy_from(const struct confusion *confusion, int first) {
    int64_t right = 0, all = 0;
    for (int i = first; i < confusion->classes; i++) {
        right += *cell(confusion, i, i);
        for (int j = 0; j < confusion->classes; j++)
            all += *cell(confusion, i, j);
    }
    return share(right, all);
}

struct scores confusion_scores(const struct confusion *confusion) {
    struct mean accuracy = {0}, iu = {0}, weighted_iu = {0};
    for (int i = 0; i < confusion->classes; i++) {
        struct class_scores class = confusion_class(confusion, i);
        mean_add(&accuracy, class.recall, 1);
        mean_add(&iu, class.iu, 1);
        mean_add(&weighted_iu, class.iu, class.count);
    }
    return (struct scores){.accuracy = accuracy_from(confusion, 0),
                           .mean_accuracy = mean_value(accuracy),
                           .mean_iu = mean_value(iu),
                           .frequency_weighted_iu = mean_value(weighted_iu),
                           .object_accuracy = accuracy_from(confusion, 1)};
}
