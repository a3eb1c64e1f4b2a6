/* wrapped.h: a source of grey images with one label each, inside a source that makes masks of the labels. */
#ifndef DATA_WRAPPED_H
#define DATA_WRAPPED_H

#include "netrun/data.h"

struct wrapped {
    const struct source_ops *source;
    const void *config;
};

/* Reads `of: mnist` or `of: {synthetic: {objects: digits}}`. */
bool wrapped_read(struct arena *arena, const struct node *of, struct wrapped *wrapped,
                  struct report *report);

/* What is known of the images inside; refuses those of several channels, and those with masks. */
bool wrapped_describe(const struct wrapped *wrapped, const struct data_request *request,
                      struct arena *arena, struct dataset *inner, struct report *report);

/* Are its files there? False: see the report. */
bool wrapped_reachable(const struct wrapped *wrapped, const struct data_request *request,
                       struct arena *arena, struct report *report);

/* Opens them, described again, or their stand-in where the request allows one. */
bool wrapped_open(const struct wrapped *wrapped, const struct data_request *request,
                  struct arena *arena, struct dataset *inner, struct report *report);

/* The classes of masks: "background", then those of the images. False: out of memory. */
bool wrapped_classes(const struct dataset *inner, struct arena *arena, struct dataset *dataset);

/* label + 1 where the first channel is over 0, else 0. */
void wrapped_mask(const uint8_t *pixels, struct shape shape, int label, int32_t *mask);

#endif
