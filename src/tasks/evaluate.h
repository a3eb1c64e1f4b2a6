/* evaluate.h: what evaluation is told and what it yields, shared by the files that judge and that report. */
#ifndef TASKS_EVALUATE_H
#define TASKS_EVALUATE_H

#include "gallery.h"
#include "pass.h"

struct evaluate_config {
    int split; /* enum pass_split_choice */
    int use;   /* enum weights_which */
    int worst, masks;
    bool augment;
};

/* The images that the network got most wrong, the worst first; of equals the earlier one. Worst: said with the
 * highest probability, or the largest share of wrong pixels. */
struct mistakes {
    struct specimen *items;
    int count, most;
};

/* Room for `most` of them, in `arena`. */
bool mistakes_new(struct mistakes *mistakes, int most, const struct dataset *dataset,
                  struct arena *arena);

/* To be a pass's `see`; the context is a struct mistakes. */
void mistakes_see(void *context, const struct pass *pass, int first);

/* mistakes_<arm>.png and .csv. */
bool mistakes_write(const struct run *run, const struct job *job, int arm,
                    const struct dataset *dataset, const struct mistakes *mistakes);

/* What was said of each pixel of the first images, for a sheet of masks. */
struct shown_masks {
    int count;
    size_t pixels; /* of an image */
    int32_t *said;
};

/* Room for `most` images, or for none where there are no masks. False: out of memory. */
bool shown_masks_new(struct shown_masks *shown, int most, const struct dataset *dataset,
                     struct arena *arena);
void shown_masks_see(struct shown_masks *shown, const struct pass *pass, int first);

/* masks.png and .csv, all arms beside each other; nothing where no masks are to be shown. */
bool masks_sheet_write(struct run *run, const struct job *job);

/* What one arm yields under one seed. */
struct evaluation {
    struct sums sums;
    struct confusion confusion;
    struct mistakes mistakes; /* of the first seed only */
    struct shown_masks shown; /* likewise */
    bool scores;              /* the output says classes */
};

struct evaluate {
    struct dataset data,
        seen; /* seen: the same with the images that the first seed was judged on */
    struct evaluation *evaluations; /* of seed s and arm a: [s * arms + a] */
};

/* evaluate_report.c */
bool evaluate_report(struct run *run, const struct job *job);

#endif
