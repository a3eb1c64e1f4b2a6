/* Errors of libyaml in our words. */
#ifndef CONF_SYNTAX_H
#define CONF_SYNTAX_H

#include "netrun/base.h"

#include <yaml.h>

/* Of a `|` or `>` that is none. */
#define SYNTAX_BLOCK                                                                               \
    "'|' and '>' begin a text on the lines below; put quotes around a value that begins with one"

/* A mark of libyaml as a position. */
struct pos syntax_pos(const struct text_file *file, yaml_mark_t mark);

/* Reports why the parser stopped; nothing if memory ran out. Always false. */
bool syntax_report(const yaml_parser_t *parser, const struct text_file *file,
                   struct report *report);

#endif
