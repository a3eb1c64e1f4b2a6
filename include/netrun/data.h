/* data: sources of images with labels, what is done to an image on its way, and batches.
 *
 * One file per source and per augmentation, and their registries. A source gives 8-bit images, channels
 * innermost; `augment:` turns one into floats. Everything drawn at random is keyed by (seed, epoch,
 * sample), so a batch is the same whoever loads it, and when. */
#ifndef NETRUN_DATA_H
#define NETRUN_DATA_H

#include "netrun/conf.h"
#include "netrun/tensor.h"

enum data_split { SPLIT_TRAIN, SPLIT_TEST };

/* ---- sources ----------------------------------------------------------------------------------- */

/* What `open` yields: images 0 .. images-1 of one split. Immutable, used by several threads at once. */
struct dataset {
    const char *source, *split; /* "cifar10", "train" */
    struct shape shape;
    int images, classes;
    const char *const *class_names; /* `classes` of them */
    bool masks;                     /* a label per pixel instead of one per image */
    bool stand_in;                  /* generated in place of data that is not there */
    const void *state;
    /* Writes image `index`: shape.height x width x channels bytes, and its label, or labels per pixel. */
    void (*fetch)(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels);
};

struct data_request {
    const char *folder; /* of all data sets; `--data`, NETRUN_DATA or data/ */
    enum data_split split;
    uint64_t seed;
    struct pos pos; /* where the source was named */
};

struct source_ops {
    const char *name, *summary, *example;
    const struct attr *attrs;
    int attr_count;
    size_t config_size;
    /* (optional) Is the data on the disk? Absent: always there. */
    bool (*present)(const void *config, const char *folder);
    /* Checks everything (sizes, magic numbers, labels in range). False: see the report. A missing file says
     * how to get the data (`make data`). Memory comes from `arena`. */
    bool (*open)(const void *config, const struct data_request *request, struct arena *arena,
                 struct dataset *dataset, struct report *report);
};
const struct source_ops *source_find(const char *name);
const struct source_ops *source_at(int index);

/* ---- augmentations ----------------------------------------------------------------------------- */

/* An image on its way: 8-bit until `normalize` makes floats of it (PyTorch's ToTensor divides by 255). */
struct sample {
    struct shape shape;
    uint8_t *pixels; /* NULL once floats */
    float *values;   /* channels innermost */
    struct random *random;
};

struct augment_ops {
    const char *name, *summary, *example;
    const struct attr *attrs;
    int attr_count;
    size_t config_size;
    const char *shorthand; /* the attribute that `normalize: cifar10` sets, or NULL */
    bool evaluation;       /* also for test images (normalize) */
    bool (*check)(void *config, struct shape shape, const struct pos *pos, struct report *report);
    void (*apply)(const void *config, struct sample *sample);
};
const struct augment_ops *augment_find(const char *name);
const struct augment_ops *augment_at(int index);

/* ---- an experiment's data ----------------------------------------------------------------------
 * data: {source: cifar10, split: train, batch: 128, limit: 1000, augment: [...], otherwise: synthetic}
 * The source's own attributes stand beside these. */
struct data_spec;

/* Reads and checks the `data:` map; reads no file. NULL: see the report. */
const struct data_spec *data_check(struct arena *arena, const struct node *map,
                                   struct report *report);
int data_batch(const struct data_spec *spec); /* images per batch */
enum data_split data_split_of(const struct data_spec *spec);

/* Shape and classes as far as they are known without the files (a dry run compares them with the network);
 * false if they are not. */
bool data_expected(const struct data_spec *spec, struct shape *shape, int *classes);

/* Opens the source, or the stand-in where `otherwise: synthetic` allows it and the data is not there. */
bool data_open(const struct data_spec *spec, const struct data_request *request,
               struct arena *arena, struct dataset *dataset, struct report *report);

/* ---- batches ----------------------------------------------------------------------------------- */
struct loader;

struct batch {
    struct tensor images; /* given by the caller; filled */
    int32_t *labels;      /* likewise: one per image or per pixel */
    int count;            /* images in it; the last of an epoch may hold fewer */
};

/* `shuffle`: a new order every epoch; `augment`: with what is for training only. Memory from `arena`. */
struct loader *loader_new(struct arena *arena, const struct data_spec *spec,
                          const struct dataset *dataset, uint64_t seed, bool shuffle, bool augment,
                          struct report *report);

/* Fills batch number `step` since the beginning (epoch = step / batches of an epoch). */
void loader_fill(struct loader *loader, int64_t step, struct batch *batch, struct pool *pool);
int loader_batches(const struct loader *loader); /* of one epoch */

#endif
