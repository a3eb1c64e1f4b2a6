/* What the gradients task leaves: figures, tables, results.json.
 *
 *   gradients.*       the watched layers over the iterations, a panel for each label, a line for each arm
 *   depth.*           means over the iterations against depth, with slopes and the mean-field line
 *   totals.*          sum and deviation of the gradient norms of all parameter tensors; totals_signals.*,
 *                     totals_activations.*: of the weighted layers' outputs and their gradients
 *   heat_ARM.*        weight gradients, layer x iteration
 *   table.csv         the watched layers' means; tensors_ARM.csv, activations_ARM.csv, signals_ARM.csv:
 *                     every number measured */
#include "gradients_pages.h"

bool gradients_report(struct run *run, const struct job *job) {
    const struct gradients_config *config = job->config;
    struct pages pages = {.run = run,
                          .job = job,
                          .state = job->state,
                          .arena = run->arena,
                          .arms = run->experiment->arm_count,
                          .seeds = run->experiment->seed_count,
                          .iterations = config->iterations};
    bool good = gradients_tables(&pages) && gradients_figures(&pages);
    if (good && !pages.drawn)
        say_not_drawn(run);
    return good;
}
