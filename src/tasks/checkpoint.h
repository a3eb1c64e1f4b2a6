/* checkpoint.h: where a run stands, in one file of the run folder, so that it is there whole or not at all:
 * texts, numbers and tensors by name. Random numbers need no state, being named by (seed, purpose, ...). */
#ifndef TASKS_CHECKPOINT_H
#define TASKS_CHECKPOINT_H

#include "task.h"

#define CHECKPOINT_MOST_COUNT 0x1p53 /* whole numbers up to this are exact */

/* ---- writing ----------------------------------------------------------------------------------- */
struct checkpoint_draft {
    struct arena *arena;
    struct named_tensor *tensors;
    struct text_pair *texts;
    int tensor_count, tensor_room, text_count, text_room;
    bool failed; /* memory ran out */
};

/* Texts and names are the caller's until the draft is saved; memory comes from `arena`. */
struct checkpoint_draft checkpoint_draft(struct arena *arena);
void checkpoint_put_text(struct checkpoint_draft *draft, const char *key, const char *text);
void checkpoint_put_numbers(struct checkpoint_draft *draft, const char *key, const double *numbers,
                            int count);
void checkpoint_put_tensor(struct checkpoint_draft *draft, struct named_tensor tensor);

/* Puts the file in the place of the one before, with what belongs to every run: how long log.txt is, and the
 * machine. */
bool checkpoint_save(struct checkpoint_draft *draft, const struct run *run);

/* ---- reading ----------------------------------------------------------------------------------- */

/* With --resume: reads what the run folder holds into run->checkpoint (NULL: nothing), and refuses it when
 * the experiment has changed since. */
bool checkpoint_find(struct run *run);

/* Opens log.txt, cut to the checkpoint, and says what --resume goes on with. */
bool checkpoint_open_log(struct run *run);

/* NULL: there is no such text. */
const char *checkpoint_text(const struct run *run, const char *key);

/* Says that the checkpoint does not fit; gives false. */
bool checkpoint_misfit(const struct run *run, const char *what);

/* False: they are not there, or not as many; the report says that the checkpoint does not fit. */
bool checkpoint_numbers(const struct run *run, const char *key, double *numbers, int count);

/* A whole number from 0. False: see above. */
bool checkpoint_count(const struct run *run, const char *key, int64_t *count);

/* Copies a tensor of the parameter's shape. False: see above. */
bool checkpoint_tensor(const struct run *run, const char *name, const struct layer_param *shape,
                       float *values);

/* A run that has finished needs none. */
void checkpoint_remove(const struct run *run);

#endif
