/* Files: read with a limit, written whole or not at all, names beside other names. */
#include "netrun/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ---- reading ----------------------------------------------------------------------------------- */

static bool cannot(struct report *report, const struct pos *pos, const char *what,
                   const char *path) {
    return report_at(report, pos, "cannot %s '%s': %s", what, path, strerror(errno));
}

/* The size of an open regular file within the limit, or -1. */
static long long readable_size(FILE *file, const char *path, size_t limit, struct report *report,
                               const struct pos *pos) {
    struct stat about;
    if (fstat(fileno(file), &about) != 0) {
        cannot(report, pos, "read", path);
        return -1;
    }
    if (!S_ISREG(about.st_mode)) {
        report_at(report, pos, "cannot read '%s': it is not a file", path);
        return -1;
    }
    if ((unsigned long long)about.st_size > limit) {
        report_at(report, pos, "'%s' is larger than %s, the most that is read", path,
                  text_bytes(limit).text);
        return -1;
    }
    return about.st_size;
}

static char *read_open(struct arena *arena, FILE *file, const char *path, size_t limit,
                       size_t *size, struct report *report, const struct pos *pos) {
    long long wanted = readable_size(file, path, limit, report, pos);
    char *bytes = wanted >= 0 ? arena_alloc(arena, (size_t)wanted + 1, 1) : NULL;
    if (!bytes)
        return NULL;
    *size = fread(bytes, 1, (size_t)wanted, file);
    if (ferror(file)) {
        cannot(report, pos, "read", path);
        return NULL;
    }
    return bytes;
}

char *file_read(struct arena *arena, const char *path, size_t limit, size_t *size,
                struct report *report, const struct pos *pos) {
    FILE *file = fopen(path, "rbe");
    if (!file) {
        cannot(report, pos, "read", path);
        return NULL;
    }
    char *bytes = read_open(arena, file, path, limit, size, report, pos);
    fclose(file);
    return bytes;
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

/* ---- writing ----------------------------------------------------------------------------------- */

bool file_begin(struct file_writer *writer, const char *path, struct report *report) {
    writer->out = NULL;
    int length = snprintf(writer->temporary, sizeof writer->temporary, "%s.tmp", path);
    if (length < 0 || (size_t)length >= sizeof writer->temporary)
        return report_error(report, "cannot write %s: the path is too long", quote(path).text);
    snprintf(writer->path, sizeof writer->path, "%s", path);
    writer->out = fopen(writer->temporary, "wbe");
    return writer->out || cannot(report, NULL, "write", path);
}

/* The rename itself must reach the disk, so the folder is synced too; not all systems allow it. */
static void sync_folder(const char *path) {
    char folder[sizeof((struct file_writer *)0)->path];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    int descriptor = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
}

bool file_commit(struct file_writer *writer, struct report *report) {
    bool good = !ferror(writer->out) && fflush(writer->out) == 0 && fsync(fileno(writer->out)) == 0;
    int reason = errno;
    good = fclose(writer->out) == 0 && good;
    writer->out = NULL;
    if (good && rename(writer->temporary, writer->path) == 0) {
        sync_folder(writer->path);
        return true;
    }
    errno = good ? errno : reason;
    cannot(report, NULL, "write", writer->path);
    unlink(writer->temporary);
    return false;
}

void file_discard(struct file_writer *writer) {
    if (!writer->out)
        return;
    fclose(writer->out);
    writer->out = NULL;
    unlink(writer->temporary);
}

bool file_make_folder(const char *path, struct report *report) {
    char part[sizeof((struct file_writer *)0)->path];
    if (strlen(path) >= sizeof part)
        return report_error(report, "cannot make the folder %s: the path is too long",
                            quote(path).text);
    for (size_t i = 1; i <= strlen(path); i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        snprintf(part, sizeof part, "%.*s", (int)i, path);
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return cannot(report, NULL, "make the folder", part);
    }
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode))
        return report_error(report, "cannot make the folder '%s': a file has that name", path);
    return true;
}

/* ---- names ------------------------------------------------------------------------------------- */

/* Takes "." and "x/.." out of a path, in place. */
static void tidy(char *path) {
    char *parts[256], *save = NULL;
    int count = 0;
    bool absolute = path[0] == '/';
    char *copy = path + absolute;
    for (char *part = strtok_r(copy, "/", &save); part; part = strtok_r(NULL, "/", &save)) {
        if (!strcmp(part, "."))
            continue;
        bool up = !strcmp(part, "..");
        if (up && count > 0 && strcmp(parts[count - 1], "..") != 0)
            count--;
        else if (count < BASE_COUNT(parts) && !(up && absolute))
            parts[count++] = part;
    }
    char *to = copy;
    for (int i = 0; i < count; i++) {
        size_t length = strlen(parts[i]);
        if (i > 0)
            *to++ = '/';
        memmove(to, parts[i], length);
        to += length;
    }
    *to = '\0';
}

static bool same_file(const char *a, const char *b) {
    struct stat about_a, about_b;
    return stat(a, &about_a) == 0 && stat(b, &about_b) == 0 && about_a.st_ino == about_b.st_ino &&
           about_a.st_dev == about_b.st_dev;
}

char *file_beside(struct arena *arena, const char *beside, const char *name) {
    const char *slash = strrchr(beside, '/');
    int folder = name[0] == '/' || !slash ? 0 : (int)(slash - beside) + 1;
    char *path = arena_printf(arena, "%.*s%s", folder, beside, name);
    char *tidied = path ? arena_copy(arena, path, strlen(path)) : NULL;
    if (!tidied)
        return NULL;
    tidy(tidied);
    /* "link/.." is not where it seems: keep the path as written where tidying leads elsewhere. */
    return file_exists(path) && !same_file(path, tidied) ? path : tidied;
}

double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
