/* cross_entropy: minus the log of the probability that softmax gives to the label.
 *
 * torch.nn.functional.cross_entropy with reduction="mean". With smoothing e, classes C, weights w, and
 * l_c = log(sum(exp(y))) - y_c, a pixel of label t adds
 *     (1 - e) w_t l_t + (e / C) sum_c w_c l_c,
 * and the mean divides by the sum of w_t, not by the number of labels. Pixels of label ignore_index add
 * nothing to either. When all are ignored the loss is 0/0, not a number, as in PyTorch. */
#include "loss.h"

#include <assert.h>
#include <math.h>

struct cross_entropy {
    double label_smoothing;
    int ignore_index;
    struct attr_list weight; /* empty: 1 for each class */
};

/* What is the same for all pixels of a batch. */
struct terms {
    const struct cross_entropy *rule;
    double hard, smooth; /* 1 - e, e / C */
    double weight_sum;   /* over the classes */
    double factor;       /* from a pixel's gradient to that of the scaled mean */
};

static const struct attr attrs[] = {
    {.name = "label_smoothing",
     .summary = "share of the target that is spread evenly over all classes",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct cross_entropy, label_smoothing),
     .min = 0,
     .max = 1},
    {.name = "ignore_index",
     .summary = "label whose images or pixels do not count",
     .type = ATTR_INT,
     .offset = offsetof(struct cross_entropy, ignore_index),
     .fallback = -100},
    {.name = "weight",
     .summary = "a factor for each class",
     .type = ATTR_FLOAT_LIST,
     .offset = offsetof(struct cross_entropy, weight),
     .min = 0,
     .max = INFINITY,
     .shown = "1 each"},
};

static bool check(const void *config, struct shape input, struct shape output, int classes,
                  bool masks, const struct pos *pos, struct report *report) {
    const struct cross_entropy *rule = config;
    int weights = rule->weight.count;
    if (!loss_fits_classes(input, output, classes, masks, pos, report))
        return false;
    if (weights == 0 || weights == classes)
        return true;
    return report_at(report, pos,
                     "weight has %d numbers, the data has %d classes; give one for each", weights,
                     classes);
}

static double class_weight(const struct cross_entropy *rule, int class) {
    return rule->weight.count > 0 ? ((const double *)rule->weight.items)[class] : 1;
}

static double label_weight(const struct loss_call *call, const void *own, struct pixels pixels) {
    const struct terms *terms = own;
    double sum = 0;
    for (size_t p = pixels.first; p < pixels.end; p++) {
        int label = call->target.labels[p];
        if (label == terms->rule->ignore_index)
            continue;
        assert(label >= 0 && label < call->y.channels);
        sum += class_weight(terms->rule, label);
    }
    return sum;
}

static float largest_of(const float *y, int channels) {
    float largest = y[0];
    for (int c = 1; c < channels; c++)
        largest = y[c] > largest ? y[c] : largest;
    return largest;
}

/* The sum of exp(y - largest): at least 1, never infinite. The terms stay in `powers` unless it is NULL. */
static double sum_powers(const float *y, float largest, int channels, float *powers) {
    double sum = 0;
    for (int c = 0; c < channels; c++) {
        float power = expf(y[c] - largest);
        sum += (double)power;
        if (powers)
            powers[c] = power;
    }
    return sum;
}

static double pixel_loss(const struct terms *terms, const float *y, int channels, int label,
                         double log_sum) {
    double loss = terms->hard * class_weight(terms->rule, label) * (log_sum - (double)y[label]);
    for (int c = 0; terms->smooth > 0 && c < channels; c++)
        loss += terms->smooth * class_weight(terms->rule, c) * (log_sum - (double)y[c]);
    return loss;
}

/* `dy` holds exp(y - largest) before, the gradient after. */
static void pixel_gradient(const struct terms *terms, float *dy, int channels, int label,
                           double power_sum) {
    double hard = terms->factor * terms->hard * class_weight(terms->rule, label);
    double smooth = terms->factor * terms->smooth;
    double share = (hard + smooth * terms->weight_sum) / power_sum, at_label = (double)dy[label];
    for (int c = 0; c < channels; c++)
        dy[c] = (float)((double)dy[c] * share - smooth * class_weight(terms->rule, c));
    dy[label] = (float)(at_label * share - smooth * class_weight(terms->rule, label) - hard);
}

static void ignore_pixel(float *dy, int channels) {
    for (int c = 0; dy && c < channels; c++)
        dy[c] = 0;
}

static double losses_and_gradients(const struct loss_call *call, const void *own,
                                   struct pixels pixels) {
    const struct terms *terms = own;
    int channels = call->y.channels;
    double sum = 0;
    for (size_t p = pixels.first; p < pixels.end; p++) {
        const float *y = loss_pixel(call->y, p);
        float *dy = call->dy.data ? loss_pixel(call->dy, p) : NULL;
        int label = call->target.labels[p];
        if (label == terms->rule->ignore_index) {
            ignore_pixel(dy, channels);
            continue;
        }
        float largest = largest_of(y, channels);
        double power_sum = sum_powers(y, largest, channels, dy);
        sum += pixel_loss(terms, y, channels, label, (double)largest + log(power_sum));
        if (dy)
            pixel_gradient(terms, dy, channels, label, power_sum);
    }
    return sum;
}

static double run(const struct loss_call *call) {
    const struct cross_entropy *rule = call->config;
    struct terms terms = {.rule = rule,
                          .hard = 1 - rule->label_smoothing,
                          .smooth = rule->label_smoothing / call->y.channels};
    for (int c = 0; c < call->y.channels; c++)
        terms.weight_sum += class_weight(rule, c);
    double count = loss_sum(call, &terms, label_weight);
    terms.factor = call->scale / count;
    return loss_sum(call, &terms, losses_and_gradients) / count;
}

const struct loss_ops PER_ISA(loss_cross_entropy) = {
    .name = "cross_entropy",
    .summary = "minus the log of the probability that softmax gives to the label",
    .example = "loss: {cross_entropy: {label_smoothing: 0.1}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct cross_entropy),
    .check = check,
    .run = run,
};
