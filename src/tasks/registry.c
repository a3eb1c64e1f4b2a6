/* The registry of tasks. */
#include "netrun/tasks.h"

#include <string.h>

#define TASK(name) extern const struct task_ops task_##name;
#include "tasks.def"
#undef TASK

#define TASK(name) &task_##name,
static const struct task_ops *const tasks[] = {
#include "tasks.def"
};
#undef TASK

const struct task_ops *task_at(int index) {
    return index >= 0 && index < BASE_COUNT(tasks) ? tasks[index] : NULL;
}

const struct task_ops *task_find(const char *name) {
    for (int i = 0; i < BASE_COUNT(tasks); i++)
        if (!strcmp(tasks[i]->name, name))
            return tasks[i];
    return NULL;
}
