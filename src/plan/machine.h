/* machine.h: reading what the kernel says of memory. Apart from the files, so that it is tested on texts. */
#ifndef PLAN_MACHINE_H
#define PLAN_MACHINE_H

#include "netrun/base.h"

/* The number behind `key` at the beginning of a line ("MemAvailable:  123 kB" is 123 x 1024; "inactive_file
 * 5"). False: no such line, or no number there. */
bool machine_number(const char *text, const char *key, size_t *number);

/* The limit that memory.max or memory.limit_in_bytes holds. False: none ("max"). */
bool machine_limit(const char *text, size_t *limit);

/* The folder of this process below the memory controller's mount, from /proc/self/cgroup: version 2 where
 * `controller` is "", version 1 where it is "memory". False: not in the text, or longer than `size`. */
bool machine_cgroup(const char *text, const char *controller, char *folder, size_t size);

/* What a group of this limit and usage may still take; pages of files that the kernel would drop first do not
 * count as used. */
size_t machine_room(size_t limit, size_t used, size_t inactive_file);

#endif
