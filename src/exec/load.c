/* What surgery asks of an executor: values copied from files, and the rules that training obeys. */
#include "state.h"

#include <string.h>

void exec_load(struct exec *exec, const struct surgery *surgery) {
    const struct graph *graph = exec->plan->graph;
    for (int i = 0; i < graph->param_count; i++) {
        const struct named_tensor *tensor = surgery->sources[i].tensor;
        if (tensor)
            memcpy(exec_change_param(exec, i), tensor->values,
                   param_size(graph->params[i].shape) * sizeof(float));
    }
}

void exec_set_rules(struct exec *exec, const struct surgery *surgery) {
    exec->rules = surgery;
}
