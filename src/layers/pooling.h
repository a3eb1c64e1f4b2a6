/* pooling.h: what the kinds that summarise windows have in common - attributes, shape step, the walk. */
#ifndef LAYERS_POOLING_H
#define LAYERS_POOLING_H

#include "window.h"

struct pooling {
    struct attr_size kernel, stride, padding;
};

enum { POOLING_ATTRS = 3 };
extern const struct attr pooling_attrs[POOLING_ATTRS];

/* Sets the stride that was not written, and refuses what PyTorch refuses: padding over half the kernel (a
 * window could lie on padding alone), windows larger than the padded map. */
bool pooling_infer(struct pooling *pooling, const char *kind, struct layer_info *info,
                   const struct pos *pos, struct report *report);

struct window pooling_window(const struct pooling *pooling, const struct layer_info *info);

/* The pixels that the window covers at one place. */
struct field {
    struct span down, across;
    struct tensor image; /* the one image, of x or dx */
    size_t place;        /* counted through the whole batch */
    void *scratch;       /* the worker's */
};

/* The channels under tap (row, column), which is one of the spans'. */
static inline float *field_pixel(const struct field *field, int row, int column) {
    size_t y = (size_t)(field->down.start + row), x = (size_t)(field->across.start + column);
    return layer_pixel(field->image, y * (size_t)field->image.width + x);
}

/* Calls `body` for every place of the window on the images of a slice, in order; `map` is x or dx. */
static inline void pooling_walk(const struct layer_call *call, const struct window *window,
                                struct slice slice, struct tensor map,
                                void (*body)(const struct layer_call *call,
                                             const struct window *window,
                                             const struct field *field)) {
    size_t places = (size_t)window->rows.out * (size_t)window->columns.out;
    struct field field = {.place = (size_t)slice.first * places,
                          .scratch = layer_worker_scratch(call, slice)};
    for (int n = 0; n < slice.count; n++) {
        field.image = tensor_images(map, slice.first + n, 1);
        for (int row = 0; row < window->rows.out; row++) {
            field.down = axis_span(&window->rows, row);
            for (int column = 0; column < window->columns.out; column++, field.place++) {
                field.across = axis_span(&window->columns, column);
                body(call, window, &field);
            }
        }
    }
}

#endif
