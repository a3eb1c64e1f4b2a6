/* The golden files of tests/golden/make_layers.py: cases with inputs, outputs and gradients by PyTorch. */
#ifndef TESTS_LAYERS_GOLDEN_H
#define TESTS_LAYERS_GOLDEN_H

#include "check.h"
#include "netrun/layers.h"

struct golden_array {
    char name[40];
    float *values;
    int count;
};

struct golden_case {
    char name[100], entry[200];
    int training, images, inputs;
    struct shape in[LAYER_MOST_INPUTS], out;
    struct golden_array arrays[4 * LAYER_MOST_INPUTS];
    int array_count;
};

struct golden {
    struct golden_case *cases;
    int count, capacity;
};

/* "3 16 32 32" or "1 10 1 1". */
static inline struct shape golden_shape(const char *text) {
    struct shape shape;
    assert_int_equal(
        sscanf(text, "%d %d %d %d", &shape.rank, &shape.channels, &shape.height, &shape.width), 4);
    return shape;
}

/* One line; `data` is what follows it. Returns where the next line begins. */
static inline const char *golden_line(struct arena *arena, struct golden_case *at, const char *key,
                                      const char *value, const char *data) {
    if (strcmp(key, "entry") == 0) {
        snprintf(at->entry, sizeof at->entry, "%s", value);
    } else if (strcmp(key, "training") == 0) {
        at->training = atoi(value);
    } else if (strcmp(key, "images") == 0) {
        at->images = atoi(value);
    } else if (strcmp(key, "input") == 0) {
        at->in[at->inputs++] = golden_shape(value);
    } else if (strcmp(key, "output") == 0) {
        at->out = golden_shape(value);
    } else {
        assert_string_equal(key, "array");
        assert_true(at->array_count < BASE_COUNT(at->arrays));
        struct golden_array *array = &at->arrays[at->array_count++];
        assert_int_equal(sscanf(value, "%39s %d", array->name, &array->count), 2);
        size_t size = (size_t)array->count * sizeof(float);
        array->values = arena_alloc(arena, (size_t)array->count, sizeof(float));
        memcpy(array->values, data, size);
        data += size + 1;
    }
    return data;
}

/* All cases of a kind; every kind must have some. */
static inline struct golden golden_read(struct arena *arena, const char *kind) {
    struct golden golden = {0};
    size_t size;
    const char *path = arena_printf(arena, "tests/golden/layers/%s.golden", kind);
    const char *at =
        file_read(arena, path, 10 << 20, &size, report_new(arena), &(struct pos){.line = 1});
    if (!at)
        fail_msg("no golden cases: %s (tests/golden/make_layers.py)", path);
    for (const char *end = at + size; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        assert_non_null(line_end);
        char *line = arena_copy(arena, at, (size_t)(line_end - at)), *value = strchr(line, ' ');
        assert_non_null(value);
        *value++ = 0;
        if (strcmp(line, "case") == 0) {
            golden.cases = arena_grow(arena, golden.cases, golden.count, &golden.capacity,
                                      sizeof *golden.cases);
            golden.cases[golden.count] = (struct golden_case){0};
            snprintf(golden.cases[golden.count++].name, sizeof golden.cases->name, "%s", value);
            at = line_end + 1;
        } else {
            assert_true(golden.count > 0);
            at = golden_line(arena, &golden.cases[golden.count - 1], line, value, line_end + 1);
        }
    }
    assert_true(golden.count > 0);
    return golden;
}

/* The array of that name; the case must have it, with so many elements. */
static inline const float *golden_array(const struct golden_case *at, const char *name,
                                        size_t count) {
    for (int i = 0; i < at->array_count; i++) {
        if (strcmp(at->arrays[i].name, name) == 0) {
            assert_int_equal(at->arrays[i].count, count);
            return at->arrays[i].values;
        }
    }
    fail_msg("%s: no array %s", at->entry, name);
    return NULL;
}

#endif
