/* Shapes of any rank, as text. */
#include "netrun/format.h"

struct quoted dims_text(int rank, const int *dims) {
    struct quoted text = {"a number"};
    int used = 0;
    for (int i = 0; i < rank; i++)
        used += snprintf(text.text + used, sizeof text.text - (size_t)used, "%s%d", i ? "x" : "",
                         dims[i]);
    return text;
}
