/* Plain scalars by the core schema of YAML 1.2 (section 10.3.2): `no` is a string, 0x1F and 1e-4 are numbers.
 *
 * Numbers are converted by strtoll and strtod in the C locale, which netrun never leaves; strtod rounds
 * correctly (glibc), so a value does not depend on who wrote it how. */
#include "scalar.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

static bool is_one_of(const char *text, const char *const *words) {
    for (; *words; words++)
        if (!strcmp(text, *words))
            return true;
    return false;
}

static const char *skip_sign(const char *text) {
    return text + (*text == '-' || *text == '+');
}

/* All of the text, at least one, from `digits`. */
static bool is_all(const char *text, const char *digits) {
    return *text && text[strspn(text, digits)] == '\0';
}

/* The base of an integer: 10, 8 (0o17), 16 (0x1F); 0: none. */
static int integer_base(const char *text) {
    if (is_all(skip_sign(text), DIGITS))
        return 10;
    if (!strncmp(text, "0o", 2) && is_all(text + 2, "01234567"))
        return 8;
    if (!strncmp(text, "0x", 2) && is_all(text + 2, DIGITS "abcdefABCDEF"))
        return 16;
    return 0;
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_decimal(const char *text) {
    text = skip_sign(text);
    size_t whole = strspn(text, DIGITS), fraction = 0;
    text += whole;
    if (*text == '.') {
        fraction = strspn(text + 1, DIGITS);
        text += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    return *text == '\0' || ((*text == 'e' || *text == 'E') && is_all(skip_sign(text + 1), DIGITS));
}

/* The infinities and NaN; false: neither. */
static bool resolve_special(const char *text, double *number) {
    static const char *const infinities[] = {".inf", ".Inf", ".INF", NULL};
    static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
    bool infinite = is_one_of(skip_sign(text), infinities);
    if (infinite)
        *number = *text == '-' ? -INFINITY : INFINITY;
    else if (is_one_of(text, nans))
        *number = NAN;
    else
        return false;
    return true;
}

/* null, true and false in their three spellings; false: none of them. */
static bool resolve_word(const char *text, struct node *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    bool is_true = is_one_of(text, trues);
    if (is_one_of(text, nulls)) {
        node->kind = NODE_NULL;
    } else if (is_true || is_one_of(text, falses)) {
        node->kind = NODE_BOOL;
        node->boolean = is_true;
    } else {
        return false;
    }
    return true;
}

static bool resolve_integer(const char *text, int base, struct node *node) {
    node->kind = NODE_INT;
    errno = 0;
    node->integer = strtoll(base == 10 ? text : text + 2, NULL, base);
    return errno == 0;
}

bool scalar_resolve(const char *text, struct node *node) {
    int base = integer_base(text);
    if (base != 0)
        return resolve_integer(text, base, node);
    if (resolve_word(text, node))
        return true;
    bool special = resolve_special(text, &node->real), decimal = is_decimal(text);
    node->kind = special || decimal ? NODE_FLOAT : NODE_STRING;
    if (!decimal)
        return true;
    node->real = strtod(text, NULL);
    return isfinite(node->real);
}

/* Behind the ')' that closes a '(', or NULL; 'text' in single quotes is passed over. */
static const char *closing_end(const char *open) {
    int depth = 0;
    bool quoted = false;
    for (const char *at = open; *at; at++) {
        quoted ^= *at == '\'';
        if (quoted)
            continue;
        depth += (*at == '(') - (*at == ')');
        if (depth == 0)
            return at + 1;
    }
    return NULL;
}

bool scalar_is_cut(const char *text) {
    for (text = strstr(text, "$("); text; text = strstr(text, "$(")) {
        text = closing_end(text + 1);
        if (!text)
            return true;
    }
    return false;
}

/* "1e-05" to "1e-5". */
static void shorten_exponent(char *text) {
    char *digits = strchr(text, 'e');
    if (!digits)
        return;
    digits += 2; /* printf always writes the sign */
    size_t zeros = strspn(digits, "0");
    memmove(digits, digits + zeros, strlen(digits + zeros) + 1);
}

struct quoted number_text(double number) {
    struct quoted text;
    if (!isfinite(number)) {
        strcpy(text.text, isnan(number) ? ".nan" : number < 0 ? "-.inf" : ".inf");
        return text;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text.text, sizeof text.text, "%.*g", digits, number);
        if (strtod(text.text, NULL) == number)
            break;
    }
    shorten_exponent(text.text);
    return text;
}

struct quoted float_text(double number) {
    struct quoted text = number_text(number);
    if (strspn(text.text, "-" DIGITS) == strlen(text.text))
        strcat(text.text, ".0");
    return text;
}
