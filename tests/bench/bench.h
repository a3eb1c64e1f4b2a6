/* bench.h: what is measured of one network, shared by what measures and what prints. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "process.h"
#include "subject.h"

struct options {
    int threads, batch, steps;
    bool layers, memory;
    const char *python; /* NULL: no peer */
};

/* A step of training; a forward pass in evaluation, of a batch and of one image. */
enum task { STEP, EVALUATE, EVALUATE_ONE, TASKS };

/* netrun with all threads and with one; PyTorch in its two memory layouts. */
enum side { OURS, ONE_THREAD, OUR_SIDES, NCHW = OUR_SIDES, CHANNELS_LAST, SIDES };

struct memory {
    long long peak, planned, slab; /* bytes; 0: not known */
};

/* One network. */
struct bench {
    const struct options *options;
    const char *net;
    struct subject subjects[TASKS][OUR_SIDES];
    struct process peer;
    bool takes_part[TASKS][SIDES];
    double *seconds[TASKS][SIDES]; /* of every run that counts */
    int counts[TASKS];             /* how many */
    double medians[TASKS][SIDES];
    struct memory memory;
    long long peer_peak; /* bytes; 0: not known */
};

/* PyTorch's name of a layout. */
const char *layout_name(enum side side);

/* The layout that is faster at training; the peer takes part. */
enum side better_layout(const struct bench *bench);

/* ---- memory.c ---------------------------------------------------------------------------------- */

/* Trains for three steps in a process of its own. */
struct memory memory_of(const struct options *options, const char *net);

/* That process: trains and says its numbers. False: the reason has been printed. */
bool memory_say(const struct options *options, const char *net);

/* The same of the peer. */
long long memory_of_peer(const struct bench *bench);

/* ---- contest.c --------------------------------------------------------------------------------- */

/* Opens subjects and peer, lets them take turns, finds the medians. False: the reason has been printed. */
bool contest_run(struct bench *bench);

/* Where the time of a step goes; after contest_run. */
void contest_print_layers(struct bench *bench, struct layer_limits limits);
void contest_end(struct bench *bench);

#endif
