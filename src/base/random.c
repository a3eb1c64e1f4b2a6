/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 *
 * A stream is a function of its name, so samples can be drawn in any order, on any thread, after a restart,
 * and give the same numbers. Counter words: block number, b, a, purpose; the key is the seed. */
#include "netrun/base.h"

#include <math.h>

static void philox_round(uint32_t counter[4], const uint32_t key[2]) {
    uint64_t left = (uint64_t)0xD2511F53u * counter[0], right = (uint64_t)0xCD9E8D57u * counter[2];
    uint32_t next[4] = {(uint32_t)(right >> 32) ^ counter[1] ^ key[0], (uint32_t)right,
                        (uint32_t)(left >> 32) ^ counter[3] ^ key[1], (uint32_t)left};
    for (int i = 0; i < 4; i++)
        counter[i] = next[i];
}

static void philox(const struct random *random, uint32_t block[4]) {
    uint32_t key[2] = {random->key[0], random->key[1]};
    for (int i = 0; i < 4; i++)
        block[i] = random->counter[i];
    for (int round = 0; round < 10; round++) {
        philox_round(block, key);
        key[0] += 0x9E3779B9u;
        key[1] += 0xBB67AE85u;
    }
}

struct random random_stream(uint64_t seed, enum random_purpose purpose, uint32_t a, uint32_t b) {
    return (struct random){.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
                           .counter = {0, b, a, (uint32_t)purpose}};
}

uint32_t random_bits(struct random *random) {
    if (random->left == 0) {
        philox(random, random->block);
        random->counter[0]++;
        random->left = 4;
    }
    return random->block[4 - random->left--];
}

double random_uniform(struct random *random) {
    uint64_t high = random_bits(random) >> 5, low = random_bits(random) >> 6; /* 27 + 26 bits */
    return (double)(high << 26 | low) * 0x1p-53;
}

double random_between(struct random *random, double low, double high) {
    return low + (high - low) * random_uniform(random);
}

/* Multiply and reject (Lemire 2019, "Fast random integer generation in an interval"). */
uint32_t random_below(struct random *random, uint32_t limit) {
    uint64_t product = (uint64_t)random_bits(random) * limit;
    uint32_t refuse = (0u - limit) % limit;
    while ((uint32_t)product < refuse)
        product = (uint64_t)random_bits(random) * limit;
    return (uint32_t)(product >> 32);
}

double random_normal(struct random *random) {
    double radius = sqrt(-2 * log(1 - random_uniform(random)));
    return radius * cos(2 * 3.14159265358979323846 * random_uniform(random));
}

void random_shuffle(struct random *random, int *items, int count) {
    for (int i = count - 1; i > 0; i--) {
        int j = (int)random_below(random, (uint32_t)i + 1), kept = items[i];
        items[i] = items[j];
        items[j] = kept;
    }
}

uint32_t hash_text(const char *text) {
    uint32_t hash = 2166136261u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}
