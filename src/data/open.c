/* A source opened, or its stand-in where that is allowed and the data is not there. */
#include "spec.h"
#include "synthetic.h"

static bool open_source(const struct data_spec *spec, const struct data_request *request,
                        struct arena *arena, struct dataset *dataset, struct report *report) {
    const struct source_ops *source = spec->source;
    if (!source->present || source->present(spec->config, request->folder))
        return source->open(spec->config, request, arena, dataset, report);
    if (spec->otherwise == OTHERWISE_SYNTHETIC)
        return synthetic_stand_in(source->stand_in, request, arena, dataset);
    return report_at(report, &request->pos,
                     "%s is not in '%s/%s': run make data, or name the folder with --data or "
                     "NETRUN_DATA, or allow the stand-in with \"otherwise: synthetic\"",
                     source->name, request->folder, source->folder);
}

bool data_open(const struct data_spec *spec, const struct data_request *request,
               struct arena *arena, struct dataset *dataset, struct report *report) {
    struct data_request placed = *request;
    placed.pos = *spec_pos(spec, "source");
    *dataset = spec->described[request->split];
    return open_source(spec, &placed, arena, dataset, report) &&
           selection_check(spec, dataset, request->split, report) &&
           selection_apply(spec, request->split, arena, dataset, report);
}
