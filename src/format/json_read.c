/* JSON, read: jansson's tree is copied into one of ours, which dies with its arena. */
#include "json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum { MOST_BYTES = 256 * 1000 * 1000 };

/* ---- copying ----------------------------------------------------------------------------------- */

static struct json *copy_of(struct arena *arena, json_t *value);

static struct json *copy_object(struct arena *arena, json_t *from) {
    struct json *object = json_new_object(arena);
    const char *key;
    json_t *member;
    json_object_foreach(from, key, member) {
        struct json *value = copy_of(arena, member);
        if (!value)
            return NULL;
        json_set(object, key, value);
    }
    return object && !object->failed ? object : NULL;
}

static struct json *copy_list(struct arena *arena, json_t *from) {
    struct json *list = json_new_list(arena);
    size_t index;
    json_t *member;
    json_array_foreach(from, index, member) {
        struct json *value = copy_of(arena, member);
        if (!value)
            return NULL;
        json_add(list, value);
    }
    return list;
}

static struct json *copy_scalar(struct arena *arena, const json_t *from) {
    struct json *value = arena_alloc(arena, 1, sizeof *value);
    if (!value)
        return NULL;
    value->arena = arena;
    value->kind = KIND_REAL;
    value->real = NAN;
    if (json_is_string(from)) {
        value->kind = KIND_TEXT;
        value->text = arena_copy(arena, json_string_value(from), json_string_length(from));
        return value->text ? value : NULL;
    }
    if (json_is_integer(from)) {
        value->kind = KIND_INT;
        value->integer = json_integer_value(from);
    } else if (json_is_boolean(from)) {
        value->kind = KIND_BOOL;
        value->truth = json_is_true(from);
    } else if (json_is_real(from)) {
        value->real = json_real_value(from);
    }
    return value;
}

/* As deep as jansson allows, 2048 levels. NULL: out of memory. */
static struct json *copy_of(struct arena *arena, json_t *value) {
    if (json_is_object(value))
        return copy_object(arena, value);
    return json_is_array(value) ? copy_list(arena, value) : copy_scalar(arena, value);
}

struct json *json_read(struct arena *arena, const char *path, struct report *report) {
    size_t size;
    struct arena *scratch = arena_new();
    const char *text = scratch ? file_read(scratch, path, MOST_BYTES, &size, report, NULL) : NULL;
    json_error_t error;
    json_t *root = text ? json_loadb(text, size, JSON_REJECT_DUPLICATES, &error) : NULL;
    if (text && !root && json_error_code(&error) != json_error_out_of_memory)
        report_error(report, "cannot read '%s' as JSON: line %d, column %d: %s", path, error.line,
                     error.column, error.text);
    struct json *copy = root ? copy_of(arena, root) : NULL;
    json_decref(root);
    arena_free(scratch);
    return copy;
}

/* ---- asking ------------------------------------------------------------------------------------ */

const struct json *json_first(const struct json *container) {
    bool holds = container && (container->kind == KIND_OBJECT || container->kind == KIND_LIST);
    return holds ? container->first : NULL;
}

const struct json *json_next(const struct json *member) {
    return member ? member->next : NULL;
}

const char *json_key(const struct json *member) {
    return member ? member->key : NULL;
}

const struct json *json_get(const struct json *object, const char *key) {
    if (!object || object->kind != KIND_OBJECT)
        return NULL;
    for (const struct json *member = object->first; member; member = member->next)
        if (!strcmp(member->key, key))
            return member;
    return NULL;
}

const char *json_text(const struct json *value) {
    return value && value->kind == KIND_TEXT ? value->text : NULL;
}

double json_number(const struct json *value) {
    if (value && value->kind == KIND_INT)
        return (double)value->integer;
    return value && value->kind == KIND_REAL ? value->real : NAN;
}

bool json_truth(const struct json *value) {
    return value && value->kind == KIND_BOOL && value->truth;
}

int json_count(const struct json *container) {
    int count = 0;
    for (const struct json *member = json_first(container); member; member = member->next)
        count++;
    return count;
}
