/* gallery.h: images of a data set with what a network said of them, as one picture. */
#ifndef TASKS_GALLERY_H
#define TASKS_GALLERY_H

#include "task.h"

struct specimen {
    int image;
    int label, said; /* classes; label -1: not known, or it has a mask */
    double
        share; /* the probability of the class said; with a mask the share of pixels that are wrong */
    int32_t *mask; /* what was said of each pixel; NULL: the image has one label */
};

struct gallery {
    const char *title;
    const struct dataset *dataset;
    const char *const *class_names;
    const struct specimen *specimens;
    int count;
};

/* The probability that softmax gives to one of `count` scores. */
double gallery_probability(const float *scores, int count, int class);

/* Writes <run folder>/<name>.png; nothing for no specimens. */
bool gallery_write(const struct run *run, const char *name, const struct gallery *gallery);

#endif
