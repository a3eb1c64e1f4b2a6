/* The shape step of kinds that work value by value. */
#include "rows.h"

bool layer_same_shape(void *config, struct layer_info *info, const struct pos *pos,
                      struct report *report) {
    (void)config, (void)pos, (void)report;
    info->out = info->in[0];
    return true;
}
