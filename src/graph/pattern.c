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

/* ---- what stars took ---------------------------------------------------------------------------- */

/* The next star begins to take text; it has taken none so far. */
static void taken_begin(struct pattern_taken *taken, const char *from) {
    if (taken->count < PATTERN_MOST_STARS)
        taken->items[taken->count] = (struct pattern_text){from, 0};
    taken->count++;
}

/* The last star takes up to `to`. */
static void taken_extend(struct pattern_taken *taken, const char *to) {
    if (taken->count <= PATTERN_MOST_STARS)
        taken->items[taken->count - 1].length = (size_t)(to - taken->items[taken->count - 1].from);
}

/* ---- fitting ------------------------------------------------------------------------------------ */

/* Does a text fit a pattern in which `*` is any text? */
static bool glob_fits(const char *pattern, size_t pattern_length, const char *text, size_t length,
                      struct pattern_taken *taken) {
    size_t p = 0, t = 0, star = SIZE_MAX, star_took_to = 0;
    int before = taken->count;
    while (t < length) {
        if (p < pattern_length && pattern[p] == '*') {
            star = p++;
            star_took_to = t;
            taken_begin(taken, text + t);
        } else if (p < pattern_length && pattern[p] == text[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_took_to;
            taken_extend(taken, text + t);
        } else {
            break;
        }
    }
    for (; t == length && p < pattern_length && pattern[p] == '*'; p++)
        taken_begin(taken, text + t);
    bool fits = t == length && p == pattern_length;
    if (!fits)
        taken->count = before;
    return fits;
}

static bool is_digits(const char *text, size_t length) {
    return length > 0 && strspn(text, "0123456789") >= length;
}

/* Is this part of a pattern a negative number? */
static bool is_from_end(const char *part) {
    return part[0] == '-' && is_digits(part + 1, part_length(part) - 1);
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
                      const char *part, struct pattern_taken *taken) {
    if (is_from_end(pattern))
        return round_fits(rounds, pattern, path, part);
    return glob_fits(pattern, part_length(pattern), part, part_length(part), taken);
}

bool pattern_match(const struct text_map *rounds, const char *pattern, const char *path,
                   struct pattern_match *match) {
    match->parts.count = match->texts.count = 0;
    if (strlen(pattern) > PATTERN_MOST)
        return false;
    const char *p = pattern, *part = path;
    const char *after_stars = NULL, *stars_took_to = NULL;
    int texts_before_stars = 0;
    bool stars = false;
    while (part) {
        if (p && is_any_parts(p)) {
            stars = true;
            p = after_stars = part_after(p);
            stars_took_to = part;
            texts_before_stars = match->texts.count;
            taken_begin(&match->parts, part);
        } else if (p && part_fits(rounds, p, path, part, &match->texts)) {
            p = part_after(p);
            part = part_after(part);
        } else if (stars) {
            p = after_stars;
            match->texts.count = texts_before_stars;
            taken_extend(&match->parts, stars_took_to + part_length(stars_took_to));
            part = stars_took_to = part_after(stars_took_to);
        } else {
            return false;
        }
    }
    for (; p && is_any_parts(p); p = part_after(p))
        taken_begin(&match->parts, "");
    return !p;
}

bool pattern_fits(const struct text_map *rounds, const char *pattern, const char *path) {
    struct pattern_match match;
    return pattern_match(rounds, pattern, path, &match);
}

/* ---- filling ------------------------------------------------------------------------------------ */

struct pattern_stars pattern_stars(const char *pattern) {
    struct pattern_stars stars = {0, 0};
    for (const char *part = pattern; part; part = part_after(part))
        if (is_any_parts(part))
            stars.parts++;
        else
            for (const char *at = part; at < part + part_length(part); at++)
                stars.texts += *at == '*';
    return stars;
}

static char *join(struct arena *arena, const char *path, const char *separator, const char *text,
                  size_t length) {
    return path ? arena_printf(arena, "%s%s%.*s", path, separator, (int)length, text) : NULL;
}

/* Adds a part in which each `*` becomes the next text. */
static char *fill_part(struct arena *arena, char *path, const char *part,
                       const struct pattern_text **text) {
    const char *end = part + part_length(part);
    for (const char *separator = path && *path ? "." : ""; part < end; separator = "") {
        size_t plain = strcspn(part, "*.");
        if (plain > 0)
            path = join(arena, path, separator, part, plain);
        else
            path = join(arena, path, separator, (*text)->from, (*text)->length);
        *text += plain == 0;
        part += plain > 0 ? plain : 1;
    }
    return path;
}

/* Adds the number of the round that a negative number means; as written, where there is no such round. */
static char *fill_round(struct arena *arena, const struct text_map *rounds, char *path,
                        const char *part) {
    const int *count = path ? text_map_get(rounds, path, strlen(path)) : NULL;
    long from_end = strtol(part, NULL, 10), round = count ? *count + from_end : from_end;
    return path ? arena_printf(arena, "%s%s%ld", path, *path ? "." : "",
                               round < 0 ? from_end : round)
                : NULL;
}

char *pattern_fill(struct arena *arena, const struct text_map *rounds, const char *pattern,
                   const struct pattern_match *match) {
    const struct pattern_text *parts = match->parts.items, *text = match->texts.items;
    char *path = arena_copy(arena, "", 0);
    for (const char *part = pattern; part && path; part = part_after(part)) {
        if (is_any_parts(part)) {
            if (parts->length > 0)
                path = join(arena, path, *path ? "." : "", parts->from, parts->length);
            parts++;
        } else if (is_from_end(part)) {
            path = fill_round(arena, rounds, path, part);
        } else {
            path = fill_part(arena, path, part, &text);
        }
    }
    return path;
}

/* ---- what to say when nothing fits -------------------------------------------------------------- */

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
