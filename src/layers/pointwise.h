/* Forward and backward of elementwise kinds: a kind gives f and f' (struct layer_pointwise), the loops over
 * slices and rows are here. */
#ifndef LAYERS_POINTWISE_H
#define LAYERS_POINTWISE_H

#include "layer.h"
#include "rows.h"

void PER_ISA(pointwise_forward)(const struct layer_call *call,
                                const struct layer_pointwise *pointwise);
void PER_ISA(pointwise_backward)(const struct layer_call *call,
                                 const struct layer_pointwise *pointwise);

#endif
