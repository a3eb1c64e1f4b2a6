/* process.h: another program that is asked and answers line by line. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct process {
    pid_t id; /* 0: there is none */
    FILE *to, *from;
};

/* A number among the arguments of a program. */
struct argument {
    char text[16];
};
struct argument argument(int number);

/* `arguments` end in NULL; the first is the program. False: it cannot be started. */
bool process_start(struct process *process, const char *const *arguments);

/* The next line that it says, without its end. False: it says no more. */
bool process_hear(struct process *process, char *line, size_t size);

/* Asks and waits for a number. Less than 0: there was none. */
double process_ask(struct process *process, const char *question);

/* Waits for its end. */
void process_end(struct process *process);

#endif
