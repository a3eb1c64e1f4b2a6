/* A map of values to a struct, by its attribute table.
 *
 * Entries are read in the order they were written, so that faults come in that order; then what was not
 * written gets its default or is missed. Every fault is reported, a fault's consequences are not: a
 * misspelt attribute is not missing as well. */
#include "netrun/conf.h"

#include "limits.h"
#include "scalar.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The attribute that is being read. */
struct reading {
    struct arena *arena;
    const char *owner;
    const struct attr *attr;
    const char *each; /* "each of " inside a list, else "" */
    struct report *report;
};

/* ---- refusals ---------------------------------------------------------------------------------- */

/* What to do about a value of another type, where that is plain. */
static const char *type_hint(const struct node *node, bool wants_number) {
    struct node read;
    if (wants_number && node->kind == NODE_STRING && node->quoted &&
        scalar_resolve(node->string, &read) && (read.kind == NODE_INT || read.kind == NODE_FLOAT))
        return "; leave the quotes away";
    return "";
}

static bool refuse_type(const struct reading *reading, const struct node *node,
                        const char *expected, const char *hint) {
    return report_at(reading->report, &node->pos, "%s%s of %s is %s, not %s%s", reading->each,
                     reading->attr->name, reading->owner, expected, node_describe(node).text, hint);
}

static bool check_range(const struct reading *reading, const struct node *node) {
    struct limits limits = limits_of(reading->attr);
    bool integer = node->kind == NODE_INT;
    double value = integer ? (double)node->integer : node->real;
    struct quoted shown = number_text(value);
    if (limits_hold(&limits, value))
        return true;
    if (integer) /* a double may round it */
        snprintf(shown.text, sizeof shown.text, "%" PRId64, node->integer);
    return report_at(reading->report, &node->pos, "%s%s of %s is %s, not %s", reading->each,
                     reading->attr->name, reading->owner, limits_phrase(&limits, value).text,
                     shown.text);
}

/* ---- one value --------------------------------------------------------------------------------- */

static bool read_int(const struct reading *reading, const struct node *node, void *field) {
    if (node->kind != NODE_INT)
        return refuse_type(reading, node, "an integer", type_hint(node, true));
    if (!check_range(reading, node))
        return false;
    *(int *)field = (int)node->integer;
    return true;
}

static bool read_float(const struct reading *reading, const struct node *node, void *field) {
    bool integer = node->kind == NODE_INT;
    if (!integer && node->kind != NODE_FLOAT)
        return refuse_type(reading, node, "a number", type_hint(node, true));
    double value = integer ? (double)node->integer : node->real;
    if (!isfinite(value))
        return refuse_type(reading, node, "a finite number", "");
    if (!check_range(reading, node))
        return false;
    *(double *)field = value;
    return true;
}

static bool read_bool(const struct reading *reading, const struct node *node, void *field) {
    if (node->kind != NODE_BOOL)
        return refuse_type(reading, node, "true or false", "");
    *(bool *)field = node->boolean;
    return true;
}

static bool read_string(const struct reading *reading, const struct node *node, void *field) {
    if (node->kind == NODE_LIST || node->kind == NODE_MAP)
        return refuse_type(reading, node, "a string", "");
    if (node->kind != NODE_STRING)
        return refuse_type(reading, node, "a string", "; put quotes around it");
    *(const char **)field = node->string;
    return true;
}

static bool read_choice(const struct reading *reading, const struct node *node, void *field) {
    const char *const *choices = reading->attr->choices;
    struct nearest nearest = {.word = node->kind == NODE_STRING ? node->string : ""};
    for (int i = 0; choices[i]; i++) {
        nearest_offer(&nearest, choices[i]);
        if (!strcmp(nearest.word, choices[i])) {
            *(int *)field = i;
            return true;
        }
    }
    return refuse_type(reading, node, attr_type_text(reading->attr).text,
                       nearest_hint(&nearest).text);
}

static bool read_size(const struct reading *reading, const struct node *node, void *field) {
    struct attr_size *size = field;
    struct reading each = *reading;
    each.each = "each of ";
    if (node->kind == NODE_LIST && node->count == 2) {
        bool height = read_int(&each, node->entries[0].value, &size->height);
        return read_int(&each, node->entries[1].value, &size->width) && height;
    }
    if (node->kind != NODE_INT)
        return refuse_type(reading, node, "an integer or [height, width]", type_hint(node, true));
    if (!read_int(reading, node, &size->height))
        return false;
    size->width = size->height;
    return true;
}

static bool read_node(const struct reading *reading, const struct node *node, void *field) {
    (void)reading;
    *(const struct node **)field = node;
    return true;
}

/* ---- lists ------------------------------------------------------------------------------------- */

typedef bool value_reader(const struct reading *reading, const struct node *node, void *field);

static bool read_items(const struct reading *reading, const struct entry *entries, int count,
                       size_t item_size, value_reader *read_item, struct attr_list *list) {
    struct reading each = *reading;
    bool fine = true;
    each.each = "each of ";
    char *items = arena_alloc(reading->arena, (size_t)count, item_size);
    if (!items)
        return false;
    for (int i = 0; i < count; i++)
        fine = read_item(&each, entries[i].value, items + (size_t)i * item_size) && fine;
    *list = (struct attr_list){.items = items, .count = count};
    return fine;
}

static bool read_int_list(const struct reading *reading, const struct node *node, void *field) {
    if (node->kind != NODE_LIST)
        return refuse_type(reading, node, "a list of integers", "");
    return read_items(reading, node->entries, node->count, sizeof(int), read_int, field);
}

static bool read_float_list(const struct reading *reading, const struct node *node, void *field) {
    if (node->kind != NODE_LIST)
        return refuse_type(reading, node, "a list of numbers", "");
    return read_items(reading, node->entries, node->count, sizeof(double), read_float, field);
}

static bool read_string_list(const struct reading *reading, const struct node *node, void *field) {
    const struct entry single = {.value = node};
    if (node->kind == NODE_STRING)
        return read_items(reading, &single, 1, sizeof(char *), read_string, field);
    if (node->kind != NODE_LIST)
        return refuse_type(reading, node, "a string or a list of strings", "");
    return read_items(reading, node->entries, node->count, sizeof(char *), read_string, field);
}

/* ---- defaults ---------------------------------------------------------------------------------- */

static void default_int(const struct attr *attr, void *field) {
    *(int *)field = (int)attr->fallback;
}

static void default_size(const struct attr *attr, void *field) {
    *(struct attr_size *)field = (struct attr_size){(int)attr->fallback, (int)attr->fallback};
}

static void default_float(const struct attr *attr, void *field) {
    *(double *)field = attr->fallback;
}

static void default_bool(const struct attr *attr, void *field) {
    *(bool *)field = attr->fallback != 0;
}

static void default_string(const struct attr *attr, void *field) {
    (void)attr;
    *(const char **)field = NULL;
}

static void default_node(const struct attr *attr, void *field) {
    (void)attr;
    *(const struct node **)field = NULL;
}

static void default_list(const struct attr *attr, void *field) {
    (void)attr;
    *(struct attr_list *)field = (struct attr_list){.items = NULL, .count = 0};
}

static const struct {
    value_reader *read;
    void (*fill_default)(const struct attr *attr, void *field);
} types[] = {
    [ATTR_INT] = {read_int, default_int},
    [ATTR_SIZE] = {read_size, default_size},
    [ATTR_FLOAT] = {read_float, default_float},
    [ATTR_BOOL] = {read_bool, default_bool},
    [ATTR_CHOICE] = {read_choice, default_int},
    [ATTR_STRING] = {read_string, default_string},
    [ATTR_INT_LIST] = {read_int_list, default_list},
    [ATTR_FLOAT_LIST] = {read_float_list, default_list},
    [ATTR_STRING_LIST] = {read_string_list, default_list},
    [ATTR_NODE] = {read_node, default_node},
};

/* ---- the table --------------------------------------------------------------------------------- */

static const struct attr *find_row(const struct attr_table *table, const char *name) {
    for (int i = 0; i < table->count; i++)
        if (!strcmp(table->rows[i].name, name))
            return &table->rows[i];
    return NULL;
}

/* Is the word among those of a text, separated by spaces? */
static bool has_word(const char *words, const char *word) {
    size_t length = strlen(word);
    for (const char *at = words; at && *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (length > 0 && strcspn(at, " ") == length && !strncmp(at, word, length))
            return true;
    return false;
}

static const struct attr *find_long_name(const struct attr_table *table, const char *name) {
    for (int i = 0; i < table->count; i++)
        if (has_word(table->rows[i].also, name))
            return &table->rows[i];
    return NULL;
}

static struct nearest nearest_row(const struct attr_table *table, const char *name) {
    struct nearest nearest = {.word = name};
    for (int i = 0; i < table->count; i++)
        nearest_offer(&nearest, table->rows[i].name);
    return nearest;
}

static void refuse_unknown(const struct attr_table *table, const struct entry *entry,
                           struct report *report) {
    const struct attr *row = find_long_name(table, entry->key);
    struct nearest nearest = nearest_row(table, entry->key);
    if (row)
        report_at(report, &entry->key_pos, "%s has no attribute %s; here it is called '%s'",
                  table->owner, quote(entry->key).text, row->name);
    else
        report_at(report, &entry->key_pos, "%s has no attribute %s%s", table->owner,
                  quote(entry->key).text, nearest_hint(&nearest).text);
}

/* Is this key another name or a misspelling of the row's? */
static bool means_row(const struct attr_table *table, const char *key, const struct attr *row) {
    if (find_row(table, key))
        return false;
    if (has_word(row->also, key))
        return true;
    struct nearest nearest = nearest_row(table, key);
    return nearest.name == row->name && nearest_hint(&nearest).text[0];
}

static bool was_meant(const struct attr_table *table, const struct node *map,
                      const struct attr *row) {
    for (int i = 0; map && i < map->count; i++)
        if (means_row(table, map->entries[i].key, row))
            return true;
    return false;
}

static bool read_entry(struct arena *arena, const struct attr_table *table,
                       const struct entry *entry, void *out, struct report *report) {
    const struct attr *row = find_row(table, entry->key);
    struct reading reading = {arena, table->owner, row, "", report};
    if (!row) {
        refuse_unknown(table, entry, report);
        return false;
    }
    if (entry->value->kind == NODE_NULL)
        return report_at(report, &entry->key_pos, "%s of %s has no value", row->name, table->owner);
    return types[row->type].read(&reading, entry->value, (char *)out + row->offset);
}

static bool fill_missing(const struct attr_table *table, const struct node *map,
                         const struct attr *row, const struct pos *pos, void *out,
                         struct report *report) {
    if (!row->required)
        types[row->type].fill_default(row, (char *)out + row->offset);
    else if (!was_meant(table, map, row))
        report_at(report, pos, "%s needs '%s' (%s)", table->owner, row->name, row->summary);
    return !row->required;
}

bool attrs_read(struct arena *arena, const struct attr_table *table, const struct node *map,
                const struct pos *pos, void *out, struct report *report) {
    bool fine = true;
    if (map && map->kind != NODE_MAP)
        return report_at(report, &map->pos, "the attributes of %s are a map, {name: value}, not %s",
                         table->owner, node_describe(map).text);
    for (int i = 0; map && i < map->count; i++)
        fine = read_entry(arena, table, &map->entries[i], out, report) && fine;
    for (int i = 0; i < table->count; i++)
        if (!map || !node_entry(map, table->rows[i].name))
            fine = fill_missing(table, map, &table->rows[i], pos, out, report) && fine;
    return fine;
}
