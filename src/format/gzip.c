/* Files that may be gzipped: zlib reads both kinds through one door. The size is known only at the end, so
 * pieces are read into an arena of their own and joined; reading stops at the first piece over the limit,
 * whatever a file unpacks to. */
#include "netrun/format.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

enum { PIECE = 1 << 20 };

struct piece {
    struct piece *next;
    size_t size;
    uint8_t bytes[PIECE];
};

struct unpacking {
    gzFile file;
    const char *path;
    struct piece *first;
    size_t limit, size; /* allowed, read so far */
};

/* Says why zlib gave up. Nothing is said when its memory ran out. */
static bool report_damage(const struct unpacking *unpacking, struct report *report) {
    int code;
    const char *reason = gzerror(unpacking->file, &code);
    if (code == Z_MEM_ERROR)
        return false;
    if (code == Z_ERRNO)
        return report_error(report, "cannot read '%s': %s", unpacking->path, strerror(errno));
    size_t prefix = strlen(unpacking->path); /* zlib says "path: reason" */
    if (!strncmp(reason, unpacking->path, prefix))
        reason += prefix + strlen(": ");
    return report_error(report, "cannot unpack '%s': %s; the file is damaged, get it again",
                        unpacking->path, reason);
}

static bool read_piece(struct unpacking *unpacking, struct piece *piece, struct report *report) {
    int got = gzread(unpacking->file, piece->bytes, PIECE), code = Z_OK;
    if (got >= 0 && got < PIECE)
        gzerror(unpacking->file, &code); /* an end that came too early shows only here */
    if (got < 0 || code != Z_OK)
        return report_damage(unpacking, report);
    piece->size = (size_t)got;
    unpacking->size += piece->size;
    if (unpacking->size > unpacking->limit)
        return report_error(report, "'%s' unpacks to more than %s, the most that is read",
                            unpacking->path, text_bytes(unpacking->limit).text);
    return true;
}

static bool read_all(struct unpacking *unpacking, struct arena *scratch, struct report *report) {
    struct piece **end = &unpacking->first, *piece;
    do {
        piece = arena_alloc(scratch, 1, sizeof *piece);
        if (!piece || !read_piece(unpacking, piece, report))
            return false;
        *end = piece;
        end = &piece->next;
    } while (piece->size == PIECE);
    return true;
}

static uint8_t *joined(const struct unpacking *unpacking, struct arena *arena) {
    uint8_t *bytes = arena_alloc(arena, unpacking->size, 1), *to = bytes;
    for (const struct piece *piece = unpacking->first; piece && bytes; piece = piece->next) {
        memcpy(to, piece->bytes, piece->size);
        to += piece->size;
    }
    return bytes;
}

uint8_t *gzip_read(struct arena *arena, const char *path, size_t limit, size_t *size,
                   struct report *report) {
    errno = 0; /* zlib leaves it so when its memory runs out */
    struct unpacking unpacking = {.file = gzopen(path, "rbe"), .path = path, .limit = limit};
    if (!unpacking.file) {
        if (errno)
            report_error(report, "cannot read '%s': %s", path, strerror(errno));
        return NULL;
    }
    struct arena *scratch = arena_child(arena);
    bool good = scratch && read_all(&unpacking, scratch, report);
    uint8_t *bytes = good ? joined(&unpacking, arena) : NULL;
    *size = unpacking.size;
    gzclose_r(unpacking.file);
    arena_free(scratch);
    return bytes;
}
