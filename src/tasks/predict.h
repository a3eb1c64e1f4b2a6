/* predict.h: what prediction is told and what it finds, shared by the files that look and that report. */
#ifndef TASKS_PREDICT_H
#define TASKS_PREDICT_H

#include "gallery.h"
#include "pass.h"
#include "weights.h"

struct predict_config {
    int split; /* enum pass_split_choice */
    int use;   /* enum weights_which */
    int top, show;
    const char *array;          /* a .npy file, in place of the data's images; or NULL */
    const struct node *outputs; /* for arms that have none of their own */
};

struct predict_arm_config {
    const struct node *outputs;
};

/* What one arm says. */
struct prediction {
    int value;   /* of the graph, to be written as an array; -1: none */
    bool scores; /* the output says classes */
    int class_count;
    const char *const *class_names; /* the data's, or else the weights', or 0, 1, ... */
    int top;                        /* of them for each image */
    int images;                     /* seen */
    bool unlabelled;
    int *labels;  /* per image, as these: */
    int *classes; /* `top` each, the likeliest first */
    double *probabilities;
    double *right;  /* masks: share of the pixels */
    double *shares; /* masks: of the pixels said to be of each class */
    struct specimen *specimens;
    int specimen_count, specimen_most;
    float *outputs;
    size_t output_size; /* of one image */
};

struct predict {
    struct dataset data;
    struct npy array; /* values NULL: the images are the data's */
    int images;
    struct prediction *predictions; /* one per arm */
};

/* predict_report.c */
bool predict_report(const struct run *run, const struct job *job, int arm);

#endif
