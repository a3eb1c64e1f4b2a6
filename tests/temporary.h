/* A folder of its own for a test, with files in it; removed at the end. */
#ifndef TESTS_TEMPORARY_H
#define TESTS_TEMPORARY_H

#include "check.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct temporary {
    char folder[64];
};

static inline struct temporary temporary_new(void) {
    struct temporary temporary = {"/tmp/netrun-test-XXXXXX"};
    assert_non_null(mkdtemp(temporary.folder));
    return temporary;
}

/* "<folder>/<name>". */
struct temporary_path {
    char text[256];
};

static inline struct temporary_path temporary_path(const struct temporary *temporary,
                                                   const char *name) {
    struct temporary_path path;
    snprintf(path.text, sizeof path.text, "%s/%s", temporary->folder, name);
    return path;
}

/* Writes a file; makes the folders in its name. */
static inline void temporary_write(const struct temporary *temporary, const char *name,
                                   const char *text) {
    struct temporary_path path = temporary_path(temporary, name);
    for (char *slash = path.text + strlen(temporary->folder) + 1; (slash = strchr(slash, '/'));
         slash++) {
        *slash = '\0';
        mkdir(path.text, 0777);
        *slash = '/';
    }
    FILE *out = fopen(path.text, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(text, 1, strlen(text), out), strlen(text));
    assert_int_equal(fclose(out), 0);
}

static inline int temporary_remove_one(const char *path, const struct stat *about, int type,
                                       struct FTW *walk) {
    (void)about;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline void temporary_end(const struct temporary *temporary) {
    assert_int_equal(nftw(temporary->folder, temporary_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
