/* gradcam.h: what the gradcam task is told and what it yields, shared by its files. */
#ifndef TASKS_GRADCAM_H
#define TASKS_GRADCAM_H

#include "cam.h"
#include "cam_numbers.h"
#include "task.h"

enum gradcam_region { REGION_SAID, REGION_TRUTH, REGION_ALL };

enum gradcam_split { SPLIT_AUTO, SPLIT_ONLY_TEST, SPLIT_ONLY_TRAIN };

struct gradcam_config {
    const struct node *target, *layer, *method;
    int region, split, use, colormap;
    double weight;
    int show, per_class;
    const char *mistakes;
    bool objects;
    int curves, sanity;
};

struct gradcam_arm_config {
    const struct node *layer;
};

/* Numbers of one map. */
enum gradcam_number {
    NUMBER_SPREAD,
    NUMBER_MEAN, /* of the finished map, which has 1 at its highest */
    NUMBER_POINTING,
    NUMBER_ENERGY,
    NUMBER_DELETION,
    NUMBER_DELETION_RANDOM,
    NUMBER_INSERTION,
    NUMBER_INSERTION_RANDOM,
    NUMBER_COUNT
};
extern const char *const gradcam_number_names[NUMBER_COUNT];

enum { CURVE_POINTS = 17, CURVES = 4 }; /* in the order of the numbers from NUMBER_DELETION on */
enum { SANITY_MOST = 12 };

/* One layer of an arm as one method sees it: a column of the sheet. */
struct look {
    const struct cam_method *method;
    int place; /* which of the arm's values */
    struct cam_grid grid;
    float **maps;                  /* per image shown: its cells */
    const char **why;              /* per image shown: why the map is empty; NULL: it is not */
    double *numbers[NUMBER_COUNT]; /* per image; NaN: not known */
    double curves[CURVES][CURVE_POINTS]; /* means over the images */
    double sanity[SANITY_MOST];          /* rank correlation with the map of the trained network */
};

/* What an arm said of an image, and what is explained. */
struct verdict {
    int predicted, target;
    double score, probability;
};

struct gaze {
    const struct graph *graph;
    int *values, value_count; /* where methods look; 0, the input, comes first */
    struct look *looks;
    int look_count;
    struct verdict *verdicts;      /* per image */
    int sanity_depth[SANITY_MOST]; /* layers randomised, from the last one on */
    int sanity_steps;
};

struct gradcam {
    struct dataset data;
    struct dataset objects;   /* the same images with masks; fetch NULL: not known */
    struct gaze *gazes;       /* one per arm */
    int target;               /* a class, or one of these: */
    int *images, image_count; /* chosen ones, ascending */
    int shown;                /* the first so many have pictures */
};
enum { TARGET_PREDICTED = -1, TARGET_LABEL = -2 };

/* The number that chosen image `image` has in its split. */
int gradcam_number(const struct gradcam *state, int image);

/* The label of an image of the data; with masks the class of most pixels that are not background; -1: it has
 * none. */
int gradcam_label(const struct dataset *data, int image, struct arena *arena);

/* The name of a class; its number, where the data has no names for what the network says. */
struct quoted gradcam_class(const struct gradcam *state, int class);

/* The class that is met most often, 0 left out; 0: there is no other. */
int gradcam_most_frequent(const int32_t *classes, int64_t count, int class_count);

/* gradcam_keys.c: reads target, methods and layers. False: see the report. */
bool gradcam_read(struct run *run, struct job *job);
bool gradcam_read_target(struct run *run, const struct job *job);

/* gradcam_choose.c: which images. */
enum run_end gradcam_choose(struct run *run, struct job *job);

/* ---- gradcam_observer.c: an arm at work -------------------------------------------------------------- */

/* An arm at work on a batch. */
struct observer {
    struct run *run;
    const struct job *job;
    struct gradcam *state;
    struct gaze *gaze;
    int arm;
    struct bench bench;
    struct exec *guided; /* NULL: no method asks for it */
    struct loader *loader;
    struct tensor *activations, *gradients; /* copies, per place; of the whole batch */
    struct tensor guided_gradient;
    struct cam_target *targets; /* per image of the batch */
    bool *regions;              /* per image and pixel of the output */
    int32_t *said;
    double *weights, *spare; /* per channel or image of a batch */
    float *map, *spread;     /* of one image: cells, pixels */
    bool *object;
    int32_t *labels;
    int *order;
    struct ranked *ranks;
    float *random; /* cells */
};

/* All memory and the executors of `gaze`. False: see the report. */
bool observer_open(struct observer *observer, struct arena *arena);

/* The finished map of image `index` of the batch; the reason, where it is empty. */
const char *observer_draw(const struct observer *observer, const struct look *look, int index,
                          float *map);

/* Activations and gradients of the batch at hand, for the targets that are set. */
void observer_look(const struct observer *observer);

struct cam_trial observer_trial(const struct observer *observer, int index);

/* gradcam_arm.c: all maps and numbers of an arm; a batch forward, and what is explained of it. */
enum run_end gradcam_run_arm(struct run *run, const struct job *job, int arm, struct arena *arena);
void gradcam_run_batch(struct observer *observer, int number);

/* gradcam_curves.c: deletion and insertion for a map (observer->map) of image `index` of the batch. */
void gradcam_curves(const struct observer *observer, struct look *look, int index, int image);

/* gradcam_sanity.c: maps of the network as its weights are randomised, from the last layer on. The executor's
 * weights are gone afterwards. */
bool gradcam_sanity(struct observer *observer, int images, struct arena *arena);

/* ---- what is left ------------------------------------------------------------------------------- */

/* "<what>_<arm>_<method>_<layer>_<number>.<ending>". NULL: out of memory. */
const char *gradcam_file(const struct run *run, const struct job *job, int arm,
                         const struct look *look, int image, const char *what, const char *ending);
bool gradcam_pictures(struct run *run, const struct job *job); /* gradcam_pictures.c */
bool gradcam_sheet(struct run *run, const struct job *job);    /* gradcam_sheet.c */
bool gradcam_figure(struct run *run, const struct job *job);   /* gradcam_figure.c */
bool gradcam_report(struct run *run, const struct job *job);   /* gradcam_report.c */

#endif
