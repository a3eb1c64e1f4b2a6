/* What libyaml says, by its own wording (0.2.5), and what a person who wrote a netdef should do about it.
 *
 * A wording that is not in the table is passed on as it is, so another version of libyaml costs clarity but
 * never an error. */
#include "syntax.h"

#include "characters.h"

#include <string.h>

struct explanation {
    const char *problem; /* NULL: any */
    const char *context; /* what libyaml was doing; NULL: anything */
    bool at_context;     /* the place is where it began to */
    const char *message;
    const char *note; /* said of the place where it began, or NULL */
};

#define TAB "a tab cannot indent a line; use spaces"
#define TAG "'!' begins a YAML tag, which is not used here; put quotes around the text"
#define UNCLOSED "this quote is never closed"
#define ESCAPE "unknown escape in double quotes; write \\\\ for a backslash, or use single quotes"
#define SEPARATORS "; text that holds any of , : [ ] { } # needs quotes"

static const struct explanation explanations[] = {
    {.context = "while scanning a tag", .at_context = true, .message = TAG},
    {.context = "while parsing a tag", .at_context = true, .message = TAG},
    {.problem = "found undefined tag handle", .at_context = true, .message = TAG},
    {.context = "while scanning an alias",
     .at_context = true,
     .message = "'*' begins a YAML alias; put quotes around a pattern that begins with '*'"},
    {.context = "while scanning an anchor",
     .at_context = true,
     .message = "'&' begins a YAML anchor; put quotes around text that begins with '&'"},
    {.problem = "found a tab character that violates indentation", .message = TAB},
    {.problem = "found a tab character where an indentation space is expected", .message = TAB},
    {.context = "while scanning a block scalar", .at_context = true, .message = SYNTAX_BLOCK},
    {.problem = "found unexpected end of stream", .at_context = true, .message = UNCLOSED},
    {.problem = "found unexpected document indicator", .at_context = true, .message = UNCLOSED},
    {.problem = "found unknown escape character", .message = ESCAPE},
    {.problem = "did not find expected hexdecimal number", .message = ESCAPE},
    {.problem = "found invalid Unicode character escape code", .message = ESCAPE},
    {.problem = "found unexpected ':'",
     .message = "put a space behind this ':', or quotes around the text"},
    {.problem = "could not find expected ':'",
     .at_context = true,
     .message = "a ':' is missing here, or this line is indented wrongly"},
    {.problem = "mapping values are not allowed in this context",
     .message = "a ':' is not expected here; check the indentation, or put quotes around text that "
                "holds ': '"},
    {.problem = "block sequence entries are not allowed in this context",
     .message = "a list item '- ' is not expected here; put it on a line of its own"},
    {.problem = "mapping keys are not allowed in this context",
     .message = "'? ' is not expected here; put quotes around the text"},
    {.problem = "did not find expected ',' or ']'",
     .message = "expected ',' or ']' to go on with or close the list" SEPARATORS,
     .note = "the list begins here"},
    {.problem = "did not find expected ',' or '}'",
     .message = "expected ',' or '}' to go on with or close the map" SEPARATORS,
     .note = "the map begins here"},
    {.problem = "did not find expected key",
     .message = "expected a key of the map; check the indentation and the quotes before",
     .note = "the map begins here"},
    {.problem = "did not find expected '-' indicator",
     .message = "expected a list item '- '; check the indentation",
     .note = "the list begins here"},
    {.problem = "did not find expected node content", .message = "expected a value" SEPARATORS},
    {.problem = "did not find expected <document start>",
     .message = "nothing may follow the file's value; check the indentation and the brackets "
                "above"},
};

static bool fits(const char *wanted, const char *said) {
    return !wanted || (said && !strcmp(wanted, said));
}

static const struct explanation *explanation_of(const yaml_parser_t *parser) {
    for (int i = 0; i < BASE_COUNT(explanations); i++)
        if (fits(explanations[i].problem, parser->problem) &&
            fits(explanations[i].context, parser->context))
            return &explanations[i];
    return NULL;
}

struct pos syntax_pos(const struct text_file *file, yaml_mark_t mark) {
    return (struct pos){.file = file, .line = (int)mark.line + 1, .column = (int)mark.column + 1};
}

/* The character that cannot begin a value; libyaml's index counts characters. */
static char character_at(const struct text_file *file, size_t index) {
    const char *at = characters_start(file), *end = file->text + file->size;
    uint32_t code;
    for (; index > 0 && at < end; index--)
        at += character_decode(at, (size_t)(end - at), &code);
    return *at;
}

static bool report_beginning(char character, const struct pos *pos, struct report *report) {
    if (character == '\t')
        return report_at(report, pos, TAB);
    return report_at(report, pos, "a value cannot begin with '%c'; put quotes around it",
                     character);
}

static bool report_explanation(const struct explanation *explanation, const struct pos *problem,
                               const struct pos *context, struct report *report) {
    report_at(report, explanation->at_context ? context : problem, "%s", explanation->message);
    if (explanation->note)
        report_note(report, context, "%s", explanation->note);
    return false;
}

bool syntax_report(const yaml_parser_t *parser, const struct text_file *file,
                   struct report *report) {
    if (parser->error == YAML_MEMORY_ERROR)
        return false;
    struct pos problem = syntax_pos(file, parser->problem_mark);
    struct pos context = syntax_pos(file, parser->context_mark);
    const struct explanation *explanation = explanation_of(parser);
    if (explanation)
        return report_explanation(explanation, &problem, &context, report);
    if (parser->problem && !strcmp(parser->problem, "found character that cannot start any token"))
        return report_beginning(character_at(file, parser->problem_mark.index), &problem, report);
    return report_at(report, &problem, "wrong YAML: %s",
                     parser->problem ? parser->problem : "cannot be read");
}
