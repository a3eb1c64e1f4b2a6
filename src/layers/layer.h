/* layer.h: what the files of the kinds share.
 *
 * A kind's file ends in `const struct layer_ops PER_ISA(layer_KIND)`, and every other symbol in it is static.
 * The functions here are compiled once and plain: they run when a graph is built, not when it is trained. */
#ifndef LAYERS_LAYER_H
#define LAYERS_LAYER_H

#include "netrun/layers.h"

#include <string.h>

/* ---- infer: each refuses with an error at `pos` that begins with the kind's name ----------------- */

/* Refuses the input `index` unless it is a map, or a vector. */
bool layer_takes_map(const char *kind, const struct layer_info *info, int index,
                     const struct pos *pos, struct report *report);
bool layer_takes_vector(const char *kind, const struct layer_info *info, int index,
                        const struct pos *pos, struct report *report);

/* Sets info->out, refusing more than TENSOR_MOST_ELEMENTS. The sizes are at least 1. */
bool layer_gives_map(const char *kind, struct layer_info *info, int64_t channels, int64_t height,
                     int64_t width, const struct pos *pos, struct report *report);
bool layer_gives_vector(const char *kind, struct layer_info *info, int64_t channels,
                        const struct pos *pos, struct report *report);

/* Adds a parameter to info, refusing more than TENSOR_MOST_ELEMENTS. */
bool layer_add_param(const char *kind, struct layer_info *info, struct layer_param param,
                     const struct pos *pos, struct report *report);

/* Bytes for `count` floats (doubles: twice as many), rounded up to whole cache lines, so that pieces of
 * scratch memory that follow one another stay aligned. */
static inline size_t layer_bytes(size_t count) {
    return (count * sizeof(float) + 63) / 64 * 64;
}

/* Bytes that hold an image of x, or of y. */
size_t layer_image_bytes(const struct layer_info *info);

/* ---- forward and backward ----------------------------------------------------------------------- */

/* The channels of one pixel, counted through the whole batch. */
static inline float *layer_pixel(struct tensor tensor, size_t pixel) {
    return tensor.data + pixel * (size_t)tensor.pitch;
}

/* Asks for pixels that are read soon (or written): caches of large machines are slow to answer, and what runs
 * ahead by itself stops at the end of each page. */
static inline void layer_prefetch(struct tensor tensor, size_t first, size_t count, bool write) {
    enum { LINE = 64 / sizeof(float) };
    size_t pixels = tensor_pixels(tensor), pitch = (size_t)tensor.pitch;
    size_t end = first + count < pixels ? first + count : pixels;
    for (size_t i = first * pitch; i < end * pitch; i += LINE)
        if (write)
            __builtin_prefetch(tensor.data + i, 1, 2);
        else
            __builtin_prefetch(tensor.data + i, 0, 2);
}

/* One image of x or dy: as it lies, or made in `memory`. */
static inline struct tensor layer_read_image(struct tensor map, struct layer_maker maker, int image,
                                             float *memory) {
    size_t pixels = (size_t)map.height * (size_t)map.width;
    if (!maker.make)
        return tensor_images(map, image, 1);
    maker.make(maker.call, (size_t)image * pixels, pixels, memory, (size_t)map.channels);
    return tensor_at(memory, 1, shape_map(map.channels, map.height, map.width), map.channels);
}

/* Offers one image of y or dx, which is written. */
static inline void layer_offer_image(struct tensor map, struct layer_taker taker, int slice,
                                     int image) {
    size_t width = (size_t)map.width, first = (size_t)image * (size_t)map.height * width;
    for (int row = 0; taker.take && row < map.height; row += LAYER_OFFER_ROWS) {
        int rows = map.height - row < LAYER_OFFER_ROWS ? map.height - row : LAYER_OFFER_ROWS;
        taker.take(taker.call, slice, first + (size_t)row * width, (size_t)rows * width);
    }
}

/* Every pixel's channels to zero, or to `values`; the gap up to the pitch is left alone. */
static inline void layer_clear(struct tensor tensor) {
    size_t pixels = tensor_pixels(tensor);
    for (size_t p = 0; p < pixels; p++)
        memset(layer_pixel(tensor, p), 0, (size_t)tensor.channels * sizeof(float));
}

static inline void layer_fill(struct tensor tensor, const float *values) {
    size_t pixels = tensor_pixels(tensor);
    for (size_t p = 0; p < pixels; p++)
        memcpy(layer_pixel(tensor, p), values, (size_t)tensor.channels * sizeof(float));
}

/* The scratch memory of the call, the piece of it that belongs to a slice's worker, and to the slice. */
static inline void *layer_shared_scratch(const struct layer_call *call) {
    return call->shared_scratch;
}

static inline void *layer_worker_scratch(const struct layer_call *call, struct slice slice) {
    return call->worker_scratch + (size_t)slice.worker * call->worker_stride;
}

static inline void *layer_slice_scratch(const struct layer_call *call, int slice) {
    return call->slice_scratch + (size_t)slice * call->slice_stride;
}

/* What forward left for backward of one image (its part of saved_per_image). NULL: nothing is kept, no
 * backward will follow. */
static inline void *layer_saved(const struct layer_call *call, int image) {
    if (!call->saved)
        return NULL;
    return (char *)call->saved + call->info->saved_per_batch +
           (size_t)image * call->info->saved_per_image;
}

#endif
