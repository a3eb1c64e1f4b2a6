/* Mean, range, deviation, and the confidence interval of a mean by Student's t: seeds are few, so the normal
 * distribution would make the interval too narrow. */
#include "spread.h"
#include "netrun/base.h"

#include <math.h>

/* The two-sided 95 % point of Student's t. Beyond the table 1.96 + 2.4 / freedom is right to 0.002. */
static double student(int freedom) {
    static const double points[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306,
                                    2.262,  2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
                                    2.110,  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064,
                                    2.060,  2.056, 2.052, 2.048, 2.045, 2.042};
    return freedom <= BASE_COUNT(points) ? points[freedom - 1] : 1.96 + 2.4 / freedom;
}

struct spread spread_of(const double *values, int count) {
    struct spread spread = {.low = values[0], .high = values[0]};
    for (int i = 0; i < count; i++) {
        spread.mean += values[i] / count;
        spread.low = fmin(spread.low, values[i]);
        spread.high = fmax(spread.high, values[i]);
    }
    double squares = 0;
    for (int i = 0; i < count; i++)
        squares += (values[i] - spread.mean) * (values[i] - spread.mean);
    spread.deviation = sqrt(squares / count);
    if (count > 1) /* the sample's deviation over sqrt(count), with count - 1 degrees of freedom */
        spread.interval = student(count - 1) * spread.deviation / sqrt(count - 1);
    return spread;
}
