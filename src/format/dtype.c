/* Types of numbers in files of weights. Bytes are little-endian and lie anywhere; what float32 cannot hold
 * becomes infinite, as in a cast. */
#include "safetensors.h"

#include <endian.h>
#include <string.h>

static uint16_t bits16(const unsigned char *from) {
    uint16_t bits;
    memcpy(&bits, from, sizeof bits);
    return le16toh(bits);
}

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- conversions ------------------------------------------------------------------------------- */

static void from_f32(const unsigned char *from, float *to, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, from + i * sizeof bits, sizeof bits);
        to[i] = float_of(le32toh(bits));
    }
}

static void from_f64(const unsigned char *from, float *to, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        double value;
        memcpy(&bits, from + i * sizeof bits, sizeof bits);
        bits = le64toh(bits);
        memcpy(&value, &bits, sizeof value);
        to[i] = (float)value;
    }
}

/* The upper half of a float32. */
static void from_bf16(const unsigned char *from, float *to, size_t count) {
    for (size_t i = 0; i < count; i++)
        to[i] = float_of((uint32_t)bits16(from + 2 * i) << 16);
}

/* IEEE 754 binary16: 5 bits of exponent (all ones: infinite or NaN), 10 of fraction. Numbers below 2^-14 are
 * multiples of 2^-24. */
static float float_of_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half >> 15) << 31, exponent = half >> 10 & 31,
             fraction = half & 1023;
    if (exponent == 0)
        return (sign ? -0x1p-24f : 0x1p-24f) * (float)fraction;
    uint32_t rebased = exponent == 31 ? 255 : exponent - 15 + 127;
    return float_of(sign | rebased << 23 | fraction << 13);
}

static void from_f16(const unsigned char *from, float *to, size_t count) {
    for (size_t i = 0; i < count; i++)
        to[i] = float_of_half(bits16(from + 2 * i));
}

/* ---- the types --------------------------------------------------------------------------------- */

const struct dtype *dtype_find(const char *name) {
    static const struct dtype dtypes[] = {
        {"F32", 4, from_f32}, {"F64", 8, from_f64}, {"F16", 2, from_f16}, {"BF16", 2, from_bf16},
        {"I64", 8, NULL},     {"I32", 4, NULL},     {"I16", 2, NULL},     {"I8", 1, NULL},
        {"U64", 8, NULL},     {"U32", 4, NULL},     {"U16", 2, NULL},     {"U8", 1, NULL},
        {"BOOL", 1, NULL},    {"F8_E5M2", 1, NULL}, {"F8_E4M3", 1, NULL},
    };
    for (int i = 0; i < BASE_COUNT(dtypes); i++)
        if (!strcmp(dtypes[i].name, name))
            return &dtypes[i];
    return NULL;
}
