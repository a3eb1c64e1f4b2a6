/* `map: {PATTERN OF THE FILE: PATTERN OF THE NET}`: a line fits a tensor by its whole name, or by its layer's
 * name, and then stands for the tensor of the same last part. The first line that fits a tensor counts. */
#include "pattern.h"
#include "surgery.h"

#include <string.h>

struct line {
    const struct entry *entry;
    const char *from, *to;
    int fits, placed;   /* tensors that came to it first; those of them that have a place */
    const char *missed; /* a path that it led to, and nothing is there */
};

/* ---- reading ----------------------------------------------------------------------------------- */

static bool refuse_stars(const struct line *line, const char *star, int right, int left,
                         struct report *report) {
    return report_at(report, &line->entry->value->pos,
                     "%s has %d '%s', but %s has %d; each on the right takes what one on the left "
                     "took",
                     quote(line->to).text, right, star, quote(line->from).text, left);
}

static bool line_read(const struct entry *entry, struct line *line, struct report *report) {
    *line = (struct line){.entry = entry, .from = entry->key, .to = entry->value->string};
    struct pattern_stars left = pattern_stars(line->from), right = pattern_stars(line->to);
    if (right.parts > PATTERN_MOST_STARS || right.texts > PATTERN_MOST_STARS)
        return report_at(report, &entry->value->pos, "%s has more than %d stars",
                         quote(line->to).text, PATTERN_MOST_STARS);
    if (right.parts > left.parts)
        return refuse_stars(line, "**", right.parts, left.parts, report);
    return right.texts <= left.texts || refuse_stars(line, "*", right.texts, left.texts, report);
}

/* ---- one tensor -------------------------------------------------------------------------------- */

/* A name of the file, in both ways in which a line may fit it. */
struct name {
    const char *whole, *layer; /* layer NULL: there is no dot in it */
    const char *last;          /* ".weight" */
};

static bool name_split(struct arena *scratch, const char *whole, struct name *name) {
    const char *dot = strrchr(whole, '.');
    *name = (struct name){.whole = whole, .last = dot};
    if (dot)
        name->layer = arena_copy(scratch, whole, (size_t)(dot - whole));
    return !dot || name->layer;
}

/* Where a line leads a tensor that it fits, into *path (NULL: out of memory). False: it does not fit. */
static bool line_leads(const struct pairing *pairing, const struct line *line,
                       const struct name *name, char **path) {
    static const struct text_map no_rounds;
    struct pattern_match match;
    bool whole = pattern_match(&no_rounds, line->from, name->whole, &match);
    if (!whole && !(name->layer && pattern_match(&no_rounds, line->from, name->layer, &match)))
        return false;
    *path = pattern_fill(pairing->scratch, pairing->graph->rounds, line->to, &match);
    if (*path && !whole)
        *path = arena_printf(pairing->scratch, "%s%s", *path, name->last);
    return true;
}

/* `taken`: per parameter, the tensor that goes there already, + 1. */
static bool place(const struct pairing *pairing, struct line *line, int tensor, const char *path,
                  int *taken) {
    const struct surgery_file *at = pairing->at;
    const int *param = text_map_get(pairing->params, path, strlen(path));
    line->fits++;
    if (!param) {
        line->missed = line->missed ? line->missed : path;
        return true;
    }
    if (taken[*param])
        return report_at(pairing->report, &line->entry->value->pos,
                         "%s and %s of '%s' would both go to %s",
                         quote(at->file->tensors[taken[*param] - 1].name).text,
                         quote(at->file->tensors[tensor].name).text, at->path, quote(path).text);
    taken[*param] = tensor + 1;
    at->targets[tensor] = *param;
    line->placed++;
    return true;
}

static bool place_by_lines(const struct pairing *pairing, struct line *lines, int count, int tensor,
                           int *taken) {
    struct name name;
    if (!name_split(pairing->scratch, pairing->at->file->tensors[tensor].name, &name))
        return false;
    for (int i = 0; i < count; i++) {
        char *path;
        if (line_leads(pairing, &lines[i], &name, &path))
            return path && place(pairing, &lines[i], tensor, path, taken);
    }
    return true;
}

/* ---- lines that do nothing --------------------------------------------------------------------- */

static bool refuse_from(const struct pairing *pairing, const struct line *line) {
    const struct surgery_file *at = pairing->at;
    struct pattern_hint hint = {.pattern = line->from};
    bool fits = false;
    for (int i = 0; i < at->file->count; i++) {
        struct name name;
        char *path;
        if (!name_split(pairing->scratch, at->file->tensors[i].name, &name))
            return false;
        fits |= at->fates[i] != SURGERY_IGNORED && line_leads(pairing, line, &name, &path);
        pattern_offer(&hint, name.whole);
        if (name.layer)
            pattern_offer(&hint, name.layer);
    }
    if (fits)
        return report_at(pairing->report, &line->entry->key_pos,
                         "lines above have taken all tensors that fit %s", quote(line->from).text);
    const char *holds = surgery_names(pairing->scratch, at, SURGERY_UNUSED);
    struct quoted near = nearest_hint(&hint.nearest);
    if (hint.holds_layers)
        near = pattern_hint_text(&hint);
    return holds && report_at(pairing->report, &line->entry->key_pos,
                              "no tensor of '%s' fits %s%s%s", at->path, quote(line->from).text,
                              *near.text ? near.text : "; it holds ", *near.text ? "" : holds);
}

static bool refuse_to(const struct pairing *pairing, const struct line *line) {
    struct nearest nearest = {.word = line->missed};
    for (int i = 0; i < pairing->graph->param_count; i++)
        nearest_offer(&nearest, pairing->graph->params[i].path);
    return report_at(pairing->report, &line->entry->value->pos,
                     "%s leads to %s, which %s does not have%s", quote(line->to).text,
                     quote(line->missed).text, pairing->graph->name, nearest_hint(&nearest).text);
}

static bool lines_work(const struct pairing *pairing, const struct line *lines, int count) {
    bool good = true;
    for (int i = 0; i < count; i++)
        if (lines[i].fits == 0)
            good = refuse_from(pairing, &lines[i]);
        else if (lines[i].placed == 0)
            good = refuse_to(pairing, &lines[i]);
    return good;
}

bool pair_by_map(const struct pairing *pairing, const struct node *map) {
    struct line *lines = arena_alloc(pairing->scratch, (size_t)map->count, sizeof *lines);
    int *taken = arena_alloc(pairing->scratch, (size_t)pairing->graph->param_count, sizeof *taken);
    bool good = lines && taken;
    for (int i = 0; lines && i < map->count; i++)
        good = line_read(&map->entries[i], &lines[i], pairing->report) && good;
    for (int i = 0; good && i < pairing->at->file->count; i++)
        if (pairing->at->fates[i] != SURGERY_IGNORED)
            good = place_by_lines(pairing, lines, map->count, i, taken);
    return good && lines_work(pairing, lines, map->count);
}
