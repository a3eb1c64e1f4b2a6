/* The parser of values: recursive descent, one function per line of the grammar.
 *
 *   value      = "$" word {"." index} | "$(" expression ")"
 *   expression = or ["if" or "else" expression]
 *   or         = and {"or" and}
 *   and        = not {"and" not}
 *   not        = "not" not | compare
 *   compare    = sum [("==" | "!=" | "<" | "<=" | ">" | ">=") sum]
 *   sum        = product {("+" | "-") product}
 *   product    = unary {("*" | "/" | "//" | "%") unary}
 *   unary      = "-" unary | primary
 *   primary    = number | 'text' | word {"." index} | "(" expression ")" {"." index}
 *   index      = ["-"] digits
 *
 * There is no token list: the parser asks at its place for the operator or word it could take. */
#include "expression.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

static int parse_expression(struct expression *e);

/* ---- errors --------------------------------------------------------------------------------------- */

static const char *text_of(const struct expression *e) {
    return e->scalar->string + e->at;
}

/* Reports at a byte of the scalar; -1, for `return fail(...)`. */
static int fail(const struct expression *e, size_t at, const char *message) {
    struct pos pos = expression_place(e->scalar, at);
    report_at(e->report, &pos, "%s", message);
    return -1;
}

/* ---- words and operators ------------------------------------------------------------------------ */

static void skip_spaces(struct expression *e) {
    e->at += strspn(text_of(e), " \t\n");
}

static size_t word_length(const char *text) {
    size_t length = 0;
    if (isdigit((unsigned char)*text))
        return 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

/* Takes a word or sign of the language if it is next. */
static bool take(struct expression *e, const char *wanted) {
    skip_spaces(e);
    size_t length = strlen(wanted);
    bool word = isalpha((unsigned char)wanted[0]) != 0;
    if (strncmp(text_of(e), wanted, length) != 0 || (word && word_length(text_of(e)) != length))
        return false;
    e->at += length;
    return true;
}

struct sign {
    const char *text;
    enum operation operation;
};

/* Takes the first of the signs that is next; where one begins another, the longer must come first. */
static const struct sign *take_sign(struct expression *e, const struct sign *signs) {
    for (; signs->text; signs++)
        if (take(e, signs->text))
            return signs;
    return NULL;
}

/* ---- terms -------------------------------------------------------------------------------------- */

static int add_term(struct expression *e, enum operation operation, size_t at, int a, int b) {
    if (e->count == EXPRESSION_MOST_TERMS)
        return fail(e, at, "the expression is too long; compute a part of it in a parameter");
    e->terms[e->count] = (struct term){.operation = operation, .a = a, .b = b, .at = at};
    return e->count++;
}

static int add_value(struct expression *e, size_t at, const struct node *value) {
    int term = add_term(e, TERM_VALUE, at, 0, 0);
    if (term >= 0)
        e->terms[term].value = *value;
    return term;
}

/* Whatever recurs goes through here. */
static int deeper(struct expression *e, int (*parse)(struct expression *e)) {
    if (e->depth == EXPRESSION_MOST_DEPTH)
        return fail(e, e->at, "the expression is nested too deeply");
    e->depth++;
    int term = parse(e);
    e->depth--;
    return term;
}

/* Operands with signs between them, the left ones first: a - b - c is (a - b) - c. */
static int parse_chain(struct expression *e, int (*operand)(struct expression *e),
                       const struct sign *signs) {
    int left = operand(e);
    while (left >= 0) {
        skip_spaces(e);
        size_t at = e->at;
        const struct sign *sign = take_sign(e, signs);
        if (!sign)
            break;
        int right = operand(e);
        left = right >= 0 ? add_term(e, sign->operation, at, left, right) : -1;
    }
    return left;
}

/* ---- what does not belong ----------------------------------------------------------------------- */

static const struct {
    char sign;
    const char *advice;
} advices[] = {
    {'$', "inside $(...) names stand without '$'"},
    {'=', "'=' compares nothing; write '=='"},
    {'!', "write 'not', or '!=' between two values"},
    {'&', "write 'and'"},
    {'|', "write 'or'"},
    {'?', "write 'a if condition else b'"},
    {'[', "an element of a list is written like widths.0"},
    {'{', "a map cannot be written in an expression; make it a parameter"},
    {',', "a comma has no place in an expression"},
    {'"', "text stands in single quotes, like 'relu'"},
};

/* A comma, a bracket or the like ends an unquoted scalar inside {...} or [...], without an error. */
static int fail_open(const struct expression *e) {
    struct pos pos = expression_place(e->scalar, 0);
    report_at(e->report, &pos, "%s has no ')'%s", quote(e->scalar->string).text,
              e->scalar->quoted ? "" : "; put quotes around it, since YAML ended it early");
    return -1;
}

/* The next thing can neither go on nor end the expression. */
static int fail_unexpected(struct expression *e) {
    skip_spaces(e);
    const char *text = text_of(e);
    if (!*text)
        return fail_open(e);
    for (int i = 0; i < BASE_COUNT(advices); i++)
        if (*text == advices[i].sign)
            return fail(e, e->at, advices[i].advice);
    struct pos pos = expression_place(e->scalar, e->at);
    report_at(e->report, &pos, "unexpected %s in an expression", quote(text).text);
    return -1;
}

/* A value was to come. */
static int fail_no_value(struct expression *e) {
    skip_spaces(e);
    size_t length = strcspn(text_of(e), " ");
    bool advised = length > 0 && strchr("$!&|?[{,\"", *text_of(e));
    if (advised || !*text_of(e))
        return fail_unexpected(e);
    char *next = arena_copy(e->arena, text_of(e), length);
    struct pos pos = expression_place(e->scalar, e->at);
    if (next)
        report_at(e->report, &pos, "a value is missing before %s", quote(next).text);
    return -1;
}

/* ---- primaries ---------------------------------------------------------------------------------- */

const struct node *names_find(const struct names *names, const char *name, size_t length) {
    for (; names; names = names->outer)
        for (int i = names->count - 1; i >= 0; i--)
            if (strncmp(names->bindings[i].name, name, length) == 0 &&
                names->bindings[i].name[length] == '\0')
                return names->bindings[i].value;
    return NULL;
}

static int fail_unknown(struct expression *e, size_t at, const char *word) {
    struct nearest nearest = {.word = word};
    for (const struct names *names = e->names; names; names = names->outer)
        for (int i = 0; i < names->count; i++)
            nearest_offer(&nearest, names->bindings[i].name);
    struct pos pos = expression_place(e->scalar, at);
    report_at(e->report, &pos, "no parameter %s here%s", quote(word).text,
              nearest_hint(&nearest).text);
    return -1;
}

/* Words that are part of the language can be no value. */
static bool is_operator_word(const char *word, size_t length) {
    static const char *const words[] = {"and", "or", "not", "if", "else"};
    for (int i = 0; i < BASE_COUNT(words); i++)
        if (strlen(words[i]) == length && memcmp(words[i], word, length) == 0)
            return true;
    return false;
}

static int parse_word(struct expression *e) {
    size_t at = e->at, length = word_length(text_of(e));
    if (is_operator_word(text_of(e), length))
        return fail_no_value(e);
    for (int truth = 0; truth <= 1; truth++)
        if (take(e, truth ? "true" : "false"))
            return add_value(e, at, &(struct node){.kind = NODE_BOOL, .boolean = truth});
    const struct node *value = names_find(e->names, text_of(e), length);
    if (!value) {
        char *word = arena_copy(e->arena, text_of(e), length);
        return word ? fail_unknown(e, at, word) : -1;
    }
    e->at += length;
    size_t spaces = strspn(text_of(e), " ");
    if (text_of(e)[spaces] == '(')
        return fail(e, e->at + spaces, "there are no functions to call in an expression");
    return add_value(e, at, value);
}

/* digits [. digits] [e [sign] digits], or . digits ...; `real`: is it a float? */
static size_t number_length(const char *text, bool *real) {
    size_t length = strspn(text, DIGITS);
    *real = text[length] == '.' && isdigit((unsigned char)text[length + 1]);
    if (*real)
        length += 1 + strspn(text + length + 1, DIGITS);
    if (text[length] == 'e' || text[length] == 'E') {
        size_t exponent = text[length + 1] == '-' || text[length + 1] == '+' ? 2 : 1;
        if (isdigit((unsigned char)text[length + exponent])) {
            *real = true;
            length += exponent + strspn(text + length + exponent, DIGITS);
        }
    }
    return length;
}

static int parse_number(struct expression *e) {
    struct node value = {.kind = NODE_INT};
    bool real;
    size_t at = e->at, length = number_length(text_of(e), &real);
    errno = 0;
    if (real) {
        value.kind = NODE_FLOAT;
        value.real = strtod(text_of(e), NULL);
    } else {
        value.integer = strtoll(text_of(e), NULL, 10);
    }
    e->at += length;
    if (word_length(text_of(e)) > 0)
        return fail(e, at, "this is neither a number nor a name");
    if (real ? !isfinite(value.real) : errno != 0)
        return fail(e, at, "the number is too large");
    return add_value(e, at, &value);
}

static int parse_text(struct expression *e) {
    size_t at = e->at++, length = strcspn(text_of(e), "'$");
    const char *text = text_of(e);
    if (text[length] == '$')
        return fail(e, e->at + length, "a text cannot hold '$'");
    if (!text[length])
        return fail(e, at, "the text has no closing quote");
    struct node value = {.kind = NODE_STRING, .quoted = true};
    value.string = arena_copy(e->arena, text, length);
    e->at += length + 1;
    return value.string ? add_value(e, at, &value) : -1;
}

/* {"." index}, without spaces: each takes an element of the list before it. */
static int parse_elements(struct expression *e, int term) {
    while (term >= 0 && *text_of(e) == '.') {
        const char *index = text_of(e) + 1;
        size_t sign = *index == '-', digits = strspn(index + sign, DIGITS);
        if (digits == 0)
            return fail(e, e->at, "an element of a list is a number, like widths.0 or widths.-1");
        term = add_term(e, TERM_ELEMENT, e->at, term, 0);
        if (term >= 0)
            e->terms[term].value.integer = strtoll(index, NULL, 10); /* too large: the limits */
        e->at += 1 + sign + digits;
    }
    return term;
}

static int parse_primary(struct expression *e) {
    skip_spaces(e);
    const char *text = text_of(e);
    if (isdigit((unsigned char)text[0]) || (text[0] == '.' && isdigit((unsigned char)text[1])))
        return parse_number(e);
    if (text[0] == '\'')
        return parse_text(e);
    if (word_length(text) > 0)
        return parse_elements(e, parse_word(e));
    if (!take(e, "("))
        return fail_no_value(e);
    int inside = deeper(e, parse_expression);
    if (inside >= 0 && !take(e, ")"))
        return fail_unexpected(e);
    return parse_elements(e, inside);
}

/* ---- operators, the tightest first -------------------------------------------------------------- */

static int parse_unary(struct expression *e) {
    skip_spaces(e);
    size_t at = e->at;
    if (!take(e, "-"))
        return parse_primary(e);
    int operand = deeper(e, parse_unary);
    return operand >= 0 ? add_term(e, TERM_NEGATIVE, at, operand, 0) : -1;
}

static int parse_product(struct expression *e) {
    static const struct sign signs[] = {{"*", TERM_TIMES},
                                        {"//", TERM_FLOOR},
                                        {"/", TERM_DIVIDE},
                                        {"%", TERM_REMAINDER},
                                        {NULL, 0}};
    return parse_chain(e, parse_unary, signs);
}

static int parse_sum(struct expression *e) {
    static const struct sign signs[] = {{"+", TERM_PLUS}, {"-", TERM_MINUS}, {NULL, 0}};
    return parse_chain(e, parse_product, signs);
}

static int parse_compare(struct expression *e) {
    static const struct sign signs[] = {
        {"==", TERM_EQUAL}, {"!=", TERM_UNEQUAL},    {"<=", TERM_LESS_EQUAL},
        {"<", TERM_LESS},   {">=", TERM_MORE_EQUAL}, {">", TERM_MORE},
        {NULL, 0}};
    int left = parse_sum(e);
    const struct sign *sign = left >= 0 ? take_sign(e, signs) : NULL;
    if (!sign)
        return left;
    size_t at = e->at - strlen(sign->text);
    int right = parse_sum(e);
    if (right < 0)
        return -1;
    skip_spaces(e);
    size_t next = e->at;
    if (take_sign(e, signs))
        return fail(e, next, "comparisons do not chain; write 'a < b and b < c'");
    return add_term(e, sign->operation, at, left, right);
}

static int parse_not(struct expression *e) {
    skip_spaces(e);
    size_t at = e->at;
    if (!take(e, "not"))
        return parse_compare(e);
    int operand = deeper(e, parse_not);
    return operand >= 0 ? add_term(e, TERM_NOT, at, operand, 0) : -1;
}

static int parse_and(struct expression *e) {
    static const struct sign signs[] = {{"and", TERM_AND}, {NULL, 0}};
    return parse_chain(e, parse_not, signs);
}

static int parse_or(struct expression *e) {
    static const struct sign signs[] = {{"or", TERM_OR}, {NULL, 0}};
    return parse_chain(e, parse_and, signs);
}

static int parse_expression(struct expression *e) {
    int value = parse_or(e);
    skip_spaces(e);
    size_t at = e->at;
    if (value < 0 || !take(e, "if"))
        return value;
    int condition = parse_or(e);
    if (condition < 0)
        return -1;
    if (!take(e, "else"))
        return fail(e, at, "'if' needs an 'else': a if condition else b");
    int otherwise = deeper(e, parse_expression);
    int term = otherwise >= 0 ? add_term(e, TERM_IF, at, value, condition) : -1;
    if (term >= 0)
        e->terms[term].c = otherwise;
    return term;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static int parse_bare(struct expression *e) {
    e->at = 1;
    if (word_length(text_of(e)) == 0)
        return fail(e, 0, "after '$' comes a name or an expression in parentheses: $x or $(x + 1)");
    int term = parse_elements(e, parse_word(e));
    skip_spaces(e);
    if (term >= 0 && *text_of(e))
        return fail(e, e->at, "an expression stands in parentheses: $(x + 1)");
    return term;
}

int expression_parse(struct expression *e) {
    const char *text = e->scalar->string;
    e->at = 0;
    e->depth = e->count = 0;
    if (text[1] != '(')
        return parse_bare(e);
    if (!strchr(text, ')'))
        return fail_open(e);
    e->at = 2;
    int term = parse_expression(e);
    if (term < 0)
        return -1;
    if (!take(e, ")"))
        return fail_unexpected(e);
    skip_spaces(e);
    if (*text_of(e))
        return fail(e, e->at, "a value is a whole scalar; nothing can follow its ')'");
    return term;
}
