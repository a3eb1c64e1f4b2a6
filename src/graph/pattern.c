/* Patterns: parts between dots; `*` is any text within one part, `**` any number of parts, -1 the last
 * round of a repeat.
 *
 * Both stars are matched greedily with one point of return: when something later does not fit, only the
 * last star has to take one more, so no pattern takes exponential time. */
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

static size_t part_length(const char *part) {
    return strcspn(part, ".");
}

/* The part after this one; NULL: it was the last. */
static const char *part_after(const char *part) {
    part += part_length(part);
    return *part ? part + 1 : NULL;
}

static bool is_any_parts(const char *part) {
    return part_length(part) == 2 && !strncmp(part, "**", 2);
}

/* Does a text fit a pattern in which `*` is any text? */
static bool glob_fits(const char *pattern, size_t pattern_length, const char *text, size_t length) {
    size_t p = 0, t = 0, star = SIZE_MAX, star_took_to = 0;
    while (t < length) {
        if (p < pattern_length && pattern[p] == '*') {
            star = p++;
            star_took_to = t;
        } else if (p < pattern_length && pattern[p] == text[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_took_to;
        } else {
            return false;
        }
    }
    while (p < pattern_length && pattern[p] == '*')
        p++;
    return p == pattern_length;
}

static bool is_digits(const char *text, size_t length) {
    return length > 0 && strspn(text, "0123456789") >= length;
}

/* Is `part` of `path` the round that a negative number in a pattern means? */
static bool round_fits(const struct text_map *rounds, const char *from_end, const char *path,
                       const char *part) {
    size_t before = part == path ? 0 : (size_t)(part - path) - 1;
    const int *count = text_map_get(rounds, path, before);
    return count && is_digits(part, part_length(part)) &&
           strtol(part, NULL, 10) == *count + strtol(from_end, NULL, 10);
}

static bool part_fits(const struct text_map *rounds, const char *pattern, const char *path,
                      const char *part) {
    size_t length = part_length(pattern);
    if (pattern[0] == '-' && is_digits(pattern + 1, length - 1))
        return round_fits(rounds, pattern, path, part);
    return glob_fits(pattern, length, part, part_length(part));
}

bool pattern_fits(const struct text_map *rounds, const char *pattern, const char *path) {
    if (strlen(pattern) > PATTERN_MOST)
        return false;
    const char *p = pattern, *part = path;
    const char *after_stars = NULL, *stars_took_to = NULL;
    bool stars = false;
    while (part) {
        if (p && is_any_parts(p)) {
            stars = true;
            p = after_stars = part_after(p);
            stars_took_to = part;
        } else if (p && part_fits(rounds, p, path, part)) {
            p = part_after(p);
            part = part_after(part);
        } else if (stars) {
            p = after_stars;
            part = stars_took_to = part_after(stars_took_to);
        } else {
            return false;
        }
    }
    while (p && is_any_parts(p))
        p = part_after(p);
    return !p;
}

void pattern_offer(struct pattern_hint *hint, const char *path) {
    size_t length = strlen(hint->pattern);
    hint->nearest.word = hint->pattern;
    hint->holds_layers |= !strncmp(path, hint->pattern, length) && path[length] == '.';
    nearest_offer(&hint->nearest, path);
}

struct quoted pattern_hint_text(const struct pattern_hint *hint) {
    struct quoted text = {"; --dry-run lists the paths"}, near = {""};
    if (hint->holds_layers)
        snprintf(text.text, sizeof text.text, "; the layers inside it are '%.40s.**'",
                 hint->pattern);
    else if (hint->nearest.name)
        near = nearest_hint(&hint->nearest);
    return *near.text ? near : text;
}
