/* mse: the mean of (y - target)^2 over all elements of the batch.
 *
 * torch.nn.functional.mse_loss with reduction="mean"; the target is 1 at the label's channel and 0 elsewhere,
 * or the network's own input (an autoencoder). */
#include "loss.h"

struct mse {
    int target; /* of enum target_choice */
};

enum target_choice { TARGET_ONE_HOT, TARGET_INPUT };
static const char *const target_choices[] = {"one_hot", "input", NULL};

static const struct attr attrs[] = {
    {.name = "target",
     .summary = "1 for the label and 0 for the others, or the network's input",
     .type = ATTR_CHOICE,
     .offset = offsetof(struct mse, target),
     .fallback = TARGET_ONE_HOT,
     .choices = target_choices},
};

static bool check(const void *config, struct shape input, struct shape output, int classes,
                  bool masks, const struct pos *pos, struct report *report) {
    const struct mse *rule = config;
    if (rule->target == TARGET_ONE_HOT)
        return loss_fits_classes(input, output, classes, masks, pos, report);
    if (shape_equal(input, output))
        return true;
    return report_at(
        report, pos,
        "target: input compares the network's output of %s with its input of %s; let it "
        "end in the shape of its input",
        shape_text(output).text, shape_text(input).text);
}

static bool needs_labels(const void *config) {
    const struct mse *rule = config;
    return rule->target == TARGET_ONE_HOT;
}

/* A pixel's values, its target and, unless NULL, its gradient. */
struct row {
    const float *y, *target;
    float *dy;
    int channels, label; /* target NULL: one-hot at the label */
};

static double row_loss(struct row row, double slope) {
    double sum = 0;
    for (int c = 0; c < row.channels; c++) {
        float target = row.target ? row.target[c] : (float)(c == row.label);
        double difference = (double)row.y[c] - (double)target;
        sum += difference * difference;
        if (row.dy)
            row.dy[c] = (float)(slope * difference);
    }
    return sum;
}

static double losses_and_gradients(const struct loss_call *call, const void *own,
                                   struct pixels pixels) {
    const double *slope = own;
    const struct mse *rule = call->config;
    struct row row = {.channels = call->y.channels};
    double sum = 0;
    for (size_t p = pixels.first; p < pixels.end; p++) {
        row.y = loss_pixel(call->y, p);
        row.dy = call->dy.data ? loss_pixel(call->dy, p) : NULL;
        if (rule->target == TARGET_INPUT)
            row.target = loss_pixel(call->target.values, p);
        else
            row.label = call->target.labels[p];
        sum += row_loss(row, *slope);
    }
    return sum;
}

static double run(const struct loss_call *call) {
    double count = (double)tensor_pixels(call->y) * call->y.channels;
    double slope = 2 * call->scale / count;
    return loss_sum(call, &slope, losses_and_gradients) / count;
}

const struct loss_ops PER_ISA(loss_mse) = {
    .name = "mse",
    .summary = "mean squared difference between output and target",
    .example = "loss: {mse: {target: input}}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct mse),
    .check = check,
    .needs_labels = needs_labels,
    .run = run,
};
