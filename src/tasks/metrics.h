/* metrics.h: how right a network is, from counts of what it said about what was true. */
#ifndef TASKS_METRICS_H
#define TASKS_METRICS_H

#include "netrun/tensor.h"

/* The class of highest score (the first of equals) for each image, or each pixel, of scores `y`. */
void metrics_classes(struct tensor y, struct pool *pool, int32_t *classes);

/* How many of `count` labels are what was said. */
int64_t metrics_right(const int32_t *labels, const int32_t *said, int64_t count);

/* counts[truth * classes + said]: images or pixels. */
struct confusion {
    int classes;
    int64_t *counts;
};
void confusion_add(struct confusion *confusion, const int32_t *labels, const int32_t *said,
                   int64_t count);

/* Of one class: how many there are, the share of them that was found, the share of what was called so that
 * is so, and intersection over union. NaN where it would be 0 / 0. */
struct class_scores {
    int64_t count;
    double recall, precision, iu;
};
struct class_scores confusion_class(const struct confusion *confusion, int class);

/* Long, Shelhamer and Darrell (2015), section 5; with t_i pixels of class i, n_ij of them called j:
 *   accuracy sum n_ii / sum t_i, mean accuracy the mean of n_ii / t_i, IU_i = n_ii / (t_i + sum_j n_ji - n_ii),
 *   mean IU, frequency-weighted IU sum t_i IU_i / sum t_i.
 * Means are over the classes for which they are defined. For class 0 the background, `object_accuracy` is
 * the accuracy over all labels but that. */
struct scores {
    double accuracy, mean_accuracy, mean_iu, frequency_weighted_iu, object_accuracy;
};
struct scores confusion_scores(const struct confusion *confusion);

#endif
