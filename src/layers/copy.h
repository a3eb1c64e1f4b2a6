/* One tensor's values into another, for kinds that move values without changing them. */
#ifndef LAYERS_COPY_H
#define LAYERS_COPY_H

#include "layer.h"

/* to = from, or to += from. The views have the same images and shape and may differ in pitch; a copy of a
 * tensor to itself is nothing. */
void PER_ISA(copy_values)(struct tensor from, struct tensor to, bool add);

#endif
