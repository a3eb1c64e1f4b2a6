/* Masks of dropout: their names, and p as a share of all 32-bit numbers. */
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
                         .dropped = p < 1 ? (uint32_t)(p * 0x1p32) : UINT32_MAX,
                         .kept = p < 1 ? (float)(1 / (1 - p)) : 0};
}
