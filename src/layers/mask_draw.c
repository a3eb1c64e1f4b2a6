/* Drawing masks: the numbers of random_bits, many at a time.
 *
 * A mask takes a number per value, millions in a step; blocks of Philox do not depend on one another, so
 * MASK_READY / 4 of them are computed side by side. The stream is the one that base names. */
#include "mask.h"

enum { BLOCKS = MASK_READY / 4 };

/* One round of Philox4x32 (Salmon et al. 2011) on every block; word w of block b is words[w][b]. */
static void philox_round(uint32_t words[4][BLOCKS], uint32_t key0, uint32_t key1) {
    for (int b = 0; b < BLOCKS; b++) {
        uint64_t left = (uint64_t)0xD2511F53u * words[0][b];
        uint64_t right = (uint64_t)0xCD9E8D57u * words[2][b];
        words[0][b] = (uint32_t)(right >> 32) ^ words[1][b] ^ key0;
        words[1][b] = (uint32_t)right;
        words[2][b] = (uint32_t)(left >> 32) ^ words[3][b] ^ key1;
        words[3][b] = (uint32_t)left;
    }
}

/* The next MASK_READY numbers of the stream. */
static void philox(struct random *random, uint32_t numbers[MASK_READY]) {
    uint32_t words[4][BLOCKS];
    for (int b = 0; b < BLOCKS; b++) {
        words[0][b] = random->counter[0] + (uint32_t)b;
        for (int w = 1; w < 4; w++)
            words[w][b] = random->counter[w];
    }
    for (uint32_t round = 0; round < 10; round++)
        philox_round(words, random->key[0] + round * 0x9E3779B9u,
                     random->key[1] + round * 0xBB67AE85u);
    random->counter[0] += BLOCKS;
    for (int b = 0; b < BLOCKS; b++)
        for (int w = 0; w < 4; w++)
            numbers[4 * b + w] = words[w][b];
}

static void make_ready(struct mask *mask) {
    uint32_t numbers[MASK_READY], dropped = mask->dropped;
    float kept = mask->kept;
    philox(&mask->random, numbers);
    for (int i = 0; i < MASK_READY; i++)
        mask->ready[i] = numbers[i] < dropped ? 0 : kept;
    mask->left = MASK_READY;
}

void PER_ISA(mask_draw)(struct mask *mask, float *factors, size_t count) {
    while (count > 0) {
        if (mask->left == 0)
            make_ready(mask);
        size_t n = count < mask->left ? count : mask->left;
        memcpy(factors, mask->ready + MASK_READY - mask->left, n * sizeof *factors);
        mask->left -= n;
        factors += n;
        count -= n;
    }
}
