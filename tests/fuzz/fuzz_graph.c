/* Any bytes as a YAML file, through spec to a graph or a checked experiment. */
#include "fuzz.h"
#include "netrun/graph.h"

static bool build_arms(const struct fuzz *fuzz, const struct experiment *experiment) {
    bool good = true;
    for (int i = 0; i < experiment->arm_count; i++)
        good = graph_build(fuzz->arena, experiment->arms[i].net, fuzz->report) && good;
    return good;
}

static bool build(const struct fuzz *fuzz, const char *path) {
    const struct netdef *netdef = NULL;
    const struct experiment *experiment = NULL;
    switch (spec_read(fuzz->arena, path, NULL, 0, &netdef, &experiment, fuzz->report)) {
    case SPEC_NETDEF:
        return graph_build(fuzz->arena, netdef, fuzz->report);
    case SPEC_EXPERIMENT:
        return build_arms(fuzz, experiment);
    case SPEC_NONE:
        break;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"a.yaml", NULL};
    struct fuzz fuzz = fuzz_begin();
    bool good = build(&fuzz, fuzz_write(&fuzz, names[0], data, size));
    return fuzz_end(&fuzz, good, names);
}
