/* Initialisations that say themselves how large the values are, and PyTorch's default. */
#include "init.h"

#include <math.h>

void init_fill_uniform(const struct layer_param *param, struct random *random, double bound,
                       float *values) {
    size_t size = param_size(param);
    for (size_t i = 0; i < size; i++)
        values[i] = (float)random_between(random, -bound, bound);
}

void init_fill_normal(const struct layer_param *param, struct random *random, double std,
                      float *values) {
    size_t size = param_size(param);
    for (size_t i = 0; i < size; i++)
        values[i] = (float)(std * random_normal(random));
}

static void fill_constant(const struct layer_param *param, double constant, float *values) {
    size_t size = param_size(param);
    for (size_t i = 0; i < size; i++)
        values[i] = (float)constant;
}

/* ---- default: weights and biases alike; what has no fan_in starts constant ---------------------- */
static void default_fill(const void *config, const struct layer_param *param, struct random *random,
                         float *values) {
    (void)config;
    if (param->fan_in == 0)
        fill_constant(param, (double)param->constant, values);
    else
        init_fill_uniform(param, random, 1 / sqrt(param->fan_in), values);
}

const struct init_ops init_default = {
    .name = "default",
    .summary = "PyTorch's: U(-b, b) with b = 1 / sqrt(fan_in), biases too",
    .fill = default_fill,
};

/* ---- uniform ------------------------------------------------------------------------------------ */
struct uniform {
    double bound;
};

static const struct attr uniform_attrs[] = {
    {"bound", "values lie between -bound and bound", ATTR_FLOAT, offsetof(struct uniform, bound),
     .min = 0, .max = HUGE_VAL, .required = true},
};

static void uniform_fill(const void *config, const struct layer_param *param, struct random *random,
                         float *values) {
    init_fill_uniform(param, random, ((const struct uniform *)config)->bound, values);
}

const struct init_ops init_uniform = {
    .name = "uniform",
    .summary = "U(-bound, bound)",
    .attrs = uniform_attrs,
    .attr_count = BASE_COUNT(uniform_attrs),
    .config_size = sizeof(struct uniform),
    .fill = uniform_fill,
};

/* ---- normal ------------------------------------------------------------------------------------- */
struct normal {
    double std;
};

static const struct attr normal_attrs[] = {
    {"std", "standard deviation", ATTR_FLOAT, offsetof(struct normal, std), .min = 0,
     .max = HUGE_VAL, .required = true},
};

static void normal_fill(const void *config, const struct layer_param *param, struct random *random,
                        float *values) {
    init_fill_normal(param, random, ((const struct normal *)config)->std, values);
}

const struct init_ops init_normal = {
    .name = "normal",
    .summary = "normal with mean 0 and standard deviation std",
    .attrs = normal_attrs,
    .attr_count = BASE_COUNT(normal_attrs),
    .config_size = sizeof(struct normal),
    .fill = normal_fill,
};

/* ---- constant, zeros ---------------------------------------------------------------------------- */
struct constant {
    double value;
};

static const struct attr constant_attrs[] = {
    {"value", "every value", ATTR_FLOAT, offsetof(struct constant, value), .required = true},
};

static void constant_fill(const void *config, const struct layer_param *param,
                          struct random *random, float *values) {
    (void)random;
    fill_constant(param, ((const struct constant *)config)->value, values);
}

const struct init_ops init_constant = {
    .name = "constant",
    .summary = "one value everywhere",
    .attrs = constant_attrs,
    .attr_count = BASE_COUNT(constant_attrs),
    .config_size = sizeof(struct constant),
    .fill = constant_fill,
};

static void zeros_fill(const void *config, const struct layer_param *param, struct random *random,
                       float *values) {
    (void)config, (void)random;
    fill_constant(param, 0, values);
}

const struct init_ops init_zeros = {
    .name = "zeros",
    .summary = "0 everywhere",
    .fill = zeros_fill,
};
