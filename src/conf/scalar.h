/* What a plain scalar means, and numbers as text. */
#ifndef CONF_SCALAR_H
#define CONF_SCALAR_H

#include "netrun/conf.h"

/* Sets `node`'s kind and value from the text of a plain scalar; a string's text is left to the caller. False:
 * a number that its type cannot hold (the kind says which). */
bool scalar_resolve(const char *text, struct node *node);

/* Does it hold a `$(` that is not closed? In {a: $(x, y)} YAML ends the value at the comma. */
bool scalar_is_cut(const char *text);

/* The shortest decimal text that reads back to the same double: "0.1", "1e-5", "3", ".inf". */
struct quoted number_text(double number);

/* The same, of a float that must not look like an integer: "3.0". */
struct quoted float_text(double number);

#endif
