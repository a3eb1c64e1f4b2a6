/* resize.h: a picture in another size and other colours. */
#ifndef DATA_RESIZE_H
#define DATA_RESIZE_H

#include "netrun/format.h"
#include "netrun/tensor.h"

/* Writes the picture as height x width x channels bytes; 1 or 3 channels. Memory for a moment from `arena`.
 * False: out of memory. */
bool resize_picture(struct arena *arena, const struct picture *picture, struct shape shape,
                    uint8_t *to);

#endif
