/* Start values of parameters, the norm of their gradients, and the optimiser's step.
 *
 * For the last two, tensors are cut into pieces that stay in a core's cache while it works on them; by their
 * sizes alone, so that the bits are the same on any number of threads. */
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
    float *values = state_param(exec, index);
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
    exec->packed = false;
    exec_set_factors(exec, 1, 1);
}

/* ---- pieces ------------------------------------------------------------------------------------ */

enum { PIECE_MOST = 16384 }; /* elements: 256 KB of values, gradients and adam's two means */

static size_t trained_size(const struct plan *plan, int param) {
    bool trained = plan->param_gradients[param] != PLAN_NONE;
    return trained ? param_size(plan->graph->params[param].shape) : 0;
}

static size_t count_pieces(const struct plan *plan) {
    size_t count = 0;
    for (int i = 0; i < plan->graph->param_count; i++)
        count += (trained_size(plan, i) + PIECE_MOST - 1) / PIECE_MOST;
    return count;
}

static void cut_param(struct exec *exec, int param) {
    size_t size = trained_size(exec->plan, param);
    for (size_t first = 0; first < size; first += PIECE_MOST) {
        size_t left = size - first, count = left < PIECE_MOST ? left : PIECE_MOST;
        exec->pieces[exec->piece_count++] = (struct piece){param, first, count};
    }
}

bool params_cut(struct exec *exec, struct arena *arena) {
    size_t count = count_pieces(exec->plan);
    exec->pieces = arena_alloc(arena, count, sizeof *exec->pieces);
    exec->piece_norms = arena_alloc(arena, count, sizeof *exec->piece_norms);
    if (!exec->pieces || !exec->piece_norms)
        return false;
    for (int i = 0; i < exec->plan->graph->param_count; i++)
        cut_param(exec, i);
    return true;
}

static float *piece_gradient(const struct exec *exec, struct piece piece) {
    return (float *)state_at(exec, exec->plan->param_gradients[piece.param]) + piece.first;
}

/* ---- the norm of the gradients ----------------------------------------------------------------- */

static void norm_piece(void *context, int task, int worker) {
    (void)worker;
    const struct exec *exec = context;
    struct piece piece = exec->pieces[task];
    struct shape shape = shape_vector((int)piece.count);
    exec->piece_norms[task] =
        tensor_norm(tensor_at(piece_gradient(exec, piece), 1, shape, shape.channels));
}

double exec_gradient_norm(struct exec *exec) {
    pool_run(exec->pool, exec->piece_count, norm_piece, exec);
    double sum = 0;
    for (int i = 0; i < exec->piece_count; i++)
        sum += exec->piece_norms[i] * exec->piece_norms[i];
    return sqrt(sum);
}

/* ---- the optimiser ----------------------------------------------------------------------------- */

struct job {
    const struct exec *exec;
    const struct optim_ops *ops;
    const void *config;
};

static void optimize_piece(void *context, int task, int worker) {
    (void)worker;
    const struct job *job = context;
    const struct exec *exec = job->exec;
    struct piece piece = exec->pieces[task];
    float *state = exec_optim_state(exec, piece.param);
    const struct surgery *rules = exec->rules;
    if (rules && rules->frozen[piece.param])
        return;
    job->ops->step(&(struct optim_step){
        .config = job->config,
        .rate_factor = exec->rate_factor * (rules ? rules->rate_factors[piece.param] : 1),
        .decay_factor = rules ? rules->decay_factors[piece.param] : 1,
        .gradient_factor = exec->gradient_factor,
        .step = exec->optimized,
        .values = state_param(exec, piece.param) + piece.first,
        .gradient = piece_gradient(exec, piece),
        .state = state ? state + piece.first : NULL,
        .slot_stride = trained_size(exec->plan, piece.param),
        .size = piece.count});
}

void exec_optimize(struct exec *exec, const struct optim_ops *ops, const void *config) {
    struct job job = {exec, ops, config};
    assert(ops->slots(config) <= exec->plan->options.optim_slots);
    exec->optimized++;
    record_begin(exec, EXEC_OPTIMIZE);
    pool_run(exec->pool, exec->piece_count, optimize_piece, &job);
    record_add(exec, 0);
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
