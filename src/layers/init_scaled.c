/* Initialisations whose size follows from the layer's fans, so that signals neither grow nor fade.
 *
 * kaiming (He et al. 2015, "Delving deep into rectifiers"): std = gain / sqrt(fan). xavier (Glorot and Bengio
 * 2010): std = gain sqrt(2 / (fan_in + fan_out)). A uniform one of the same std reaches to sqrt(3) std. */
#include "init.h"

#include <math.h>

/* ---- kaiming ------------------------------------------------------------------------------------ */
enum { FAN_IN, FAN_OUT };
static const char *const modes[] = {[FAN_IN] = "fan_in", [FAN_OUT] = "fan_out", NULL};

enum { RELU, LEAKY_RELU, TANH, SIGMOID, LINEAR };
static const char *const nonlinearities[] = {
    [RELU] = "relu",       [LEAKY_RELU] = "leaky_relu", [TANH] = "tanh",
    [SIGMOID] = "sigmoid", [LINEAR] = "linear",         NULL};

struct kaiming {
    int mode, nonlinearity;
    double negative_slope;
};

static const struct attr kaiming_attrs[] = {
    {"mode", "the fan that keeps its variance: forward fan_in, backward fan_out", ATTR_CHOICE,
     offsetof(struct kaiming, mode), .fallback = FAN_IN, .choices = modes},
    {"nonlinearity", "what follows the layer; sets the gain", ATTR_CHOICE,
     offsetof(struct kaiming, nonlinearity), .fallback = RELU, .choices = nonlinearities},
    {"negative_slope", "of leaky_relu", ATTR_FLOAT, offsetof(struct kaiming, negative_slope),
     .fallback = .01, .min = 0, .max = HUGE_VAL, .also = "a"},
};

/* torch.nn.init.calculate_gain */
static double gain_of(const struct kaiming *kaiming) {
    switch (kaiming->nonlinearity) {
    case RELU:
        return sqrt(2);
    case LEAKY_RELU:
        return sqrt(2 / (1 + kaiming->negative_slope * kaiming->negative_slope));
    case TANH:
        return 5. / 3;
    default:
        return 1;
    }
}

static double kaiming_std(const struct kaiming *kaiming, const struct layer_param *param) {
    return gain_of(kaiming) / sqrt(kaiming->mode == FAN_IN ? param->fan_in : param->fan_out);
}

static void kaiming_fill(const void *config, const struct layer_param *param, struct random *random,
                         float *values) {
    init_fill_normal(param, random, kaiming_std(config, param), values);
}

static void kaiming_uniform_fill(const void *config, const struct layer_param *param,
                                 struct random *random, float *values) {
    init_fill_uniform(param, random, sqrt(3) * kaiming_std(config, param), values);
}

const struct init_ops init_kaiming = {
    .name = "kaiming",
    .summary = "He et al. 2015: normal with std = gain / sqrt(fan)",
    .attrs = kaiming_attrs,
    .attr_count = BASE_COUNT(kaiming_attrs),
    .config_size = sizeof(struct kaiming),
    .fill = kaiming_fill,
};

const struct init_ops init_kaiming_uniform = {
    .name = "kaiming_uniform",
    .summary = "He et al. 2015: uniform with std = gain / sqrt(fan)",
    .attrs = kaiming_attrs,
    .attr_count = BASE_COUNT(kaiming_attrs),
    .config_size = sizeof(struct kaiming),
    .fill = kaiming_uniform_fill,
};

/* ---- xavier ------------------------------------------------------------------------------------- */
struct xavier {
    double gain;
};

static const struct attr xavier_attrs[] = {
    {"gain", "factor of the standard deviation", ATTR_FLOAT, offsetof(struct xavier, gain),
     .fallback = 1, .min = 0, .max = HUGE_VAL},
};

static double xavier_std(const struct xavier *xavier, const struct layer_param *param) {
    return xavier->gain * sqrt(2 / ((double)param->fan_in + param->fan_out));
}

static void xavier_fill(const void *config, const struct layer_param *param, struct random *random,
                        float *values) {
    init_fill_uniform(param, random, sqrt(3) * xavier_std(config, param), values);
}

static void xavier_normal_fill(const void *config, const struct layer_param *param,
                               struct random *random, float *values) {
    init_fill_normal(param, random, xavier_std(config, param), values);
}

const struct init_ops init_xavier = {
    .name = "xavier",
    .summary = "Glorot and Bengio 2010: uniform with std = gain sqrt(2 / (fan_in + fan_out))",
    .attrs = xavier_attrs,
    .attr_count = BASE_COUNT(xavier_attrs),
    .config_size = sizeof(struct xavier),
    .fill = xavier_fill,
};

const struct init_ops init_xavier_normal = {
    .name = "xavier_normal",
    .summary = "Glorot and Bengio 2010: normal with std = gain sqrt(2 / (fan_in + fan_out))",
    .attrs = xavier_attrs,
    .attr_count = BASE_COUNT(xavier_attrs),
    .config_size = sizeof(struct xavier),
    .fill = xavier_normal_fill,
};
