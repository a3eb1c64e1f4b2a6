/* What mean-field theory says of the backward signal in a plain chain of layers.
 *
 * In a wide random network the pre-activations of layer l are normal with variance q, and from layer l down
 * to l - 1 the squared norm of the gradient with respect to them changes by the factor
 *     chi = fan_in var(W) E[f'(sqrt(q) z)^2],   z ~ N(0, 1)
 * (Poole et al. 2016, "Exponential expressivity in deep neural networks through transient chaos"; Schoenholz
 * et al. 2017, "Deep information propagation", eq. 5-7; convolutions: Xiao et al. 2018). With PyTorch's
 * default initialisation fan_in var(W) is 1/3: for tanh near zero the norm shrinks by 0.577 a layer.
 *
 * Known only where a layer's input is an elementwise function of the layer before it and nothing else reads
 * what lies between; residual sums and batch norm end a chain. */
#include "gradients.h"

#include <math.h>

enum { NODES = 257, SHORTEST = 4 }; /* a chain of fewer layers shows no law */

/* ---- chains ------------------------------------------------------------------------------------ */

static bool read_once(const struct graph *graph, int value) {
    int readers = 0;
    for (int i = 0; i < graph->layer_count; i++)
        for (int j = 0; j < graph->layers[i].info.inputs; j++)
            readers += graph->layers[i].inputs[j] == value;
    return readers == 1;
}

/* Does only elementwise work lie between weighted layers k - 1 and k? */
static bool linked(const struct probe *probe, int k) {
    const struct graph *graph = probe->graph;
    int value = graph->layers[probe->weighted[k]].inputs[0];
    for (;;) {
        int layer = value - 1;
        if (layer < 0 || !read_once(graph, value))
            return false;
        if (layer == probe->weighted[k - 1])
            return true;
        if (!graph->layers[layer].ops->pointwise)
            return false;
        value = graph->layers[layer].inputs[0];
    }
}

/* The longest run first .. last of linked weighted layers; false if it is too short. */
static bool longest_chain(const struct probe *probe, int *first, int *last) {
    int start = 0;
    *first = *last = 0;
    for (int k = 0; k < probe->weighted_count; k++) {
        if (k > 0 && !linked(probe, k))
            start = k;
        if (k - start > *last - *first) {
            *first = start;
            *last = k;
        }
    }
    return *last - *first + 1 >= SHORTEST;
}

/* ---- the factor of one layer ------------------------------------------------------------------- */

/* The elementwise layers between weighted layers k - 1 and k, applied in place. */
static void apply_between(const struct probe *probe, int k, float *values, size_t count) {
    const struct graph *graph = probe->graph;
    for (int i = probe->weighted[k - 1] + 1; i < probe->weighted[k]; i++) {
        const struct graph_layer *layer = &graph->layers[i];
        if (layer->ops->pointwise)
            layer->ops->pointwise->map(layer->config, values, values, count);
    }
}

/* E[f'(sqrt(q) z)^2] over a normal z: derivative by central differences, the mean by the trapezium rule on
 * [-8, 8], which is exact to rounding for smooth f. */
static double mean_squared_slope(const struct probe *probe, int k, double q) {
    double scale = sqrt(q), h = scale / 64, sum = 0, weights = 0;
    float values[2][NODES];
    for (int i = 0; i < NODES; i++) {
        double z = -8 + 16.0 * i / (NODES - 1);
        values[0][i] = (float)(scale * z - h);
        values[1][i] = (float)(scale * z + h);
    }
    double widths[NODES];
    for (int i = 0; i < NODES; i++)
        widths[i] = (double)values[1][i] - (double)values[0][i];
    apply_between(probe, k, values[0], NODES);
    apply_between(probe, k, values[1], NODES);
    for (int i = 0; i < NODES; i++) {
        double z = -8 + 16.0 * i / (NODES - 1), weight = exp(-z * z / 2);
        double slope = ((double)values[1][i] - (double)values[0][i]) / widths[i];
        sum += weight * slope * slope;
        weights += weight;
    }
    return sum / weights;
}

static double weight_variance(const struct probe *probe, const struct exec *exec, int param) {
    size_t size = param_size(probe->graph->params[param].shape);
    const float *values = exec_param(exec, param);
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)values[i] * (double)values[i];
    return sum / (double)size;
}

/* chi from weighted layer k down to k - 1; q is measured on the batch. */
static double factor(const struct probe *probe, const struct exec *exec, int k) {
    int weight = probe->weights[k];
    struct tensor below = exec_value(exec, probe->weighted[k - 1] + 1);
    double elements = (double)tensor_pixels(below) * below.channels;
    double norm = tensor_norm(below);
    return probe->graph->params[weight].shape->fan_in * weight_variance(probe, exec, weight) *
           mean_squared_slope(probe, k, norm * norm / elements);
}

void mean_field_predict(const struct probe *probe, const struct exec *exec, struct record *record) {
    for (int k = 0; k < probe->weighted_count; k++)
        record->theory[k] = NAN;
    int first, last;
    if (!longest_chain(probe, &first, &last))
        return;
    record->theory[last] = 1;
    for (int k = last; k > first; k--)
        record->theory[k - 1] = record->theory[k] * sqrt(factor(probe, exec, k));
}
