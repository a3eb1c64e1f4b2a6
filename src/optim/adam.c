/* adam: each parameter's own rate, from running means of its gradient and squared gradient.
 *
 * torch.optim.Adam (Kingma and Ba 2015), with one pass over the memory:
 *     g += weight_decay p;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;
 *     p -= lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps);
 * amsgrad: v below the root is the largest so far. State: m, v and, with amsgrad, that largest. */
#include "adam.h"
#include "decay.h"

static const struct attr attrs[] = {
    ADAM_ATTRS("times the parameter, added to its gradient", 0),
};

bool PER_ISA(adam_check)(const void *config, const struct pos *pos, struct report *report) {
    const struct adam *rule = config;
    const double *betas = rule->betas.items;
    if (rule->betas.count == 0 || (rule->betas.count == 2 && betas[0] < 1 && betas[1] < 1))
        return true;
    return report_at(report, pos, "betas are two numbers from 0 to under 1, like [0.9, 0.999]");
}

int PER_ISA(adam_slots)(const void *config) {
    const struct adam *rule = config;
    return rule->amsgrad ? 3 : 2;
}

/* g = clip g + decay p; p = shrink p - rate m / (unbias sqrt(v) + eps). */
struct numbers {
    float clip, decay, shrink, keep_mean, take_mean, keep_square, take_square, rate, unbias, eps;
};

static struct numbers numbers_of(const struct optim_step *step, bool apart) {
    const struct adam *rule = step->config;
    const double *betas = rule->betas.count > 0 ? rule->betas.items : (const double[]){.9, .999};
    double rate = rule->lr * step->rate_factor, decay = rule->weight_decay * step->decay_factor;
    double times = (double)step->step;
    return (struct numbers){.clip = (float)step->gradient_factor,
                            .decay = apart ? 0 : (float)decay,
                            .shrink = apart ? (float)(1 - rate * decay) : 1,
                            .keep_mean = (float)betas[0],
                            .take_mean = (float)(1 - betas[0]),
                            .keep_square = (float)betas[1],
                            .take_square = (float)(1 - betas[1]),
                            .rate = (float)(rate / (1 - pow(betas[0], times))),
                            .unbias = (float)(1 / sqrt(1 - pow(betas[1], times))),
                            .eps = (float)rule->eps};
}

static inline float descended(float value, float mean, float square, struct numbers by) {
    return by.shrink * value - by.rate * mean / (by.unbias * sqrtf(square) + by.eps);
}

static void descend(const struct optim_step *step, struct numbers by) {
    const float *restrict gradients = step->gradient;
    float *restrict values = step->values, *restrict means = step->state;
    float *restrict squares = step->state + step->slot_stride;
    for (size_t i = 0; i < step->size; i++) {
        float gradient = by.clip * gradients[i] + by.decay * values[i];
        means[i] = decay_kept(by.keep_mean * means[i] + by.take_mean * gradient);
        squares[i] = decay_kept(by.keep_square * squares[i] + by.take_square * gradient * gradient);
        values[i] = descended(values[i], means[i], squares[i], by);
    }
}

static void descend_by_largest(const struct optim_step *step, struct numbers by) {
    const float *restrict gradients = step->gradient;
    float *restrict values = step->values, *restrict means = step->state;
    float *restrict squares = step->state + step->slot_stride;
    float *restrict largest = step->state + 2 * step->slot_stride;
    for (size_t i = 0; i < step->size; i++) {
        float gradient = by.clip * gradients[i] + by.decay * values[i];
        means[i] = decay_kept(by.keep_mean * means[i] + by.take_mean * gradient);
        squares[i] = decay_kept(by.keep_square * squares[i] + by.take_square * gradient * gradient);
        largest[i] = largest[i] > squares[i] ? largest[i] : squares[i];
        values[i] = descended(values[i], means[i], largest[i], by);
    }
}

void PER_ISA(adam_step)(const struct optim_step *step, bool apart) {
    const struct adam *rule = step->config;
    struct numbers by = numbers_of(step, apart);
    if (rule->amsgrad)
        descend_by_largest(step, by);
    else
        descend(step, by);
}

static void step(const struct optim_step *step) {
    PER_ISA(adam_step)(step, false);
}

const struct optim_ops PER_ISA(optim_adam) = {
    .name = "adam",
    .summary = "each parameter's own rate, from running means of its gradient and its square",
    .example = "optimizer: {adam: {lr: 0.001}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct adam),
    .check = PER_ISA(adam_check),
    .slots = PER_ISA(adam_slots),
    .step = step,
};
