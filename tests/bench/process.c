/* Programs at the other end of two pipes. */
#include "process.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static bool spawn(struct process *process, const char *const *arguments, int input, int output) {
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    bool good = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO) == 0 &&
                posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) == 0 &&
                posix_spawnp(&process->id, arguments[0], &actions, NULL, (char *const *)arguments,
                             environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    if (!good)
        process->id = 0;
    return good;
}

struct argument argument(int number) {
    struct argument argument;
    snprintf(argument.text, sizeof argument.text, "%d", number);
    return argument;
}

bool process_start(struct process *process, const char *const *arguments) {
    int to[2], from[2];
    *process = (struct process){0};
    if (pipe2(to, O_CLOEXEC) != 0)
        return false;
    if (pipe2(from, O_CLOEXEC) != 0) {
        close(to[0]);
        close(to[1]);
        return false;
    }
    bool good = spawn(process, arguments, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    process->to = fdopen(to[1], "w");
    process->from = fdopen(from[0], "r");
    return good && process->to && process->from;
}

bool process_hear(struct process *process, char *line, size_t size) {
    if (!fgets(line, (int)size, process->from))
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

double process_ask(struct process *process, const char *question) {
    char line[128];
    fprintf(process->to, "%s\n", question);
    if (fflush(process->to) != 0 || !process_hear(process, line, sizeof line))
        return -1;
    char *end;
    double number = strtod(line, &end);
    return end > line ? number : -1;
}

void process_end(struct process *process) {
    if (process->to)
        fclose(process->to);
    if (process->from)
        fclose(process->from);
    if (process->id > 0)
        waitpid(process->id, NULL, 0);
    *process = (struct process){0};
}
