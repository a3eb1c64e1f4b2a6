/* vector.h: as many floats as the instruction set at hand holds in one register, once for all of them.
 *
 * Built on the vector types that gcc and clang share: + - * on whole vectors, fused where the instruction set
 * can. Wider vectors than the registers would spill, so the width follows the compiler's target. */
#ifndef LAYERS_VECTOR_H
#define LAYERS_VECTOR_H

#include <string.h>

#if defined(__AVX512F__)
enum { VECTOR_FLOATS = 16 };
#elif defined(__AVX2__)
enum { VECTOR_FLOATS = 8 };
#else
enum { VECTOR_FLOATS = 4 };
#endif

typedef float vector __attribute__((vector_size(VECTOR_FLOATS * sizeof(float))));

/* The same floats wherever they lie. */
typedef float vector_anywhere
    __attribute__((vector_size(VECTOR_FLOATS * sizeof(float)), aligned(4), may_alias));

static inline vector vector_load(const float *from) {
    return (vector) * (const vector_anywhere *)from;
}

static inline void vector_store(float *to, vector v) {
    *(vector_anywhere *)to = (vector_anywhere)v;
}

static inline vector vector_all(float x) {
    return x - (vector){0};
}

/* The first `count` floats; the others are 0, or are left alone. */
static inline vector vector_load_some(const float *from, int count) {
    vector v = {0};
    memcpy(&v, from, (size_t)count * sizeof(float));
    return v;
}

static inline void vector_store_some(float *to, vector v, int count) {
    memcpy(to, &v, (size_t)count * sizeof(float));
}

/* All bits set where a comparison of vectors holds. */
typedef int vector_where __attribute__((vector_size(VECTOR_FLOATS * sizeof(int))));

/* 0 where `drop` holds, else v. */
static inline vector vector_drop(vector v, vector_where drop) {
    return (vector)((vector_where)v & ~drop);
}

/* What of `count` floats fills whole vectors. */
static inline size_t vector_whole(size_t count) {
    return count / VECTOR_FLOATS * VECTOR_FLOATS;
}

/* `count` rounded up to whole vectors of the widest instruction set, so that sizes do not depend on it. */
enum { VECTOR_MOST_FLOATS = 16 };

static inline size_t vector_round(size_t count) {
    return (count + VECTOR_MOST_FLOATS - 1) / VECTOR_MOST_FLOATS * VECTOR_MOST_FLOATS;
}

#endif
