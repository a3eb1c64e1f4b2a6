/* An attribute table as text: help for the terminal, a table for the manual, JSON Schema for editors. */
#include "netrun/conf.h"

#include "limits.h"
#include "scalar.h"

#include <string.h>

/* ---- cells ------------------------------------------------------------------------------------- */

/* The range behind a number's type: "", " >= 1", " 1 to 64", " > 0, <= 1". */
static struct quoted range_text(const struct attr *attr) {
    struct limits limits = limits_of(attr);
    struct quoted text = {""}, low = number_text(limits.low), high = number_text(limits.high);
    bool below = limits_is_set(limits.low), above = limits_is_set(limits.high);
    if (below && above && !limits.low_open)
        snprintf(text.text, sizeof text.text, " %.30s to %.30s", low.text, high.text);
    else if (below && above)
        snprintf(text.text, sizeof text.text, " > %.30s, <= %.30s", low.text, high.text);
    else if (below)
        snprintf(text.text, sizeof text.text, " %s %.30s", limits.low_open ? ">" : ">=", low.text);
    else if (above)
        snprintf(text.text, sizeof text.text, " <= %.30s", high.text);
    return text;
}

/* Names as long as they fit, then "...". */
static struct quoted choice_text(const struct attr *attr) {
    struct quoted text = {"one of "};
    size_t used = strlen(text.text);
    for (int i = 0; attr->choices[i]; i++) {
        const char *comma = i > 0 ? ", " : "";
        if (used + strlen(attr->choices[i]) + sizeof ", , ..." > sizeof text.text) {
            strcpy(text.text + used, ", ...");
            break;
        }
        used += (size_t)sprintf(text.text + used, "%s%s", comma, attr->choices[i]);
    }
    return text;
}

struct quoted attr_type_text(const struct attr *attr) {
    static const struct {
        const char *name, *after; /* `after`: behind the range; NULL: it has none */
    } texts[] = {
        [ATTR_INT] = {"int", ""},
        [ATTR_SIZE] = {"int", " or [height, width]"},
        [ATTR_FLOAT] = {"float", ""},
        [ATTR_BOOL] = {"bool", NULL},
        [ATTR_STRING] = {"string", NULL},
        [ATTR_INT_LIST] = {"list of int", ""},
        [ATTR_FLOAT_LIST] = {"list of float", ""},
        [ATTR_STRING_LIST] = {"string or list of string", NULL},
        [ATTR_NODE] = {"any", NULL},
    };
    if (attr->type == ATTR_CHOICE)
        return choice_text(attr);
    const char *after = texts[attr->type].after;
    struct quoted text;
    snprintf(text.text, sizeof text.text, "%s%.80s%s", texts[attr->type].name,
             after ? range_text(attr).text : "", after ? after : "");
    return text;
}

struct quoted attr_default_text(const struct attr *attr) {
    struct quoted text = {"none"};
    const char *known = attr->required ? "required" : attr->shown;
    if (known)
        snprintf(text.text, sizeof text.text, "%s", known);
    else if (attr->type == ATTR_BOOL)
        strcpy(text.text, attr->fallback != 0 ? "true" : "false");
    else if (attr->type == ATTR_CHOICE)
        snprintf(text.text, sizeof text.text, "%s", attr->choices[(int)attr->fallback]);
    else if (attr->type == ATTR_INT || attr->type == ATTR_SIZE || attr->type == ATTR_FLOAT)
        text = number_text(attr->fallback);
    return text;
}

/* ---- help and manual --------------------------------------------------------------------------- */

static int wider(int width, const char *text) {
    int length = (int)strlen(text);
    return length > width ? length : width;
}

void attrs_print_help(const struct attr_table *table, FILE *out) {
    int name = 0, type = 0, fallback = 0;
    for (int i = 0; i < table->count; i++) {
        name = wider(name, table->rows[i].name);
        type = wider(type, attr_type_text(&table->rows[i]).text);
        fallback = wider(fallback, attr_default_text(&table->rows[i]).text);
    }
    for (int i = 0; i < table->count; i++) {
        const struct attr *row = &table->rows[i];
        fprintf(out, "  %-*s  %-*s  %-*s  %s\n", name, row->name, type, attr_type_text(row).text,
                fallback, attr_default_text(row).text, row->summary);
    }
}

/* A bar would end the cell. */
static void print_cell(const char *text, FILE *out) {
    fputc(' ', out);
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '|' ? "\\" : "", *text);
    fputs(" |", out);
}

void attrs_print_markdown(const struct attr_table *table, FILE *out) {
    fputs("| attribute | type | default | meaning |\n|---|---|---|---|\n", out);
    for (int i = 0; i < table->count; i++) {
        const struct attr *row = &table->rows[i];
        fprintf(out, "| `%s` |", row->name);
        print_cell(attr_type_text(row).text, out);
        print_cell(attr_default_text(row).text, out);
        print_cell(row->summary, out);
        fputc('\n', out);
    }
}

/* ---- JSON Schema ------------------------------------------------------------------------------- */

static void print_json_string(const char *text, FILE *out) {
    fputc('"', out);
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
    fputc('"', out);
}

/* {"type": "integer", "minimum": 1} */
static void print_number_schema(const struct attr *attr, const char *type, FILE *out) {
    struct limits limits = limits_of(attr);
    fprintf(out, "{\"type\": \"%s\"", type);
    if (limits_is_set(limits.low))
        fprintf(out, ", \"%s\": %s", limits.low_open ? "exclusiveMinimum" : "minimum",
                number_text(limits.low).text);
    if (limits_is_set(limits.high))
        fprintf(out, ", \"maximum\": %s", number_text(limits.high).text);
    fputc('}', out);
}

static void print_list_schema(const struct attr *attr, const char *type, const char *counts,
                              FILE *out) {
    fputs("{\"type\": \"array\", \"items\": ", out);
    print_number_schema(attr, type, out);
    fprintf(out, "%s}", counts);
}

static void print_choice_schema(const struct attr *attr, FILE *out) {
    fputs("{\"enum\": [", out);
    for (int i = 0; attr->choices[i]; i++) {
        fputs(i > 0 ? ", " : "", out);
        print_json_string(attr->choices[i], out);
    }
    fputs("]}", out);
}

/* What the value itself may be; `$` values stand beside it. */
static void print_value_schema(const struct attr *attr, FILE *out) {
    switch (attr->type) {
    case ATTR_INT:
        print_number_schema(attr, "integer", out);
        break;
    case ATTR_SIZE:
        print_number_schema(attr, "integer", out);
        fputs(", ", out);
        print_list_schema(attr, "integer", ", \"minItems\": 2, \"maxItems\": 2", out);
        break;
    case ATTR_FLOAT:
        print_number_schema(attr, "number", out);
        break;
    case ATTR_BOOL:
        fputs("{\"type\": \"boolean\"}", out);
        break;
    case ATTR_CHOICE:
        print_choice_schema(attr, out);
        break;
    case ATTR_STRING:
        fputs("{\"type\": \"string\"}", out);
        break;
    case ATTR_INT_LIST:
        print_list_schema(attr, "integer", "", out);
        break;
    case ATTR_FLOAT_LIST:
        print_list_schema(attr, "number", "", out);
        break;
    case ATTR_STRING_LIST:
        fputs("{\"type\": \"string\"}, {\"type\": \"array\", \"items\": {\"type\": \"string\"}}",
              out);
        break;
    case ATTR_NODE:
        fputs("{}", out);
        break;
    }
}

static void print_property(const struct attr *attr, FILE *out) {
    fprintf(out, "    \"%s\": {\"description\": ", attr->name);
    print_json_string(attr->summary, out);
    fputs(", \"anyOf\": [", out);
    print_value_schema(attr, out);
    fputs(", {\"type\": \"string\", \"pattern\": \"^[$]\"}]}", out);
}

void attrs_print_schema(const struct attr_table *table, FILE *out) {
    fputs("{\n  \"type\": \"object\",\n  \"additionalProperties\": false,\n  \"properties\": {",
          out);
    for (int i = 0; i < table->count; i++) {
        fputs(i > 0 ? ",\n" : "\n", out);
        print_property(&table->rows[i], out);
    }
    fputs("\n  },\n  \"required\": [", out);
    const char *comma = "";
    for (int i = 0; i < table->count; i++) {
        if (!table->rows[i].required)
            continue;
        fprintf(out, "%s\"%s\"", comma, table->rows[i].name);
        comma = ", ";
    }
    fputs("]\n}\n", out);
}
