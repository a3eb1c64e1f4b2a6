/* NumPy arrays, format 1.0: magic, version, length of the head (2 bytes, little-endian), the head as a
 * Python dictionary padded with spaces so that the values begin at a multiple of 64, then the values.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
#include "netrun/format.h"

#include <string.h>

enum { PREFIX = 10, ALIGNMENT = 64 };

/* "(2, 3, )": Python allows the last comma and needs it in "(2, )". NULL: out of memory. */
static char *shape_of(struct arena *arena, int rank, const int *dims) {
    char *shape = arena_printf(arena, "(");
    for (int i = 0; i < rank && shape; i++)
        shape = arena_printf(arena, "%s%d, ", shape, dims[i]);
    return shape ? arena_printf(arena, "%s)", shape) : NULL;
}

/* The head with its padding and final newline. NULL: out of memory. */
static char *head_of(struct arena *arena, int rank, const int *dims) {
    char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
    char *shape = shape_of(arena, rank, dims);
    char *head =
        shape ? arena_printf(arena, "{'descr': '%cf4', 'fortran_order': False, 'shape': %s, }",
                             order, shape)
              : NULL;
    if (!head)
        return NULL;
    size_t unpadded = PREFIX + strlen(head) + 1;
    size_t padding = (ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT;
    return arena_printf(arena, "%s%*s\n", head, (int)padding, "");
}

static void write_array(FILE *out, const char *head, const float *values, size_t count) {
    size_t length = strlen(head);
    fwrite("\x93NUMPY\x01\x00", 1, 8, out);
    fputc((int)(length & 0xFF), out);
    fputc((int)(length >> 8), out);
    fwrite(head, 1, length, out);
    fwrite(values, sizeof *values, count, out);
}

bool npy_write(const char *path, const float *values, int rank, const int *dims,
               struct report *report) {
    size_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    struct arena *arena = arena_new();
    const char *head = arena ? head_of(arena, rank, dims) : NULL;
    struct file_writer writer;
    bool good = head && file_begin(&writer, path, report);
    if (good) {
        write_array(writer.out, head, values, count);
        good = file_commit(&writer, report);
    }
    arena_free(arena);
    return good;
}
