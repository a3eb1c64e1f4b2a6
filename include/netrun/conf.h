/* conf: YAML text to a tree with positions, and a tree with an attribute table to a struct.
 *
 * The tree is also what values of the language are made of: an expression yields a node. Scalars are
 * resolved by the YAML 1.2 core schema, and `1e-4` is a number; `no`, `off`, `yes` are strings. Refused,
 * with a position: repeated keys, a second document, an empty file, cycles, alias bombs (over 100,000 keys
 * and values when written out), nesting over 64, files over 4 MB, keys that are not text, tags, directives,
 * NUL bytes. `<<` merges as in YAML 1.1. Aliases share nodes: trees are walked freely, never changed. */
#ifndef NETRUN_CONF_H
#define NETRUN_CONF_H

#include "netrun/base.h"

enum node_kind { NODE_NULL, NODE_BOOL, NODE_INT, NODE_FLOAT, NODE_STRING, NODE_LIST, NODE_MAP };

struct entry;

/* Immutable once built; lives in the arena it was read into. */
struct node {
    enum node_kind kind;
    bool quoted; /* a string in quotes: never a number, but it may be a `$` value */
    struct pos pos;
    union {
        bool boolean;
        int64_t integer;
        double real;
        const char *string;
        struct {
            struct entry *entries; /* in written order; a list's have no key */
            int count;
        };
    };
};

struct entry {
    const char *key; /* NULL in a list */
    struct pos key_pos;
    const struct node *value;
};

/* The tree of a file. NULL: see the report. `pos`: where the user named the file, or NULL. */
const struct node *conf_read(struct arena *arena, const char *path, struct report *report,
                             const struct pos *pos);

/* The tree of a text, called `name` in messages. */
const struct node *conf_parse(struct arena *arena, const char *name, const char *text, size_t size,
                              struct report *report);

/* The value of a key of a map, or NULL. */
const struct node *node_get(const struct node *map, const char *key);
const struct entry *node_entry(const struct node *map, const char *key);

/* The text of a string node, else NULL. */
const char *node_string(const struct node *node);

/* New nodes, for values that a program makes; they take the place of `pos`. NULL: out of memory. */
struct node *node_new(struct arena *arena, enum node_kind kind, const struct pos *pos);

/* A copy of the tree in which every position has `used_from`; for what a block or repeat puts in. */
const struct node *node_used_from(struct arena *arena, const struct node *node,
                                  const struct pos *used_from);

/* "a list", "an integer", ... for messages. */
const char *node_kind_name(enum node_kind kind);

/* What is written there, for messages: "the string 'x'", "the integer 3", "true", "a list of 2", ... */
struct quoted node_describe(const struct node *node);

/* The tree as YAML text that reads back to the same tree (block style, strings quoted where needed). */
bool node_print(const struct node *node, FILE *out);

/* Checks that a file's top map holds no key but these (a NULL-terminated list); each other one is an
 * error with did-you-mean. False if any. */
bool conf_only_keys(const struct node *map, const char *const *keys, const char *owner,
                    struct report *report);

/* ---- attribute tables ---------------------------------------------------------------------------
 * One row says all about one attribute: parsing, range, default, help, manual, JSON Schema. */
enum attr_type {
    ATTR_INT,         /* int */
    ATTR_SIZE,        /* struct attr_size: one integer or [height, width] */
    ATTR_FLOAT,       /* double; an integer fits */
    ATTR_BOOL,        /* bool */
    ATTR_CHOICE,      /* int: the index in `choices` */
    ATTR_STRING,      /* const char * */
    ATTR_INT_LIST,    /* struct attr_list of int */
    ATTR_FLOAT_LIST,  /* struct attr_list of double */
    ATTR_STRING_LIST, /* struct attr_list of const char *; one string is a list of one */
    ATTR_NODE         /* const struct node *: any value, read later by its owner */
};

struct attr_size {
    int height, width;
};

struct attr_list {
    void *items;
    int count;
};

struct attr {
    const char *name, *summary;
    enum attr_type type;
    size_t offset; /* of the field in the struct that is filled */
    double
        fallback; /* default of int, size, float, bool, choice; others default to NULL or empty */
    double min, max; /* of a number, inclusive; both 0: any that the type holds */
    bool required;
    bool min_open;              /* the minimum itself is refused */
    const char *const *choices; /* NULL-terminated names for ATTR_CHOICE */
    const char *
        also; /* PyTorch's long names for it, separated by spaces: the message gives the short one */
    const char *shown; /* default as text, where it is not the fallback ("= kernel") */
};

struct attr_table {
    const char *owner; /* the name in messages: "conv2d" */
    const struct attr *rows;
    int count;
};

/* Fills `out` (a struct described by the table) from a map of values without `$`, or from defaults where
 * `map` is NULL. `pos` is where the owner was written, for what is missing. Strings and lists stay in
 * `arena` or the tree. False: every fault is in the report. */
bool attrs_read(struct arena *arena, const struct attr_table *table, const struct node *map,
                const struct pos *pos, void *out, struct report *report);

/* Help: one line per attribute - name, type, default, range, summary. */
void attrs_print_help(const struct attr_table *table, FILE *out);

/* The same as rows of a Markdown table (with its head). */
void attrs_print_markdown(const struct attr_table *table, FILE *out);

/* The same as a JSON Schema for a map of these attributes; each may also be a `$` value. */
void attrs_print_schema(const struct attr_table *table, FILE *out);

/* "int >= 1", "one of nearest, bilinear", "int or [height, width]", ... */
struct quoted attr_type_text(const struct attr *attr);

/* "3", "required", "= kernel", ... */
struct quoted attr_default_text(const struct attr *attr);

/* ---- one of a registry -------------------------------------------------------------------------
 * `NAME` or `{NAME: {attributes}}`: a loss, an optimizer, a schedule. */
struct choice {
    const char *name;
    const struct node *attributes; /* NULL: none */
    struct pos pos;
};

/* `key` is what messages call it. */
bool choice_read(const struct node *node, const char *key, struct choice *choice,
                 struct report *report);

/* The index of the row of that name in a registry (`name_at`: NULL after the last), which `netrun list TOPIC`
 * shows. -1: see the report. */
int choice_find(const struct choice *choice, const char *key, const char *topic,
                const char *(*name_at)(int index), struct report *report);

/* The struct of `size` bytes that the attributes fill. NULL: see the report. */
const void *choice_config(struct arena *arena, const struct choice *choice,
                          const struct attr_table *table, size_t size, struct report *report);

#endif
