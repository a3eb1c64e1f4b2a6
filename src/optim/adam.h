/* adam.h: what adam and adamw share, which is all but where the weight decay goes. */
#ifndef OPTIM_ADAM_H
#define OPTIM_ADAM_H

#include "netrun/optim.h"

#include <math.h>

struct adam {
    double lr;
    struct attr_list betas; /* empty: 0.9, 0.999 */
    double eps, weight_decay;
    bool amsgrad;
};

/* clang-format off */
#define ADAM_FIELD(name) offsetof(struct adam, name)
#define ADAM_ATTRS(decay_summary, decay_default)                                                   \
    {"lr", "learning rate", ATTR_FLOAT, ADAM_FIELD(lr), .fallback = 1e-3,                          \
     .min = 0, .max = INFINITY, .also = "learning_rate"},                                          \
    {"betas", "shares of the mean gradient and the mean square that each step keeps",              \
     ATTR_FLOAT_LIST, ADAM_FIELD(betas), .min = 0, .max = 1, .shown = "[0.9, 0.999]"},             \
    {"eps", "added to the root of the mean square, against division by 0", ATTR_FLOAT,             \
     ADAM_FIELD(eps), .fallback = 1e-8, .min = 0, .max = INFINITY},                                \
    {"weight_decay", decay_summary, ATTR_FLOAT, ADAM_FIELD(weight_decay),                          \
     .fallback = (decay_default), .min = 0, .max = INFINITY},                                      \
    {"amsgrad", "divide by the root of the largest mean square so far", ATTR_BOOL,                 \
     .offset = ADAM_FIELD(amsgrad)}
/* clang-format on */

bool PER_ISA(adam_check)(const void *config, const struct pos *pos, struct report *report);
int PER_ISA(adam_slots)(const void *config);

/* The step, with the weight decay added to the gradient (adam), or `apart` from it (adamw). */
void PER_ISA(adam_step)(const struct optim_step *step, bool apart);

#endif
