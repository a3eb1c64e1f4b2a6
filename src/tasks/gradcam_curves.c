/* Deletion and insertion (Petsiuk et al. 2018, "RISE"): pixels are taken away, or put in, from the highest of the
 * map to the lowest, and the probability of the class is followed; a good map makes it fall, or rise, early. A
 * pixel that is not there is 0 after normalisation, the mean colour. Beside it a random map of the same
 * coarseness: what any blobs would do. */
#include "gradcam.h"

/* One of the pictures of a curve: the first `count` pixels of the order are there (insertion), or are not. */
static void fill(const struct observer *observer, struct tensor image, struct tensor to,
                 bool insertion, int count) {
    int pixels = image.height * image.width;
    for (int i = 0; i < pixels; i++) {
        size_t pixel = (size_t)observer->order[i];
        bool there = (i < count) == insertion;
        for (int c = 0; c < image.channels; c++)
            to.data[pixel * (size_t)to.pitch + (size_t)c] =
                there ? image.data[pixel * (size_t)image.pitch + (size_t)c] : 0;
    }
}

/* Along the order: as many pictures at once as a batch holds. */
static void follow(const struct observer *observer, int index, bool insertion, double *curve) {
    struct cam_trial trial = observer_trial(observer, index);
    int pixels = trial.image.height * trial.image.width;
    for (int first = 0; first < CURVE_POINTS; first += trial.batch) {
        int left = CURVE_POINTS - first, count = left < trial.batch ? left : trial.batch;
        for (int i = 0; i < count; i++)
            fill(observer, trial.image, tensor_images(exec_input(trial.exec), i, 1), insertion,
                 (int)((int64_t)pixels * (first + i) / (CURVE_POINTS - 1)));
        exec_forward(trial.exec, count, false, 0);
        for (int i = 0; i < count; i++)
            curve[first + i] =
                cam_probability(exec_value(trial.exec, trial.output), i, trial.target);
    }
}

/* Both curves of a map; `random`: 1 for the random one. */
static void follow_map(const struct observer *observer, struct look *look, const float *map,
                       int index, int image, int random) {
    const struct gradcam_config *config = observer->job->config;
    struct shape input = observer->gaze->graph->input;
    int images = observer->state->image_count;
    images = config->curves < images ? config->curves : images;
    cam_grid_spread(&look->grid, map, input, input.height, input.width, observer->spread);
    cam_order(observer->spread, input.height * input.width, observer->ranks, observer->order);
    for (int insertion = 0; insertion < 2; insertion++) {
        double curve[CURVE_POINTS];
        int which = 2 * insertion + random;
        follow(observer, index, insertion, curve);
        look->numbers[NUMBER_DELETION + which][image] = cam_area(curve, CURVE_POINTS);
        for (int i = 0; i < CURVE_POINTS; i++)
            look->curves[which][i] += curve[i] / images;
    }
}

void gradcam_curves(const struct observer *observer, struct look *look, int index, int image) {
    struct random random =
        random_stream(observer->run->experiment->seeds[0], RANDOM_SYNTHETIC,
                      hash_text("random map"), (uint32_t)observer->state->images[image]);
    for (int i = 0; i < look->grid.height * look->grid.width; i++)
        observer->random[i] = (float)random_uniform(&random);
    follow_map(observer, look, observer->map, index, image, 0);
    follow_map(observer, look, observer->random, index, image, 1);
}
