/* Views of a batch in memory, their copies to and from PyTorch's order, and their norm.
 *
 * Nothing here touches the floats between `channels` and `pitch`; results never depend on them. */
#include "netrun/tensor.h"

#include <math.h>

struct tensor tensor_at(float *data, int images, struct shape shape, int pitch) {
    return (struct tensor){.data = data,
                           .images = images,
                           .height = shape.height,
                           .width = shape.width,
                           .channels = shape.channels,
                           .pitch = pitch};
}

struct tensor tensor_images(struct tensor tensor, int first, int count) {
    size_t pixels = (size_t)tensor.height * (size_t)tensor.width;
    tensor.data += (size_t)first * pixels * (size_t)tensor.pitch;
    tensor.images = count;
    return tensor;
}

struct tensor tensor_channels(struct tensor tensor, int first, int count) {
    tensor.data += first;
    tensor.channels = count;
    return tensor;
}

void tensor_to_nchw(struct tensor from, float *to) {
    size_t pixels = (size_t)from.height * (size_t)from.width;
    for (int n = 0; n < from.images; n++) {
        const float *image = tensor_images(from, n, 1).data;
        for (int c = 0; c < from.channels; c++)
            for (size_t p = 0; p < pixels; p++)
                *to++ = image[p * (size_t)from.pitch + (size_t)c];
    }
}

void tensor_from_nchw(const float *from, struct tensor to) {
    size_t pixels = (size_t)to.height * (size_t)to.width;
    for (int n = 0; n < to.images; n++) {
        float *image = tensor_images(to, n, 1).data;
        for (int c = 0; c < to.channels; c++)
            for (size_t p = 0; p < pixels; p++)
                image[p * (size_t)to.pitch + (size_t)c] = *from++;
    }
}

/* Partial sums side by side: additions that do not wait for one another. Which sum a value goes to depends
 * on its channel alone, so the order of additions is fixed. */
enum { NORM_SUMS = 8 };

static void add_squares(const float *values, size_t count, double sums[NORM_SUMS]) {
    size_t i = 0;
    for (; i + NORM_SUMS <= count; i += NORM_SUMS)
        for (size_t j = 0; j < NORM_SUMS; j++)
            sums[j] += (double)values[i + j] * (double)values[i + j];
    for (size_t j = 0; i + j < count; j++)
        sums[j] += (double)values[i + j] * (double)values[i + j];
}

double tensor_norm(struct tensor tensor) {
    double sums[NORM_SUMS] = {0};
    size_t pixels = tensor_pixels(tensor);
    for (size_t p = 0; p < pixels; p++)
        add_squares(tensor.data + p * (size_t)tensor.pitch, (size_t)tensor.channels, sums);
    double sum = 0;
    for (int j = 0; j < NORM_SUMS; j++)
        sum += sums[j];
    return sqrt(sum);
}
