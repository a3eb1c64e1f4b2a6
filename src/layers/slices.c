/* Work on a batch, slice by slice. The cut depends on the batch alone (slice_of), so what a body writes
 * per slice has the same bits on any number of threads. */
#include "netrun/layers.h"

struct job {
    const struct layer_call *call;
    void (*body)(void *context, struct slice slice);
    void *context;
};

static void run_slice(void *context, int task, int worker) {
    const struct job *job = context;
    struct slice slice = slice_of(job->call->images, task);
    slice.worker = worker;
    job->body(job->context, slice);
}

void layer_each_slice(const struct layer_call *call,
                      void (*body)(void *context, struct slice slice), void *context) {
    struct job job = {call, body, context};
    pool_run(call->pool, slice_count(call->images), run_slice, &job);
}

/* A body that needs nothing but the call. */
struct bare {
    const struct layer_call *call;
    void (*body)(const struct layer_call *call, struct slice slice);
};

static void run_bare(void *context, struct slice slice) {
    const struct bare *bare = context;
    bare->body(bare->call, slice);
}

void layer_slices(const struct layer_call *call,
                  void (*body)(const struct layer_call *call, struct slice slice)) {
    layer_each_slice(call, run_bare, &(struct bare){call, body});
}
