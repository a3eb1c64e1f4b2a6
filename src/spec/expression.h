/* expression.h: the language of values, from text to terms to a value.
 *
 * A scalar that starts with `$` is parsed into terms, then evaluated: all of it is parsed, so that a wrong
 * name is found wherever it stands, but only the branch that is taken is evaluated, so that
 * `$(8 // n if n > 0 else 8)` holds. Terms lie in a table of fixed size, which bounds both steps. */
#ifndef SPEC_EXPRESSION_H
#define SPEC_EXPRESSION_H

#include "netrun/spec.h"

enum { EXPRESSION_MOST_TERMS = 256, EXPRESSION_MOST_DEPTH = 64 };

enum operation {
    TERM_VALUE,
    TERM_ELEMENT, /* a: list */
    TERM_NEGATIVE,
    TERM_NOT,
    TERM_IF, /* a if b else c */
    TERM_AND,
    TERM_OR,
    TERM_EQUAL,
    TERM_UNEQUAL,
    TERM_LESS,
    TERM_LESS_EQUAL,
    TERM_MORE,
    TERM_MORE_EQUAL,
    TERM_PLUS,
    TERM_MINUS,
    TERM_TIMES,
    TERM_DIVIDE,
    TERM_FLOOR,
    TERM_REMAINDER
};

struct term {
    enum operation operation;
    int a, b, c;       /* operands: places in the table of terms */
    size_t at;         /* byte of the scalar that errors point at */
    struct node value; /* of a value; an element's number as an integer */
};

struct expression {
    struct arena *arena;
    struct report *report;
    const struct names *names;
    const struct node *scalar; /* as written */
    size_t at;                 /* the parser: next byte of the scalar */
    int depth;
    struct term terms[EXPRESSION_MOST_TERMS];
    int count;
};

/* Parses the scalar, which starts with `$`. Returns the term that is the whole, or -1. */
int expression_parse(struct expression *expression);

/* The value of a term. Its position and, for lists, its entries are those of the value that was named. */
bool expression_evaluate(const struct expression *expression, int term, struct node *value);

/* The place of a byte of a scalar in the user's text; the scalar's own where that cannot be told (folded
 * lines, escapes). */
struct pos expression_place(const struct node *scalar, size_t at);

/* The value bound to the first `length` bytes of `name`, or NULL. */
const struct node *names_find(const struct names *names, const char *name, size_t length);

#endif
