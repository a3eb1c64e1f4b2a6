/* columns.h: convolution as products of matrices. */
#ifndef LAYERS_COLUMNS_H
#define LAYERS_COLUMNS_H

#include "convolution.h"

/* Places per block of columns. */
int columns_block(const struct convolution *shape);

#endif
