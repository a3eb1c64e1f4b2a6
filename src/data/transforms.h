/* transforms.h: augmentations with nothing left to chance - the functions of torchvision.transforms.functional
 * on 8-bit images, as its PIL backend computes them, to the bit. */
#ifndef DATA_TRANSFORMS_H
#define DATA_TRANSFORMS_H

#include "sample.h"

/* Turned counterclockwise about the centre: nearest pixels, black where there are none. */
void transform_rotate(struct sample *sample, double degrees);

/* Away from a picture without light, contrast, colour, or detail: 0 gives that picture, 1 changes nothing. */
void transform_brightness(struct sample *sample, double factor);
void transform_contrast(struct sample *sample, double factor);
void transform_saturation(struct sample *sample, double factor);
void transform_sharpness(struct sample *sample, double factor);

/* Hues turned by this part of the circle, -0.5 to 0.5. */
void transform_hue(struct sample *sample, double turn);

#endif
