/* Shapes of one image's value: maps (channels x height x width) and vectors (channels). */
#include "netrun/tensor.h"

struct shape shape_map(int channels, int height, int width) {
    return (struct shape){.rank = 3, .channels = channels, .height = height, .width = width};
}

struct shape shape_vector(int channels) {
    return (struct shape){.rank = 1, .channels = channels, .height = 1, .width = 1};
}

bool shape_equal(struct shape a, struct shape b) {
    return a.rank == b.rank && a.channels == b.channels && a.height == b.height &&
           a.width == b.width;
}

size_t shape_size(struct shape shape) {
    return (size_t)shape.channels * (size_t)shape.height * (size_t)shape.width;
}

struct quoted shape_text(struct shape shape) {
    struct quoted text;
    if (shape.rank == 1) {
        snprintf(text.text, sizeof text.text, "%d", shape.channels);
    } else {
        snprintf(text.text, sizeof text.text, "%dx%dx%d", shape.channels, shape.height,
                 shape.width);
    }
    return text;
}
