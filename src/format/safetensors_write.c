/* Weights, written. The header is padded with spaces so that the data begins at a multiple of 8, as the
 * specification's own writer does it; readers may then map the file and use it as it lies. */
#include "safetensors.h"

#include <endian.h>
#include <jansson.h>
#include <string.h>

#include "utf8.h"

enum { ALIGNMENT = 8, CHUNK = 1024 };

static size_t count_of(const struct named_tensor *tensor) {
    size_t count = 1;
    for (int i = 0; i < tensor->rank; i++)
        count *= (size_t)tensor->dims[i];
    return count;
}

/* ---- the header -------------------------------------------------------------------------------- */

/* Adds a member, taking it (NULL: memory ran out before). False: out of memory. */
static bool put(struct arena *scratch, json_t *object, const char *key, json_t *member) {
    char *name = utf8_repaired(scratch, key);
    if (!name) {
        json_decref(member);
        return false;
    }
    return json_object_set_new_nocheck(object, name, member) == 0;
}

static bool put_metadata(struct arena *scratch, json_t *header, const struct text_pair *metadata,
                         int pairs) {
    json_t *object = json_object();
    bool good = object != NULL;
    for (int i = 0; good && i < pairs; i++) {
        char *value = utf8_repaired(scratch, metadata[i].value);
        good = value && put(scratch, object, metadata[i].key, json_string_nocheck(value));
    }
    if (good)
        return put(scratch, header, SAFETENSORS_METADATA, object);
    json_decref(object);
    return false;
}

/* The list [numbers]. NULL: out of memory. */
static json_t *list_of(const int64_t *numbers, int count) {
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        if (json_array_append_new(list, json_integer(numbers[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static bool put_tensor(struct arena *scratch, json_t *header, const struct named_tensor *tensor,
                       int64_t *offset) {
    int64_t shape[NAMED_MOST_RANK], offsets[2] = {*offset};
    for (int i = 0; i < tensor->rank; i++)
        shape[i] = tensor->dims[i];
    *offset = offsets[1] = *offset + (int64_t)(count_of(tensor) * sizeof(float));
    json_t *entry = json_object();
    bool good = json_object_set_new(entry, "dtype", json_string("F32")) == 0 &&
                json_object_set_new(entry, "shape", list_of(shape, tensor->rank)) == 0 &&
                json_object_set_new(entry, "data_offsets", list_of(offsets, 2)) == 0;
    if (good)
        return put(scratch, header, tensor->name, entry);
    json_decref(entry);
    return false;
}

/* The JSON with its padding. NULL: out of memory. */
static char *text_of(struct arena *scratch, const json_t *header) {
    size_t length = json_dumpb(header, NULL, 0, JSON_COMPACT);
    size_t padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *text = length > 0 ? arena_alloc(scratch, padded + 1, 1) : NULL;
    if (!text || json_dumpb(header, text, length, JSON_COMPACT) != length)
        return NULL;
    memset(text + length, ' ', padded - length);
    return text;
}

static char *header_of(struct arena *scratch, const struct named_tensor *tensors, int count,
                       const struct text_pair *metadata, int pairs) {
    json_t *header = json_object();
    int64_t offset = 0;
    bool good = header && (pairs == 0 || put_metadata(scratch, header, metadata, pairs));
    for (int i = 0; good && i < count; i++)
        good = put_tensor(scratch, header, &tensors[i], &offset);
    char *text = good ? text_of(scratch, header) : NULL;
    json_decref(header);
    return text;
}

/* ---- the file ---------------------------------------------------------------------------------- */

static void write_values(FILE *out, const float *values, size_t count) {
    uint32_t words[CHUNK];
    for (size_t size; count > 0; values += size, count -= size) {
        size = count < CHUNK ? count : CHUNK;
        memcpy(words, values, size * sizeof *words);
        for (size_t i = 0; i < size; i++)
            words[i] = htole32(words[i]);
        fwrite(words, sizeof *words, size, out);
    }
}

static void write_file(FILE *out, const char *header, const struct named_tensor *tensors,
                       int count) {
    uint64_t length = htole64(strlen(header));
    fwrite(&length, sizeof length, 1, out);
    fputs(header, out);
    for (int i = 0; i < count; i++)
        write_values(out, tensors[i].values, count_of(&tensors[i]));
}

bool safetensors_write(const char *path, const struct named_tensor *tensors, int count,
                       const struct text_pair *metadata, int pairs, struct report *report) {
    struct arena *scratch = arena_new();
    const char *header = scratch ? header_of(scratch, tensors, count, metadata, pairs) : NULL;
    struct file_writer writer;
    bool good = header && file_begin(&writer, path, report);
    if (good) {
        write_file(writer.out, header, tensors, count);
        good = file_commit(&writer, report);
    }
    arena_free(scratch);
    return good;
}
