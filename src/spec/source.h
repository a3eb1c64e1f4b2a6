/* source.h: the files that a netdef is made of, and the blocks and parameters that they bring. */
#ifndef SPEC_SOURCE_H
#define SPEC_SOURCE_H

#include "netrun/spec.h"

enum { SOURCE_MOST_DEPTH = 16, SOURCE_MOST_FILES = 100, SOURCE_MOST_BLOCKS = 1000 };

/* The files being read, innermost first. */
struct source {
    const char *path;
    const struct source *outer;
};

struct reading {
    struct arena *arena;
    struct report *report;
    int files; /* read so far, for this netdef */
};

/* Reads the file that a node names, relative to the file the node stands in. Fills `source`, which then
 * heads the chain. Positions in the tree are used from the node. `how`: "extends" or "include". */
const struct node *source_open(struct reading *reading, const struct node *named, const char *how,
                               const struct source *outer, struct source *source);

/* Blocks and parameters of a file with all that it includes, or of a netdef. */
struct stock {
    struct params params;
    struct block *blocks;
    int block_count, block_capacity;
};

struct block *stock_block(const struct stock *stock, const char *name);

/* Adds a block, or puts it in the place of the one with its name. */
bool stock_put_block(struct reading *reading, struct stock *stock, const struct block *block);

/* Reads `blocks:`; its blocks replace those of the same name. */
bool stock_read_blocks(struct reading *reading, const struct node *map, struct stock *stock);

/* Reads `include:`, a path or a list of paths. Two files that bring the same name must bring the same
 * thing. */
bool stock_include(struct reading *reading, const struct node *include, const struct source *outer,
                   struct stock *stock);

#endif
