/* A source inside another: read from the key `of`, described and opened like one that stands alone. */
#include "wrapped.h"
#include "spec.h"

#include <string.h>

bool wrapped_read(struct arena *arena, const struct node *of, struct wrapped *wrapped,
                  struct report *report) {
    struct choice choice;
    if (!choice_read(of, "of", &choice, report))
        return false;
    int found = choice_find(&choice, "source", "data", source_name_at, report);
    if (found < 0)
        return false;
    const struct source_ops *source = source_at(found);
    struct attr_table table = {source->name, source->attrs, source->attr_count};
    void *config = arena_alloc(arena, 1, source->config_size);
    if (!config || !attrs_read(arena, &table, choice.attributes, &choice.pos, config, report) ||
        (source->prepare && !source->prepare(config, arena, report)))
        return false;
    *wrapped = (struct wrapped){source, config};
    return true;
}

bool wrapped_describe(const struct wrapped *wrapped, const struct data_request *request,
                      struct arena *arena, struct dataset *inner, struct report *report) {
    const struct source_ops *source = wrapped->source;
    *inner = (struct dataset){.source = source->name};
    if (!source->describe)
        return report_at(
            report, &request->pos,
            "masks cannot be made of the source %s: what it holds is not known without the files",
            source->name);
    if (!source->describe(wrapped->config, request, arena, inner, report))
        return false;
    if (inner->masks)
        return report_at(report, &request->pos,
                         "masks are made of images with one label each; %s has masks already",
                         source->name);
    return inner->shape.channels == 1 ||
           report_at(report, &request->pos,
                     "masks are made of grey images, of one channel; those of %s are %s",
                     source->name, shape_text(inner->shape).text);
}

bool wrapped_reachable(const struct wrapped *wrapped, const struct data_request *request,
                       struct arena *arena, struct report *report) {
    return source_reachable(wrapped->source, wrapped->config, request, arena, report);
}

bool wrapped_open(const struct wrapped *wrapped, const struct data_request *request,
                  struct arena *arena, struct dataset *inner, struct report *report) {
    return wrapped_describe(wrapped, request, arena, inner, report) &&
           open_or_stand_in(wrapped->source, wrapped->config, request, arena, inner, report);
}

bool wrapped_classes(const struct dataset *inner, struct arena *arena, struct dataset *dataset) {
    const char **names = arena_alloc(arena, (size_t)inner->classes + 1, sizeof *names);
    if (!names)
        return false;
    names[0] = "background";
    for (int i = 0; i < inner->classes; i++)
        names[1 + i] = inner->class_names[i];
    dataset->class_names = names;
    dataset->classes = inner->classes + 1;
    dataset->masks = true;
    return true;
}

void wrapped_mask(const uint8_t *pixels, struct shape shape, int label, int32_t *mask) {
    for (int i = 0; i < shape.height * shape.width; i++)
        mask[i] = pixels[i * shape.channels] > 0 ? label + 1 : 0;
}
