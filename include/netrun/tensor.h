/* tensor: shapes, views of memory, and the kernels that several layers share.
 *
 * Values are float32, channels innermost ("NHWC"): the channels of one pixel lie side by side, pixels
 * follow row by row, images follow one another. Weights, files and all that a user sees keep PyTorch's
 * order. Nothing here allocates or fails.
 *
 * The rooms tensor, layers and optim are compiled once per instruction set (ISA is the name of the one
 * at hand); PER_ISA keeps the symbols apart, so that one binary runs on every machine of its family. */
#ifndef NETRUN_TENSOR_H
#define NETRUN_TENSOR_H

#include "netrun/base.h"

#define ISA_JOIN_(name, isa) name##_##isa
#define ISA_JOIN(name, isa) ISA_JOIN_(name, isa)
#ifdef ISA
#define PER_ISA(name) ISA_JOIN(name, ISA)
#endif

/* ---- instruction sets -------------------------------------------------------------------------- */
enum isa { ISA_BASELINE, ISA_AVX2, ISA_AVX512, ISA_COUNT };

/* The best instruction set that this program holds and this CPU has; NETRUN_ISA=baseline|avx2|avx512 in
 * the environment asks for a lower one (a higher one than the CPU's, or an unknown name, is ignored). */
enum isa isa_chosen(void);
const char *isa_name(enum isa isa);

/* ---- shapes ------------------------------------------------------------------------------------ */

/* The shape of one image's value: a map (rank 3: channels x height x width) or a vector (rank 1: channels;
 * height and width are 1). */
struct shape {
    int rank;
    int channels, height, width;
};

struct shape shape_map(int channels, int height, int width);
struct shape shape_vector(int channels);
bool shape_equal(struct shape a, struct shape b);
size_t shape_size(struct shape shape); /* elements of one image */

/* "16x32x32" or "10". */
struct quoted shape_text(struct shape shape);

/* A tensor of more than this many elements is refused when the graph is built. */
#define TENSOR_MOST_ELEMENTS ((int64_t)INT32_MAX)

/* ---- views ------------------------------------------------------------------------------------- */

/* A batch of images somewhere in memory. Element (n, h, w, c) is at
 * data[((n * height + h) * width + w) * pitch + c]; `pitch` >= channels. What lies between channels and
 * pitch is never read as a value and never written. */
struct tensor {
    float *data; /* NULL: there is none */
    int images, height, width, channels;
    int pitch;
};

struct tensor tensor_at(float *data, int images, struct shape shape, int pitch);

/* images x height x width */
static inline size_t tensor_pixels(struct tensor tensor) {
    return (size_t)tensor.images * (size_t)tensor.height * (size_t)tensor.width;
}

/* Images `first` .. `first + count - 1` of a batch. */
struct tensor tensor_images(struct tensor tensor, int first, int count);

/* Channels `first` .. `first + count - 1` of every pixel; the others become part of the gap. */
struct tensor tensor_channels(struct tensor tensor, int first, int count);

/* Copies between channels innermost and PyTorch's order (NCHW, dense). */
void tensor_to_nchw(struct tensor from, float *to);
void tensor_from_nchw(const float *from, struct tensor to);

/* L2 norm, sum of squares added in double in a fixed order. */
double tensor_norm(struct tensor tensor);

/* ---- slices ------------------------------------------------------------------------------------
 * Work on a batch is cut into at most SLICE_MOST ranges of images, by the batch alone: results that are
 * added up over images are added per slice, then slice after slice, on any number of threads. */
enum { SLICE_MOST = 16 };

struct slice {
    int index;        /* which slice */
    int first, count; /* its images */
    int worker;       /* which worker runs it, for scratch memory */
};

int slice_count(int images);
struct slice slice_of(int images, int index);

/* ---- matrix products ---------------------------------------------------------------------------
 * C (m x n) = A (m x k) B (k x n), or C += A B; row-major, with row strides in floats; `transpose_a`: A is
 * stored k x m. Single-threaded OpenBLAS sgemm. */
struct gemm {
    int m, n, k;
    const float *a, *b;
    float *c;
    int a_stride, b_stride, c_stride;
    bool transpose_a, transpose_b, add;
};
void gemm_run(const struct gemm *gemm);

/* Puts OpenBLAS to one thread, and to kernels that fit the CPU where it chose badly by itself; to be called
 * once, before any product, while no other thread runs. */
void gemm_start(void);

/* OpenBLAS's name for the kernels it chose ("SkylakeX"). */
const char *gemm_kernel(void);

/* A sentence when OPENBLAS_CORETYPE in the environment holds OpenBLAS to kernels weaker than the CPU's (it
 * says what to do), else NULL. */
const char *gemm_warning(void);

#endif
