/* What all losses share: the check of output against classes, and sums in a fixed order. */
#include "loss.h"

static bool fits_masks(struct shape input, struct shape output, const struct pos *pos,
                       struct report *report) {
    if (output.rank == 3 && output.height == input.height && output.width == input.width)
        return true;
    return report_at(
        report, pos,
        "the data has a label for each pixel of %dx%d, the network yields %s; let it end "
        "in a map of %dx%d",
        input.height, input.width, shape_text(output).text, input.height, input.width);
}

static bool fits_labels(struct shape output, const struct pos *pos, struct report *report) {
    if (output.rank == 1)
        return true;
    return report_at(
        report, pos,
        "the data has one label per image, the network yields a map of %s; let it end in "
        "a vector (flatten, linear)",
        shape_text(output).text);
}

bool loss_fits_classes(struct shape input, struct shape output, int classes, bool masks,
                       const struct pos *pos, struct report *report) {
    if (masks ? !fits_masks(input, output, pos, report) : !fits_labels(output, pos, report))
        return false;
    if (output.channels == classes)
        return true;
    return report_at(
        report, pos,
        "the network yields %d scores%s, the data has %d classes; let its last layer have "
        "%d outputs",
        output.channels, masks ? " per pixel" : "", classes, classes);
}

struct job {
    const struct loss_call *call;
    const void *own;
    double (*part)(const struct loss_call *call, const void *own, struct pixels pixels);
    double sums[SLICE_MOST];
};

static void sum_slice(void *context, int task, int worker) {
    (void)worker;
    struct job *job = context;
    struct tensor y = job->call->y;
    struct slice slice = slice_of(y.images, task);
    size_t image = (size_t)y.height * (size_t)y.width, first = (size_t)slice.first * image;
    struct pixels pixels = {first, first + (size_t)slice.count * image};
    job->sums[task] = job->part(job->call, job->own, pixels);
}

double loss_sum(const struct loss_call *call, const void *own,
                double (*part)(const struct loss_call *call, const void *own,
                               struct pixels pixels)) {
    struct job job = {.call = call, .own = own, .part = part};
    int slices = slice_count(call->y.images);
    pool_run(call->pool, slices, sum_slice, &job);
    double sum = 0;
    for (int i = 0; i < slices; i++)
        sum += job.sums[i];
    return sum;
}
