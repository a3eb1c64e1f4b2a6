/* Arenas: memory in blocks that only grow, freed as a whole.
 *
 * Small pieces share blocks of 64 KB; a large piece has a block of its own, from calloc, so that its pages
 * are taken from the machine only when they are touched. Children hang on their parent and share its root's
 * countdown, by which tests make the n-th allocation fail. */
#include "netrun/base.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024, LINE = 64, SMALL_ALIGN = 16 };

struct block {
    struct block *next;
    size_t size, used; /* bytes behind the header */
};

struct arena {
    struct arena *parent, *children, *previous, *next;
    struct block *blocks;
    size_t used;
    long countdown; /* of the root: 0 never fails, 1 fails now and from now on */
};

struct arena *arena_new(void) {
    return calloc(1, sizeof(struct arena));
}

static struct arena *root_of(struct arena *arena) {
    while (arena->parent)
        arena = arena->parent;
    return arena;
}

/* True when a test has asked for this allocation to fail. */
static bool must_fail(struct arena *arena) {
    struct arena *root = root_of(arena);
    if (root->countdown > 1)
        root->countdown--;
    else if (root->countdown == 1)
        return true;
    return false;
}

void arena_fail_at(struct arena *arena, long n) {
    root_of(arena)->countdown = n;
}

struct arena *arena_child(struct arena *parent) {
    struct arena *child = must_fail(parent) ? NULL : arena_new();
    if (!child)
        return NULL;
    child->parent = parent;
    child->next = parent->children;
    if (child->next)
        child->next->previous = child;
    parent->children = child;
    return child;
}

static void unlink_from_parent(struct arena *arena) {
    if (arena->previous)
        arena->previous->next = arena->next;
    else if (arena->parent)
        arena->parent->children = arena->next;
    if (arena->next)
        arena->next->previous = arena->previous;
}

void arena_free(struct arena *arena) {
    if (!arena)
        return;
    while (arena->children)
        arena_free(arena->children);
    unlink_from_parent(arena);
    for (struct block *block = arena->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

/* Where the next piece may start in a block: the address is rounded up, since calloc promises 16 bytes. */
static size_t aligned_start(const struct block *block, size_t align) {
    uintptr_t base = (uintptr_t)(block + 1);
    return ((base + block->used + align - 1) & ~(uintptr_t)(align - 1)) - base;
}

static struct block *add_block(struct arena *arena, size_t bytes) {
    size_t size = (bytes > BLOCK_SIZE / 4 ? bytes : BLOCK_SIZE) + LINE;
    struct block *block = calloc(1, sizeof *block + size);
    if (!block)
        return NULL;
    block->size = size;
    /* A large piece fills its block: keep the shared one in front. */
    if (arena->blocks && bytes > BLOCK_SIZE / 4) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2 || must_fail(arena))
        return NULL;
    if (bytes == 0)
        bytes = 1;
    size_t align = bytes >= LINE ? LINE : SMALL_ALIGN;
    struct block *block = arena->blocks;
    if (!block || aligned_start(block, align) + bytes > block->size)
        block = add_block(arena, bytes);
    if (!block)
        return NULL;
    size_t start = aligned_start(block, align);
    block->used = start + bytes;
    arena->used += bytes;
    return (char *)(block + 1) + start;
}

void *arena_grow(struct arena *arena, void *items, int count, int *capacity, size_t size) {
    if (count < *capacity)
        return items;
    int wanted = *capacity > 0 ? *capacity * 2 : 8;
    void *grown = arena_alloc(arena, (size_t)wanted, size);
    if (!grown)
        return NULL;
    if (count > 0)
        memcpy(grown, items, (size_t)count * size);
    *capacity = wanted;
    return grown;
}

char *arena_copy(struct arena *arena, const char *text, size_t length) {
    char *copy = length < SIZE_MAX ? arena_alloc(arena, length + 1, 1) : NULL;
    if (copy && length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = length >= 0 ? arena_alloc(arena, (size_t)length + 1, 1) : NULL;
    if (text)
        vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

size_t arena_used(const struct arena *arena) {
    size_t used = arena->used;
    for (const struct arena *child = arena->children; child; child = child->next)
        used += arena_used(child);
    return used;
}
