/* Weights, read. Nothing in the header is believed: every tensor's shape must give the size of its piece of
 * the data, and the pieces, laid in order, must fill the file to its last byte. After that no conversion can
 * leave the data. */
#include "safetensors.h"

#include <endian.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FILE ((size_t)64 * 1000 * 1000 * 1000)

/* A tensor's piece of the data. */
struct piece {
    size_t begin, end;
    const struct dtype *dtype;
    int tensor;
};

struct reading {
    struct arena *arena;
    const char *path;
    struct report *report;
    const struct pos *pos;
    const unsigned char *data;
    size_t size; /* of the data */
    struct tensor_file *file;
    struct piece *pieces; /* one per tensor, first as the header lists them */
};

static bool refuse(const struct reading *reading, const char *format, ...) BASE_PRINTF(2, 3);

static bool refuse(const struct reading *reading, const char *format, ...) {
    char reason[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    return report_at(reading->report, reading->pos, "cannot read '%s' as safetensors: %s",
                     reading->path, reason);
}

/* ---- the header as JSON ------------------------------------------------------------------------ */

/* The header's length, once it is known to lie in the file; 0: see the report. */
static size_t header_length(const struct reading *reading, const unsigned char *bytes,
                            size_t size) {
    uint64_t length;
    if (size < SAFETENSORS_PREFIX) {
        refuse(reading, "it has %zu bytes, and the length of its header alone takes %d", size,
               SAFETENSORS_PREFIX);
        return 0;
    }
    memcpy(&length, bytes, sizeof length);
    length = le64toh(length);
    if (length > SAFETENSORS_MOST_HEADER)
        refuse(reading,
               "its header would take more than %s; files of torch.save must be converted first, "
               "with safetensors.torch.save_file",
               text_bytes(SAFETENSORS_MOST_HEADER).text);
    else if (length > size - SAFETENSORS_PREFIX)
        refuse(reading, "it is cut short: its header takes %s bytes, and %s follow",
               text_commas((int64_t)length).text,
               text_commas((int64_t)(size - SAFETENSORS_PREFIX)).text);
    else if (length == 0 || bytes[SAFETENSORS_PREFIX] != '{')
        refuse(reading, "its header does not begin with '{'");
    else
        return (size_t)length;
    return 0;
}

/* The object that the header is. NULL: see the report. Free with json_decref. */
static json_t *header_parse(const struct reading *reading, const char *text, size_t length) {
    json_error_t error;
    json_t *header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (header || json_error_code(&error) == json_error_out_of_memory)
        return header;
    const char *near = strstr(error.text, " near ");
    int reason = near ? (int)(near - error.text) : (int)strlen(error.text);
    refuse(reading, "its header is no sound JSON: %.*s (byte %d)", reason, error.text,
           error.position);
    return NULL;
}

/* ---- one tensor -------------------------------------------------------------------------------- */

static bool take_type(const struct reading *reading, const char *name, const json_t *type,
                      struct piece *piece) {
    if (!json_is_string(type))
        return refuse(reading, "tensor %s has no 'dtype' that is a text", quote(name).text);
    piece->dtype = dtype_find(json_string_value(type));
    return piece->dtype || refuse(reading, "tensor %s has the unknown type %s", quote(name).text,
                                  quote(json_string_value(type)).text);
}

static bool take_shape(const struct reading *reading, const json_t *shape,
                       struct named_tensor *tensor) {
    if (!json_is_array(shape))
        return refuse(reading, "tensor %s has no 'shape' that is a list", quote(tensor->name).text);
    if (json_array_size(shape) > NAMED_MOST_RANK)
        return refuse(reading, "tensor %s has more than %d dimensions", quote(tensor->name).text,
                      NAMED_MOST_RANK);
    tensor->rank = (int)json_array_size(shape);
    for (int i = 0; i < tensor->rank; i++) {
        const json_t *dim = json_array_get(shape, (size_t)i);
        if (!json_is_integer(dim) || json_integer_value(dim) < 0 ||
            json_integer_value(dim) > INT32_MAX)
            return refuse(reading,
                          "a dimension of tensor %s is no whole number from 0 to 2,147,483,647",
                          quote(tensor->name).text);
        tensor->dims[i] = (int)json_integer_value(dim);
    }
    return true;
}

static bool is_position(const json_t *position) {
    return json_is_integer(position) && json_integer_value(position) >= 0;
}

static bool take_offsets(const struct reading *reading, const char *name, const json_t *offsets,
                         struct piece *piece) {
    const json_t *begin = json_array_get(offsets, 0), *end = json_array_get(offsets, 1);
    if (json_array_size(offsets) != 2 || !is_position(begin) || !is_position(end) ||
        json_integer_value(begin) > json_integer_value(end))
        return refuse(reading, "tensor %s has no 'data_offsets' that are a begin and an end",
                      quote(name).text);
    piece->begin = (size_t)json_integer_value(begin);
    piece->end = (size_t)json_integer_value(end);
    return piece->end <= reading->size ||
           refuse(reading, "it is cut short: tensor %s ends at byte %s of the data, which has %s",
                  quote(name).text, text_commas((int64_t)piece->end).text,
                  text_commas((int64_t)reading->size).text);
}

/* Numbers of a tensor. False: more than can be counted. */
static bool count_numbers(const struct named_tensor *tensor, size_t *count) {
    *count = 1;
    for (int i = 0; i < tensor->rank; i++)
        if (__builtin_mul_overflow(*count, (size_t)tensor->dims[i], count))
            return false;
    return true;
}

static bool sizes_agree(const struct reading *reading, const struct named_tensor *tensor,
                        const struct piece *piece) {
    size_t bytes;
    if (!count_numbers(tensor, &bytes) ||
        __builtin_mul_overflow(bytes, piece->dtype->bytes, &bytes) || bytes > INT64_MAX)
        return refuse(reading, "tensor %s has more numbers (%s) than can be counted",
                      quote(tensor->name).text, dims_text(tensor->rank, tensor->dims).text);
    return bytes == piece->end - piece->begin ||
           refuse(reading, "tensor %s (%s of %s) takes %s bytes, but its data_offsets hold %s",
                  quote(tensor->name).text, dims_text(tensor->rank, tensor->dims).text,
                  piece->dtype->name, text_commas((int64_t)bytes).text,
                  text_commas((int64_t)(piece->end - piece->begin)).text);
}

static bool take_tensor(struct reading *reading, const char *name, const json_t *entry) {
    struct named_tensor *tensor = &reading->file->tensors[reading->file->count];
    struct piece *piece = &reading->pieces[reading->file->count];
    piece->tensor = reading->file->count++;
    tensor->name = arena_copy(reading->arena, name, strlen(name));
    return tensor->name && take_type(reading, name, json_object_get(entry, "dtype"), piece) &&
           take_shape(reading, json_object_get(entry, "shape"), tensor) &&
           take_offsets(reading, name, json_object_get(entry, "data_offsets"), piece) &&
           sizes_agree(reading, tensor, piece);
}

/* ---- the header as a whole --------------------------------------------------------------------- */

static bool take_metadata(struct reading *reading, json_t *metadata) {
    struct tensor_file *file = reading->file;
    if (!json_is_object(metadata))
        return refuse(reading, "'" SAFETENSORS_METADATA "' of its header is no map");
    file->metadata =
        arena_alloc(reading->arena, json_object_size(metadata), sizeof *file->metadata);
    if (!file->metadata)
        return false;
    const char *key;
    json_t *value;
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value))
            return refuse(reading, "%s of its metadata is no text", quote(key).text);
        struct text_pair *pair = &file->metadata[file->pairs++];
        pair->key = arena_copy(reading->arena, key, strlen(key));
        pair->value =
            arena_copy(reading->arena, json_string_value(value), json_string_length(value));
        if (!pair->key || !pair->value)
            return false;
    }
    return true;
}

static bool take_header(struct reading *reading, struct arena *scratch, json_t *header) {
    size_t most = json_object_size(header);
    reading->file->tensors = arena_alloc(reading->arena, most, sizeof *reading->file->tensors);
    reading->pieces = arena_alloc(scratch, most, sizeof *reading->pieces);
    if (!reading->file->tensors || !reading->pieces)
        return false;
    const char *key;
    json_t *value;
    json_object_foreach(header, key, value) {
        bool metadata = !strcmp(key, SAFETENSORS_METADATA);
        if (metadata ? !take_metadata(reading, value) : !take_tensor(reading, key, value))
            return false;
    }
    return true;
}

/* ---- the data ---------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b) {
    const struct piece *one = a, *other = b;
    if (one->begin != other->begin)
        return one->begin < other->begin ? -1 : 1;
    return (one->end > other->end) - (one->end < other->end);
}

/* Sorts the pieces. */
static bool pieces_fill_data(const struct reading *reading) {
    int count = reading->file->count;
    size_t filled = 0;
    qsort(reading->pieces, (size_t)count, sizeof *reading->pieces, by_place);
    for (int i = 0; i <= count; i++) {
        const struct piece *piece = &reading->pieces[i];
        size_t begin = i < count ? piece->begin : reading->size;
        if (begin > filled)
            return refuse(reading, "bytes %s to %s of its data belong to no tensor",
                          text_commas((int64_t)filled).text, text_commas((int64_t)begin).text);
        if (begin < filled)
            return refuse(reading, "the tensors %s and %s overlap",
                          quote(reading->file->tensors[piece[-1].tensor].name).text,
                          quote(reading->file->tensors[piece->tensor].name).text);
        filled = i < count ? piece->end : filled;
    }
    return true;
}

static bool convert(const struct reading *reading, const struct piece *piece) {
    struct named_tensor *tensor = &reading->file->tensors[piece->tensor];
    if (!piece->dtype->convert)
        return true;
    size_t count = (piece->end - piece->begin) / piece->dtype->bytes;
    float *values = arena_alloc(reading->arena, count, sizeof *values);
    if (values)
        piece->dtype->convert(reading->data + piece->begin, values, count);
    tensor->values = values;
    return values != NULL;
}

static bool convert_all(const struct reading *reading) {
    for (int i = 0; i < reading->file->count; i++)
        if (!convert(reading, &reading->pieces[i]))
            return false;
    return true;
}

/* ---- the file ---------------------------------------------------------------------------------- */

static bool take_file(struct reading *reading, struct arena *scratch, const char *bytes,
                      size_t size) {
    size_t length = header_length(reading, (const unsigned char *)bytes, size);
    json_t *header = length > 0 ? header_parse(reading, bytes + SAFETENSORS_PREFIX, length) : NULL;
    if (!header)
        return false;
    reading->data = (const unsigned char *)bytes + SAFETENSORS_PREFIX + length;
    reading->size = size - SAFETENSORS_PREFIX - length;
    bool good = take_header(reading, scratch, header);
    json_decref(header);
    return good && pieces_fill_data(reading) && convert_all(reading);
}

const struct tensor_file *safetensors_read(struct arena *arena, const char *path,
                                           struct report *report, const struct pos *pos) {
    struct reading reading = {.arena = arena, .path = path, .report = report, .pos = pos};
    struct arena *scratch = arena_child(arena);
    size_t size = 0;
    reading.file = arena_alloc(arena, 1, sizeof *reading.file);
    const char *bytes =
        scratch && reading.file ? file_read(scratch, path, MOST_FILE, &size, report, pos) : NULL;
    bool good = bytes && take_file(&reading, scratch, bytes, size);
    arena_free(scratch);
    return good ? reading.file : NULL;
}
