/* The program gnuplot, run without a shell in the figure's folder. It draws into the temporary file of a
 * file_writer, so that its PNG too appears whole or not at all. Not installed is a normal case. */
#include "script.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* A run of gnuplot and what became of it. */
struct run {
    pid_t child;
    int status;     /* as of waitpid */
    char said[256]; /* the last line of its output: gnuplot's errors end with the reason */
};

/* Starts gnuplot with its output in `pipe_end`. Returns 0 or what went wrong, as errno. */
static int start(struct run *run, const char *folder, const char *script, const char *png,
                 int pipe_end) {
    /* -d: the user's own settings must not change the figure; -c: the script gets an argument. */
    char *const arguments[] = {"gnuplot", "-d", "-c", (char *)script, (char *)png, NULL};
    posix_spawn_file_actions_t actions;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed)
        return failed;
    if (!(failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) &&
        !(failed = posix_spawn_file_actions_adddup2(&actions, pipe_end, 1)) &&
        !(failed = posix_spawn_file_actions_adddup2(&actions, pipe_end, 2)) &&
        !(failed = posix_spawn_file_actions_addchdir_np(&actions, folder)))
        failed = posix_spawnp(&run->child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

/* Reads all the output, so that the child never waits for us, and keeps its last line with text. */
static void listen_to(struct run *run, int pipe_end) {
    FILE *output = fdopen(pipe_end, "r");
    char line[sizeof run->said];
    while (output && fgets(line, sizeof line, output)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[strspn(line, " \t^")])
            memcpy(run->said, line, strlen(line) + 1);
    }
    if (output)
        fclose(output);
    else
        close(pipe_end);
}

/* Runs gnuplot to its end. Returns 0 or why it could not be run, as errno. */
static int run_gnuplot(struct run *run, const char *folder, const char *script, const char *png) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    int failed = start(run, folder, script, png, ends[1]);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        return failed;
    }
    listen_to(run, ends[0]);
    while (waitpid(run->child, &run->status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return 0;
}

/* Whether the file ends as every PNG does: gnuplot may leave half a picture on a full disk and not say
 * so. */
static bool is_whole_png(const char *path) {
    static const char end[12] = "\0\0\0\0IEND\xAE\x42\x60\x82";
    char found[sizeof end] = "";
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    bool read = fseek(file, -(long)sizeof end, SEEK_END) == 0 &&
                fread(found, 1, sizeof found, file) == sizeof found;
    fclose(file);
    return read && !memcmp(found, end, sizeof end);
}

static bool report_failure(const struct run *run, const char *png, struct report *report) {
    if (WIFSIGNALED(run->status))
        return report_error(report, "gnuplot did not draw '%s': it was ended by signal %d (%s)",
                            png, WTERMSIG(run->status), strsignal(WTERMSIG(run->status)));
    return report_error(report, "gnuplot did not draw '%s': %s", png,
                        run->said[0] ? run->said : "it left no whole picture; is the disk full?");
}

bool gnuplot_draw(const char *folder, const char *name, bool *drawn, struct report *report) {
    char script[sizeof((struct file_writer *)0)->path];
    snprintf(script, sizeof script, "%s.gp", name);
    struct file_writer writer;
    if (!script_file(&writer, folder, name, ".png", report))
        return false;
    struct run run = {.status = 0};
    int failed = run_gnuplot(&run, folder, script, strrchr(writer.temporary, '/') + 1);
    *drawn = !failed && WIFEXITED(run.status) && WEXITSTATUS(run.status) == 0 &&
             is_whole_png(writer.temporary);
    if (*drawn)
        return *drawn = file_commit(&writer, report);
    file_discard(&writer);
    /* EACCES, ENOTDIR: a folder of PATH that cannot be searched, and no gnuplot in the others. */
    if (failed == ENOENT || failed == EACCES || failed == ENOTDIR)
        return true;
    if (failed)
        return report_error(report, "cannot run gnuplot: %s", strerror(failed));
    return report_failure(&run, writer.path, report);
}
