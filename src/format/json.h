/* json.h: a JSON tree, built or read. */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include "netrun/format.h"

enum json_kind { KIND_OBJECT, KIND_LIST, KIND_TEXT, KIND_INT, KIND_REAL, KIND_BOOL };

struct json {
    enum json_kind kind;
    union {
        const char *text;
        int64_t integer;
        double real;
        bool truth;
    };
    const char *key;   /* in an object */
    struct json *next; /* in an object or a list */

    /* Of an object or a list: */
    struct arena *arena;
    struct json *first, **end;
    bool failed; /* memory ran out for one of its members */
};

#endif
