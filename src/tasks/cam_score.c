/* The score of a class, its gradient, and Score-CAM, which needs nothing else. */
#include "cam.h"

#include <math.h>

/* ---- the score --------------------------------------------------------------------------------- */

static int pixels_of(struct tensor tensor) {
    return tensor.height * tensor.width;
}

static bool in_region(const struct cam_target *target, int pixel) {
    return !target->region || target->region[pixel];
}

static float *scores_at(struct tensor y, int image, int pixel) {
    return y.data + ((size_t)image * (size_t)pixels_of(y) + (size_t)pixel) * (size_t)y.pitch;
}

double cam_score(struct tensor y, int image, const struct cam_target *target) {
    double sum = 0;
    for (int p = 0; p < pixels_of(y); p++)
        if (in_region(target, p))
            sum += (double)scores_at(y, image, p)[target->class];
    return sum;
}

double cam_probability(struct tensor y, int image, const struct cam_target *target) {
    double sum = 0;
    int pixels = 0;
    for (int p = 0; p < pixels_of(y); p++) {
        if (!in_region(target, p))
            continue;
        const float *scores = scores_at(y, image, p);
        double all = 0;
        for (int k = 0; k < y.channels; k++)
            all += exp((double)scores[k] - (double)scores[target->class]);
        sum += 1 / all;
        pixels++;
    }
    return pixels > 0 ? sum / pixels : 0;
}

void cam_seed(struct tensor dy, int image, const struct cam_target *target) {
    for (int p = 0; p < pixels_of(dy); p++)
        for (int k = 0; k < dy.channels; k++)
            scores_at(dy, image, p)[k] = k == target->class && in_region(target, p);
}

/* ---- Score-CAM ---------------------------------------------------------------------------------
 * Wang et al. (2020), "Score-CAM": w = softmax over k of the score of the image times H_k, where H_k is channel
 * k scaled to 0 .. 1 and enlarged to the image (the score of a black image, which the paper takes off, falls
 * out of the softmax). A channel that is the same everywhere shows nothing and gets no weight. */

/* Channel `channel` scaled to 0 .. 1, into call->map. False: it is the same everywhere. */
static bool scale_channel(const struct cam_call *call, int channel) {
    struct tensor activation = call->activation;
    int cells = pixels_of(activation);
    float low = INFINITY, high = -INFINITY;
    for (int i = 0; i < cells; i++) {
        call->map[i] = activation.data[(size_t)i * (size_t)activation.pitch + (size_t)channel];
        low = fminf(low, call->map[i]);
        high = fmaxf(high, call->map[i]);
    }
    for (int i = 0; i < cells && high > low; i++)
        call->map[i] = (call->map[i] - low) / (high - low);
    return high > low;
}

/* Input `slot` becomes the image seen through call->map. */
static void look_through(const struct cam_call *call, int slot) {
    struct tensor image = call->trial->image;
    struct tensor to = tensor_images(exec_input(call->trial->exec), slot, 1);
    for (int p = 0; p < pixels_of(image); p++) {
        float share = (float)cam_grid_at(call->grid, call->map, p / image.width, p % image.width);
        const float *from = image.data + (size_t)p * (size_t)image.pitch;
        for (int c = 0; c < image.channels; c++)
            to.data[(size_t)p * (size_t)to.pitch + (size_t)c] = share * from[c];
    }
}

/* Gives weights to `count` channels, as many as go into one batch. */
static void try_channels(const struct cam_call *call, int first, int count) {
    const struct cam_trial *trial = call->trial;
    for (int i = 0; i < count; i++) {
        call->spare[i] = scale_channel(call, first + i);
        look_through(call, i);
    }
    exec_forward(trial->exec, count, false, 0);
    struct tensor y = exec_value(trial->exec, trial->output);
    for (int i = 0; i < count; i++)
        call->weights[first + i] = call->spare[i] > 0 ? cam_score(y, i, trial->target) : -INFINITY;
}

static void softmax(double *weights, int count) {
    double most = -INFINITY, sum = 0;
    for (int k = 0; k < count; k++)
        most = fmax(most, weights[k]);
    for (int k = 0; k < count; k++)
        sum += weights[k] = isfinite(weights[k]) ? exp(weights[k] - most) : 0;
    for (int k = 0; k < count && sum > 0; k++)
        weights[k] /= sum;
}

void cam_draw_scorecam(const struct cam_call *call) {
    struct tensor activation = call->activation;
    for (int k = 0; k < activation.channels; k += call->trial->batch) {
        int left = activation.channels - k;
        try_channels(call, k, left < call->trial->batch ? left : call->trial->batch);
    }
    softmax(call->weights, activation.channels);
    cam_weigh_channels(call);
}
