/* Ranges: what the row says, within what the type holds. */
#include "limits.h"

#include "scalar.h"

#include <limits.h>
#include <math.h>

struct limits limits_of(const struct attr *attr) {
    bool real = attr->type == ATTR_FLOAT || attr->type == ATTR_FLOAT_LIST;
    struct limits limits = {real ? -HUGE_VAL : INT_MIN, real ? HUGE_VAL : INT_MAX, attr->min_open};
    bool any = attr->min == 0 && attr->max == 0 && !attr->min_open;
    if (!any && attr->min > limits.low)
        limits.low = attr->min;
    if (!any && attr->max > attr->min && attr->max < limits.high)
        limits.high = attr->max;
    return limits;
}

bool limits_hold(const struct limits *limits, double value) {
    bool low_enough = value <= limits->high;
    return low_enough && (limits->low_open ? value > limits->low : value >= limits->low);
}

bool limits_is_set(double limit) {
    return isfinite(limit) && limit > INT_MIN && limit < INT_MAX;
}

struct quoted limits_phrase(const struct limits *limits, double refused) {
    struct quoted text, low = number_text(limits->low), high = number_text(limits->high);
    const char *over = limits->low_open ? "over" : "at least";
    if (limits_is_set(limits->low) && limits_is_set(limits->high))
        snprintf(text.text, sizeof text.text,
                 limits->low_open ? "over %.30s and at most %.30s" : "from %.30s to %.30s",
                 low.text, high.text);
    else if (refused > limits->high)
        snprintf(text.text, sizeof text.text, "at most %.30s", high.text);
    else
        snprintf(text.text, sizeof text.text, "%s %.30s", over, low.text);
    return text;
}
