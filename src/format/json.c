/* JSON, built and written. The tree lives in the caller's arena; jansson spells every name and scalar, the layout is
 * ours: one member a line, but a list of numbers on one line, so that results.json can be read by people
 * too. Memory that runs out marks the place (`failed`) and is found when the tree is written. */
#include "json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "utf8.h"

/* ---- building ---------------------------------------------------------------------------------- */

static struct json *value_new(struct arena *arena, enum json_kind kind) {
    struct json *value = arena_alloc(arena, 1, sizeof *value);
    if (value) {
        value->kind = kind;
        value->arena = arena;
        value->end = &value->first;
    }
    return value;
}

struct json *json_new_object(struct arena *arena) {
    return value_new(arena, KIND_OBJECT);
}

struct json *json_new_list(struct arena *arena) {
    return value_new(arena, KIND_LIST);
}

/* Where the member of that name hangs, else the end. */
static struct json **slot_of(struct json *object, const char *key) {
    for (struct json **slot = &object->first; *slot; slot = &(*slot)->next)
        if (!strcmp((*slot)->key, key))
            return slot;
    return object->end;
}

static void put(struct json *parent, struct json **slot, struct json *value) {
    const struct json *old = *slot;
    value->next = old ? old->next : NULL;
    *slot = value;
    if (!value->next)
        parent->end = &value->next;
}

void json_set(struct json *object, const char *key, struct json *value) {
    if (!object)
        return;
    char *name = key ? utf8_repaired(object->arena, key) : NULL;
    if (!value || !name) {
        object->failed = true;
        return;
    }
    value->key = name;
    put(object, slot_of(object, name), value);
}

void json_set_all(struct json *object, const struct json *other) {
    for (const struct json *member = other ? other->first : NULL; object && member;
         member = member->next) {
        struct json *value = value_new(object->arena, member->kind);
        if (value) {
            *value = *member;
            value->end = member->first ? member->end : &value->first;
        }
        json_set(object, member->key, value);
    }
    if (object && (!other || other->failed))
        object->failed = true;
}

void json_add(struct json *list, struct json *value) {
    if (!list)
        return;
    if (value)
        put(list, list->end, value);
    else
        list->failed = true;
}

static struct json *new_text(struct json *parent, const char *text) {
    struct json *value = parent ? value_new(parent->arena, KIND_TEXT) : NULL;
    if (value && text)
        value->text = utf8_repaired(parent->arena, text);
    return value && value->text ? value : NULL;
}

static struct json *new_int(struct json *parent, int64_t number) {
    struct json *value = parent ? value_new(parent->arena, KIND_INT) : NULL;
    if (value)
        value->integer = number;
    return value;
}

static struct json *new_real(struct json *parent, double number) {
    struct json *value = parent ? value_new(parent->arena, KIND_REAL) : NULL;
    if (value)
        value->real = number;
    return value;
}

static struct json *new_bool(struct json *parent, bool truth) {
    struct json *value = parent ? value_new(parent->arena, KIND_BOOL) : NULL;
    if (value)
        value->truth = truth;
    return value;
}

void json_set_text(struct json *object, const char *key, const char *text) {
    json_set(object, key, new_text(object, text));
}

void json_set_int(struct json *object, const char *key, int64_t number) {
    json_set(object, key, new_int(object, number));
}

void json_set_real(struct json *object, const char *key, double number) {
    json_set(object, key, new_real(object, number));
}

void json_set_bool(struct json *object, const char *key, bool truth) {
    json_set(object, key, new_bool(object, truth));
}

void json_add_text(struct json *list, const char *text) {
    json_add(list, new_text(list, text));
}

void json_add_int(struct json *list, int64_t number) {
    json_add(list, new_int(list, number));
}

void json_add_real(struct json *list, double number) {
    json_add(list, new_real(list, number));
}

/* ---- writing ----------------------------------------------------------------------------------- */

static bool is_container(const struct json *value) {
    return value->kind == KIND_OBJECT || value->kind == KIND_LIST;
}

static json_t *scalar_of(const struct json *value) {
    switch (value->kind) {
    case KIND_TEXT:
        return json_string(value->text);
    case KIND_INT:
        return json_integer(value->integer);
    case KIND_REAL:
        return isfinite(value->real) ? json_real(value->real) : json_null();
    default:
        return json_boolean(value->truth);
    }
}

/* Takes the scalar. False: out of memory; that the disk is full is found when the file is committed. */
static bool write_scalar(json_t *scalar, FILE *out) {
    bool good = scalar && (json_dumpf(scalar, out, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9)) == 0 ||
                           ferror(out));
    json_decref(scalar);
    return good;
}

static bool on_one_line(const struct json *container) {
    if (container->kind == KIND_OBJECT)
        return !container->first;
    for (const struct json *member = container->first; member; member = member->next)
        if (is_container(member))
            return false;
    return true;
}

static void new_line(FILE *out, int depth) {
    fprintf(out, "\n%*s", 2 * depth, "");
}

static bool write_value(const struct json *value, FILE *out, int depth) {
    if (!is_container(value))
        return write_scalar(scalar_of(value), out);
    bool object = value->kind == KIND_OBJECT, one_line = on_one_line(value);
    bool good = !value->failed;
    fputc(object ? '{' : '[', out);
    for (const struct json *member = value->first; member && good; member = member->next) {
        if (member != value->first)
            fputs(one_line ? ", " : ",", out);
        if (!one_line)
            new_line(out, depth + 1);
        if (object) {
            good = write_scalar(json_string(member->key), out);
            fputs(": ", out);
        }
        good = good && write_value(member, out, depth + 1);
    }
    if (!one_line)
        new_line(out, depth);
    fputc(object ? '}' : ']', out);
    return good;
}

bool json_write(const struct json *root, const char *path, struct report *report) {
    struct file_writer writer;
    if (!root || !file_begin(&writer, path, report))
        return false;
    if (!write_value(root, writer.out, 0)) {
        file_discard(&writer);
        return false;
    }
    fputc('\n', writer.out);
    return file_commit(&writer, report);
}
