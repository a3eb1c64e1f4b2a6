/* sgd: stochastic gradient descent with momentum.
 *
 * torch.optim.SGD to the letter: the momentum buffer starts as the first gradient (dampening is not applied
 * to it), and the rate multiplies the buffer, not what goes into it:
 *     g += weight_decay p;  v = momentum v + (1 - dampening) g;  p -= lr (nesterov ? g + momentum v : v). */
#include "decay.h"

#include "netrun/optim.h"

#include <math.h>

struct sgd {
    double lr, momentum, dampening, weight_decay;
    bool nesterov;
};

static const struct attr attrs[] = {
    {.name = "lr",
     .summary = "learning rate",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct sgd, lr),
     .required = true,
     .min = 0,
     .max = INFINITY,
     .also = "learning_rate"},
    {.name = "momentum",
     .summary = "share of the last step's direction that is kept",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct sgd, momentum),
     .min = 0,
     .max = 1},
    {.name = "dampening",
     .summary = "share of the gradient that does not enter the direction",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct sgd, dampening),
     .min = 0,
     .max = 1},
    {.name = "weight_decay",
     .summary = "times the parameter, added to its gradient",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct sgd, weight_decay),
     .min = 0,
     .max = INFINITY},
    {.name = "nesterov",
     .summary = "look ahead along the direction; needs a momentum and no dampening",
     .type = ATTR_BOOL,
     .offset = offsetof(struct sgd, nesterov)},
};

static bool check(const void *config, const struct pos *pos, struct report *report) {
    const struct sgd *rule = config;
    if (!rule->nesterov || (rule->momentum > 0 && rule->dampening == 0))
        return true;
    return report_at(report, pos,
                     "nesterov needs a momentum over 0 and no dampening; set momentum: 0.9 or drop "
                     "nesterov");
}

static int slots(const void *config) {
    const struct sgd *rule = config;
    return rule->momentum > 0 ? 1 : 0;
}

/* g = clip g + decay p; v = keep v + take g; p -= rate (look g + push v). */
struct numbers {
    float rate, decay, clip, keep, take, look, push;
};

static void descend(const struct optim_step *step, struct numbers by) {
    float *values = step->values;
    for (size_t i = 0; i < step->size; i++)
        values[i] -= by.rate * (by.clip * step->gradient[i] + by.decay * values[i]);
}

static void descend_with_momentum(const struct optim_step *step, struct numbers by) {
    float *values = step->values, *buffer = step->state;
    for (size_t i = 0; i < step->size; i++) {
        float gradient = by.clip * step->gradient[i] + by.decay * values[i];
        buffer[i] = decay_kept(by.keep * buffer[i] + by.take * gradient);
        values[i] -= by.rate * (by.look * gradient + by.push * buffer[i]);
    }
}

static void step(const struct optim_step *step) {
    const struct sgd *rule = step->config;
    bool first = step->step == 1;
    struct numbers by = {.rate = (float)(rule->lr * step->rate_factor),
                         .decay = (float)(rule->weight_decay * step->decay_factor),
                         .clip = (float)step->gradient_factor,
                         .keep = first ? 0 : (float)rule->momentum,
                         .take = first ? 1 : (float)(1 - rule->dampening),
                         .look = rule->nesterov ? 1 : 0,
                         .push = rule->nesterov ? (float)rule->momentum : 1};
    if (rule->momentum > 0)
        descend_with_momentum(step, by);
    else
        descend(step, by);
}

const struct optim_ops PER_ISA(optim_sgd) = {
    .name = "sgd",
    .summary = "stochastic gradient descent, with momentum if wanted",
    .example = "optimizer: {sgd: {lr: 0.1, momentum: 0.9, weight_decay: 1e-4}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct sgd),
    .check = check,
    .slots = slots,
    .step = step,
};
