/* cam_numbers.h: what a map is worth, in numbers. */
#ifndef TASKS_CAM_NUMBERS_H
#define TASKS_CAM_NUMBERS_H

#include "netrun/base.h"

/* Entropy of the map, taken as a distribution over its cells, divided by its largest value log(cells): 0 is
 * one cell, 1 an even map. NaN: the map is empty. */
double cam_entropy(const float *map, int cells);

/* NaN: the map is empty. */
double cam_mean(const float *map, int cells);

/* The place of the highest value, the first of equals. */
int cam_highest(const float *map, int count);

/* Pointing game (Zhang et al. 2018, "Top-down neural attention by excitation backprop"): is the map's highest
 * pixel on the object? 1 or 0; NaN: no object or an empty map. */
double cam_pointing(const float *map, const bool *object, int pixels);

/* Energy-based pointing game (Wang et al. 2020, "Score-CAM"): the share of the map that lies on the object. */
double cam_energy(const float *map, const bool *object, int pixels);

/* Spearman's rank correlation; equals share a rank. NaN: one of the two is the same everywhere. `ranks`: room
 * for 2 x count. */
struct ranked {
    double value, rank;
    int place;
};
double cam_rank_correlation(const float *a, const float *b, int count, struct ranked *ranks);

/* The places of a map from the highest to the lowest, of equals the earlier first. `ranks`: room for count. */
void cam_order(const float *map, int count, struct ranked *ranks, int *order);

/* Area under a curve of `count` points, evenly spaced from 0 to 1. */
double cam_area(const double *curve, int count);

#endif
