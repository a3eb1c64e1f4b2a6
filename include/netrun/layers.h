/* layers: one file per layer kind, and their registry.
 *
 * A kind is a struct of attributes, the table that describes them, a shape step, forward and backward, and
 * ends in one `const struct layer_ops`. To add a kind: one file src/layers/KIND.c and one line in
 * src/layers/kinds.def. Everything a user can get wrong is refused by `infer`; forward and backward
 * allocate nothing and cannot fail. A layer knows its inputs and its parameters, never a graph. */
#ifndef NETRUN_LAYERS_H
#define NETRUN_LAYERS_H

#include "netrun/conf.h"
#include "netrun/tensor.h"

enum {
    LAYER_MOST_INPUTS = 16,
    LAYER_MOST_PARAMS = 4 /* weight, bias, running_mean, running_var */
};

/* ---- what a layer says of itself once its inputs' shapes are known ------------------------------ */
enum param_role {
    PARAM_TRAINED, /* has a gradient; the optimiser changes it */
    PARAM_BUFFER   /* running statistics: saved with the weights, changed by forward in training */
};

/* One parameter tensor, in PyTorch's name, order and shape (conv2d: O I H W; transposed: I O H W). */
struct layer_param {
    const char *name; /* "weight", "bias", "running_mean", "running_var" */
    enum param_role role;
    int rank, dims[4];
    int fan_in, fan_out; /* for initialisation, as PyTorch counts them; 0: starts constant */
    float constant;      /* start value where fan_in is 0 */
};

size_t param_size(const struct layer_param *param); /* elements */

/* Filled by `infer`. Sizes are what plan hands to forward and backward; all may be 0. */
struct layer_info {
    struct shape in[LAYER_MOST_INPUTS], out; /* `in` is filled before infer is called */
    int inputs;
    struct layer_param params[LAYER_MOST_PARAMS];
    int param_count;
    /* How forward and backward work, for kinds that know several ways, which differ by rounding only. infer
     * chooses by the shapes alone; a name set before forces that way where it fits. NULL: one way. */
    const char *algorithm;
    int64_t multiply_adds;  /* per image, by the definition; convolutions and linear only */
    int64_t products;       /* what the algorithm makes of them; 0: as many */
    size_t saved_per_image; /* bytes that forward in training leaves for backward, per image */
    size_t saved_per_batch; /* ... and once per batch */
    size_t worker_scratch;  /* bytes per worker, during one call */
    size_t slice_scratch;   /* bytes per slice of the batch, during one call */
    size_t shared_scratch;  /* bytes once, during one call */
    /* ... and for each image of the batch, at most so many. */
    size_t shared_per_image;
    int shared_images;
    size_t packed; /* bytes of weights in the order of the kernels */
    /* Its one input may be made while it is read, and dy (struct layer_maker); and forward then asks for each
     * pixel of that input, once. */
    bool reads_made, reads_once;
    bool offers; /* y and dx[0] are offered as they are written (struct layer_taker) */
};

/* Bytes of shared scratch memory for a batch, without packed weights. */
static inline size_t layer_shared_bytes(const struct layer_info *info, int batch) {
    int images = batch < info->shared_images ? batch : info->shared_images;
    return info->shared_scratch + (size_t)images * info->shared_per_image;
}

/* Traits by which plan saves memory and time; never a kind's name. */
enum layer_trait {
    LAYER_IN_PLACE = 1,      /* y may lie where x[0] lies, and dx[0] where dy lies */
    LAYER_READS_X = 2,       /* backward reads x */
    LAYER_READS_Y = 4,       /* backward reads y */
    LAYER_ONLY_TRAINING = 8, /* in evaluation the layer is the identity */
    LAYER_SUM = 16,          /* y is the sum of the inputs */
    LAYER_RENAMES = 32       /* y is x[0] with the same bytes (identity) */
};

/* An elementwise kind, for fusion: y = f(x), dx = dy f'(x). Both work on n neighbouring floats; y may be x,
 * dx may be dy. `value` is what f' is written in: y, or x where f' is no function of y (`reads_x`; the kind
 * has the trait LAYER_READS_X or LAYER_READS_Y accordingly). `rectifies`: f(x) is max(x, 0) and f'(0) is 0,
 * which others may compute themselves. */
struct layer_pointwise {
    void (*map)(const void *config, const float *x, float *y, size_t n);
    void (*slope)(const void *config, const float *value, const float *dy, float *dx, size_t n);
    bool reads_x, rectifies;
};

/* ---- fusion -------------------------------------------------------------------------------------
 * What a layer does for its neighbours while their pixels are in a cache, so that no pass over memory does what
 * another could have done. plan decides where, by what the kinds offer and who reads what; the bits are those
 * of the layers one by one. Pixels are counted through the whole batch. */
struct layer_call;

/* Pixels that nobody stored: whoever reads them has them made by the layer that they belong to. */
struct layer_maker {
    /* Pixels first .. first + count - 1 to `to`, `pitch` floats from one to the next. NULL: they are stored. */
    void (*make)(const struct layer_call *call, size_t first, size_t count, float *to,
                 size_t pitch);
    const struct layer_call *call; /* of that layer */
    bool reads_dy;                 /* from its x[0] and dy; else from x[0] alone */
};

/* Who looks at the pixels of another layer's y or dx as soon as they are written. Within a slice they are
 * offered in order, each once, LAYER_OFFER_ROWS rows of an image at a time (its last may be fewer). */
enum { LAYER_OFFER_ROWS = 4 };
struct layer_taker {
    void (*take)(const struct layer_call *call, int slice, size_t first, size_t count);
    const struct layer_call *call; /* of the layer that takes; take NULL: there is none */
};

/* ---- one call ---------------------------------------------------------------------------------- */
struct layer_call {
    const void *config; /* the kind's struct of attributes */
    const struct layer_info *info;
    struct pool *pool;
    int images;        /* in this batch; at most what was planned */
    bool training;     /* batch statistics, dropout */
    bool freeze_stats; /* batch norm: evaluation statistics though training */
    uint64_t seed;     /* dropout draws from random_stream(seed, RANDOM_DROPOUT, step, ...) */
    uint32_t step, path_hash;
    const struct tensor *x; /* info->inputs of them */
    struct tensor y;
    float *const *params; /* in info's order, PyTorch's element order */
    /* saved_per_batch bytes, then images x saved_per_image; NULL: no backward follows. */
    void *saved;
    char *worker_scratch, *slice_scratch, *shared_scratch; /* 64-byte aligned, contents undefined */
    size_t worker_stride, slice_stride;                    /* bytes from one to the next */
    /* For packed weights. If is_packed, it holds what an earlier forward with the same parameters left. */
    void *packed;
    bool is_packed;
    /* backward only */
    struct tensor dy;
    const struct tensor *dx; /* data NULL: this gradient is not wanted */
    const bool *dx_add;      /* true: add to dx[i]; false: store */
    float *const *grads;     /* like params; NULL: not wanted (buffers, frozen) */
    bool grads_add;          /* true: add to grads; false: store */
    /* Fusion; all zero: none. */
    struct layer_maker make_x, make_dy;   /* of x[0] and dy */
    struct layer_taker offer_y, offer_dx; /* offer_dx: of dx[0] */
    bool taken; /* forward: x[0] was offered to take_x; backward: dy was offered to take_dy */
    /* y is f of what the kind itself gives, and dy the gradient of that y; only where ops->make_y is there. */
    const struct layer_pointwise *after;
    const void *after_config;
    /* `adds`: y is f of the sum of that and `plus`, and dy the gradient of the sum, which take_dy makes by f' from
     * y and dy_after, the gradient of y, unless that is without data. */
    bool adds;
    struct tensor plus, dy_after;
};

/* Runs `body` on every slice of the batch, on all workers. */
void layer_slices(const struct layer_call *call,
                  void (*body)(const struct layer_call *call, struct slice slice));

/* The same for a body that needs more than the call. */
void layer_each_slice(const struct layer_call *call,
                      void (*body)(void *context, struct slice slice), void *context);

/* ---- a kind ------------------------------------------------------------------------------------ */
struct layer_ops {
    const char *name, *summary;
    const char *example; /* one entry of a netdef, for help and the manual */
    const struct attr *attrs;
    int attr_count;
    size_t config_size; /* of the struct that attrs fill */
    int min_inputs, max_inputs;
    unsigned traits;                         /* of enum layer_trait */
    const struct layer_pointwise *pointwise; /* (optional) elementwise kinds */
    const char *const *algorithms; /* (optional) names of the ways it knows, NULL at the end */

    /* Checks `config` (may set what depends on shapes: stride = kernel) against info->in and fills the
     * rest of `info`. False: an error is in the report, at `pos`, with the arithmetic. */
    bool (*infer)(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report);

    void (*forward)(const struct layer_call *call);

    /* Fills or adds to dx and grads where wanted. Reads only what the traits say. */
    void (*backward)(const struct layer_call *call);

    /* (optional, all four) For fusion. make_y makes pixels of y from those of x, and stores them as well if y
     * has data; it needs `saved` and that forward has run (with y.data NULL where that stores nothing). make_dx
     * makes pixels of dx from x and dy once backward has run (with dx[0].data NULL, grads all the same). Both: see
     * struct layer_maker. take_x is given x[0] as it is written, take_dy dy (struct layer_taker); forward and
     * backward are then told. */
    void (*make_y)(const struct layer_call *call, size_t first, size_t count, float *to,
                   size_t pitch);
    void (*make_dx)(const struct layer_call *call, size_t first, size_t count, float *to,
                    size_t pitch);
    void (*take_x)(const struct layer_call *call, int slice, size_t first, size_t count);
    void (*take_dy)(const struct layer_call *call, int slice, size_t first, size_t count);
};

/* The kind of that name, compiled for the chosen instruction set, or NULL. */
const struct layer_ops *layer_find(const char *name);

/* Kinds in the order of the manual; NULL past the last. */
const struct layer_ops *layer_at(int index);

/* ---- initialisation ----------------------------------------------------------------------------
 * PyTorch's default for every kind is uniform: U(-1/sqrt(fan_in), 1/sqrt(fan_in)), weights and biases
 * (torch.nn.init.kaiming_uniform_ with a = sqrt(5)). Others are chosen by a netdef's `init:`. */
struct init_ops {
    const char *name, *summary;
    const struct attr *attrs;
    int attr_count;
    size_t config_size;
    void (*fill)(const void *config, const struct layer_param *param, struct random *random,
                 float *values); /* weights only; biases become 0 */
};
const struct init_ops *init_find(const char *name);
const struct init_ops *init_at(int index);

/* ---- limits ------------------------------------------------------------------------------------
 * What the threads of a pool reach together at most, with the chosen instruction set: what the time of a layer
 * can be held against. */
struct layer_limits {
    double operations; /* floating-point operations a second; a multiply-add is two */
    double bytes; /* read or written a second, on arrays as large as a training step's values */
};

enum { LIMITS_FLOATS = 3 * (1 << 23) };

/* Takes some 0.2 s on an idle machine. `memory` holds LIMITS_FLOATS, 64-byte aligned. */
struct layer_limits layer_measure_limits(struct pool *pool, float *memory);

#endif
