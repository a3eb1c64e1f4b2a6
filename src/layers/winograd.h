/* winograd.h: how Winograd's convolution cuts its work, for its kernels and for the sizes of its memory.
 *
 * A convolution of `from` (padded) to `to`: from image to places; or, with flipped filters and the padding
 * 2 - p, from places to image. The cut follows from shapes alone, never from threads or the instruction set. */
#ifndef LAYERS_WINOGRAD_H
#define LAYERS_WINOGRAD_H

#include "convolution.h"

enum {
    TILE = 4,  /* outputs of a tile, each way */
    PATCH = 6, /* inputs of a tile, each way */
    PLANES = 36
};

struct tiling {
    int down, across; /* tiles of one image */
    int rows;         /* rows of tiles in a chunk */
    size_t from, to;  /* floats of a pixel in scratch memory: channels in whole vectors */
    size_t from_plane, to_plane; /* floats from plane to plane */
};

/* For outputs of this height and width. */
struct tiling tiling_of(int height, int width, int from_channels, int to_channels);

#endif
