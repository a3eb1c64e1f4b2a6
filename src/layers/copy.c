/* Copies between views, row by row. */
#include "copy.h"
#include "rows.h"

static void add_row(const float *from, float *to, size_t n) {
    ROWS_INDEPENDENT
    for (size_t i = 0; i < n; i++)
        to[i] += from[i];
}

void PER_ISA(copy_values)(struct tensor from, struct tensor to, bool add) {
    if (from.data == to.data && !add)
        return;
    struct rows rows = rows_of(from, tensor_dense(from) && tensor_dense(to));
    for (size_t r = 0; r < rows.count; r++)
        if (add)
            add_row(layer_pixel(from, r), layer_pixel(to, r), rows.length);
        else
            memcpy(layer_pixel(to, r), layer_pixel(from, r), rows.length * sizeof(float));
}
