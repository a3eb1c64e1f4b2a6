/* A tree as YAML text: block style, two spaces a level, lists of numbers on one line.
 *
 * Written here rather than by libyaml's emitter, which folds long lines and quotes by other rules. What is
 * not surely plain is quoted, and a string that was in quotes stays so. */
#include "characters.h"
#include "scalar.h"

#include "netrun/conf.h"

#include <inttypes.h>
#include <string.h>

/* ---- scalars ----------------------------------------------------------------------------------- */

/* Plain YAML may begin with more; these are what the language needs. */
static bool begins_plain(const char *text) {
    static const char starts[] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$./(";
    return strchr(starts, *text) && strncmp(text, "...", 3) != 0;
}

/* Does every character fit on one line of the text as it is? */
static bool is_one_line(const char *text) {
    size_t left = strlen(text), bytes;
    for (; left > 0; left -= bytes, text += bytes) {
        uint32_t code;
        bytes = character_decode(text, left, &code);
        if (bytes == 0 || code < 0x20 || !character_fits(code))
            return false;
    }
    return true;
}

/* Reads back as this very string without quotes? */
static bool is_plain(const char *text) {
    size_t length = strlen(text);
    struct node read;
    return length > 0 && begins_plain(text) && is_one_line(text) && !strstr(text, ": ") &&
           !strstr(text, " #") && text[length - 1] != ':' && text[length - 1] != ' ' &&
           !scalar_is_cut(text) && scalar_resolve(text, &read) && read.kind == NODE_STRING;
}

static void print_single_quoted(const char *text, FILE *out) {
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'')
            fputc('\'', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void print_escaped(uint32_t code, FILE *out) {
    if (code == '\n')
        fputs("\\n", out);
    else if (code == '\t')
        fputs("\\t", out);
    else if (code < 0x100)
        fprintf(out, "\\x%02X", (unsigned)code);
    else
        fprintf(out, "\\u%04X", (unsigned)code);
}

static void print_double_quoted(const char *text, FILE *out) {
    fputc('"', out);
    size_t left = strlen(text), bytes;
    for (; left > 0; left -= bytes, text += bytes) {
        uint32_t code = 0xFFFD; /* of a byte that is no UTF-8; no text that was read has one */
        bytes = character_decode(text, left, &code);
        bool as_it_is = bytes > 0 && code >= 0x20 && character_fits(code);
        if (bytes == 0)
            bytes = 1;
        if (code == '"' || code == '\\')
            fprintf(out, "\\%c", (char)code);
        else if (as_it_is)
            fwrite(text, 1, bytes, out);
        else
            print_escaped(code, out);
    }
    fputc('"', out);
}

static void print_string(const char *text, bool quoted, FILE *out) {
    if (!quoted && is_plain(text))
        fputs(text, out);
    else if (is_one_line(text))
        print_single_quoted(text, out);
    else
        print_double_quoted(text, out);
}

static void print_scalar(const struct node *node, FILE *out) {
    if (node->kind == NODE_NULL)
        fputs("null", out);
    else if (node->kind == NODE_BOOL)
        fputs(node->boolean ? "true" : "false", out);
    else if (node->kind == NODE_INT)
        fprintf(out, "%" PRId64, node->integer);
    else if (node->kind == NODE_FLOAT)
        fputs(float_text(node->real).text, out);
    else
        print_string(node->string, node->quoted, out);
}

/* ---- lists and maps ---------------------------------------------------------------------------- */

static bool is_number(const struct node *node) {
    return node->kind == NODE_INT || node->kind == NODE_FLOAT;
}

/* What stands on the line where it begins: scalars, lists of numbers, what is empty. */
static bool fits_line(const struct node *node) {
    if (node->kind == NODE_MAP)
        return node->count == 0;
    if (node->kind != NODE_LIST)
        return true;
    for (int i = 0; i < node->count; i++)
        if (!is_number(node->entries[i].value))
            return false;
    return true;
}

static void print_on_line(const struct node *node, FILE *out) {
    if (node->kind == NODE_MAP) {
        fputs("{}", out);
    } else if (node->kind == NODE_LIST) {
        fputc('[', out);
        for (int i = 0; i < node->count; i++) {
            fputs(i > 0 ? ", " : "", out);
            print_scalar(node->entries[i].value, out);
        }
        fputc(']', out);
    } else {
        print_scalar(node, out);
    }
    fputc('\n', out);
}

static void print_entries(const struct node *node, int indent, FILE *out);

/* The first of a list's or map's entries stands behind the "- " of the list around it. */
static void print_item(const struct node *value, int indent, FILE *out) {
    fputs("- ", out);
    if (fits_line(value))
        print_on_line(value, out);
    else
        print_entries(value, indent + 2, out);
}

static void print_pair(const struct entry *entry, int indent, FILE *out) {
    print_string(entry->key, false, out);
    fputc(':', out);
    if (fits_line(entry->value)) {
        fputc(' ', out);
        print_on_line(entry->value, out);
    } else {
        fprintf(out, "\n%*s", indent + 2, "");
        print_entries(entry->value, indent + 2, out);
    }
}

/* The cursor stands at `indent`, before the first entry. */
static void print_entries(const struct node *node, int indent, FILE *out) {
    for (int i = 0; i < node->count; i++) {
        if (i > 0)
            fprintf(out, "%*s", indent, "");
        if (node->kind == NODE_LIST)
            print_item(node->entries[i].value, indent, out);
        else
            print_pair(&node->entries[i], indent, out);
    }
}

bool node_print(const struct node *node, FILE *out) {
    if (fits_line(node))
        print_on_line(node, out);
    else
        print_entries(node, 0, out);
    return !ferror(out);
}
