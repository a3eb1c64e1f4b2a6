/* orthogonal (Saxe et al. 2013, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks"): the weights as a matrix, its first dimension against all others, with orthonormal rows - or
 * columns, where these are fewer - times gain.
 *
 * Vectors of normal numbers are made orthonormal one after the other (Gram-Schmidt). Values are stored in
 * float, so each vector is cleared of those before it twice: then what is left of them is rounding (Giraud
 * et al. 2005). The result is the Q of a QR decomposition whose R has a positive diagonal. */
#include "init.h"

#include <math.h>

struct orthogonal {
    double gain;
};

static const struct attr attrs[] = {
    {"gain", "factor of the orthonormal matrix", ATTR_FLOAT, offsetof(struct orthogonal, gain),
     .fallback = 1, .min = 0, .max = HUGE_VAL},
};

/* `count` vectors in memory: element i of vector v is at values[v * step + i * stride]. */
struct vectors {
    float *values;
    size_t count, length, step, stride;
};

static struct vectors vectors_of(const struct layer_param *param, float *values) {
    size_t rows = (size_t)param->dims[0], columns = param_size(param) / rows;
    if (rows <= columns)
        return (struct vectors){values, rows, columns, columns, 1};
    return (struct vectors){values, columns, rows, 1, columns};
}

static double dot(const struct vectors *vectors, size_t a, size_t b) {
    const float *x = vectors->values + a * vectors->step, *y = vectors->values + b * vectors->step;
    double sum = 0;
    for (size_t i = 0; i < vectors->length; i++)
        sum += (double)x[i * vectors->stride] * (double)y[i * vectors->stride];
    return sum;
}

/* Takes from vector v its part along vector `other`, which has length 1. */
static void clear_of(const struct vectors *vectors, size_t v, size_t other) {
    float *x = vectors->values + v * vectors->step;
    const float *y = vectors->values + other * vectors->step;
    double part = dot(vectors, v, other);
    for (size_t i = 0; i < vectors->length; i++)
        x[i * vectors->stride] =
            (float)((double)x[i * vectors->stride] - part * (double)y[i * vectors->stride]);
}

static void scale(const struct vectors *vectors, size_t v, double factor) {
    float *x = vectors->values + v * vectors->step;
    for (size_t i = 0; i < vectors->length; i++)
        x[i * vectors->stride] = (float)((double)x[i * vectors->stride] * factor);
}

static void orthonormalise(const struct vectors *vectors) {
    for (size_t v = 0; v < vectors->count; v++) {
        for (size_t pass = 0; pass < 2; pass++)
            for (size_t other = 0; other < v; other++)
                clear_of(vectors, v, other);
        scale(vectors, v, 1 / sqrt(dot(vectors, v, v)));
    }
}

static void fill(const void *config, const struct layer_param *param, struct random *random,
                 float *values) {
    struct vectors vectors = vectors_of(param, values);
    init_fill_normal(param, random, 1, values);
    orthonormalise(&vectors);
    for (size_t v = 0; v < vectors.count; v++)
        scale(&vectors, v, ((const struct orthogonal *)config)->gain);
}

const struct init_ops init_orthogonal = {
    .name = "orthogonal",
    .summary = "Saxe et al. 2013: a random matrix with orthonormal rows or columns, times gain",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct orthogonal),
    .fill = fill,
};
