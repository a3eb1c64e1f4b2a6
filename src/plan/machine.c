/* How much memory there is for this process: the least of what the machine has, what the cgroups above it allow
 * (both versions; a limit may stand at any level), and RLIMIT_AS.
 *
 * All of it comes from small text files. What cannot be read sets no limit. */
#include "machine.h"

#include "netrun/plan.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- texts ------------------------------------------------------------------------------------- */

/* The next line, or NULL. */
static const char *next_line(const char *text) {
    const char *end = strchr(text, '\n');
    return end && end[1] ? end + 1 : NULL;
}

bool machine_number(const char *text, const char *key, size_t *number) {
    size_t length = strlen(key);
    for (const char *line = text; line; line = next_line(line)) {
        if (strncmp(line, key, length) != 0 || !strchr(": \t", line[length]))
            continue;
        const char *digits = line + length + strspn(line + length, ": \t");
        char *rest;
        unsigned long long value = strtoull(digits, &rest, 10);
        if (rest == digits)
            return false;
        bool kilobytes = strncmp(rest, " kB", 3) == 0;
        return !__builtin_mul_overflow(value, kilobytes ? 1024u : 1u, number);
    }
    return false;
}

bool machine_limit(const char *text, size_t *limit) {
    char *rest;
    *limit = strtoull(text, &rest, 10);
    return rest != text;
}

/* Does a line "5:cpu,memory:/path" of /proc/self/cgroup name the controller? */
static bool names_controller(const char *list, size_t length, const char *controller) {
    size_t wanted = strlen(controller);
    for (const char *end = list + length; list <= end;) {
        const char *comma = memchr(list, ',', (size_t)(end - list));
        size_t word = (size_t)((comma ? comma : end) - list);
        if (word == wanted && strncmp(list, controller, word) == 0)
            return true;
        list += word + 1;
    }
    return false;
}

bool machine_cgroup(const char *text, const char *controller, char *folder, size_t size) {
    for (const char *line = text; line; line = next_line(line)) {
        const char *list = strchr(line, ':');
        const char *path = list ? strchr(++list, ':') : NULL;
        if (!path || !names_controller(list, (size_t)(path - list), controller))
            continue;
        size_t length = strcspn(++path, "\n");
        if (length >= size)
            return false;
        memcpy(folder, path, length);
        folder[length] = 0;
        return true;
    }
    return false;
}

size_t machine_room(size_t limit, size_t used, size_t inactive_file) {
    used -= inactive_file < used ? inactive_file : used;
    return used < limit ? limit - used : 0;
}

/* ---- files ------------------------------------------------------------------------------------- */

struct text {
    char bytes[16384]; /* the longest, memory.stat of version 1, has some 1500 */
};

static bool read_text(struct text *text, const char *folder, const char *name) {
    char path[8192];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t size = read(file, text->bytes, sizeof text->bytes - 1);
    close(file);
    text->bytes[size > 0 ? size : 0] = 0;
    return size > 0;
}

/* Names of the files of a version of cgroups. */
struct cgroup_files {
    const char *controller, *mount, *limit, *usage, *inactive_file;
};

static const struct cgroup_files versions[] = {
    {"", "/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"},
    {"memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
     "total_inactive_file"},
};

static size_t group_room(const struct cgroup_files *files, const char *folder) {
    struct text text;
    size_t limit, used, inactive_file = 0;
    if (!read_text(&text, folder, files->limit) || !machine_limit(text.bytes, &limit) ||
        !read_text(&text, folder, files->usage) || !machine_limit(text.bytes, &used))
        return SIZE_MAX;
    if (read_text(&text, folder, "memory.stat"))
        machine_number(text.bytes, files->inactive_file, &inactive_file);
    return machine_room(limit, used, inactive_file);
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* From this process's group up to the mount. In a container the folders named may not be there; the mount
 * is then the container's own group. */
static size_t cgroup_room(const struct cgroup_files *files) {
    struct text text;
    char path[4096], folder[8192];
    if (!read_text(&text, "/proc/self", "cgroup") ||
        !machine_cgroup(text.bytes, files->controller, path, sizeof path))
        return SIZE_MAX;
    int length = snprintf(folder, sizeof folder, "%s%s", files->mount, path);
    size_t room = SIZE_MAX, mount = strlen(files->mount);
    for (size_t end = (size_t)length; end >= mount; end--) {
        if (folder[end] != '/' && folder[end] != 0)
            continue;
        folder[end] = 0;
        room = least(room, group_room(files, folder));
    }
    return room;
}

static size_t machine_available(void) {
    struct text text;
    size_t available;
    bool known = read_text(&text, "/proc", "meminfo") &&
                 machine_number(text.bytes, "MemAvailable", &available);
    return known ? available : SIZE_MAX;
}

static size_t address_room(void) {
    struct rlimit limit;
    struct text text;
    size_t used;
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        !read_text(&text, "/proc/self", "status") || !machine_number(text.bytes, "VmSize", &used))
        return SIZE_MAX;
    return machine_room(limit.rlim_cur, used, 0);
}

size_t plan_machine_memory(void) {
    size_t room = least(machine_available(), address_room());
    for (int i = 0; i < BASE_COUNT(versions); i++)
        room = least(room, cgroup_room(&versions[i]));
    return room;
}
