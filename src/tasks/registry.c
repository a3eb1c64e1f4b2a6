/* The registry of tasks: one line per task. */
#include "netrun/tasks.h"

#include <string.h>

extern const struct task_ops task_gradients;
extern const struct task_ops task_train;
extern const struct task_ops task_evaluate;
extern const struct task_ops task_predict;
extern const struct task_ops task_gradcam;

static const struct task_ops *const tasks[] = {
    &task_train,
    &task_evaluate,
    &task_predict,
    &task_gradients,
    &task_gradcam,
};

const struct task_ops *task_at(int index) {
    return index >= 0 && index < BASE_COUNT(tasks) ? tasks[index] : NULL;
}

const struct task_ops *task_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(tasks); i++)
        if (!strcmp(tasks[i]->name, name))
            return tasks[i];
    return NULL;
}
