/* Files that grow while a run is on: log.txt and the table of steps. A checkpoint holds how long they were, and
 * a run that is taken up again cuts them there, so that no line is missing and none is there twice. */
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool cannot(struct report *report, const char *path) {
    return report_error(report, "cannot write '%s': %s", path, strerror(errno));
}

/* Leaves the first `keep` bytes. */
static bool cut(int descriptor, const char *path, int64_t keep, struct report *report) {
    struct stat about;
    if (fstat(descriptor, &about) != 0)
        return cannot(report, path);
    if (about.st_size < keep)
        return report_error(report,
                            "cannot go on: '%s' is shorter than when the run was stopped; run it "
                            "without --resume",
                            path);
    return ftruncate(descriptor, keep) == 0 || cannot(report, path);
}

bool journal_open(struct journal *journal, const char *path, int64_t keep, struct report *report) {
    *journal = (struct journal){.path = path};
    int descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return cannot(report, path);
    if (cut(descriptor, path, keep, report))
        journal->file = fdopen(descriptor, "a");
    if (!journal->file)
        close(descriptor);
    return journal->file != NULL;
}

int64_t journal_length(const struct journal *journal, struct report *report) {
    struct stat about;
    if (fflush(journal->file) == 0 && !ferror(journal->file) && fsync(fileno(journal->file)) == 0 &&
        fstat(fileno(journal->file), &about) == 0)
        return about.st_size;
    cannot(report, journal->path);
    return -1;
}

bool journal_close(struct journal *journal, struct report *report) {
    if (!journal->file)
        return true;
    bool good = !ferror(journal->file);
    good = fclose(journal->file) == 0 && good;
    journal->file = NULL;
    return good || cannot(report, journal->path);
}
