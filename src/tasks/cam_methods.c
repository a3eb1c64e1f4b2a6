/* The methods, each a formula over the activations A and the gradient G = d score / d A of one layer: A_k and
 * G_k are channel k, sums over i go over the cells. Sums are added in double, in the order of memory. */
#include "cam.h"

#include <math.h>
#include <string.h>

/* ---- cells and channels ------------------------------------------------------------------------ */

static int cells_of(const struct cam_call *call) {
    return call->activation.height * call->activation.width;
}

static double at(struct tensor tensor, int cell, int channel) {
    return (double)tensor.data[(size_t)cell * (size_t)tensor.pitch + (size_t)channel];
}

void cam_weigh_channels(const struct cam_call *call) {
    for (int i = 0; i < cells_of(call); i++) {
        double sum = 0;
        for (int k = 0; k < call->activation.channels; k++)
            sum += call->weights[k] * at(call->activation, i, k);
        call->map[i] = (float)sum;
    }
}

/* ---- methods ----------------------------------------------------------------------------------- */

/* Selvaraju et al. (2017), "Grad-CAM": w_k = mean of G_k. */
static void draw_gradcam(const struct cam_call *call) {
    for (int k = 0; k < call->activation.channels; k++) {
        double sum = 0;
        for (int i = 0; i < cells_of(call); i++)
            sum += at(call->gradient, i, k);
        call->weights[k] = sum / cells_of(call);
    }
    cam_weigh_channels(call);
}

/* Chattopadhay et al. (2018), "Grad-CAM++": w_k = sum of a_k ReLU(G_k) with
 * a_k = G_k^2 / (2 G_k^2 + (sum of A_k) G_k^3), the derivatives being those of exp(score). */
static void draw_gradcam_plus_plus(const struct cam_call *call) {
    for (int k = 0; k < call->activation.channels; k++) {
        double activation = 0, weight = 0;
        for (int i = 0; i < cells_of(call); i++)
            activation += at(call->activation, i, k);
        for (int i = 0; i < cells_of(call); i++) {
            double gradient = at(call->gradient, i, k), below = 2 + activation * gradient;
            if (gradient > 0 && below != 0)
                weight += gradient / below;
        }
        call->weights[k] = weight;
    }
    cam_weigh_channels(call);
}

/* Fu et al. (2020), "Axiom-based Grad-CAM" (XGrad-CAM): w_k = sum of A_k G_k / sum of A_k. */
static void draw_xgradcam(const struct cam_call *call) {
    for (int k = 0; k < call->activation.channels; k++) {
        double products = 0, activation = 0;
        for (int i = 0; i < cells_of(call); i++) {
            products += at(call->activation, i, k) * at(call->gradient, i, k);
            activation += at(call->activation, i, k);
        }
        call->weights[k] = activation != 0 ? products / activation : 0;
    }
    cam_weigh_channels(call);
}

/* Draelos and Carin (2020), "Use HiResCAM instead of Grad-CAM": map = sum over k of G_k A_k, cell by cell. */
static void draw_hirescam(const struct cam_call *call) {
    for (int i = 0; i < cells_of(call); i++) {
        double sum = 0;
        for (int k = 0; k < call->activation.channels; k++)
            sum += at(call->gradient, i, k) * at(call->activation, i, k);
        call->map[i] = (float)sum;
    }
}

/* Jiang et al. (2021), "LayerCAM": the same with ReLU(G_k). */
static void draw_layercam(const struct cam_call *call) {
    for (int i = 0; i < cells_of(call); i++) {
        double sum = 0;
        for (int k = 0; k < call->activation.channels; k++)
            sum += fmax(at(call->gradient, i, k), 0) * at(call->activation, i, k);
        call->map[i] = (float)sum;
    }
}

/* One round of power iteration on A'A, A as cells x channels: v becomes A'Av, of length 1. Returns by how much
 * it turned. */
static double turn(const struct cam_call *call, double *v, double *next) {
    int channels = call->activation.channels;
    double length = 0, change = 0;
    memset(next, 0, (size_t)channels * sizeof *next);
    for (int i = 0; i < cells_of(call); i++) {
        double along = 0;
        for (int k = 0; k < channels; k++)
            along += at(call->activation, i, k) * v[k];
        for (int k = 0; k < channels; k++)
            next[k] += along * at(call->activation, i, k);
    }
    for (int k = 0; k < channels; k++)
        length += next[k] * next[k];
    for (int k = 0; k < channels; k++) {
        double now = length > 0 ? next[k] / sqrt(length) : 0;
        change = fmax(change, fabs(now - v[k]));
        v[k] = now;
    }
    return change;
}

/* Muhammad and Yeasin (2020), "Eigen-CAM": map = A v, v the first right singular vector of A (cells x
 * channels, not centred). Its sign is free; the map's sum is made positive. The class plays no part. */
static void draw_eigencam(const struct cam_call *call) {
    enum { ROUNDS = 2000 };
    double sum = 0;
    for (int k = 0; k < call->activation.channels; k++)
        call->weights[k] = 1;
    for (int round = 0; round < ROUNDS; round++)
        if (turn(call, call->weights, call->spare) < 1e-10)
            break;
    cam_weigh_channels(call);
    for (int i = 0; i < cells_of(call); i++)
        sum += (double)call->map[i];
    for (int i = 0; sum < 0 && i < cells_of(call); i++)
        call->map[i] = -call->map[i];
}

/* Simonyan et al. (2014), "Deep inside convolutional networks": the largest |G_k| over the channels of the
 * input. */
static void draw_gradient(const struct cam_call *call) {
    for (int i = 0; i < cells_of(call); i++) {
        double most = 0;
        for (int k = 0; k < call->gradient.channels; k++)
            most = fmax(most, fabs(at(call->gradient, i, k)));
        call->map[i] = (float)most;
    }
}

/* ---- the table --------------------------------------------------------------------------------- */

static const struct cam_method methods[] = {
    {.name = "gradcam",
     .summary = "channels weighted by their mean gradient",
     .draw = draw_gradcam},
    {.name = "gradcam++",
     .summary = "channels weighted by their positive gradients, small objects as much as large",
     .draw = draw_gradcam_plus_plus},
    {.name = "hirescam",
     .summary = "gradient times activation, cell by cell",
     .draw = draw_hirescam},
    {.name = "layercam",
     .summary = "positive gradient times activation, cell by cell",
     .draw = draw_layercam},
    {.name = "xgradcam",
     .summary = "channels weighted by their mean gradient where they are active",
     .draw = draw_xgradcam},
    {.name = "eigencam",
     .summary = "first principal direction of the channels; no class, no gradient",
     .draw = draw_eigencam},
    {.name = "scorecam",
     .summary = "channels weighted by the score of the image seen through them; no gradient",
     .tries = true,
     .draw = cam_draw_scorecam},
    {.name = "gradient",
     .summary = "gradient of the score with respect to the pixels",
     .at_input = true,
     .draw = draw_gradient},
    {.name = "guided",
     .summary = "the same by guided backpropagation",
     .at_input = true,
     .guided = true,
     .draw = draw_gradient},
};

const struct cam_method *cam_method_at(int index) {
    return index >= 0 && index < BASE_COUNT(methods) ? &methods[index] : NULL;
}

const struct cam_method *cam_method_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(methods); i++)
        if (!strcmp(methods[i].name, name))
            return &methods[i];
    return NULL;
}

/* ---- the finished map -------------------------------------------------------------------------- */

bool cam_finish(float *map, int cells) {
    float most = 0;
    for (int i = 0; i < cells; i++)
        most = map[i] > most ? map[i] : most;
    bool good = most > 0 && isfinite(most);
    for (int i = 0; i < cells; i++)
        map[i] = good && map[i] > 0 ? map[i] / most : 0;
    return good;
}

static bool is_zero(const struct cam_call *call, struct tensor tensor) {
    for (int i = 0; i < cells_of(call); i++)
        for (int k = 0; k < tensor.channels; k++)
            if (at(tensor, i, k) != 0)
                return false;
    return true;
}

const char *cam_why_empty(const struct cam_call *call) {
    if (is_zero(call, call->activation))
        return "the layer yields nothing but 0 for this image";
    if (is_zero(call, call->gradient))
        return "no gradient comes back to the layer: what follows it is saturated, or dead";
    return "no cell is over 0: all that the layer sees speaks against the class";
}
