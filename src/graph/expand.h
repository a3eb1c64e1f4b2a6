/* expand.h: what the stages of a graph share until shapes are known.
 *
 * Expansion yields drafts: layers with path, kind, attributes and inputs, in an order in which every input
 * comes before its reader. Edits change the list of drafts; inference turns it into the graph. A fault is
 * reported once and its draft is `broken`; whatever reads it stays silent, so that one run shows the faults
 * of a whole file. Everything lives in the graph's arena, because errors point at positions in it. */
#ifndef GRAPH_EXPAND_H
#define GRAPH_EXPAND_H

#include "netrun/graph.h"
#include "text_map.h"

enum {
    EXPAND_MOST_DEPTH = 64,      /* blocks, repeats and residuals inside one another */
    EXPAND_MOST_PARTS = 1000000, /* nodes of entries gone through, off or on, and rounds */
    EXPAND_MOST_LAYERS = 20000,
    EXPAND_MOST_NAME = 64, /* characters of a name */
    EXPAND_MOST_BYTES = 256 * 1000 * 1000
};

/* A value of the network in the making: a layer, the network's input, or something broken. */
struct draft {
    const char *path;
    const struct layer_ops *ops; /* NULL: not a layer, or of an unknown kind */
    void *config;
    struct draft *inputs[LAYER_MOST_INPUTS];
    int input_count;
    struct pos pos;
    bool broken;

    int order;            /* edits: place in the list, which readers share or follow */
    bool chosen;          /* edits: the pattern at hand fits */
    struct draft *became; /* edits: this one was removed, and that one stands for it */
    struct draft *after;  /* edits: inserted behind this one, and read instead of it */

    struct shape shape; /* inference: of the value */
    int value;          /* inference: its number */
};

struct draft_list {
    struct draft **items;
    int count, capacity;
};

/* A named block, repeat or residual, a round of a repeat, or a branch of a residual. */
struct group {
    const char *path;
    struct draft *output;
    struct scope *inside; /* what dots lead to */
    struct group *next;
};

/* What a tap may name. */
struct member {
    const char *name;
    struct draft *layer; /* or NULL, and then */
    struct group *group;
    bool off; /* switched off by its `if` */
    struct pos pos;
};

/* A tap to a name that no earlier entry has. Only at the end of the block is it known whether a later entry
 * has it, or none. */
struct missed_tap {
    const char *tap;
    struct pos pos;
    struct scope *scope;
    struct missed_tap *next;
};

struct scope {
    struct scope *outer; /* NULL: a block's edge */
    struct draft *inputs[LAYER_MOST_INPUTS];
    int input_count;
    struct member *members;
    int count, capacity;
    struct text_map index; /* last part of a path to place in members + 1 */
    struct text_map
        written; /* the same for names numbered in this scope alone; see scope_add_layer */
    struct text_map counts;                  /* names as written to how many entries have it */
    bool unnamed_repeat;                     /* one of its entries is a repeat without a name */
    struct missed_tap *missed, **missed_end; /* at a block's edge: of all scopes up to it */
};

/* Where the next entry goes. */
struct place {
    const char *prefix;        /* path of this scope, "" at the top */
    const struct names *names; /* parameters and rounds in sight */
    struct scope *scope;
    struct draft *now; /* what an entry without `from` reads; NULL: several values entered here */
    const char
        *given; /* name for an entry without one: of the layer that an edit replaces; or NULL */
    bool off;   /* in a switched-off block: entries are counted for their paths, nothing is made */
};

/* One entry, taken apart. */
struct call {
    const char *kind;
    const struct node *attrs; /* a map, or NULL: none written */
    struct pos pos;           /* of the kind */
    const char *name;         /* NULL: none written */
    const struct node *held;  /* the entry is what this parameter holds; NULL: written in place */
    bool off;
    struct draft *inputs[LAYER_MOST_INPUTS];
    int input_count; /* 0 where off */
};

/* Blocks that are being expanded, innermost first. */
struct block_chain {
    const struct block *block;
    const struct block_chain *outer;
};

struct expand {
    struct arena *arena;
    struct report *report;
    const struct netdef *netdef;
    struct names globals; /* the netdef's parameters */
    struct scope top;
    struct draft_list drafts; /* the network, in order */
    struct draft_list made;   /* every draft ever made */
    struct text_map paths;    /* path to place in `made` + 1, of the latest draft that has it */
    struct text_map counts;   /* path as written to the number of entries that asked for it */
    struct text_map
        rounds; /* path of a repeat to its rounds; of the longest, where blocks mix some */
    struct group *groups, **groups_end;
    struct draft input, broken;
    struct draft *output;
    const struct block_chain *blocks;
    size_t bytes_before; /* used in the arena before all this */
    int errors_before;   /* in the report */
    int depth, parts;
    bool editing; /* edits: taps may name any path */
    int horizon;  /* edits: the highest order that the entry at hand may read */
    bool stopped; /* a limit was passed: nothing more is expanded */
    bool failed;  /* something was refused, or memory ran out: there will be no graph */
};

/* ---- entries (expand.c, block.c, repeat.c, residual.c) --------------------------------------------------- */

/* A place inside another: a new scope, which reads what enters it. */
struct place expand_inside(const char *prefix, const struct names *names, struct scope *scope);

/* Goes through a list of entries; what it yields. */
struct draft *expand_entries(struct expand *expand, struct place *place,
                             const struct node *entries);

struct draft *expand_block(struct expand *expand, struct place *place, const struct call *call,
                           const struct block *block);
struct draft *expand_repeat(struct expand *expand, struct place *place, const struct call *call);
struct draft *expand_residual(struct expand *expand, struct place *place, const struct call *call);

/* The netdef's parameters as names. False: out of memory. */
bool expand_globals(struct expand *expand);

/* ---- limits (limit.c) --------------------------------------------------------------------------- */

/* One more entry, or so many parts; false where a limit is passed, or the report is full. */
bool limit_entry(struct expand *expand, const struct node *entry);
bool limit_parts(struct expand *expand, const struct pos *pos, int parts);
/* Is there room for more errors in the report? */
bool limit_errors(struct expand *expand);
/* One level deeper; false: too deep. Each true one is followed by limit_leave. */
bool limit_enter(struct expand *expand, const struct pos *pos);
void limit_leave(struct expand *expand);
bool limit_layers(struct expand *expand, const struct pos *pos);

/* ---- one entry taken apart (call.c) ------------------------------------------------------------- */

/* Kind and attributes of an entry. */
bool call_read(struct expand *expand, const struct node *entry, struct call *call);
/* Its name, `if` and `from`. */
bool call_settle(struct expand *expand, const struct place *place, struct call *call);
/* An attribute as written, or NULL. */
const struct node *call_get(const struct call *call, const char *key);
/* Is it one of the attributes of every entry: name, from, if? */
bool call_common(const char *key);
/* The kind's own attributes, without `$`. NULL: see the report. */
const struct node *call_attrs(struct expand *expand, const struct place *place,
                              const struct call *call);

/* A value without `$`. NULL: see the report; in a switched-off block nobody hears of it. */
const struct node *call_value(struct expand *expand, const struct place *place,
                              const struct node *value);
/* Is it text that stands for a value? (Quotes make no difference: some expressions need them in YAML.) */
bool call_is_value(const struct node *node);
/* The report for faults of this place: in a switched-off block nobody's. NULL: out of memory. */
struct report *call_report(struct expand *expand, const struct place *place);
/* What the entry puts in, with positions that tell where it is used from. NULL: out of memory. */
const struct node *call_put_in(struct expand *expand, const struct call *call,
                               const struct node *node);
/* A list of entries, or the one that a `$` value holds. NULL: see the report. */
const struct node *call_entries(struct expand *expand, const struct place *place,
                                const struct node *written, const char *key);
/* The same for what stands under a key of the entry. */
const struct node *call_list(struct expand *expand, const struct place *place,
                             const struct call *call, const char *key);

/* ---- taps (scope.c) ----------------------------------------------------------------------------- */

/* NULL: out of memory. */
struct scope *scope_new(struct expand *expand, struct scope *outer, struct draft *const *inputs,
                        int input_count);
/* Taps may name the layer (or, where switched off, nothing) from now on: by the last part of its path, and
 * by its name as written. The two differ where an unnamed block or an edit shares its path with others: a
 * block that taps its own `score` must hold wherever it is used. */
void scope_add_layer(struct expand *expand, struct scope *scope, const char *part,
                     struct draft *layer, const struct call *call);
/* The same for a copy of a group, which the graph lists too; nothing where the part is "". `call`: NULL for
 * rounds and branches, which are not written. */
void scope_add_group(struct expand *expand, struct scope *scope, const char *part,
                     struct group group, const struct call *call);
/* The name of an entry that was refused, so that taps to it stay silent. */
void scope_add_broken(struct expand *expand, struct scope *scope, const struct call *call);
/* What a tap means; broken where it means nothing. */
struct draft *scope_tap(struct expand *expand, struct scope *scope, const struct node *tap);
/* At a block's edge, when all its entries are known: reports the taps that found nothing. */
void scope_close(struct expand *expand, struct scope *scope);

/* ---- paths (path.c): out of memory gives "" and is noted ---------------------------------------- */
const char *path_join(struct expand *expand, const char *prefix, const char *part);
/* What an entry adds to paths: its written name, or `other` (NULL: nothing, ""), numbered where earlier
 * entries here asked for the same. */
const char *path_part(struct expand *expand, struct place *place, const struct call *call,
                      const char *other);
/* `name` under `prefix`: itself the first time, then name_2, name_3, ... */
const char *path_numbered(struct expand *expand, const char *prefix, const char *name);
/* Refuses what is no name for an entry. */
bool path_check_name(struct expand *expand, const struct node *name);

/* ---- drafts (draft.c) --------------------------------------------------------------------------- */

/* A layer at the end of the list; where `attrs` is NULL or something is wrong, a broken one. */
struct draft *draft_layer(struct expand *expand, const char *path, const struct layer_ops *ops,
                          const struct node *attrs, const struct call *call);
bool draft_append(struct expand *expand, struct draft_list *list, struct draft *draft);
/* The draft that stands for this one after the edits so far. */
struct draft *draft_now(struct draft *draft);
/* The latest draft of that path, or NULL. */
struct draft *draft_at(const struct expand *expand, const char *path);

/* ---- after expansion ---------------------------------------------------------------------------- */

/* edit.c: the netdef's edits, in order. */
void edit_all(struct expand *expand);

/* infer.c: shapes, then layers, parameters, groups and totals of the graph. False: see the report. */
bool infer_graph(struct expand *expand, struct graph *graph);

/* init.c: which initialisation each parameter has. */
bool init_choose(struct expand *expand, struct graph *graph);

#endif
