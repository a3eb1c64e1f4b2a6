/* The cut of a batch into slices: by the number of images alone, so that sums taken per slice and added in
 * order have the same bits on any number of threads. Slices differ by one image at most. */
#include "netrun/tensor.h"

int slice_count(int images) {
    return images < SLICE_MOST ? images : SLICE_MOST;
}

static int slice_first(int images, int index) {
    return (int)((int64_t)images * index / slice_count(images));
}

struct slice slice_of(int images, int index) {
    int first = slice_first(images, index);
    return (struct slice){
        .index = index, .first = first, .count = slice_first(images, index + 1) - first};
}
