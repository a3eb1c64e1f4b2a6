/* One pass over a split in evaluation mode, in the order of the images, so that sums are added in one order
 * whatever the number of threads. */
#include "pass.h"

#include <math.h>

const char *const pass_splits[] = {[PASS_TEST] = "test", [PASS_TRAIN] = "train", NULL};

enum data_split pass_split(int choice) {
    return choice == PASS_TEST ? SPLIT_TEST : SPLIT_TRAIN;
}

double sums_loss(const struct sums *sums) {
    return sums->images > 0 ? sums->loss / (double)sums->images : NAN;
}

double sums_accuracy(const struct sums *sums) {
    return sums->labels > 0 ? (double)sums->right / (double)sums->labels : NAN;
}

bool output_is_scores(const struct graph *graph, const struct dataset *dataset) {
    struct shape output = graph_shape(graph, graph->output);
    if (output.channels != dataset->classes)
        return false;
    if (!dataset->masks)
        return output.rank == 1;
    return output.rank == 3 && output.height == dataset->shape.height &&
           output.width == dataset->shape.width;
}

bool pass_check_labels(const struct run *run, const struct job *job, enum data_split split) {
    const struct stage *stage = job->stage;
    bool wanted =
        !stage->loss || !stage->loss->needs_labels || stage->loss->needs_labels(stage->loss_config);
    return !wanted || !data_unlabelled(stage->data, split, run->arena) ||
           report_at(run->report, data_pos(stage->data),
                     "%s needs to know what the pictures show: put them into one folder for each "
                     "class",
                     job->ops->name);
}

int image_number(const struct dataset *dataset, int image) {
    return dataset->numbers ? dataset->numbers[image] : image;
}

int32_t *pass_said(const struct bench *bench, struct arena *arena) {
    return arena_alloc(arena, (size_t)bench->plan->options.batch * (size_t)bench->labels,
                       sizeof(int32_t));
}

void sums_add(struct sums *sums, const struct pass *pass, double loss) {
    const struct bench *bench = pass->bench;
    sums->loss += loss * bench->batch.count;
    sums->images += bench->batch.count;
    if (!pass->said)
        return;
    int64_t labels = bench->batch.count * bench->labels;
    metrics_classes(exec_value(bench->exec, bench->graph->output), pass->run->pool, pass->said);
    sums->right += metrics_right(bench->batch.labels, pass->said, labels);
    sums->labels += labels;
}

static int batch_count(const struct pass *pass) {
    int batch = pass->bench->plan->options.batch;
    return pass->loader ? loader_batches(pass->loader) : (pass->array_images - 1) / batch + 1;
}

static void fill_from_array(const struct pass *pass, int number) {
    struct batch *batch = &pass->bench->batch;
    int most = pass->bench->plan->options.batch, first = number * most;
    int left = pass->array_images - first;
    batch->count = left < most ? left : most;
    size_t size = shape_size(pass->bench->graph->input);
    tensor_from_nchw(pass->array + (size_t)first * size,
                     tensor_images(batch->images, 0, batch->count));
}

enum run_end pass_run(const struct pass *pass, struct sums *sums, struct confusion *confusion) {
    struct bench *bench = pass->bench;
    for (int i = 0; i < batch_count(pass); i++) {
        int first = (int)sums->images;
        if (pass->loader)
            loader_fill(pass->loader, i, &bench->batch, pass->run->pool);
        else
            fill_from_array(pass, i);
        exec_forward(bench->exec, bench->batch.count, false, 0);
        sums_add(sums, pass,
                 pass->judge && pass->stage->loss ? bench_loss(bench, pass->stage) : NAN);
        if (confusion && pass->said)
            confusion_add(confusion, bench->batch.labels, pass->said,
                          bench->batch.count * bench->labels);
        if (pass->see)
            pass->see(pass->context, pass, first);
        if (*pass->run->options->stop)
            return RUN_STOPPED;
    }
    return RUN_FINE;
}
