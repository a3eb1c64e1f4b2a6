/* cam.h: methods that say where a network looked, and the score that they explain. A method sees one image at
 * one place of the network and draws a map, a number for each cell of that place; one function and one row of
 * the table in cam_methods.c are a method. */
#ifndef TASKS_CAM_H
#define TASKS_CAM_H

#include "netrun/exec.h"

/* ---- the score --------------------------------------------------------------------------------- */

/* A class, and where the network yields maps the pixels whose scores for it are added up. */
struct cam_target {
    int class;
    const bool *region; /* height x width of the output; NULL: everywhere */
};

/* The score of image `image` of the network's output, before softmax. */
double cam_score(struct tensor y, int image, const struct cam_target *target);

/* The softmax of it, the mean over the region. */
double cam_probability(struct tensor y, int image, const struct cam_target *target);

/* Sets the gradient of the output to that of the score, for one image of a batch. */
void cam_seed(struct tensor dy, int image, const struct cam_target *target);

/* ---- methods ----------------------------------------------------------------------------------- */

/* Where the cells of a layer lie: the centre of cell (i, j)'s receptive field is at (top + i down, left + j
 * right), in pixels of the input. */
struct cam_grid {
    int height, width;
    double top, left, down, right;
};

/* What methods that try out inputs run them on; the executor's values are gone afterwards. */
struct cam_trial {
    struct exec *exec;
    int batch;           /* inputs at once, at most */
    int output;          /* the network's output, a value */
    struct tensor image; /* the input, one image */
    const struct cam_target *target;
};

struct cam_call {
    struct tensor activation, gradient; /* one image; d score / d activation */
    const struct cam_grid *grid;        /* of the layer */
    const struct cam_trial *trial;
    double *weights, *spare; /* room: one number per channel each */
    float *map;              /* height x width, to be filled */
};

struct cam_method {
    const char *name, *summary;
    bool at_input; /* sees the network's input and its gradient, not a layer */
    bool guided;   /* the gradient is that of guided backpropagation (cam_guided.c) */
    bool tries;    /* runs the network on changed inputs */
    void (*draw)(const struct cam_call *call);
};
const struct cam_method *cam_method_find(const char *name);
const struct cam_method *cam_method_at(int index); /* NULL past the last */

/* map = sum over the channels of weight times activation */
void cam_weigh_channels(const struct cam_call *call);

/* cam_score.c, a row of the table */
void cam_draw_scorecam(const struct cam_call *call);

/* ReLU, then division by the maximum. False: nothing is over 0, the map is empty. */
bool cam_finish(float *map, int cells);

/* Why the map of this call is empty. */
const char *cam_why_empty(const struct cam_call *call);

/* ---- cam_grid.c: from cells to pixels -------------------------------------------------------------- */
struct cam_grid cam_grid_of(const struct graph *graph, int value);

/* The map at (y, x) of the input, bilinear between centres; beyond the outermost as there. */
double cam_grid_at(const struct cam_grid *grid, const float *map, double y, double x);

/* The map on an image of any size that shows what the input shows. */
void cam_grid_spread(const struct cam_grid *grid, const float *map, struct shape input, int height,
                     int width, float *to);

/* ---- cam_guided.c: guided backpropagation ---------------------------------------------------------
 * Springenberg et al. (2015), "Striving for simplicity: the all convolutional net": where a signal goes back
 * through a ReLU, only what is over 0 passes. */

/* The same network, whose elementwise layers let only gradients over 0 pass. NULL: out of memory. */
const struct graph *cam_guided_graph(struct arena *arena, const struct graph *graph);

#endif
