/* Masks of dropout: one 32-bit number per factor, so that p is met to 2^-32. */
#include "mask.h"

const struct attr dropout_attrs[DROPOUT_ATTRS] = {
    {"p", "probability to be dropped", ATTR_FLOAT, offsetof(struct dropout, p), .fallback = .5,
     .min = 0, .max = 1},
};

/* Mixes all bits (the last step of MurmurHash3), so that images of different layers hardly ever meet. */
static uint32_t stream_of(uint32_t path_hash, uint32_t image) {
    uint32_t h = path_hash + image * 0x9E3779B9u;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

struct mask mask_of(const struct layer_call *call, int image) {
    double p = ((const struct dropout *)call->config)->p;
    uint32_t stream = stream_of(call->path_hash, (uint32_t)image);
    return (struct mask){.random = random_stream(call->seed, RANDOM_DROPOUT, call->step, stream),
                         .dropped = (uint64_t)(p * 0x1p32),
                         .kept = p < 1 ? (float)(1 / (1 - p)) : 0};
}

void mask_draw(struct mask *mask, float *factors, size_t count) {
    for (size_t i = 0; i < count; i++)
        factors[i] = random_bits(&mask->random) < mask->dropped ? 0 : mask->kept;
}
