/* The pool runs every task once, on any number of threads, again and again. */
#include "check.h"
#include "netrun/base.h"

#include <stdatomic.h>

struct counted {
    atomic_int runs[100];
    atomic_int bad_worker;
    int workers;
};

static void count(void *context, int task, int worker) {
    struct counted *counted = context;
    atomic_fetch_add(&counted->runs[task], 1);
    if (worker < 0 || worker >= counted->workers)
        atomic_fetch_add(&counted->bad_worker, 1);
}

static void every_task_runs_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= 8; threads++) {
        struct pool *pool = pool_new(threads);
        assert_non_null(pool);
        assert_int_equal(pool_threads(pool), threads);
        for (int tasks = 0; tasks <= 100; tasks += tasks < 10 ? 1 : 5) {
            struct counted counted = {.workers = tasks < threads ? tasks : threads};
            pool_run(pool, tasks, count, &counted);
            for (int i = 0; i < 100; i++)
                assert_int_equal(counted.runs[i], i < tasks);
            assert_int_equal(counted.bad_worker, 0);
        }
        pool_free(pool);
    }
    pool_free(NULL);
}

static void many_small_jobs_follow_each_other(void **state) {
    (void)state;
    struct pool *pool = pool_new(4);
    struct counted counted = {.workers = 4};
    for (int i = 0; i < 2000; i++)
        pool_run(pool, 7, count, &counted);
    for (int i = 0; i < 7; i++)
        assert_int_equal(counted.runs[i], 2000);
    pool_free(pool);
}

struct met {
    atomic_int begun;
    int workers[8]; /* of each task */
};

/* Nobody is done with a task before all have begun. */
static void meet(void *context, int task, int worker) {
    struct met *met = context;
    met->workers[task] = worker;
    atomic_fetch_add(&met->begun, 1);
    while (atomic_load(&met->begun) < 8)
        ;
}

static void each_worker_begins_with_its_own_part(void **state) {
    (void)state;
    struct pool *pool = pool_new(8);
    for (int i = 0; i < 20; i++) {
        struct met met = {.begun = 0};
        pool_run(pool, 8, meet, &met);
        for (int task = 0; task < 8; task++)
            assert_int_equal(met.workers[task], task);
    }
    pool_free(pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(many_small_jobs_follow_each_other),
        cmocka_unit_test(each_worker_begins_with_its_own_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
