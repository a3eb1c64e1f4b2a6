/* See normal.h. A vector of channels at a time, so that its constants stay in registers while the pixels go by;
 * channels that fill no vector go one by one, by the same formulas. The loops over vectors are compiled once
 * for each truth of what does not change while they run. */
#include "normal.h"

#include "rows.h"
#include "vector.h"

#define INLINE static inline __attribute__((always_inline))

/* For vectors and for single floats. */
#define VALUE(x, mean, scale, bias) (((x) - (mean)) * (scale) + (bias))
#define GRADIENT(x, dy, mean, scale, level, slope)                                                 \
    ((scale) * (((dy) - (level)) - ((x) - (mean)) * (slope)))

/* The constants of one channel, or of a vector of them (`at` its first). */
#define AT(name) (normal->name[c])
#define VECTOR_AT(name) vector_load(normal->name + c)

/* ---- values ------------------------------------------------------------------------------------- */

/* `plus` is read only where `sum`. */
INLINE void vector_values(const struct normal *normal, size_t c, struct pixels x,
                          struct pixels plus, size_t count, float *y, size_t pitch, bool rectified,
                          bool sum) {
    vector mean = VECTOR_AT(mean), scale = VECTOR_AT(scale), bias = VECTOR_AT(bias);
    for (size_t p = 0; p < count; p++) {
        vector v = VALUE(vector_load(x.data + p * x.pitch + c), mean, scale, bias);
        if (sum)
            v += vector_load(plus.data + p * plus.pitch + c);
        vector_store(y + p * pitch + c, rectified ? vector_drop(v, v < 0) : v);
    }
}

INLINE void values(const struct normal *normal, struct pixels x, struct pixels plus, size_t count,
                   float *y, size_t pitch, bool sum) {
    size_t c = 0;
    for (; c < vector_whole(normal->channels); c += VECTOR_FLOATS)
        if (normal->rectified)
            vector_values(normal, c, x, plus, count, y, pitch, true, sum);
        else
            vector_values(normal, c, x, plus, count, y, pitch, false, sum);
    for (; c < normal->channels; c++)
        for (size_t p = 0; p < count; p++) {
            float v = VALUE(x.data[p * x.pitch + c], AT(mean), AT(scale), AT(bias));
            if (sum)
                v += plus.data[p * plus.pitch + c];
            y[p * pitch + c] = normal->rectified && v < 0 ? 0 : v;
        }
}

void PER_ISA(normal_values)(const struct normal *normal, struct pixels x, struct pixels plus,
                            size_t count, float *y, size_t pitch) {
    if (plus.data)
        values(normal, x, plus, count, y, pitch, true);
    else
        values(normal, x, plus, count, y, pitch, false);
}

/* ---- gradients ---------------------------------------------------------------------------------- */

/* What of dy passes the rectifier, if there is one. */
INLINE vector vector_passing(vector dy, vector x, vector mean, vector scale, vector bias,
                             bool rectified) {
    return rectified ? vector_drop(dy, VALUE(x, mean, scale, bias) <= 0) : dy;
}

static float passing(const struct normal *normal, size_t c, float x, float dy) {
    bool stops = normal->rectified && VALUE(x, AT(mean), AT(scale), AT(bias)) <= 0;
    return stops ? 0 : dy;
}

INLINE void vector_gradients(const struct normal *normal, size_t c, struct pixels x,
                             struct pixels dy, size_t count, float *dx, size_t pitch, bool add,
                             bool rectified) {
    vector mean = VECTOR_AT(mean), scale = VECTOR_AT(scale), level = VECTOR_AT(level);
    vector slope = VECTOR_AT(slope), bias = rectified ? VECTOR_AT(bias) : scale;
    for (size_t p = 0; p < count; p++) {
        vector value = vector_load(x.data + p * x.pitch + c);
        vector gradient = vector_passing(vector_load(dy.data + p * dy.pitch + c), value, mean,
                                         scale, bias, rectified);
        float *to = dx + p * pitch + c;
        vector g = GRADIENT(value, gradient, mean, scale, level, slope);
        vector_store(to, add ? g + vector_load(to) : g);
    }
}

void PER_ISA(normal_gradients)(const struct normal *normal, struct pixels x, struct pixels dy,
                               size_t count, float *dx, size_t pitch, bool add) {
    size_t c = 0;
    for (; c < vector_whole(normal->channels); c += VECTOR_FLOATS)
        if (normal->rectified)
            vector_gradients(normal, c, x, dy, count, dx, pitch, add, true);
        else
            vector_gradients(normal, c, x, dy, count, dx, pitch, add, false);
    for (; c < normal->channels; c++)
        for (size_t p = 0; p < count; p++) {
            float value = x.data[p * x.pitch + c], *to = dx + p * pitch + c;
            float gradient = passing(normal, c, value, dy.data[p * dy.pitch + c]);
            float g = GRADIENT(value, gradient, AT(mean), AT(scale), AT(level), AT(slope));
            *to = add ? g + *to : g;
        }
}

/* ---- sums ---------------------------------------------------------------------------------------
 * In turns over several registers, whose additions need not wait for one another. */
enum { TURNS = 4 };

struct turns {
    vector first[TURNS], second[TURNS];
};

static void add_turns(struct sums sums, size_t c, const struct turns *turns) {
    vector first = (turns->first[0] + turns->first[1]) + (turns->first[2] + turns->first[3]);
    vector second = (turns->second[0] + turns->second[1]) + (turns->second[2] + turns->second[3]);
    for (size_t i = 0; i < VECTOR_FLOATS; i++) {
        sums.first[c + i] += (double)first[i];
        sums.second[c + i] += (double)second[i];
    }
}

INLINE void count_value(struct turns *turns, int turn, const float *x, vector mean) {
    vector difference = vector_load(x) - mean;
    turns->first[turn] += difference;
    turns->second[turn] += difference * difference;
}

static void sum_vector_values(const struct normal *normal, size_t c, struct pixels x, size_t count,
                              struct sums sums) {
    struct turns turns = {0};
    vector mean = VECTOR_AT(mean);
    const float *at = x.data + c;
    size_t p = 0;
    for (; p + TURNS <= count; p += TURNS)
        for (int turn = 0; turn < TURNS; turn++, at += x.pitch)
            count_value(&turns, turn, at, mean);
    for (; p < count; p++, at += x.pitch)
        count_value(&turns, 0, at, mean);
    add_turns(sums, c, &turns);
}

void PER_ISA(normal_sum_values)(const struct normal *normal, struct pixels x, size_t count,
                                struct sums sums) {
    size_t c = 0;
    for (; c < vector_whole(normal->channels); c += VECTOR_FLOATS)
        sum_vector_values(normal, c, x, count, sums);
    for (; c < normal->channels; c++) {
        float first = 0, second = 0;
        for (size_t p = 0; p < count; p++) {
            float difference = x.data[p * x.pitch + c] - AT(mean);
            first += difference;
            second += difference * difference;
        }
        sums.first[c] += (double)first;
        sums.second[c] += (double)second;
    }
}

/* The constants that a sum of gradients takes. */
struct centre {
    vector mean, scale, bias;
    bool rectified;
};

INLINE void count_gradient(struct turns *turns, int turn, const float *x, const float *dy,
                           struct centre centre) {
    vector value = vector_load(x);
    vector gradient = vector_passing(vector_load(dy), value, centre.mean, centre.scale, centre.bias,
                                     centre.rectified);
    turns->first[turn] += gradient;
    turns->second[turn] += gradient * (value - centre.mean);
}

INLINE void sum_vector_gradients(const struct normal *normal, size_t c, struct pixels x,
                                 struct pixels dy, size_t count, struct sums sums, bool rectified) {
    struct turns turns = {0};
    struct centre centre = {.mean = VECTOR_AT(mean), .rectified = rectified};
    if (rectified)
        centre.scale = VECTOR_AT(scale), centre.bias = VECTOR_AT(bias);
    const float *x_at = x.data + c, *dy_at = dy.data + c;
    size_t p = 0;
    for (; p + TURNS <= count; p += TURNS)
        for (int turn = 0; turn < TURNS; turn++, x_at += x.pitch, dy_at += dy.pitch)
            count_gradient(&turns, turn, x_at, dy_at, centre);
    for (; p < count; p++, x_at += x.pitch, dy_at += dy.pitch)
        count_gradient(&turns, 0, x_at, dy_at, centre);
    add_turns(sums, c, &turns);
}

void PER_ISA(normal_sum_gradients)(const struct normal *normal, struct pixels x, struct pixels dy,
                                   size_t count, struct sums sums) {
    size_t c = 0;
    for (; c < vector_whole(normal->channels); c += VECTOR_FLOATS)
        if (normal->rectified)
            sum_vector_gradients(normal, c, x, dy, count, sums, true);
        else
            sum_vector_gradients(normal, c, x, dy, count, sums, false);
    for (; c < normal->channels; c++) {
        float first = 0, second = 0;
        for (size_t p = 0; p < count; p++) {
            float value = x.data[p * x.pitch + c];
            float gradient = passing(normal, c, value, dy.data[p * dy.pitch + c]);
            first += gradient;
            second += gradient * (value - AT(mean));
        }
        sums.first[c] += (double)first;
        sums.second[c] += (double)second;
    }
}
