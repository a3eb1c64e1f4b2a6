/* decay.h: running means in an optimiser's state.
 *
 * One whose gradients have stopped (a dead unit) decays to the numbers below the normal ones and stays there for
 * good, since 0.9 of the smallest rounds to itself; each costs the CPU a hundred cycles in every step. */
#ifndef OPTIM_DECAY_H
#define OPTIM_DECAY_H

#include <float.h>
#include <math.h>

/* The mean, or 0 where it has decayed to nothing. */
static inline float decay_kept(float mean) {
    return fabsf(mean) < FLT_MIN ? 0 : mean;
}

#endif
