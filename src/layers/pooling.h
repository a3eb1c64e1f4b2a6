/* pooling.h: what the kinds that summarise windows have in common - attributes, shape step, the walk. */
#ifndef LAYERS_POOLING_H
#define LAYERS_POOLING_H

#include "window.h"

struct pooling {
    struct attr_size kernel, stride, padding;
};

enum { POOLING_ATTRS = 3 };
extern const struct attr pooling_attrs[POOLING_ATTRS];

/* Scratch memory of a worker: the kind's own, up to a double per channel; then an image, where it is made. */
static inline size_t pooling_own(const struct layer_info *info) {
    return layer_bytes(2 * (size_t)info->in[0].channels);
}

/* Sets the stride that was not written, and refuses what PyTorch refuses: padding over half the kernel (a
 * window could lie on padding alone), windows larger than the padded map. */
bool pooling_infer(struct pooling *pooling, const char *kind, struct layer_info *info,
                   const struct pos *pos, struct report *report);

struct window pooling_window(const struct pooling *pooling, const struct layer_info *info);

/* The pixels that the window covers at one place. */
struct field {
    struct span down, across;
    struct tensor image;  /* the one image, of x or dx ... */
    struct tensor places; /* ... and of y or dy */
    size_t place;         /* in it */
    size_t before;        /* places of the images before */
    void *scratch;        /* the kind's own */
};

/* Memory for an image that is made. */
static inline float *pooling_memory(const struct layer_call *call, struct slice slice) {
    return (void *)((char *)layer_worker_scratch(call, slice) + pooling_own(call->info));
}

/* The channels under tap (row, column), which is one of the spans'. */
static inline float *field_pixel(const struct field *field, int row, int column) {
    size_t y = (size_t)(field->down.start + row), x = (size_t)(field->across.start + column);
    return layer_pixel(field->image, y * (size_t)field->image.width + x);
}

typedef void (*pooling_body)(const struct layer_call *call, const struct window *window,
                             const struct field *field);

/* Calls `body` for every place of the window on the image of a field, in order. */
static inline void pooling_walk(const struct layer_call *call, const struct window *window,
                                struct field field, pooling_body body) {
    for (int row = 0; row < window->rows.out; row++) {
        field.down = axis_span(&window->rows, row);
        for (int column = 0; column < window->columns.out; column++, field.place++) {
            field.across = axis_span(&window->columns, column);
            body(call, window, &field);
        }
    }
}

/* Forward of a slice: `body` fills a place. */
static inline void pooling_forward(const struct layer_call *call, struct slice slice,
                                   pooling_body body) {
    struct window window = pooling_window(call->config, call->info);
    float *memory = pooling_memory(call, slice);
    for (int n = slice.first; n < slice.first + slice.count; n++) {
        struct field field = {.image = layer_read_image(call->x[0], call->make_x, n, memory),
                              .places = tensor_images(call->y, n, 1),
                              .before = (size_t)n * tensor_pixels(tensor_images(call->y, n, 1)),
                              .scratch = layer_worker_scratch(call, slice)};
        pooling_walk(call, &window, field, body);
        layer_offer_image(call->y, call->offer_y, slice.index, n);
    }
}

/* Backward of a slice: `body` adds what a place gives. */
static inline void pooling_backward(const struct layer_call *call, struct slice slice,
                                    pooling_body body) {
    struct window window = pooling_window(call->config, call->info);
    float *memory = pooling_memory(call, slice);
    for (int n = slice.first; n < slice.first + slice.count; n++) {
        struct field field = {.image = tensor_images(call->dx[0], n, 1),
                              .places = layer_read_image(call->dy, call->make_dy, n, memory),
                              .scratch = layer_worker_scratch(call, slice)};
        field.before = (size_t)n * tensor_pixels(field.places);
        if (!call->dx_add[0])
            layer_clear(field.image);
        pooling_walk(call, &window, field, body);
        layer_offer_image(call->dx[0], call->offer_dx, slice.index, n);
    }
}

#endif
