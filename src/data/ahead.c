/* Loading ahead: one thread of its own fills the next batches while a step computes. One is enough, as an image
 * costs far less to load than to learn from. Batches are those of loader_fill, in order; who waits, for a
 * batch or for room, sleeps. */
#include "spec.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

enum { DEPTH = 2 }; /* batches kept ready */

struct ahead {
    struct loader *loader;
    struct pool *pool; /* of the thread alone */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;    /* any of the numbers below; only one of the two ever waits */
    struct batch queue[DEPTH]; /* batch number n lies at n % DEPTH */
    int64_t filled, taken,
        end; /* the numbers of the next to fill, of the next to take, past the last */
    bool quit;
};

size_t ahead_bytes(const struct data_spec *spec) {
    return spec->known ? DEPTH * batch_bytes(&spec->described[spec->split], spec->batch) : 0;
}

/* ---- the thread -------------------------------------------------------------------------------- */

/* Waits until there is room for a batch; false: there is nothing more to do. The lock is held. */
static bool wait_for_room(struct ahead *ahead) {
    while (!ahead->quit && ahead->filled - ahead->taken == DEPTH)
        pthread_cond_wait(&ahead->changed, &ahead->lock);
    return !ahead->quit && ahead->filled < ahead->end;
}

static void *fill(void *argument) {
    struct ahead *ahead = argument;
    pthread_mutex_lock(&ahead->lock);
    while (wait_for_room(ahead)) {
        int64_t number = ahead->filled;
        pthread_mutex_unlock(&ahead->lock);
        loader_fill(ahead->loader, number, &ahead->queue[number % DEPTH], ahead->pool);
        pthread_mutex_lock(&ahead->lock);
        ahead->filled++;
        pthread_cond_signal(&ahead->changed);
    }
    pthread_mutex_unlock(&ahead->lock);
    return NULL;
}

/* ---- starting and stopping --------------------------------------------------------------------- */

static void free_thread(struct ahead *ahead) {
    pthread_mutex_destroy(&ahead->lock);
    pthread_cond_destroy(&ahead->changed);
    pool_free(ahead->pool);
}

struct ahead *ahead_start(struct arena *arena, struct loader *loader, int64_t first, int64_t end) {
    struct ahead *ahead = arena_alloc(arena, 1, sizeof *ahead);
    for (int i = 0; ahead && i < DEPTH; i++)
        if (!batch_new(arena, loader, &ahead->queue[i]))
            return NULL;
    if (!ahead || !(ahead->pool = pool_new(1)))
        return NULL;
    ahead->loader = loader;
    ahead->filled = ahead->taken = first;
    ahead->end = end;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->changed, NULL);
    if (pthread_create(&ahead->thread, NULL, fill, ahead) == 0)
        return ahead;
    free_thread(ahead);
    return NULL;
}

void ahead_stop(struct ahead *ahead) {
    if (!ahead)
        return;
    pthread_mutex_lock(&ahead->lock);
    ahead->quit = true;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->lock);
    pthread_join(ahead->thread, NULL);
    free_thread(ahead);
}

/* ---- taking ------------------------------------------------------------------------------------ */

static void copy_images(struct tensor from, struct tensor to) {
    size_t pixels = tensor_pixels(from), channels = (size_t)from.channels;
    if (to.pitch == from.pitch)
        memcpy(to.data, from.data, pixels * channels * sizeof(float));
    for (size_t i = 0; to.pitch != from.pitch && i < pixels; i++)
        memcpy(to.data + i * (size_t)to.pitch, from.data + i * channels, channels * sizeof(float));
}

void ahead_take(struct ahead *ahead, int64_t number, struct batch *batch) {
    pthread_mutex_lock(&ahead->lock);
    assert(number == ahead->taken && number < ahead->end);
    while (ahead->filled == ahead->taken)
        pthread_cond_wait(&ahead->changed, &ahead->lock);
    pthread_mutex_unlock(&ahead->lock);
    const struct batch *ready = &ahead->queue[number % DEPTH];
    batch->count = ready->count;
    copy_images(tensor_images(ready->images, 0, ready->count), batch->images);
    memcpy(batch->labels, ready->labels,
           batch_labels(ahead->loader, ready->count) * sizeof(int32_t));
    pthread_mutex_lock(&ahead->lock);
    ahead->taken++;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->lock);
}
