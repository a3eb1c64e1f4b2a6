/* A source opened, or its stand-in where that is allowed and the data is not there. */
#include "spec.h"
#include "synthetic.h"

bool open_or_stand_in(const struct source_ops *source, const void *config,
                      const struct data_request *request, struct arena *arena,
                      struct dataset *dataset, struct report *report) {
    if (!source->present || source->present(config, request->folder))
        return source->open(config, request, arena, dataset, report);
    if (request->stand_in)
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
    placed.stand_in = spec->otherwise == OTHERWISE_SYNTHETIC;
    *dataset = spec->described[request->split];
    return open_or_stand_in(spec->source, spec->config, &placed, arena, dataset, report) &&
           selection_check(spec, dataset, request->split, report) &&
           selection_apply(spec, request->split, arena, dataset, report);
}
