/* Numbers of single maps, each a function of the map alone; sums in double, in the order of memory. */
#include "cam_numbers.h"

#include <math.h>
#include <stdlib.h>

static double sum_of(const float *map, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += (double)map[i];
    return sum;
}

double cam_entropy(const float *map, int cells) {
    double sum = sum_of(map, cells), entropy = 0;
    if (!(sum > 0) || cells < 2)
        return NAN;
    for (int i = 0; i < cells; i++) {
        double share = (double)map[i] / sum;
        entropy -= share > 0 ? share * log(share) : 0;
    }
    return entropy / log(cells);
}

double cam_mean(const float *map, int cells) {
    double sum = sum_of(map, cells);
    return sum > 0 ? sum / cells : NAN;
}

int cam_highest(const float *map, int count) {
    int highest = 0;
    for (int i = 1; i < count; i++)
        if (map[i] > map[highest])
            highest = i;
    return highest;
}

/* ---- on the object ----------------------------------------------------------------------------- */

static bool is_anywhere(const bool *object, int pixels) {
    for (int i = 0; i < pixels; i++)
        if (object[i])
            return true;
    return false;
}

double cam_pointing(const float *map, const bool *object, int pixels) {
    int highest = cam_highest(map, pixels);
    return map[highest] > 0 && is_anywhere(object, pixels) ? object[highest] : NAN;
}

double cam_energy(const float *map, const bool *object, int pixels) {
    double inside = 0, sum = sum_of(map, pixels);
    for (int i = 0; i < pixels; i++)
        inside += object[i] ? (double)map[i] : 0;
    return sum > 0 && is_anywhere(object, pixels) ? inside / sum : NAN;
}

/* ---- order ------------------------------------------------------------------------------------- */

static int falling(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static int by_place(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    return x->place < y->place ? -1 : 1;
}

static void sort(const float *map, int count, struct ranked *ranks) {
    for (int i = 0; i < count; i++)
        ranks[i] = (struct ranked){.value = (double)map[i], .place = i};
    qsort(ranks, (size_t)count, sizeof *ranks, falling);
}

void cam_order(const float *map, int count, struct ranked *ranks, int *order) {
    sort(map, count, ranks);
    for (int i = 0; i < count; i++)
        order[i] = ranks[i].place;
}

/* Ranks in the order of places; those of equal values are their mean. */
static void rank(const float *map, int count, struct ranked *ranks) {
    sort(map, count, ranks);
    for (int first = 0, next; first < count; first = next) {
        for (next = first; next < count && ranks[next].value == ranks[first].value;)
            next++;
        for (int i = first; i < next; i++)
            ranks[i].rank = (first + next - 1) / 2.0;
    }
    qsort(ranks, (size_t)count, sizeof *ranks, by_place);
}

double cam_rank_correlation(const float *a, const float *b, int count, struct ranked *ranks) {
    struct ranked *x = ranks, *y = ranks + count;
    double middle = (count - 1) / 2.0, xx = 0, yy = 0, xy = 0;
    rank(a, count, x);
    rank(b, count, y);
    for (int i = 0; i < count; i++) {
        double dx = x[i].rank - middle, dy = y[i].rank - middle;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : NAN;
}

double cam_area(const double *curve, int count) {
    double sum = (curve[0] + curve[count - 1]) / 2;
    for (int i = 1; i < count - 1; i++)
        sum += curve[i];
    return sum / (count - 1);
}
