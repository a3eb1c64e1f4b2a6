/* Where in the user's text a byte of a scalar stands. */
#include "expression.h"

#include <string.h>

/* The first byte of the character that `pos` says, or NULL. */
static const char *character_at(const struct pos *pos) {
    if (!pos->file)
        return NULL;
    const char *at = pos->file->text;
    for (int line = 1; line < pos->line; line++) {
        at = strchr(at, '\n');
        if (!at)
            return NULL;
        at++;
    }
    if (!strncmp(at, "\xEF\xBB\xBF", 3))
        at += 3;
    for (int column = 1; column < pos->column && *at && *at != '\n'; column++)
        for (at++; ((unsigned char)*at & 0xC0) == 0x80;)
            at++;
    return at;
}

/* The scalar's text is looked for in its line, because quotes, an anchor or a tag may stand before it. */
struct pos expression_place(const struct node *scalar, size_t at) {
    struct pos pos = scalar->pos;
    const char *from = character_at(&pos);
    const char *found = from ? strstr(from, scalar->string) : NULL;
    if (!found || found > from + strcspn(from, "\r\n"))
        return pos;
    for (; from < found + at; from++)
        pos.column += ((unsigned char)*from & 0xC0) != 0x80;
    return pos;
}
