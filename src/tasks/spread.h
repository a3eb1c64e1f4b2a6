/* spread.h: several values of one number, over iterations or over seeds, in short. */
#ifndef TASKS_SPREAD_H
#define TASKS_SPREAD_H

struct spread {
    double mean, low, high;
    double deviation; /* of the population */
    double
        interval; /* the 95 % confidence interval of the mean is mean +- interval; one value: 0 */
};

/* `count` is at least 1. */
struct spread spread_of(const double *values, int count);

#endif
