/* base: what every room stands on - memory, errors with positions, text, random numbers, files,
 * threads.
 *
 * Failure, everywhere in netrun: a function that can fail returns bool or a pointer. It has put the
 * reason into the `struct report` it was given; if it failed and the report holds no error, memory ran
 * out. Nothing below `main` prints an error or ends the process. */
#ifndef NETRUN_BASE_H
#define NETRUN_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__)
#define BASE_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define BASE_PRINTF(text, first)
#endif

#define NETRUN_VERSION "0.1.0"

#define BASE_COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* ---- memory ------------------------------------------------------------------------------------
 * All memory of netrun comes from arenas: pieces are never freed one by one, an arena goes as a whole. */
struct arena;

/* A new, empty arena; NULL: out of memory. Free with arena_free. */
struct arena *arena_new(void);

/* An arena that is freed with its parent, or earlier by arena_free. NULL: out of memory. */
struct arena *arena_child(struct arena *parent);

/* Frees all memory of the arena and of its children. NULL is fine. */
void arena_free(struct arena *arena);

/* `count` objects of `size` bytes, zeroed; pieces of 64 bytes and more lie on a 64-byte boundary. NULL: out
 * of memory, or the product overflows. A count of 0 gives a pointer that may not be read. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* Room for one more in a list of `count` items: returns `items`, or a copy with twice the capacity.
 * NULL: out of memory (the old list stands). */
void *arena_grow(struct arena *arena, void *items, int count, int *capacity, size_t size);

/* A copy of `length` bytes of text, NUL added. NULL: out of memory. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

/* printf into the arena. NULL: out of memory. */
char *arena_printf(struct arena *arena, const char *format, ...) BASE_PRINTF(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments) BASE_PRINTF(2, 0);

/* Bytes handed out by this arena and its children so far. */
size_t arena_used(const struct arena *arena);

/* For tests: the n-th allocation from now on (1: the next), in this arena and all that share its root,
 * fails as if memory had run out, and so do all after it. 0: never. */
void arena_fail_at(struct arena *arena, long n);

/* ---- positions and errors ---------------------------------------------------------------------- */

/* A text that the user wrote. `text` is NUL-terminated; a BOM is kept, columns do not count it. */
struct text_file {
    const char *path; /* as the user would write it */
    const char *text;
    size_t size;
};

/* A place in a text. Lines and columns count from 1; columns count characters (UTF-8), a tab is one. */
struct pos {
    const struct text_file *file; /* NULL: no place (command line, built in) */
    int line, column;
    const struct pos
        *used_from; /* where the block, repeat, or `extends` was used; NULL: not inside one */
};

/* Errors of one run, collected so that all of a file are seen at once. */
struct report;

enum { REPORT_MOST = 20 }; /* errors kept; later ones are only counted */

/* An empty report whose texts live in `arena`. NULL: out of memory. */
struct report *report_new(struct arena *arena);

/* Adds an error at a place. Always false, for `return report_at(...)`. The message is lower case, quotes
 * the user's words (quote() below), says what is wrong, then what to do; no final full stop. The same
 * message at the same place is kept once. */
bool report_at(struct report *report, const struct pos *pos, const char *format, ...)
    BASE_PRINTF(3, 4);

/* Adds an error that has no place in a text. Always false. */
bool report_error(struct report *report, const char *format, ...) BASE_PRINTF(2, 3);

/* Adds a second place to the error reported last: `file:line:column: note: ...`. */
void report_note(struct report *report, const struct pos *pos, const char *format, ...)
    BASE_PRINTF(3, 4);

/* Errors so far, kept or not. */
int report_count(const struct report *report);

/* Prints every error, each with its line of text and a caret, then the chain of `used_from`; says how
 * many more there are. `color`: with ANSI colours. */
void report_print(const struct report *report, FILE *out, bool color);

/* ---- text -------------------------------------------------------------------------------------- */

/* The user's word in single quotes, cut to some 40 characters with "...", control characters shown as
 * '?': report_at(r, p, "no layer %s", quote(word).text). */
struct quoted {
    char text[128];
};
struct quoted quote(const char *word);

/* Finds the nearest of many names to a word: set .word, offer names, ask. */
struct nearest {
    const char *word, *name;
    int distance;
};
void nearest_offer(struct nearest *nearest, const char *name);

/* "; did you mean 'kernel'?" or "" when nothing offered is near (Damerau-Levenshtein at most a third of
 * the length, at least 1). */
struct quoted nearest_hint(const struct nearest *nearest);

/* 558026 as "558,026". */
struct quoted text_commas(int64_t number);

/* 12.3 MB, 4.0 GB (powers of 1000). */
struct quoted text_bytes(size_t bytes);

/* 5 s, 2 min 10 s, 3 h 05 min. */
struct quoted text_seconds(double seconds);

/* What is printed to `out` becomes a text in an arena. */
struct text_writer {
    FILE *out;
    char *text;
    size_t size;
};
bool text_begin(struct text_writer *writer); /* false: out of memory */
char *text_end(struct text_writer *writer, struct arena *arena, size_t *size); /* NULL: likewise */

/* ---- random numbers -----------------------------------------------------------------------------
 * Counter-based (Philox4x32-10; Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a
 * stream is named by (seed, purpose, a, b), so every sample has its own, in any order, on any thread. */
enum random_purpose {
    RANDOM_INIT,      /* a: hash of the tensor's path */
    RANDOM_SHUFFLE,   /* a: epoch */
    RANDOM_DROPOUT,   /* a: step, b: hash of the layer's path and the image */
    RANDOM_AUGMENT,   /* a: epoch, b: sample */
    RANDOM_SYNTHETIC, /* a: split, b: sample */
    RANDOM_TEST,
    RANDOM_GRID, /* a: epoch and split, b: canvas */
};

struct random {
    uint32_t key[2], counter[4], block[4];
    int left; /* numbers of `block` not yet given out */
};

struct random random_stream(uint64_t seed, enum random_purpose purpose, uint32_t a, uint32_t b);
uint32_t random_bits(struct random *random);
double random_uniform(struct random *random); /* [0, 1), 53 bits */
double random_between(struct random *random, double low, double high);
uint32_t random_below(struct random *random, uint32_t limit); /* 0 .. limit-1, unbiased */
double random_normal(struct random *random);                  /* mean 0, variance 1 (Box-Muller) */
void random_shuffle(struct random *random, int *items, int count);
uint32_t hash_text(const char *text); /* FNV-1a, 32 bits */

/* ---- files --------------------------------------------------------------------------------------
 * Messages name the path and what the system said ("cannot read 'x': No such file or directory"). */

/* The whole file, NUL-terminated, in `arena`; `size` without the NUL. Refuses folders and more than
 * `limit` bytes. `pos`: where the user named the file, or NULL. NULL on error. */
char *file_read(struct arena *arena, const char *path, size_t limit, size_t *size,
                struct report *report, const struct pos *pos);

/* A file that is written whole or not at all: written beside its place, then fsync and rename. */
struct file_writer {
    FILE *out; /* write here */
    char path[4096], temporary[4096];
};
bool file_begin(struct file_writer *writer, const char *path, struct report *report);
bool file_commit(struct file_writer *writer,
                 struct report *report); /* false also if any write failed */
void file_discard(struct file_writer *writer);

bool file_exists(const char *path);

/* Makes a folder and those above it; fine if it is there. */
bool file_make_folder(const char *path, struct report *report);

/* `name` seen from the folder of the file `beside`: "../a.yaml" beside "x/b.yaml" is "x/../a.yaml",
 * tidied to "a.yaml"; absolute names stay. NULL: out of memory. */
char *file_beside(struct arena *arena, const char *beside, const char *name);

/* Seconds of a clock that only moves forward. */
double clock_seconds(void);

/* ---- threads ------------------------------------------------------------------------------------
 * A pool of workers that sleep between jobs. Bits never depend on the number of workers, because a job
 * is cut into tasks by its size alone and every task writes its own memory. */
struct pool;

/* `threads` >= 1, the caller counts as one. NULL: out of memory or threads. Free with pool_free. */
struct pool *pool_new(int threads);
void pool_free(struct pool *pool);
int pool_threads(const struct pool *pool);

/* Runs body(context, task, worker) for task 0 .. tasks-1, and returns when all are done; workers are numbered from
 * 0, and there are no more of them than tasks. Not to be called from inside a body. */
void pool_run(struct pool *pool, int tasks, void (*body)(void *context, int task, int worker),
              void *context);

#endif
