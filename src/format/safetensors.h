/* safetensors.h: what writing and reading of weights share.
 *
 * A file is 8 bytes of length N (little-endian), N bytes of JSON, and the data:
 *     {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}
 * Offsets count from the end of the header; the tensors fill the data without overlaps and holes. */
#ifndef NETRUN_FORMAT_SAFETENSORS_H
#define NETRUN_FORMAT_SAFETENSORS_H

#include "netrun/format.h"

enum {
    SAFETENSORS_PREFIX = 8,
    SAFETENSORS_MOST_HEADER = 100 * 1000 * 1000 /* bytes, as in the specification's own reader */
};

#define SAFETENSORS_METADATA "__metadata__"

/* A type of numbers in a file. */
struct dtype {
    const char *name;
    size_t bytes; /* of one number */
    /* To float32; NULL: integers and what else is never a weight. */
    void (*convert)(const unsigned char *from, float *to, size_t count);
};

/* The type of that name, or NULL. */
const struct dtype *dtype_find(const char *name);

#endif
