/* pass.h: a network runs over images, and what it said is counted. */
#ifndef TASKS_PASS_H
#define TASKS_PASS_H

#include "metrics.h"
#include "task.h"

/* The attribute `split` of tasks that judge networks; the test split is the first choice. */
enum pass_split_choice { PASS_TEST, PASS_TRAIN };
extern const char *const pass_splits[];
enum data_split pass_split(int choice);

/* Sums over the images seen. */
struct sums {
    double loss;                   /* times the images */
    int64_t images, labels, right; /* labels: one per image or per pixel */
};
double sums_loss(const struct sums *sums);     /* the mean; NaN: none seen */
double sums_accuracy(const struct sums *sums); /* the share that is right; NaN: no labels seen */

/* Is the output one score for each class, so that it says a class? */
bool output_is_scores(const struct graph *graph, const struct dataset *dataset);

/* Refuses pictures without labels, which networks could not be held against. */
bool pass_check_labels(const struct run *run, const struct job *job, enum data_split split);

/* The number of an image in its split, of which the data may show but some. */
int image_number(const struct dataset *dataset, int image);

/* What a pass needs of one arm; the loader hands out all images of a split, or an array holds them. */
struct pass {
    struct run *run;
    const struct stage *stage;
    bool judge; /* compute the stage's loss, where it has one */
    struct bench *bench;
    struct loader *loader;
    const float
        *array; /* where there is no loader: images as the network takes them, channels first; */
    int array_images; /* their labels are not known, and no loss is computed */
    int32_t *said;    /* room for the classes of a batch; NULL: the output says none */
    /* (optional) Sees each batch with what was said of it. `first`: number of its first image. */
    void (*see)(void *context, const struct pass *pass, int first);
    void *context;
};

/* Memory for `pass.said`, in `arena`; NULL: out of memory. */
int32_t *pass_said(const struct bench *bench, struct arena *arena);

/* Adds the batch at hand, whose loss is known. */
void sums_add(struct sums *sums, const struct pass *pass, double loss);

/* All images once, in evaluation mode. `confusion` may be NULL. RUN_STOPPED: a signal came. */
enum run_end pass_run(const struct pass *pass, struct sums *sums, struct confusion *confusion);

#endif
