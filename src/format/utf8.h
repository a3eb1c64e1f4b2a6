/* utf8: which bytes are text, for the file formats that allow nothing else. */
#ifndef NETRUN_FORMAT_UTF8_H
#define NETRUN_FORMAT_UTF8_H

#include "netrun/base.h"

/* Bytes of the character that starts here (1..4), 0 if none that Unicode allows does (RFC 3629: no
 * overlong forms, no surrogates, nothing over U+10FFFF). */
int utf8_length(const char *text);

/* Characters of a text; a byte that belongs to none counts as one. */
int utf8_characters(const char *text);

/* A copy with U+FFFD for every byte that belongs to no character. NULL: out of memory. */
char *utf8_repaired(struct arena *arena, const char *text);

#endif
