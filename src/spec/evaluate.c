/* The evaluator of values: Python's meaning of the operators on 64-bit integers, floats, booleans and
 * texts; nothing converts but an integer beside a float. What Python would hold in a larger integer, an
 * infinity or NaN is an error here. */
#include "expression.h"

#include <math.h>
#include <string.h>

static const char *const signs[] = {
    [TERM_NEGATIVE] = "-",    [TERM_NOT] = "not",  [TERM_IF] = "if",         [TERM_AND] = "and",
    [TERM_OR] = "or",         [TERM_EQUAL] = "==", [TERM_UNEQUAL] = "!=",    [TERM_LESS] = "<",
    [TERM_LESS_EQUAL] = "<=", [TERM_MORE] = ">",   [TERM_MORE_EQUAL] = ">=", [TERM_PLUS] = "+",
    [TERM_MINUS] = "-",       [TERM_TIMES] = "*",  [TERM_DIVIDE] = "/",      [TERM_FLOOR] = "//",
    [TERM_REMAINDER] = "%",
};

static bool fail(const struct expression *e, const struct term *term, const char *message) {
    struct pos pos = expression_place(e->scalar, term->at);
    return report_at(e->report, &pos, "%s", message);
}

static bool is_number(const struct node *value) {
    return value->kind == NODE_INT || value->kind == NODE_FLOAT;
}

static double real_of(const struct node *value) {
    return value->kind == NODE_INT ? (double)value->integer : value->real;
}

/* ---- booleans ----------------------------------------------------------------------------------- */

/* The value of an operand that must be true or false. */
static bool evaluate_truth(const struct expression *e, const struct term *term, int operand,
                           bool *truth) {
    struct node value;
    if (!expression_evaluate(e, operand, &value))
        return false;
    if (value.kind == NODE_BOOL) {
        *truth = value.boolean;
        return true;
    }
    struct pos pos = expression_place(e->scalar, term->at);
    return report_at(e->report, &pos, "'%s' takes true or false, not %s", signs[term->operation],
                     node_describe(&value).text);
}

static bool evaluate_logic(const struct expression *e, const struct term *term,
                           struct node *value) {
    bool truth;
    if (!evaluate_truth(e, term, term->a, &truth))
        return false;
    bool decided = truth == (term->operation == TERM_OR);
    if (!decided && !evaluate_truth(e, term, term->b, &truth))
        return false;
    *value = (struct node){.kind = NODE_BOOL, .boolean = truth};
    return true;
}

static bool evaluate_not(const struct expression *e, const struct term *term, struct node *value) {
    bool truth;
    if (!evaluate_truth(e, term, term->a, &truth))
        return false;
    *value = (struct node){.kind = NODE_BOOL, .boolean = !truth};
    return true;
}

static bool evaluate_if(const struct expression *e, const struct term *term, struct node *value) {
    bool truth;
    return evaluate_truth(e, term, term->b, &truth) &&
           expression_evaluate(e, truth ? term->a : term->c, value);
}

/* ---- elements ----------------------------------------------------------------------------------- */

static bool evaluate_element(const struct expression *e, const struct term *term,
                             struct node *value) {
    struct node list;
    if (!expression_evaluate(e, term->a, &list))
        return false;
    struct pos pos = expression_place(e->scalar, term->at);
    int64_t index = term->value.integer;
    if (list.kind != NODE_LIST)
        return report_at(e->report, &pos, "only a list has elements, not %s",
                         node_describe(&list).text);
    if (index >= list.count || index < -(int64_t)list.count)
        return report_at(e->report, &pos, "no element %lld in a list of %d", (long long)index,
                         list.count);
    *value = *list.entries[index < 0 ? index + list.count : index].value;
    return true;
}

/* ---- comparisons -------------------------------------------------------------------------------- */

/* -1, 0, 1 for less, equal, more. */
static int compare_numbers(const struct node *a, const struct node *b) {
    if (a->kind == NODE_INT && b->kind == NODE_INT)
        return (a->integer > b->integer) - (a->integer < b->integer);
    return (real_of(a) > real_of(b)) - (real_of(a) < real_of(b));
}

static bool compares(enum operation operation, int order) {
    switch (operation) {
    case TERM_EQUAL:
        return order == 0;
    case TERM_UNEQUAL:
        return order != 0;
    case TERM_LESS:
        return order < 0;
    case TERM_LESS_EQUAL:
        return order <= 0;
    case TERM_MORE:
        return order > 0;
    default:
        return order >= 0;
    }
}

static bool fail_types(const struct expression *e, const struct term *term, const struct node *a,
                       const struct node *b) {
    struct pos pos = expression_place(e->scalar, term->at);
    bool equality = term->operation == TERM_EQUAL || term->operation == TERM_UNEQUAL;
    return report_at(e->report, &pos, "'%s' takes two %s, not %s and %s", signs[term->operation],
                     equality ? "numbers, texts or booleans" : "numbers", node_describe(a).text,
                     node_describe(b).text);
}

static bool compare(const struct expression *e, const struct term *term, const struct node *a,
                    const struct node *b, struct node *value) {
    bool equality = term->operation == TERM_EQUAL || term->operation == TERM_UNEQUAL;
    int order;
    if (is_number(a) && is_number(b))
        order = compare_numbers(a, b);
    else if (equality && a->kind == NODE_STRING && b->kind == NODE_STRING)
        order = strcmp(a->string, b->string);
    else if (equality && a->kind == NODE_BOOL && b->kind == NODE_BOOL)
        order = a->boolean - b->boolean;
    else
        return fail_types(e, term, a, b);
    *value = (struct node){.kind = NODE_BOOL, .boolean = compares(term->operation, order)};
    return true;
}

/* ---- arithmetic --------------------------------------------------------------------------------- */

/* Rounds towards minus infinity; the remainder has the divisor's sign. INT64_MIN / -1 does not fit, and
 * the machine's division would stop the program. */
static bool floor_integers(enum operation operation, int64_t a, int64_t b, int64_t *result) {
    if (b == -1) {
        *result = 0;
        return operation == TERM_REMAINDER || !__builtin_sub_overflow(0, a, result);
    }
    bool adjust = a % b != 0 && (a < 0) != (b < 0);
    *result = operation == TERM_FLOOR ? a / b - adjust : a % b + (adjust ? b : 0);
    return true;
}

/* False: the result does not fit 64 bits. */
static bool calculate_integers(enum operation operation, int64_t a, int64_t b, int64_t *result) {
    switch (operation) {
    case TERM_PLUS:
        return !__builtin_add_overflow(a, b, result);
    case TERM_MINUS:
        return !__builtin_sub_overflow(a, b, result);
    case TERM_TIMES:
        return !__builtin_mul_overflow(a, b, result);
    default:
        return floor_integers(operation, a, b, result);
    }
}

/* As CPython's float_divmod: from the exact remainder, so that the quotient is never one too large. */
static double floor_reals(enum operation operation, double a, double b) {
    double remainder = fmod(a, b);
    if (remainder != 0 && (remainder < 0) != (b < 0))
        remainder += b;
    if (operation == TERM_REMAINDER)
        return remainder != 0 ? remainder : copysign(0, b);
    return round((a - remainder) / b);
}

static double calculate_reals(enum operation operation, double a, double b) {
    switch (operation) {
    case TERM_PLUS:
        return a + b;
    case TERM_MINUS:
        return a - b;
    case TERM_TIMES:
        return a * b;
    case TERM_DIVIDE:
        return a / b;
    default:
        return floor_reals(operation, a, b);
    }
}

static bool calculate(const struct expression *e, const struct term *term, const struct node *a,
                      const struct node *b, struct node *value) {
    if (!is_number(a) || !is_number(b))
        return fail_types(e, term, a, b);
    if (term->operation >= TERM_DIVIDE && real_of(b) == 0)
        return fail(e, term, "division by zero");
    bool whole = a->kind == NODE_INT && b->kind == NODE_INT && term->operation != TERM_DIVIDE;
    *value = (struct node){.kind = whole ? NODE_INT : NODE_FLOAT};
    if (whole)
        return calculate_integers(term->operation, a->integer, b->integer, &value->integer) ||
               fail(e, term, "the result does not fit 64 bits");
    value->real = calculate_reals(term->operation, real_of(a), real_of(b));
    return isfinite(value->real) || fail(e, term, "the result is not a finite number");
}

static bool evaluate_pair(const struct expression *e, const struct term *term, struct node *value) {
    struct node a, b;
    if (!expression_evaluate(e, term->a, &a) || !expression_evaluate(e, term->b, &b))
        return false;
    return term->operation >= TERM_PLUS ? calculate(e, term, &a, &b, value)
                                        : compare(e, term, &a, &b, value);
}

static bool evaluate_negative(const struct expression *e, const struct term *term,
                              struct node *value) {
    struct node operand;
    if (!expression_evaluate(e, term->a, &operand))
        return false;
    if (operand.kind == NODE_FLOAT) {
        *value = (struct node){.kind = NODE_FLOAT, .real = -operand.real};
        return true;
    }
    *value = (struct node){.kind = NODE_INT};
    if (operand.kind == NODE_INT)
        return !__builtin_sub_overflow(0, operand.integer, &value->integer) ||
               fail(e, term, "the result does not fit 64 bits");
    struct pos pos = expression_place(e->scalar, term->at);
    return report_at(e->report, &pos, "'-' takes a number, not %s", node_describe(&operand).text);
}

bool expression_evaluate(const struct expression *e, int index, struct node *value) {
    const struct term *term = &e->terms[index];
    switch (term->operation) {
    case TERM_VALUE:
        *value = term->value;
        return true;
    case TERM_ELEMENT:
        return evaluate_element(e, term, value);
    case TERM_NEGATIVE:
        return evaluate_negative(e, term, value);
    case TERM_NOT:
        return evaluate_not(e, term, value);
    case TERM_IF:
        return evaluate_if(e, term, value);
    case TERM_AND:
    case TERM_OR:
        return evaluate_logic(e, term, value);
    default:
        return evaluate_pair(e, term, value);
    }
}
