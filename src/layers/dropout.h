/* What dropout and dropout2d share: forward multiplies x by the mask's factors, backward multiplies dy by
 * the same; in evaluation both hand on what they get. */
#ifndef LAYERS_DROPOUT_H
#define LAYERS_DROPOUT_H

#include "mask.h"

/* One image: to = from * factors, or to += (`add`). `worker` names the scratch memory. */
typedef void dropout_image(const struct layer_call *call, struct mask *mask, struct slice worker,
                           struct tensor from, struct tensor to, bool add);

void PER_ISA(dropout_forward)(const struct layer_call *call, dropout_image *image);
void PER_ISA(dropout_backward)(const struct layer_call *call, dropout_image *image);

/* to[i] = from[i] * factors[i], or += ; `to` may be `from`. */
void PER_ISA(dropout_scale)(const float *from, const float *factors, float *to, size_t n, bool add);

#endif
