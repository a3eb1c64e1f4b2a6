/* How the values of a slice lie in memory, for kinds that treat every value alike: one long row where no
 * tensor has a gap between its pixels, else a row per pixel. */
#ifndef LAYERS_ROWS_H
#define LAYERS_ROWS_H

#include "layer.h"

/* The shape step of kinds whose output is like their one input, map or vector. */
bool layer_same_shape(void *config, struct layer_info *info, const struct pos *pos,
                      struct report *report);

/* No element of the loop depends on another, also where the output lies exactly over an input: the compiler
 * need not check whether they overlap. */
#if defined(__clang__)
#define ROWS_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define ROWS_INDEPENDENT _Pragma("GCC ivdep")
#endif

/* Row r of a view begins at layer_pixel(view, r) and holds `length` values. */
struct rows {
    size_t count, length;
};

static inline bool tensor_dense(struct tensor view) {
    return view.pitch == view.channels;
}

/* `dense`: all views that are gone through together are. */
static inline struct rows rows_of(struct tensor view, bool dense) {
    size_t pixels = tensor_pixels(view), channels = (size_t)view.channels;
    return dense ? (struct rows){1, pixels * channels} : (struct rows){pixels, channels};
}

#endif
