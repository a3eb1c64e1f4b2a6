/* spec.h: a checked `data:` map, as the files of this room share it. */
#ifndef DATA_SPEC_H
#define DATA_SPEC_H

#include "netrun/data.h"

enum otherwise { OTHERWISE_ERROR, OTHERWISE_SYNTHETIC };

struct augment_step {
    const struct augment_ops *ops;
    const void *config;
    struct pos pos;
};

struct data_spec {
    const struct node *map;
    const struct source_ops *source;
    const void *config; /* the source's own attributes */
    bool known;
    struct dataset described[2]; /* the splits: their names, and the rest where `known` */
    struct augment_step *augments;
    int augment_count;
    /* attributes of every source */
    const char *source_name;
    int split, batch, limit, otherwise; /* limit 0: all */
    struct attr_list index;
    const struct node *only, *augment; /* as written, or NULL */
};

/* Where the value of a key was written, or the map where it is not there. */
const struct pos *spec_pos(const struct data_spec *spec, const char *key);

/* For a name that is none of a registry's: "; did you mean 'x'?", else "; there are x, y, z". */
struct quoted hint_of(const char *word, const char *(*name_at)(int index));

/* Of a row of the registry of sources, or NULL. */
const char *source_name_at(int index);

/* Opens a described source, or its stand-in where the request allows one and the data is not there. */
bool open_or_stand_in(const struct source_ops *source, const void *config,
                      const struct data_request *request, struct arena *arena,
                      struct dataset *dataset, struct report *report);

/* Are the source's files there, or may something stand in for them? False: see the report. */
bool source_reachable(const struct source_ops *source, const void *config,
                      const struct data_request *request, struct arena *arena,
                      struct report *report);

/* Reads the list `augment:` into `spec`. */
bool augments_read(struct arena *arena, struct data_spec *spec, struct report *report);

/* Bytes that a loader takes. */
size_t loader_bytes(const struct dataset *dataset, int batch);

/* A batch of a loader's own: memory from `arena`, nothing between pixels. False: out of memory. */
bool batch_new(struct arena *arena, const struct loader *loader, struct batch *batch);
size_t batch_bytes(const struct dataset *dataset, int batch);

/* The labels of so many images. */
size_t batch_labels(const struct loader *loader, int images);

/* Can images be chosen from this data set as `index` and `only` ask? */
bool selection_check(const struct data_spec *spec, const struct dataset *dataset,
                     enum data_split split, struct report *report);

/* Makes `dataset` the images that `index`, `only` and `limit` choose from it. */
bool selection_apply(const struct data_spec *spec, enum data_split split, struct arena *arena,
                     struct dataset *dataset, struct report *report);

#endif
