/* The run folder: made anew for every run, never written over, locked while a run is in it.
 *
 * The lock is on the folder itself (flock), so it leaves no file and goes with the process, however that
 * ends. */
#include "task.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { MOST_OLD = 10000 };

/* A descriptor that holds the lock, or -1: another process runs in it. */
static int lock_folder(const char *path, struct report *report) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        report_error(report, "cannot open the folder '%s': %s", path, strerror(errno));
        return -1;
    }
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return descriptor;
    close(descriptor);
    report_error(
        report,
        "another netrun is at work in '%s': wait for it, or choose another folder with --out",
        path);
    return -1;
}

/* Moves a folder to the first free of <path>.1, <path>.2, ... */
static bool move_aside(struct folder *folder, struct arena *arena, struct report *report) {
    for (int i = 1; i < MOST_OLD; i++) {
        char *aside = arena_printf(arena, "%s.%d", folder->path, i);
        if (!aside)
            return false;
        if (file_exists(aside))
            continue;
        folder->moved_to = aside;
        return rename(folder->path, aside) == 0 ||
               report_error(report, "cannot move '%s' to '%s': %s", folder->path, aside,
                            strerror(errno));
    }
    return report_error(report, "'%s' has been moved aside %d times: remove some of them",
                        folder->path, MOST_OLD - 1);
}

static bool holds_results(struct arena *arena, const char *path) {
    const char *results = arena_printf(arena, "%s/results.json", path);
    return results && file_exists(results);
}

static bool clear_the_way(struct folder *folder, struct arena *arena, struct report *report) {
    int lock = lock_folder(folder->path, report);
    bool good = lock >= 0 && move_aside(folder, arena, report);
    if (lock >= 0)
        close(lock);
    return good;
}

bool folder_open(struct folder *folder, struct arena *arena, const char *out, const char *name,
                 bool resume, struct report *report) {
    *folder = (struct folder){.path = arena_printf(arena, "%s/%s", out, name), .lock = -1};
    if (!folder->path)
        return false;
    bool there = file_exists(folder->path);
    if (there && resume && holds_results(arena, folder->path)) {
        folder->finished = true;
        return true;
    }
    if (there && !resume && !clear_the_way(folder, arena, report))
        return false;
    if (!file_make_folder(folder->path, report))
        return false;
    folder->lock = lock_folder(folder->path, report);
    return folder->lock >= 0;
}

void folder_close(struct folder *folder) {
    if (folder->lock >= 0)
        close(folder->lock);
    folder->lock = -1;
}

char *run_path(const struct run *run, const char *name) {
    return arena_printf(run->arena, "%s/%s", run->folder, name);
}

const char *run_job_name(const struct run *run, const struct job *job, const char *stem) {
    int which = 1;
    for (const struct job *earlier = run->jobs; earlier < job; earlier++)
        which += earlier->ops == job->ops;
    return which > 1 ? arena_printf(run->arena, "%s_%d", stem, which) : stem;
}

struct csv *run_csv(const struct run *run, const struct job *job, const char *stem) {
    const char *name = stem ? run_job_name(run, job, stem) : NULL;
    char path[sizeof((struct file_writer *)0)->path]; /* one cut here is refused as too long */
    snprintf(path, sizeof path, "%s/%s.csv", run->folder, name ? name : "");
    return name ? csv_begin(path, run->report) : NULL;
}
