/* spec: what the user wrote, each entry checked - netdefs, experiments, and the language of values.
 *
 * `extends`, `include` and overrides are resolved here; what layers mean together is graph's part. */
#ifndef NETRUN_SPEC_H
#define NETRUN_SPEC_H

#include "netrun/conf.h"
#include "netrun/data.h"
#include "netrun/optim.h"

/* ---- values ------------------------------------------------------------------------------------
 *   value      = any YAML value | "$" word {"." index} | "$(" expression ")"
 *   expression = or ["if" or "else" expression]     or  = and {"or" and}      and = not {"and" not}
 *   not        = "not" not | compare                compare = sum [("=="|"!="|"<"|"<="|">"|">=") sum]
 *   sum        = product {("+"|"-") product}        product = unary {("*"|"/"|"//"|"%") unary}
 *   unary      = "-" unary | primary                index = ["-"] digits
 *   primary    = number | 'text' | word {"." index} | "(" expression ")" {"." index}
 *
 * A value is a whole scalar, in quotes or not. A word is true, false or a name; the meaning of operators is
 * Python's. */
struct binding {
    const char *name;
    const struct node *value;
};

/* Names that a value may use; inner ones hide outer ones. */
struct names {
    const struct binding *bindings;
    int count;
    const struct names *outer;
};

/* The value without `$`: scalars evaluated, lists and maps gone through. NULL: see the report. What a scalar
 * becomes stands at its place; lists and maps that a name puts in stay where they were written, with the
 * `$` as `used_from`. What is resolved may be resolved again. */
const struct node *value_resolve(struct arena *arena, const struct node *value,
                                 const struct names *names, struct report *report);

/* ---- parameters -------------------------------------------------------------------------------- */
enum param_type {
    PARAM_INT,
    PARAM_FLOAT,
    PARAM_BOOL,
    PARAM_STRING,
    PARAM_LIST,
    PARAM_LAYER,   /* a kind or block name, an entry, a list; also where the default names a kind */
    PARAM_COMPUTED /* of a block whose default is a `$` value: any type */
};

struct param {
    const char *name;
    enum param_type type;
    const struct node *value; /* a netdef's: its value; a block's: the default, NULL: required */
    struct pos pos;           /* where it was declared */
};

struct params {
    struct param *items;
    int count;
};

/* `value` as a value of the parameter's type (an int fits a float, nothing else converts), or NULL with an
 * error that says both types. */
const struct node *param_accept(struct arena *arena, const struct param *param,
                                const struct node *value, const char *owner, struct report *report);

/* Refuses what no expression could name (not letters, digits, '_') and the words of the language. */
bool param_name_fits(const char *name, const struct pos *pos, struct report *report);

/* ---- netdefs ----------------------------------------------------------------------------------- */
struct block {
    const char *name;
    struct params params;
    const struct node *layers;
    struct pos pos;
    const struct node *written; /* its map */
};

struct netdef {
    const char *name, *summary;
    struct pos pos;
    struct params params;
    struct block *blocks;
    int block_count;
    const struct node *input, *layers; /* of the nearest file that sets them; NULL: none does */
    const struct node *init;           /* map PATTERN: initialisation, or NULL */
    const struct node **edits;         /* lists of edits, in the order they apply */
    int edit_count;
};

const struct block *netdef_block(const struct netdef *netdef, const char *name);

/* Reads a netdef with all that it includes and extends. NULL: see the report. */
const struct netdef *netdef_read(struct arena *arena, const char *path, struct report *report,
                                 const struct pos *pos);

/* ---- experiments ------------------------------------------------------------------------------- */
struct arm {
    const char *name;
    struct pos pos;
    const struct netdef *net;
    const struct node *weights, *rules; /* or NULL */
    const struct node *own;             /* the arm's other keys: for the task (watch, layer) */
};

/* One entry of an arm's `weights`. */
struct arm_weights {
    const char *from;       /* relative to the file it is written in */
    const struct node *map; /* patterns of the file to patterns of the net; NULL: equal names */
    bool in_order;
    int skip_mismatch, allow_unused; /* 0 or 1; written `on_mismatch: skip`, `unused: allow` */
};
bool arm_weights_read(struct arena *arena, const struct node *entry, struct arm_weights *weights,
                      struct report *report);

/* One entry of an arm's `rules`, what its pattern leads to. */
struct arm_rule {
    double lr, weight_decay; /* factors */
    bool freeze, freeze_stats;
};
bool arm_rule_read(struct arena *arena, const struct entry *entry, struct arm_rule *rule,
                   struct report *report);

struct stage {
    const char *task;
    struct pos pos;
    const struct node *own; /* keys of the task at hand, with those of the experiment under them */
    const struct node *written; /* those of the stage itself; NULL: `task:` has none */
    const struct data_spec *data;
    const struct loss_ops *loss; /* NULL: none named */
    const void *loss_config;
    struct pos loss_pos;
    const struct optim_ops *optim; /* NULL: none named */
    const void *optim_config;
    struct pos optim_pos;
};

struct experiment {
    const char *name, *summary;
    struct pos pos;
    const uint64_t *seeds; /* `seed: 0` is one seed */
    int seed_count;
    const struct arm *arms;
    int arm_count;
    const struct stage *stages; /* one, when `task:` is written */
    int stage_count;
    const struct node *expanded; /* all of it, overridden, netdefs in place, paths as written */
    const struct node *resolved; /* likewise with paths that hold anywhere here: resolved.yaml */
};

/* An override from the command line: "arms.plain.net.params.n=3". */
struct override {
    const char *path, *value;
};

/* What a file holds: a netdef, an experiment, or neither (an error). */
enum spec_kind { SPEC_NONE, SPEC_NETDEF, SPEC_EXPERIMENT };

/* One of *netdef and *experiment is filled. Overrides apply to both (a netdef: params.n=3). */
enum spec_kind spec_read(struct arena *arena, const char *path, const struct override *overrides,
                         int override_count, const struct netdef **netdef,
                         const struct experiment **experiment, struct report *report);

#endif
