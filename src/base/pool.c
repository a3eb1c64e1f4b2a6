/* A pool of threads that sleep between jobs.
 *
 * Who waits looks for a moment whether the wait is over, since jobs of one step follow one another within
 * microseconds and waking a thread takes tens of them; then on a condition variable, so that a shared machine is
 * not heated by waiting. Each worker begins with a part of the tasks that is the same for jobs of as many tasks, so
 * that it meets the memory that it left in its caches; then it helps the others, from the ends of their parts. Who
 * runs which differs from run to run, what they write does not. */
#include "netrun/base.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Tasks that are not taken yet, on a line of the cache of its own: the first in the upper half, behind the last in the
 * lower one. */
struct part {
    _Alignas(64) atomic_uint_least64_t left;
};

struct pool {
    int threads, started; /* the caller and those started */
    pthread_t *ids;
    pthread_mutex_t lock;
    pthread_cond_t work, done; /* a new job or the end; the last worker is ready */
    /* All that one waits for changes under the lock, but may be looked at without it. */
    atomic_ulong job; /* number of the job under way */
    atomic_int busy;  /* workers that are not yet ready with it */
    atomic_bool quit;
    struct part *parts; /* of each worker */
    int tasks;
    void (*body)(void *context, int task, int worker);
    void *context;
};

struct start {
    struct pool *pool;
    int worker;
};

/* ---- tasks --------------------------------------------------------------------------------------- */

static uint64_t part_of(uint32_t first, uint32_t end) {
    return (uint64_t)first << 32 | end;
}

/* Evenly; of fewer tasks than workers one each to the first workers. */
static void share_out(struct pool *pool, int tasks) {
    int workers = tasks < pool->threads ? tasks : pool->threads;
    uint32_t first = 0;
    for (int i = 0; i < pool->threads; i++) {
        int64_t end = i < workers ? (int64_t)tasks * (i + 1) / workers : tasks;
        atomic_store(&pool->parts[i].left, part_of(first, (uint32_t)end));
        first = (uint32_t)end;
    }
}

/* The first task of a part, or the last. -1: none is left. */
static int take(struct part *part, bool last) {
    uint64_t left = atomic_load(&part->left), rest;
    uint32_t first, end;
    do {
        first = (uint32_t)(left >> 32);
        end = (uint32_t)left;
        if (first == end)
            return -1;
        rest = last ? part_of(first, end - 1) : part_of(first + 1, end);
    } while (!atomic_compare_exchange_weak(&part->left, &left, rest));
    return (int)(last ? end - 1 : first);
}

static void take_tasks(struct pool *pool, int worker) {
    for (int i = 0; i < pool->threads; i++) {
        struct part *part = &pool->parts[(worker + i) % pool->threads];
        for (int task; (task = take(part, i > 0)) >= 0;)
            pool->body(pool->context, task, worker);
    }
}

/* ---- waiting ------------------------------------------------------------------------------------- */

/* Some 200 microseconds: to be woken takes half as long on a virtual machine. */
enum { LOOKS = 5000 };

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool has_work(const struct pool *pool, unsigned long seen) {
    return atomic_load(&pool->job) != seen || atomic_load(&pool->quit);
}

static void wait_for_work(struct pool *pool, unsigned long seen) {
    for (int i = 0; i < LOOKS && !has_work(pool, seen); i++)
        pause_briefly();
    if (has_work(pool, seen))
        return;
    pthread_mutex_lock(&pool->lock);
    while (!has_work(pool, seen))
        pthread_cond_wait(&pool->work, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

static void wait_for_workers(struct pool *pool) {
    for (int i = 0; i < LOOKS && atomic_load(&pool->busy) > 0; i++)
        pause_briefly();
    if (atomic_load(&pool->busy) == 0)
        return;
    pthread_mutex_lock(&pool->lock);
    while (atomic_load(&pool->busy) > 0)
        pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- workers ------------------------------------------------------------------------------------- */

static void leave_job(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    if (atomic_fetch_sub(&pool->busy, 1) == 1)
        pthread_cond_signal(&pool->done);
    pthread_mutex_unlock(&pool->lock);
}

static void *work(void *argument) {
    struct start start = *(struct start *)argument;
    struct pool *pool = start.pool;
    free(argument);
    for (unsigned long seen = 0;;) {
        wait_for_work(pool, seen);
        if (atomic_load(&pool->quit))
            return NULL;
        seen = atomic_load(&pool->job);
        if (start.worker < pool->tasks)
            take_tasks(pool, start.worker);
        leave_job(pool);
    }
}

static bool start_worker(struct pool *pool, int worker) {
    struct start *start = malloc(sizeof *start);
    if (!start)
        return false;
    *start = (struct start){pool, worker};
    if (pthread_create(&pool->ids[worker], NULL, work, start) != 0) {
        free(start);
        return false;
    }
    return true;
}

struct pool *pool_new(int threads) {
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return NULL;
    pool->threads = threads;
    pool->ids = calloc((size_t)threads, sizeof *pool->ids);
    pool->parts = aligned_alloc(_Alignof(struct part), (size_t)threads * sizeof *pool->parts);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    pool->started = 1;
    while (pool->ids && pool->parts && pool->started < threads && start_worker(pool, pool->started))
        pool->started++;
    if (!pool->ids || !pool->parts || pool->started < threads) {
        pool_free(pool);
        return NULL;
    }
    return pool;
}

void pool_free(struct pool *pool) {
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->quit, true);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 1; i < pool->started; i++)
        pthread_join(pool->ids[i], NULL);
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->done);
    free(pool->ids);
    free(pool->parts);
    free(pool);
}

int pool_threads(const struct pool *pool) {
    return pool->threads;
}

void pool_run(struct pool *pool, int tasks, void (*body)(void *context, int task, int worker),
              void *context) {
    if (tasks < 2 || pool->threads == 1) {
        for (int task = 0; task < tasks; task++)
            body(context, task, 0);
        return;
    }
    pool->tasks = tasks;
    pool->body = body;
    pool->context = context;
    share_out(pool, tasks);
    pthread_mutex_lock(&pool->lock);
    atomic_store(&pool->busy, pool->threads - 1);
    atomic_fetch_add(&pool->job, 1);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    take_tasks(pool, 0);
    wait_for_workers(pool);
}
