/* Any bytes as the results of a run. */
#include "fuzz.h"
#include "netrun/format.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"a.json", NULL};
    struct fuzz fuzz = fuzz_begin();
    const char *path = fuzz_write(&fuzz, names[0], data, size);
    const struct json *root = json_read(fuzz.arena, path, fuzz.report);
    for (const struct json *member = json_first(root); member; member = json_next(member))
        if (json_text(member))
            fuzz_touch(json_text(member), strlen(json_text(member)));
    return fuzz_end(&fuzz, root != NULL, names);
}
