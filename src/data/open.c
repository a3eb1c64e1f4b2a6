/* A source opened, or its stand-in where that is allowed and the data is not there. */
#include "spec.h"
#include "synthetic.h"

static bool is_absent(const struct source_ops *source, const void *config,
                      const struct data_request *request) {
    return source->present && !source->present(config, request->folder);
}

static bool refuse_absent(const struct source_ops *source, const struct data_request *request,
                          struct report *report) {
    return report_at(report, &request->pos,
                     "%s is not in '%s/%s': run make data, or name the folder with --data or "
                     "NETRUN_DATA, or allow the stand-in with \"otherwise: synthetic\"",
                     source->name, request->folder, source->folder);
}

bool open_or_stand_in(const struct source_ops *source, const void *config,
                      const struct data_request *request, struct arena *arena,
                      struct dataset *dataset, struct report *report) {
    if (!is_absent(source, config, request))
        return source->open(config, request, arena, dataset, report);
    if (request->stand_in)
        return synthetic_stand_in(source->stand_in, request, arena, dataset);
    return refuse_absent(source, request, report);
}

bool source_reachable(const struct source_ops *source, const void *config,
                      const struct data_request *request, struct arena *arena,
                      struct report *report) {
    if (source->reachable)
        return source->reachable(config, request, arena, report);
    return request->stand_in || !is_absent(source, config, request) ||
           refuse_absent(source, request, report);
}

static struct data_request placed(const struct data_spec *spec,
                                  const struct data_request *request) {
    struct data_request placed = *request;
    placed.pos = *spec_pos(spec, "source");
    placed.map = spec->map;
    placed.stand_in = spec->otherwise == OTHERWISE_SYNTHETIC;
    return placed;
}

bool data_reachable(const struct data_spec *spec, const char *folder, struct arena *arena,
                    struct report *report) {
    struct data_request request = placed(spec, &(struct data_request){.folder = folder});
    return source_reachable(spec->source, spec->config, &request, arena, report);
}

bool data_open(const struct data_spec *spec, const struct data_request *asked, struct arena *arena,
               struct dataset *dataset, struct report *report) {
    struct data_request request = placed(spec, asked);
    *dataset = spec->described[request.split];
    return open_or_stand_in(spec->source, spec->config, &request, arena, dataset, report) &&
           selection_check(spec, dataset, request.split, report) &&
           selection_apply(spec, request.split, arena, dataset, report);
}
