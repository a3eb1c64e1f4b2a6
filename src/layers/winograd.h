/* winograd.h: how Winograd's convolution cuts its work, for its kernels and for the sizes of its memory.
 *
 * A convolution of `from` (padded) to `to`: from image to places; or, with flipped filters and the padding
 * 2 - p, from places to image. The cut follows from shapes alone, never from threads or the instruction set. */
#ifndef LAYERS_WINOGRAD_H
#define LAYERS_WINOGRAD_H

#include "convolution.h"
#include "vector.h"

struct tiling {
    int tile, patch;  /* outputs and inputs of a tile, each way */
    size_t planes;    /* products of a tile: patch x patch */
    int down, across; /* tiles of one image */
    int rows;         /* rows of tiles in a chunk */
    size_t from, to;  /* floats of a pixel in scratch memory: channels in whole vectors */
    size_t from_plane, to_plane; /* floats from plane to plane */
};

/* From image to places, and back. */
struct tiling winograd_to_places(const struct convolution *shape);
struct tiling winograd_to_image(const struct convolution *shape);

#ifdef ISA
/* The part of a tile that lies on the output. */
struct target_tile {
    float *first; /* channel 0 of its first pixel */
    size_t pitch, row_pitch;
    int rows, columns, channels;
    const float *bias; /* of each channel, or NULL */
    bool add;
};

/* The transforms of a size of tile. Plane (i, j) begins at planes[(i * patch + j) * plane]. */
struct winograd_transforms {
    /* B' d B and A dY A' of the tile whose pixels, of `pixel` floats, begin at float `first` of the rows. */
    void (*input)(const float *const rows[], size_t first, size_t pixel, float *planes,
                  size_t plane);
    void (*gradient)(const float *const rows[], size_t first, size_t pixel, float *planes,
                     size_t plane);
    /* A' m A of a tile's products m, to where it belongs. */
    void (*output)(const float *planes, size_t plane, const struct target_tile *tile);
    /* G g G' and G' m G of one vector of filters. */
    void (*filter)(vector g[3][3], float *planes, size_t plane);
    void (*filter_gradient)(const float *planes, size_t plane, vector g[3][3]);
};
extern const struct winograd_transforms PER_ISA(winograd4), PER_ISA(winograd5);
#endif

#endif
