/* data: sources of images with labels, what is done to an image on its way, and batches.
 *
 * One file per source and per augmentation, and their registries. A source gives 8-bit images, channels
 * innermost; `augment:` turns one into floats. Everything drawn at random is keyed by (seed, epoch,
 * sample), so a batch is the same whoever loads it, and when. */
#ifndef NETRUN_DATA_H
#define NETRUN_DATA_H

#include "netrun/conf.h"
#include "netrun/format.h"
#include "netrun/tensor.h"

enum data_split { SPLIT_TRAIN, SPLIT_TEST };

/* ---- sources ----------------------------------------------------------------------------------- */

/* Images 0 .. images-1 of one split. Once opened immutable, used by several threads at once. */
struct dataset {
    const char *source, *split; /* as the experiment names them: "cifar10", "train" */
    struct shape shape;
    int images, classes;
    const char *const *class_names; /* `classes` of them */
    bool masks;                     /* a label per pixel instead of one per image */
    bool unlabelled;                /* all labels are 0, and say nothing */
    const int *numbers; /* of the images in their split; NULL: they are all there, 0, 1, ... */
    bool stand_in;      /* generated in place of data that is not there */
    size_t bytes;       /* that it takes from the arena, about */
    const void *state;
    /* Writes image `index`: height x width x channels bytes, and its label, or height x width labels.
     * Without masks `pixels` may be NULL where only the label is wanted. */
    void (*fetch)(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels);
    /* (optional) A training split whose images are made anew for every epoch (from 0, which has those of `fetch`). */
    void (*fetch_anew)(const struct dataset *dataset, int64_t epoch, int index, uint8_t *pixels,
                       int32_t *labels);
    /* (optional) The picture that image `index` was made from, in `arena`. False: see the report. */
    bool (*original)(const struct dataset *dataset, int index, struct arena *arena,
                     struct picture *picture, struct report *report);
    /* (optional) What image `index` is called: the name of its file. */
    const char *(*name)(const struct dataset *dataset, int index);
};

struct data_request {
    const char *folder; /* of all data sets; `--data`, NETRUN_DATA or data/ */
    enum data_split split;
    uint64_t seed;
    /* data_open fills in: */
    struct pos pos;         /* where the source was named */
    const struct node *map; /* what is written under `data:` */
    bool stand_in;          /* may generated images take the place of data that is not there? */
};

/* What is drawn in place of a source that is not there. */
enum stand_in { STAND_IN_SHAPES, STAND_IN_DIGITS };

/* A kind of source. To add one: one file src/data/SOURCE.c and one line in src/data/sources.def. */
struct source_ops {
    const char *name, *summary, *example;
    const struct attr *attrs; /* beside those of data_attributes() */
    int attr_count;
    size_t config_size;
    const char *folder; /* (optional) where its files lie, below the folder of all data sets */
    enum stand_in stand_in;
    /* (optional) Completes `config` after its attributes were read: what a value of any type means. */
    bool (*prepare)(void *config, struct arena *arena, struct report *report);
    /* (optional) Checks `config` and writes what is known of the split without reading a file: shape,
     * images, classes and their names, masks, bytes. Absent: nothing is known before `open`. */
    bool (*describe)(const void *config, const struct data_request *request, struct arena *arena,
                     struct dataset *dataset, struct report *report);
    /* (optional) Is the data on the disk, whole or in part? Absent: always there. */
    bool (*present)(const void *config, const char *folder);
    /* (optional) Is it plain, before any image is read, that the split has no labels? Absent: it has some. */
    bool (*unlabelled)(const void *config, const struct data_request *request, struct arena *arena);
    /* (optional) Are the files there, as far as that is plain without opening them? False: see the report.
     * Absent: `present` knows. */
    bool (*reachable)(const void *config, const struct data_request *request, struct arena *arena,
                      struct report *report);
    /* Gets a described `dataset` ready: checks everything (sizes, magic numbers, labels in range) and sets
     * state and fetch. False: see the report. Memory comes from `arena`. */
    bool (*open)(const void *config, const struct data_request *request, struct arena *arena,
                 struct dataset *dataset, struct report *report);
};
const struct source_ops *source_find(const char *name);
const struct source_ops *source_at(int index); /* in the order of the manual; NULL past the last */

/* ---- augmentations ----------------------------------------------------------------------------- */
struct sample; /* an image on its way: see src/data/sample.h */

/* A kind of augmentation, with the meaning of torchvision's transform of the same name. To add one: one file
 * src/data/KIND.c and one line in src/data/augments.def. It never changes the shape. */
struct augment_ops {
    const char *name, *summary, *example;
    const struct attr *attrs;
    int attr_count;
    size_t config_size;
    const char *shorthand; /* (optional) the attribute that `normalize: cifar10` sets */
    bool floats;           /* works on floats (pixels / 255), not on 8-bit pixels */
    bool evaluation;       /* also for images that are not trained on (normalize) */
    /* (optional) Do the attributes make sense, and fit images of this shape? */
    bool (*check)(const void *config, struct shape shape, const struct pos *pos,
                  struct report *report);
    void (*apply)(const void *config, struct sample *sample);
};
const struct augment_ops *augment_find(const char *name);
const struct augment_ops *augment_at(int index);

/* ---- an experiment's data ----------------------------------------------------------------------
 * data: {source: cifar10, split: train, batch: 128, limit: 1000, augment: [...], otherwise: synthetic}
 * The source's own attributes stand beside these. `index`, `only` and `limit` choose images, in this order:
 * `index` from the split that is named, the others from every split. */
struct data_spec;

/* The attributes that every source has, for help and the manual. */
struct attr_table data_attributes(void);

/* Reads and checks the `data:` map; reads no file. NULL: see the report. */
const struct data_spec *data_check(struct arena *arena, const struct node *map,
                                   struct report *report);
int data_batch(const struct data_spec *spec); /* images per batch */
enum data_split data_split_of(const struct data_spec *spec);
const struct pos *data_pos(const struct data_spec *spec); /* where `source` was written */

/* Shape, classes, and whether there is a label for each pixel, as far as they are known without the files (a
 * dry run compares them with the network); false if they are not. */
bool data_expected(const struct data_spec *spec, struct shape *shape, int *classes, bool *masks);

/* Is it plain, before any image is read, that a split has no labels? */
bool data_unlabelled(const struct data_spec *spec, enum data_split split, struct arena *arena);

/* Bytes that an open split and its loader take, as far as they are known without the files. */
size_t data_bytes(const struct data_spec *spec, enum data_split split);

/* Refuses data whose files are not there, and that nothing may stand in for: what data_open would say first, before
 * hours of other work. `folder`: of all data sets. */
bool data_reachable(const struct data_spec *spec, const char *folder, struct arena *arena,
                    struct report *report);

/* Opens the source, or the stand-in where `otherwise: synthetic` allows it and the data is not there. */
bool data_open(const struct data_spec *spec, const struct data_request *request,
               struct arena *arena, struct dataset *dataset, struct report *report);

/* ---- batches ----------------------------------------------------------------------------------- */
struct loader;

struct batch {
    struct tensor images; /* given by the caller, for data_batch images; filled */
    int32_t *labels;      /* likewise: one per image or per pixel */
    int count;            /* images in it; the last of an epoch may hold fewer */
};

/* `shuffle`: a new order every epoch; `augment`: with what is for training only. Memory from `arena`;
 * `dataset` must live as long. NULL: see the report. */
struct loader *loader_new(struct arena *arena, const struct data_spec *spec,
                          const struct dataset *dataset, uint64_t seed, bool shuffle, bool augment,
                          struct report *report);

/* Fills batch number `step` since the beginning (epoch = step / batches of an epoch). */
void loader_fill(struct loader *loader, int64_t step, struct batch *batch, struct pool *pool);
int loader_batches(const struct loader *loader); /* of one epoch */

/* `view` becomes the data set as the loader's first epoch hands it out, but for normalisation, so that people see
 * what networks saw. For one thread at a time; the loader must live as long. False: out of memory. */
bool loader_view(struct loader *loader, struct arena *arena, struct dataset *view);

/* A thread that fills batches while others compute. */
struct ahead;

/* Starts filling the batches `first` .. `end` - 1 of `loader`, which is the thread's until ahead_stop; a few are
 * kept ready, in memory from `arena`. NULL: out of memory or threads. */
struct ahead *ahead_start(struct arena *arena, struct loader *loader, int64_t first, int64_t end);

/* What loader_fill gives for batch `number`, which must be the next one; waits until it is ready. */
void ahead_take(struct ahead *ahead, int64_t number, struct batch *batch);

/* Ends the thread, wherever it is; to be called before `arena` is freed. NULL is fine. */
void ahead_stop(struct ahead *ahead);

/* Bytes that loading ahead takes, as far as they are known without the files. */
size_t ahead_bytes(const struct data_spec *spec);

#endif
