/* init.h: the initialisations that init.c lists; each group of them has its file. */
#ifndef LAYERS_INIT_H
#define LAYERS_INIT_H

#include "netrun/layers.h"

extern const struct init_ops init_default, init_uniform, init_normal, init_constant, init_zeros;
extern const struct init_ops init_kaiming, init_kaiming_uniform, init_xavier, init_xavier_normal;
extern const struct init_ops init_orthogonal;

/* U(-bound, bound) and N(0, std^2), value after value. */
void init_fill_uniform(const struct layer_param *param, struct random *random, double bound,
                       float *values);
void init_fill_normal(const struct layer_param *param, struct random *random, double std,
                      float *values);

#endif
