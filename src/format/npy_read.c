/* NumPy arrays, read. The head is a Python dictionary with three keys; it is read as NumPy writes it, strings
 * in single quotes, and nothing in it is believed before the size of the file agrees. */
#include "netrun/format.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FILE ((size_t)64 * 1000 * 1000 * 1000)

enum { MAGIC = 6, PREFIX_1 = 10, PREFIX_2 = 12 }; /* bytes before the head, format 1.0 and later */

/* ---- the head ---------------------------------------------------------------------------------- */

struct head {
    char type[8]; /* "<f4" */
    bool fortran;
    int rank, dims[NPY_MOST_RANK];
};

/* Moves past `word` and the spaces before it; false: it is not there. */
static bool take(const char **at, const char *word) {
    *at += strspn(*at, " ");
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0)
        return false;
    *at += length;
    return true;
}

static bool take_type(const char **at, struct head *head) {
    if (!take(at, "'"))
        return false;
    size_t length = strcspn(*at, "'");
    snprintf(head->type, sizeof head->type, "%.*s", (int)(length < 7 ? length : 7), *at);
    *at += length;
    return take(at, "'");
}

static bool take_order(const char **at, struct head *head) {
    head->fortran = take(at, "True");
    return head->fortran || take(at, "False");
}

static bool take_dim(const char **at, struct head *head) {
    char *end;
    *at += strspn(*at, " ");
    if (!strchr("0123456789", **at) || !**at || head->rank == NPY_MOST_RANK)
        return false;
    unsigned long long dim = strtoull(*at, &end, 10);
    *at = end;
    if (dim > INT32_MAX)
        return false;
    head->dims[head->rank++] = (int)dim;
    return true;
}

/* (), (3,), (2, 3) */
static bool take_shape(const char **at, struct head *head) {
    if (!take(at, "("))
        return false;
    while (!take(at, ")"))
        if (!take_dim(at, head) || (!take(at, ",") && (*at)[strspn(*at, " ")] != ')'))
            return false;
    return true;
}

static bool take_head(const char *text, struct head *head) {
    bool type = false, order = false, shape = false;
    if (!take(&text, "{"))
        return false;
    while (!take(&text, "}")) {
        if (!type && take(&text, "'descr':"))
            type = take_type(&text, head);
        else if (!order && take(&text, "'fortran_order':"))
            order = take_order(&text, head);
        else if (!shape && take(&text, "'shape':"))
            shape = take_shape(&text, head);
        else
            return false;
        take(&text, ",");
    }
    return type && order && shape && text[strspn(text, " \n")] == '\0';
}

/* ---- the values -------------------------------------------------------------------------------- */

struct reading {
    const char *path;
    const char *bytes;
    size_t size, begin; /* of the file; where the values lie */
    struct report *report;
    const struct pos *pos;
};

static bool refuse(const struct reading *reading, const char *why) {
    return report_at(reading->report, reading->pos, "cannot read '%s' as a NumPy array: %s",
                     reading->path, why);
}

static bool count_values(const struct head *head, size_t *count) {
    *count = 1;
    for (int i = 0; i < head->rank; i++)
        if (__builtin_mul_overflow(*count, (size_t)head->dims[i], count))
            return false;
    return true;
}

static float value_at(const char *bytes, size_t width) {
    uint32_t word;
    uint64_t wide;
    float single;
    double real;
    if (width == sizeof word) {
        memcpy(&word, bytes, sizeof word);
        word = le32toh(word);
        memcpy(&single, &word, sizeof single);
        return single;
    }
    memcpy(&wide, bytes, sizeof wide);
    wide = le64toh(wide);
    memcpy(&real, &wide, sizeof real);
    return (float)real;
}

static bool read_values(const struct reading *reading, const struct head *head, struct npy *npy,
                        struct arena *arena) {
    size_t count, bytes, width = head->type[2] == '8' ? sizeof(double) : sizeof(float);
    if (!count_values(head, &count) || __builtin_mul_overflow(count, width, &bytes) ||
        bytes != reading->size - reading->begin)
        return refuse(reading, "its size is not that of the shape in its head");
    npy->rank = head->rank;
    memcpy(npy->dims, head->dims, sizeof npy->dims);
    npy->values = arena_alloc(arena, count, sizeof *npy->values);
    for (size_t i = 0; npy->values && i < count; i++)
        npy->values[i] = value_at(reading->bytes + reading->begin + i * width, width);
    return npy->values != NULL;
}

/* ---- the file ---------------------------------------------------------------------------------- */

/* The length of the head, and where it begins; false: there is none, or it ends behind the file. */
static bool find_head(struct reading *reading, size_t *length) {
    const unsigned char *bytes = (const unsigned char *)reading->bytes;
    if (reading->size < PREFIX_2 || memcmp(bytes, "\x93NUMPY", MAGIC) != 0)
        return false;
    bool first = bytes[MAGIC] == 1;
    *length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (!first)
        *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    reading->begin = first ? PREFIX_1 : PREFIX_2;
    return bytes[MAGIC] >= 1 && bytes[MAGIC] <= 3 && *length <= reading->size - reading->begin;
}

static bool read_file(struct reading *reading, struct npy *npy, struct arena *arena,
                      struct arena *scratch) {
    struct head head = {.rank = 0};
    size_t length;
    if (!find_head(reading, &length))
        return refuse(reading, "it does not begin like one, or is cut short");
    const char *text = arena_copy(scratch, reading->bytes + reading->begin, length);
    if (!text)
        return false;
    if (!take_head(text, &head))
        return refuse(reading, "its head is damaged, or not as NumPy writes it");
    if (strcmp(head.type, "<f4") != 0 && strcmp(head.type, "<f8") != 0)
        return refuse(reading, "its values are no float32; save array.astype('float32')");
    if (head.fortran && head.rank > 1)
        return refuse(reading, "it is in Fortran order; save numpy.ascontiguousarray of the array");
    reading->begin += length;
    return read_values(reading, &head, npy, arena);
}

bool npy_read(struct arena *arena, const char *path, struct npy *npy, struct report *report,
              const struct pos *pos) {
    struct reading reading = {.path = path, .report = report, .pos = pos};
    struct arena *scratch = arena_new();
    reading.bytes =
        scratch ? file_read(scratch, path, MOST_FILE, &reading.size, report, pos) : NULL;
    bool good = reading.bytes && read_file(&reading, npy, arena, scratch);
    arena_free(scratch);
    return good;
}
