/* Characters of a text: UTF-8 to code points, and the ones that a YAML text may not hold. */
#ifndef CONF_CHARACTERS_H
#define CONF_CHARACTERS_H

#include "netrun/base.h"

/* Bytes of the UTF-8 character at the start of `text`, of which `left` bytes are there; its code point goes
 * to `code`. 0: damaged (overlong forms and surrogates too) or nothing left. */
size_t character_decode(const char *text, size_t left, uint32_t *code);

/* May this character stand in a YAML text as it is? Line breaks other than LF and CRLF may not: libyaml
 * would count lines there that no editor counts. */
bool character_fits(uint32_t code);

/* Where the text begins, behind a byte order mark. */
const char *characters_start(const struct text_file *file);

/* Refuses, with its place, the first byte or character that would stop libyaml or mislead its line and
 * column count, and `%` directives. */
bool characters_check(const struct text_file *file, struct report *report);

#endif
