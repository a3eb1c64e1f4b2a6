/* See normal.h. A vector of channels at a time, so that its constants stay in registers while the pixels go by;
 * channels that fill no vector go one by one, by the same formulas. */
#include "normal.h"

#include "rows.h"
#include "vector.h"

/* For vectors and for single floats. */
#define VALUE(x, mean, scale, bias) (((x) - (mean)) * (scale) + (bias))
#define GRADIENT(x, dy, mean, scale, level, slope)                                                 \
    ((scale) * (((dy) - (level)) - ((x) - (mean)) * (slope)))

/* The channels that fill whole vectors. */
static size_t in_vectors(size_t channels) {
    return channels / VECTOR_FLOATS * VECTOR_FLOATS;
}

/* ---- values and gradients ------------------------------------------------------------------------ */

void PER_ISA(normal_values)(const struct normal *normal, struct pixels x, size_t count, float *y,
                            size_t pitch) {
    size_t c = 0;
    for (; c < in_vectors(normal->channels); c += VECTOR_FLOATS) {
        vector mean = vector_load(normal->mean + c), scale = vector_load(normal->scale + c);
        vector bias = vector_load(normal->bias + c);
        for (size_t p = 0; p < count; p++)
            vector_store(y + p * pitch + c,
                         VALUE(vector_load(x.data + p * x.pitch + c), mean, scale, bias));
    }
    for (; c < normal->channels; c++) {
        float mean = normal->mean[c], scale = normal->scale[c], bias = normal->bias[c];
        for (size_t p = 0; p < count; p++)
            y[p * pitch + c] = VALUE(x.data[p * x.pitch + c], mean, scale, bias);
    }
}

void PER_ISA(normal_gradients)(const struct normal *normal, struct pixels x, struct pixels dy,
                               size_t count, float *dx, size_t pitch, bool add) {
    size_t c = 0;
    for (; c < in_vectors(normal->channels); c += VECTOR_FLOATS) {
        vector mean = vector_load(normal->mean + c), scale = vector_load(normal->scale + c);
        vector level = vector_load(normal->level + c), slope = vector_load(normal->slope + c);
        for (size_t p = 0; p < count; p++) {
            vector g = GRADIENT(vector_load(x.data + p * x.pitch + c),
                                vector_load(dy.data + p * dy.pitch + c), mean, scale, level, slope);
            float *to = dx + p * pitch + c;
            vector_store(to, add ? g + vector_load(to) : g);
        }
    }
    for (; c < normal->channels; c++) {
        float mean = normal->mean[c], scale = normal->scale[c];
        float level = normal->level[c], slope = normal->slope[c];
        for (size_t p = 0; p < count; p++) {
            float g = GRADIENT(x.data[p * x.pitch + c], dy.data[p * dy.pitch + c], mean, scale,
                               level, slope);
            dx[p * pitch + c] = add ? g + dx[p * pitch + c] : g;
        }
    }
}

/* ---- sums ---------------------------------------------------------------------------------------- */

static void add_vector(double *sums, vector v) {
    for (int i = 0; i < VECTOR_FLOATS; i++)
        sums[i] += (double)v[i];
}

void PER_ISA(normal_sum_values)(const struct normal *normal, struct pixels x, size_t count,
                                struct sums sums) {
    size_t c = 0;
    for (; c < in_vectors(normal->channels); c += VECTOR_FLOATS) {
        vector mean = vector_load(normal->mean + c), first = {0}, second = {0};
        for (size_t p = 0; p < count; p++) {
            vector difference = vector_load(x.data + p * x.pitch + c) - mean;
            first += difference;
            second += difference * difference;
        }
        add_vector(sums.first + c, first);
        add_vector(sums.second + c, second);
    }
    for (; c < normal->channels; c++) {
        float first = 0, second = 0;
        for (size_t p = 0; p < count; p++) {
            float difference = x.data[p * x.pitch + c] - normal->mean[c];
            first += difference;
            second += difference * difference;
        }
        sums.first[c] += (double)first;
        sums.second[c] += (double)second;
    }
}

void PER_ISA(normal_sum_gradients)(const struct normal *normal, struct pixels x, struct pixels dy,
                                   size_t count, struct sums sums) {
    size_t c = 0;
    for (; c < in_vectors(normal->channels); c += VECTOR_FLOATS) {
        vector mean = vector_load(normal->mean + c), first = {0}, second = {0};
        for (size_t p = 0; p < count; p++) {
            vector gradient = vector_load(dy.data + p * dy.pitch + c);
            first += gradient;
            second += gradient * (vector_load(x.data + p * x.pitch + c) - mean);
        }
        add_vector(sums.first + c, first);
        add_vector(sums.second + c, second);
    }
    for (; c < normal->channels; c++) {
        float first = 0, second = 0;
        for (size_t p = 0; p < count; p++) {
            float gradient = dy.data[p * dy.pitch + c];
            first += gradient;
            second += gradient * (x.data[p * x.pitch + c] - normal->mean[c]);
        }
        sums.first[c] += (double)first;
        sums.second[c] += (double)second;
    }
}
