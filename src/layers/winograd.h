/* winograd.h: what the files of Winograd's convolution share: how it cuts its work, its transforms, its steps.
 *
 * A convolution of `from` (padded) to `to`: from image to places; or, with flipped filters and the padding
 * 2 - p, from places to image. The cut follows from shapes alone, never from threads or the instruction set. */
#ifndef LAYERS_WINOGRAD_H
#define LAYERS_WINOGRAD_H

#include "product.h"
#include "strip.h"

struct tiling {
    int tile, patch;  /* outputs and inputs of a tile, each way */
    size_t planes;    /* products of a tile: patch x patch */
    int down, across; /* tiles of one image */
    int rows;         /* rows of tiles whose planes are in memory at a time */
    size_t from, to;  /* floats of a pixel in scratch memory: channels in whole vectors */
    size_t from_plane, to_plane; /* floats from plane to plane */
};

/* Between planes there is a gap, since strides of a power of two would all meet in one set of the cache. */
enum { TILING_GAP = 16 };

static inline void tiling_keep(struct tiling *t, int rows) {
    t->rows = rows;
    t->from_plane = (size_t)rows * (size_t)t->across * t->from + TILING_GAP;
    t->to_plane = (size_t)rows * (size_t)t->across * t->to + TILING_GAP;
}

/* From image to places, and back. */
struct tiling winograd_to_places(const struct convolution *shape);
struct tiling winograd_to_image(const struct convolution *shape);

/* Plane by plane: images whose planes are in memory at a time. */
int winograd_wave(const struct convolution *shape);

/* Pixels under a row of tiles. */
static inline int winograd_columns(const struct tiling *t) {
    return t->across * t->tile + t->patch - t->tile;
}

static inline size_t winograd_strip(const struct tiling *t, size_t pixel) {
    return strip_floats(t->patch, winograd_columns(t), pixel);
}

#ifdef ISA
/* What a row of tiles covers of the output: its rows, at most as many as those of a tile. */
struct target_row {
    float *first; /* channel 0 of the first pixel */
    size_t pitch, row_pitch;
    int rows, width, channels;
    const float *bias; /* of each channel, or NULL */
    bool add;
};

/* The transforms of a size of tile, for tiles side by side. Plane (i, j) begins at planes[(i * patch + j) * plane],
 * and has `pixel` floats for each tile. */
struct winograd_transforms {
    /* B' d B and A dY A' of `count` tiles, whose pixels, of `pixel` floats, begin at float `first` of the rows. */
    void (*input)(const float *const rows[], size_t first, size_t pixel, int count, float *planes,
                  size_t plane);
    void (*gradient)(const float *const rows[], size_t first, size_t pixel, int count,
                     float *planes, size_t plane);
    /* A' m A of the products m of as many tiles as the row has. */
    void (*output)(const float *planes, size_t plane, size_t pixel, const struct target_row *row);
    /* G g G' and G' m G of one vector of filters. */
    void (*filter)(vector g[3][3], float *planes, size_t plane);
    void (*filter_gradient)(const float *planes, size_t plane, vector g[3][3]);
};
extern const struct winograd_transforms PER_ISA(winograd4), PER_ISA(winograd5);

/* ---- steps --------------------------------------------------------------------------------------- */

/* One way through the layer, for the images of a slice, which begin with the first tiles of its planes. */
struct winograd_run {
    const struct winograd_transforms *transforms;
    struct strip from;
    struct tensor to;
    struct layer_taker taker; /* of `to` */
    struct slice slice;
    const float *filters;
    struct tiling tiling;
    int from_channels;
    float *in, *out; /* planes, left to the caller */
};

struct winograd_run PER_ISA(winograd_run)(const struct convolution_pass *pass, bool back,
                                          float *strip);

/* Rows of tiles first .. first + count - 1, counted through the images of the slice. The planes begin with
 * them. */
struct winograd_rows {
    int first, count;
};

void PER_ISA(winograd_pack_to_places)(const struct convolution *shape,
                                      const struct layer_call *call);
void PER_ISA(winograd_pack_to_image)(const struct convolution *shape,
                                     const struct layer_call *call);

/* Pixels to `in`, and `out` to pixels. */
void PER_ISA(winograd_read)(struct winograd_run *run, struct winograd_rows rows);
void PER_ISA(winograd_write)(const struct winograd_run *run, struct winograd_rows rows,
                             const float *bias, bool add);

/* out[plane] = in[plane] x filters[plane] */
struct product PER_ISA(winograd_product)(const struct winograd_run *run, size_t plane,
                                         size_t tiles);

/* The gradient of the weights: what its sums over tiles are made of, `there` with its `in` planes, and dY. The
 * strip of dY has a border of one pixel, as the data gradient wants it where padding is 1. */
struct winograd_weighing {
    struct winograd_run there;
    struct strip gradients;
    float *planes;   /* A dY A' */
    float *products; /* from x to */
    double *sums;    /* over all places, added to; or NULL */
};

/* With two strips in `strips`. */
struct winograd_weighing PER_ISA(winograd_weighing)(const struct convolution_pass *pass,
                                                    float *strips, double *sums);

/* Pixels of x and dY to planes and sums; dY also to planes for the data gradient, unless `data` is NULL. */
void PER_ISA(winograd_weigh)(struct winograd_weighing *weighing, struct winograd_rows rows,
                             float *data);

/* products[plane] (+)= in[plane]' x planes[plane] */
struct product PER_ISA(winograd_weight_product)(const struct winograd_weighing *weighing,
                                                size_t plane, size_t tiles, bool add);
#endif

#endif
