/* loss.h: what the files of the losses share. Compiled once and plain; the kernels are in the losses' own
 * files. */
#ifndef OPTIM_LOSS_H
#define OPTIM_LOSS_H

#include "netrun/optim.h"

/* Does an output of this shape hold one score for each of the data's classes, per image or (with masks) per
 * pixel of the input? False: an error is in the report, at `pos`. */
bool loss_fits_classes(struct shape input, struct shape output, int classes, bool masks,
                       const struct pos *pos, struct report *report);

/* Pixels of a batch, counted through all its images. */
struct pixels {
    size_t first, end;
};

/* The sum of `part` over the batch: a double for each slice of images, added slice after slice, so that the
 * bits are the same on any number of threads. `own` is handed on. */
double loss_sum(const struct loss_call *call, const void *own,
                double (*part)(const struct loss_call *call, const void *own,
                               struct pixels pixels));

/* The channels of one pixel. */
static inline float *loss_pixel(struct tensor tensor, size_t pixel) {
    return tensor.data + pixel * (size_t)tensor.pitch;
}

#endif
