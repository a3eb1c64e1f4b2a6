/* A libFuzzer target: any bytes as a YAML file, through spec to a graph or a checked experiment.
 *
 * Nothing may crash, leak, hang or take more than a little memory; errors are welcome. Run by `make fuzz`. */
#include "netrun/graph.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Where the bytes become a file; a folder of their own keeps `include` from finding anything. */
static bool write_input(char *path, const uint8_t *data, size_t size) {
    int file = mkstemp(path);
    if (file < 0)
        return false;
    bool good = write(file, data, size) == (ssize_t)size;
    close(file);
    return good;
}

static void print_nowhere(const struct report *report) {
    FILE *nowhere = fopen("/dev/null", "w");
    if (!nowhere)
        return;
    report_print(report, nowhere, false);
    fclose(nowhere);
}

static void build(struct arena *arena, const char *path, struct report *report) {
    const struct netdef *netdef = NULL;
    const struct experiment *experiment = NULL;
    switch (spec_read(arena, path, NULL, 0, &netdef, &experiment, report)) {
    case SPEC_NETDEF:
        graph_build(arena, netdef, report);
        break;
    case SPEC_EXPERIMENT:
        for (int i = 0; i < experiment->arm_count; i++)
            graph_build(arena, experiment->arms[i].net, report);
        break;
    case SPEC_NONE:
        if (report_count(report) == 0)
            abort(); /* a failure without a reason */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[] = "/tmp/netrun-fuzz-XXXXXX";
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    if (write_input(path, data, size))
        build(arena, path, report);
    print_nowhere(report);
    unlink(path);
    arena_free(arena);
    return 0;
}
