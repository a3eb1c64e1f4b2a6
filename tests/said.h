/* What a report says, as text. */
#ifndef TESTS_SAID_H
#define TESTS_SAID_H

#include "check.h"
#include "netrun/base.h"

struct said {
    char text[2000];
};

/* The errors as printed; "" when there are none. */
static inline struct said said(const struct report *report) {
    struct said said = {""};
    if (report_count(report) == 0)
        return said;
    FILE *out = tmpfile();
    assert_non_null(out);
    report_print(report, out, false);
    rewind(out);
    said.text[fread(said.text, 1, sizeof said.text - 1, out)] = 0;
    fclose(out);
    return said;
}

#endif
