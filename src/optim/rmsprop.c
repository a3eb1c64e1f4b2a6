/* rmsprop: the gradient divided by the root of the running mean of its square.
 *
 * torch.optim.RMSprop to the letter (eps outside the root, and the rate multiplies the momentum buffer, not
 * what goes into it):
 *     g += weight_decay p;  v = alpha v + (1 - alpha) g^2;  centered: a = alpha a + (1 - alpha) g, v - a^2 for v;
 *     b = momentum b + g / (sqrt(v) + eps);  p -= lr b.
 * State: v, then a if centered, then b if there is a momentum. */
#include "decay.h"

#include "netrun/optim.h"

#include <math.h>

struct rmsprop {
    double lr, alpha, eps, weight_decay, momentum;
    bool centered;
};

static const struct attr attrs[] = {
    {.name = "lr",
     .summary = "learning rate",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct rmsprop, lr),
     .fallback = 0.01,
     .min = 0,
     .max = INFINITY,
     .also = "learning_rate"},
    {.name = "alpha",
     .summary = "share of the mean square that each step keeps",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct rmsprop, alpha),
     .fallback = 0.99,
     .min = 0,
     .max = 1},
    {.name = "eps",
     .summary = "added to the root of the mean square, against division by 0",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct rmsprop, eps),
     .fallback = 1e-8,
     .min = 0,
     .max = INFINITY},
    {.name = "weight_decay",
     .summary = "times the parameter, added to its gradient",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct rmsprop, weight_decay),
     .min = 0,
     .max = INFINITY},
    {.name = "momentum",
     .summary = "share of the last step's direction that is kept",
     .type = ATTR_FLOAT,
     .offset = offsetof(struct rmsprop, momentum),
     .min = 0,
     .max = 1},
    {.name = "centered",
     .summary =
         "divide by the deviation from the mean gradient, not by the root of the mean square",
     .type = ATTR_BOOL,
     .offset = offsetof(struct rmsprop, centered)},
};

static int slots(const void *config) {
    const struct rmsprop *rule = config;
    return 1 + rule->centered + (rule->momentum > 0);
}

struct numbers {
    float rate, clip, decay, keep, take, eps, momentum;
};

/* The flags are constants in each call, so that every case has a loop without branches. */
static inline void descend(const struct optim_step *step, struct numbers by, bool centered,
                           bool moving) {
    const float *restrict gradients = step->gradient;
    float *restrict values = step->values, *restrict squares = step->state;
    float *restrict means = step->state + step->slot_stride;
    float *restrict buffer = step->state + step->slot_stride * (centered ? 2 : 1);
    for (size_t i = 0; i < step->size; i++) {
        float gradient = by.clip * gradients[i] + by.decay * values[i];
        squares[i] = decay_kept(by.keep * squares[i] + by.take * gradient * gradient);
        float square = squares[i];
        if (centered) {
            means[i] = decay_kept(by.keep * means[i] + by.take * gradient);
            square -= means[i] * means[i];
            square = square < 0 ? 0 : square; /* rounding */
        }
        float direction = gradient / (sqrtf(square) + by.eps);
        if (moving)
            direction = buffer[i] = decay_kept(by.momentum * buffer[i] + direction);
        values[i] -= by.rate * direction;
    }
}

static void step(const struct optim_step *step) {
    const struct rmsprop *rule = step->config;
    struct numbers by = {.rate = (float)(rule->lr * step->rate_factor),
                         .clip = (float)step->gradient_factor,
                         .decay = (float)(rule->weight_decay * step->decay_factor),
                         .keep = (float)rule->alpha,
                         .take = (float)(1 - rule->alpha),
                         .eps = (float)rule->eps,
                         .momentum = (float)rule->momentum};
    if (rule->centered && rule->momentum > 0)
        descend(step, by, true, true);
    else if (rule->centered)
        descend(step, by, true, false);
    else if (rule->momentum > 0)
        descend(step, by, false, true);
    else
        descend(step, by, false, false);
}

const struct optim_ops PER_ISA(optim_rmsprop) = {
    .name = "rmsprop",
    .summary = "the gradient over the root of the running mean of its square",
    .example = "optimizer: {rmsprop: {lr: 0.001, momentum: 0.9}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct rmsprop),
    .slots = slots,
    .step = step,
};
