/* Peak resident sets, each of a process that does nothing else. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 3 };

static long long peak_of_process(void) {
    FILE *status = fopen("/proc/self/status", "r");
    char line[256];
    long long kilobytes = 0;
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kilobytes = strtoll(line + 6, NULL, 10);
    if (status)
        fclose(status);
    return kilobytes * 1024;
}

bool memory_say(const struct options *options, const char *net) {
    struct subject subject;
    struct subject_options wishes = {net, options->batch, options->threads, true};
    bool good = subject_open(&subject, &wishes);
    if (good) {
        for (int i = 0; i < STEPS; i++)
            subject_run(&subject);
        printf("%lld %zu %zu\n", peak_of_process(), plan_resident(subject.plan, 0),
               subject.plan->slab);
    }
    subject_close(&subject);
    return good;
}

/* Three numbers at most, from the first line that a program says. */
static struct memory ask(const char *const *arguments) {
    struct memory memory = {0};
    struct process process;
    char line[128];
    if (process_start(&process, arguments) && process_hear(&process, line, sizeof line))
        sscanf(line, "%lld %lld %lld", &memory.peak, &memory.planned, &memory.slab);
    process_end(&process);
    return memory;
}

struct memory memory_of(const struct options *options, const char *net) {
    struct argument threads = argument(options->threads), batch = argument(options->batch);
    const char *const arguments[] = {"/proc/self/exe", "--memory", "--threads", threads.text,
                                     "--batch",        batch.text, net,         NULL};
    return ask(arguments);
}

long long memory_of_peer(const struct bench *bench) {
    struct argument threads = argument(bench->options->threads),
                    batch = argument(bench->options->batch);
    const char *const arguments[] = {bench->options->python,
                                     "tests/bench/peer.py",
                                     bench->net,
                                     batch.text,
                                     threads.text,
                                     layout_name(better_layout(bench)),
                                     NULL};
    return ask(arguments).peak;
}
