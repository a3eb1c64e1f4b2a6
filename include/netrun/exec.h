/* exec: runs a plan - parameters, forward in order, backward in reverse, one optimiser step.
 *
 * The one executor for training, probing and Grad-CAM: choose what to keep in the plan, set the gradient
 * of the output (a loss does), run backward, read. After exec_new nothing can fail. */
#ifndef NETRUN_EXEC_H
#define NETRUN_EXEC_H

#include "netrun/plan.h"

struct exec;

/* Takes the slab from `arena`. Refuses, with the numbers, more than the machine has. `seed` is for dropout
 * and initialisation. NULL: see the report. */
struct exec *exec_new(struct arena *arena, const struct plan *plan, struct pool *pool,
                      uint64_t seed, struct report *report);

/* Every parameter to its start value, by (seed, path): the same path gets the same values in every
 * network. Gradients and optimiser state to zero. */
void exec_init(struct exec *exec);

/* Copies what the surgery of this graph takes from files over the start values. */
void exec_load(struct exec *exec, const struct surgery *surgery);

/* From now on the surgery's rules hold: what is frozen takes no steps, batch norms keep their statistics, rates
 * and decays have their factors. It must live as long. NULL: no rules. */
void exec_set_rules(struct exec *exec, const struct surgery *surgery);

/* The network's input, to be filled before forward (room for the planned batch). Nothing overwrites it. */
struct tensor exec_input(struct exec *exec);

/* `images` at most the planned batch. `training` (batch statistics, dropout) needs a plan for training. `step`
 * names dropout's draws. */
void exec_forward(struct exec *exec, int images, bool training, uint32_t step);

/* The mean loss; sets the output's gradient when the plan is for training. `target`'s labels come from the
 * caller; its values are the network's input. */
double exec_loss(struct exec *exec, const struct loss_ops *ops, const void *config,
                 struct target target);

/* From the gradient of the output to every gradient wanted, in the mode of the last forward, and once for
 * each forward: it uses up what that left. `add`: parameter gradients are added to what is there
 * (accumulation). */
void exec_backward(struct exec *exec, bool add);

/* L2 norm of the gradients of all trained parameters together, added in a fixed order. */
double exec_gradient_norm(struct exec *exec);

/* Factors of the learning rate (a schedule) and of every gradient (clipping) in the steps to come; 1 each
 * after exec_init. */
void exec_set_factors(struct exec *exec, double rate, double gradient);

/* One step of every trained parameter. */
void exec_optimize(struct exec *exec, const struct optim_ops *ops, const void *config);

/* What a checkpoint holds beside the parameters: how many steps were taken, and the optimiser's state of
 * parameter tensor `index` (optim_slots times its elements; NULL: none). */
int64_t exec_steps(const struct exec *exec);
void exec_set_steps(struct exec *exec, int64_t steps);
float *exec_optim_state(const struct exec *exec, int index);

/* For a loss that is not finite: runs forward again, in the mode of the last one, and gives the first layer
 * whose output holds a NaN or an infinity; -1: none. Batch norm's running statistics move once more. */
int exec_first_not_finite(struct exec *exec, int images, uint32_t step);

/* Views of what the last step left; data NULL: the plan does not keep it. The network's input and output and
 * the output's gradient (to be set before backward where no loss does) are always kept. */
struct tensor exec_value(const struct exec *exec, int value);
struct tensor exec_gradient(const struct exec *exec, int value);

/* Elements of parameter tensor `index` (graph->params) in PyTorch's order; its gradient, or NULL. */
const float *exec_param(const struct exec *exec, int index);
const float *exec_param_gradient(const struct exec *exec, int index);

/* The elements to be written to, before the next forward: what was packed of the old ones is forgotten. */
float *exec_change_param(struct exec *exec, int index);

/* ---- where the time goes ------------------------------------------------------------------------ */
enum exec_part { EXEC_FORWARD, EXEC_LOSS, EXEC_BACKWARD, EXEC_OPTIMIZE, EXEC_PARTS };

struct exec_record {
    int64_t batches, images;
    /* Added up over all batches. Forward and backward: per layer; loss and optimiser: one number. What layers
     * do together is written to the first of them that runs. */
    double *seconds[EXEC_PARTS];
};

/* All zero. NULL: out of memory. */
struct exec_record *exec_record_new(struct arena *arena, const struct graph *graph);

/* From now on calls add their time to `record`; in a plan for training only those of training. NULL: no
 * more. */
void exec_set_record(struct exec *exec, struct exec_record *record);

#endif
