/* Work on a batch, slice by slice. The cut depends on the batch alone (slice_of), so what a body writes
 * per slice has the same bits on any number of threads. */
#include "netrun/layers.h"

struct job {
    const struct layer_call *call;
    void (*body)(const struct layer_call *call, struct slice slice);
};

static void run_slice(void *context, int task, int worker) {
    const struct job *job = context;
    struct slice slice = slice_of(job->call->images, task);
    slice.worker = worker;
    job->body(job->call, slice);
}

void layer_slices(const struct layer_call *call,
                  void (*body)(const struct layer_call *call, struct slice slice)) {
    struct job job = {call, body};
    pool_run(call->pool, slice_count(call->images), run_slice, &job);
}
