/* adamw: adam with weight decay apart from the gradient.
 *
 * torch.optim.AdamW (Loshchilov and Hutter 2019): p *= 1 - lr weight_decay, then adam's step without decay. The
 * schedule's and the rules' factors of the rate reach the decay too, as in PyTorch. */
#include "adam.h"

static const struct attr attrs[] = {
    ADAM_ATTRS("share of the parameter, times the rate, that each step takes away", 0.01),
};

static void step(const struct optim_step *step) {
    PER_ISA(adam_step)(step, true);
}

const struct optim_ops PER_ISA(optim_adamw) = {
    .name = "adamw",
    .summary = "adam with weight decay apart from the gradient",
    .example = "optimizer: {adamw: {lr: 0.001, weight_decay: 0.05}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct adam),
    .check = PER_ISA(adam_check),
    .slots = PER_ISA(adam_slots),
    .step = step,
};
