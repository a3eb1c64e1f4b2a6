/* columns.h: convolution as products of matrices. */
#ifndef LAYERS_COLUMNS_H
#define LAYERS_COLUMNS_H

#include "convolution.h"

/* False: the image itself has a row per place. */
bool columns_needed(const struct convolution *shape);

/* Places per block of columns. */
int columns_block(const struct convolution *shape);

/* Where made places, and a made image, lie in scratch memory, in floats. */
size_t columns_places(const struct convolution *shape);
size_t columns_image(const struct convolution *shape);

#endif
