/* Start values of parameters, and the optimiser's step. */
#include "state.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- start values ------------------------------------------------------------------------------ */

static void fill_constant(float *values, size_t size, float constant) {
    for (size_t i = 0; i < size; i++)
        values[i] = constant;
}

/* torch.nn's reset_parameters for convolutions and linear layers. */
static void fill_uniform(float *values, size_t size, int fan_in, struct random *random) {
    double bound = 1 / sqrt(fan_in);
    for (size_t i = 0; i < size; i++)
        values[i] = (float)random_between(random, -bound, bound);
}

/* What a netdef's init sets are the tensors that mix channels; a bias beside them becomes 0, and what starts
 * constant (batch norm) stays so. */
static void start(const struct exec *exec, int index) {
    const struct graph_param *param = &exec->plan->graph->params[index];
    const struct layer_param *shape = param->shape;
    struct random random = random_stream(exec->seed, RANDOM_INIT, hash_text(param->path), 0);
    float *values = exec_param(exec, index);
    if (shape->fan_in == 0)
        fill_constant(values, param_size(shape), shape->constant);
    else if (!param->init)
        fill_uniform(values, param_size(shape), shape->fan_in, &random);
    else if (shape->rank > 1)
        param->init->fill(param->init_config, shape, &random, values);
    else
        fill_constant(values, param_size(shape), 0);
}

static void clear(const struct exec *exec, size_t offset, size_t bytes) {
    if (offset != PLAN_NONE)
        memset(exec->slab + offset, 0, bytes);
}

void exec_init(struct exec *exec) {
    const struct plan *plan = exec->plan;
    size_t slots = (size_t)plan->options.optim_slots;
    for (int i = 0; i < plan->graph->param_count; i++) {
        size_t bytes = param_size(plan->graph->params[i].shape) * sizeof(float);
        start(exec, i);
        clear(exec, plan->param_gradients[i], bytes);
        clear(exec, plan->optim_state[i], slots * bytes);
    }
    exec->optimized = 0;
    exec_set_factors(exec, 1, 1);
}

/* ---- gradients --------------------------------------------------------------------------------- */

static size_t size_of(const struct exec *exec, int index) {
    return param_size(exec->plan->graph->params[index].shape);
}

static float *gradient_of(const struct exec *exec, int index) {
    return state_at(exec, exec->plan->param_gradients[index]);
}

static void sum_squares(void *context, int task, int worker) {
    (void)worker;
    const struct exec *exec = context;
    const float *gradient = gradient_of(exec, task);
    size_t size = gradient ? size_of(exec, task) : 0;
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += (double)gradient[i] * (double)gradient[i];
    exec->squares[task] = sum;
}

double exec_gradient_norm(struct exec *exec) {
    int params = exec->plan->graph->param_count;
    pool_run(exec->pool, params, sum_squares, exec);
    double sum = 0;
    for (int i = 0; i < params; i++)
        sum += exec->squares[i];
    return sqrt(sum);
}

/* ---- the optimiser ----------------------------------------------------------------------------- */

struct job {
    const struct exec *exec;
    const struct optim_ops *ops;
    const void *config;
};

static void scale(float *values, size_t size, float factor) {
    for (size_t i = 0; factor != 1 && i < size; i++)
        values[i] *= factor;
}

static void optimize_param(void *context, int task, int worker) {
    (void)worker;
    const struct job *job = context;
    const struct exec *exec = job->exec;
    float *gradient = gradient_of(exec, task);
    if (!gradient)
        return;
    scale(gradient, size_of(exec, task), (float)exec->gradient_factor);
    job->ops->step(&(struct optim_step){.config = job->config,
                                        .rate_factor = exec->rate_factor,
                                        .decay_factor = 1,
                                        .step = exec->optimized,
                                        .values = exec_param(exec, task),
                                        .gradient = gradient,
                                        .state = exec_optim_state(exec, task),
                                        .size = size_of(exec, task)});
}

void exec_optimize(struct exec *exec, const struct optim_ops *ops, const void *config) {
    struct job job = {exec, ops, config};
    assert(ops->slots(config) <= exec->plan->options.optim_slots);
    exec->optimized++;
    pool_run(exec->pool, exec->plan->graph->param_count, optimize_param, &job);
}

void exec_set_factors(struct exec *exec, double rate, double gradient) {
    exec->rate_factor = rate;
    exec->gradient_factor = gradient;
}

int64_t exec_steps(const struct exec *exec) {
    return exec->optimized;
}

void exec_set_steps(struct exec *exec, int64_t steps) {
    exec->optimized = steps;
}

float *exec_optim_state(const struct exec *exec, int index) {
    return state_at(exec, exec->plan->optim_state[index]);
}
