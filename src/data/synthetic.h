/* synthetic.h: generated images, as a source of their own and in place of data that is not there. */
#ifndef DATA_SYNTHETIC_H
#define DATA_SYNTHETIC_H

#include "netrun/data.h"

/* Opens a described data set (shape, images, classes, masks) as generated images. False: out of memory. */
bool synthetic_stand_in(enum stand_in objects, const struct data_request *request,
                        struct arena *arena, struct dataset *dataset);

/* ---- drawing -----------------------------------------------------------------------------------
 * Both draw one image of height x width x channels bytes, everything random from `random`. */
enum {
    SCENE_MOST_CHANNELS = 64,
    SCENE_CLASSES = 35, /* of outline and texture; more classes are these in bands of hue */
    DIGIT_CLASSES = 10
};

/* An object of class `label` on a varied ground, with things behind and before it. `mask` (or NULL): label + 1
 * where the object is seen, else 0. */
void scene_draw(struct random *random, struct shape shape, int label, int classes, uint8_t *pixels,
                int32_t *mask);

/* "disk", "striped_disk", "dotted_ring_2". NULL: out of memory. */
const char *scene_class_name(struct arena *arena, int label);

/* A digit, light on black, by a pen of random width. */
void digit_draw(struct random *random, struct shape shape, int digit, uint8_t *pixels);

#endif
