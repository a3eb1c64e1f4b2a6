/* YAML text to a tree: libyaml's events, read by functions that follow the structure of the text.
 *
 * Every function that reads a value begins with the value's first event at hand and ends with its last one
 * at hand. False means stop: a syntax error, a limit, or no memory. Faults that do not hinder reading are
 * reported on the way, so that all of a file are seen at once.
 *
 * An alias is the very node of its anchor: the tree shares parts, and costs no more memory than the text. What
 * it would be with all aliases written out is counted and bounded, for those who walk through it. */
#include "characters.h"
#include "key_tree.h"
#include "parts.h"
#include "scalar.h"
#include "syntax.h"

#include "netrun/conf.h"

#include <string.h>

enum {
    TEXT_MOST = 4000000, /* bytes */
    DEPTH_MOST = 64,     /* maps and lists within each other */
    VALUES_MOST = 100000,
    KEY_MOST = 250 /* bytes; even escaped they fit libyaml's 1024 characters */
};

/* A value that has been read, and its extent with all aliases written out. */
struct built {
    const struct node *node; /* NULL: being read */
    int values, height; /* itself and all in it; maps and lists within each other, 0: a scalar */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the one at hand */
    const struct text_file *file;
    struct arena *arena, *scratch; /* for the tree; for what is needed while reading */
    struct key_tree *anchors;      /* to struct built */
    int values;
    int cut_line; /* of the last `$(` that YAML cut; what is wrong behind it comes from that */
    struct report *report;
};

static struct pos event_pos(const struct reader *reader) {
    return syntax_pos(reader->file, reader->event.start_mark);
}

static bool advance(struct reader *reader) {
    yaml_event_delete(&reader->event);
    if (yaml_parser_parse(&reader->parser, &reader->event))
        return true;
    if ((int)reader->parser.problem_mark.line + 1 == reader->cut_line)
        return false;
    return syntax_report(&reader->parser, reader->file, reader->report);
}

/* ---- limits ------------------------------------------------------------------------------------ */

static bool count_values(struct reader *reader, int values, const struct pos *pos) {
    if (values > VALUES_MOST - reader->values)
        return report_at(reader->report, pos,
                         "more than %s keys and values, with every alias written out",
                         text_commas(VALUES_MOST).text);
    reader->values += values;
    return true;
}

static bool check_depth(struct reader *reader, int depth, const struct pos *pos) {
    if (depth > DEPTH_MOST)
        return report_at(reader->report, pos, "maps and lists are nested more than %d deep",
                         DEPTH_MOST);
    return true;
}

/* Takes a part into account of what holds it. */
static void absorb(struct built *whole, const struct built *part) {
    whole->values += part->values;
    if (whole->height <= part->height)
        whole->height = part->height + 1;
}

/* ---- anchors, aliases, tags -------------------------------------------------------------------- */

static const char *event_anchor(const yaml_event_t *event) {
    if (event->type == YAML_SCALAR_EVENT)
        return (const char *)event->data.scalar.anchor;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return (const char *)event->data.sequence_start.anchor;
    return (const char *)event->data.mapping_start.anchor;
}

static const char *event_tag(const yaml_event_t *event) {
    if (event->type == YAML_SCALAR_EVENT)
        return (const char *)event->data.scalar.tag;
    if (event->type == YAML_SEQUENCE_START_EVENT)
        return (const char *)event->data.sequence_start.tag;
    return (const char *)event->data.mapping_start.tag;
}

static void refuse_tag(struct reader *reader, const struct pos *pos) {
    static const char core[] = "tag:yaml.org,2002:";
    const char *tag = event_tag(&reader->event);
    if (!tag)
        return;
    bool is_core = !strncmp(tag, core, strlen(core));
    report_at(reader->report, pos,
              "the YAML tag '%s%.40s' is not used here; delete it, or put quotes around the text",
              is_core ? "!!" : "", is_core ? tag + strlen(core) : tag);
}

/* Declares the anchor of the value that begins here, if it has one; a later one of the same name takes its
 * place, as YAML has it. */
static bool open_anchor(struct reader *reader, struct built **anchor) {
    const char *name = event_anchor(&reader->event);
    *anchor = NULL;
    if (!name)
        return true;
    *anchor = arena_alloc(reader->scratch, 1, sizeof **anchor);
    const char *kept = arena_copy(reader->scratch, name, strlen(name));
    if (!*anchor || !kept)
        return false;
    struct key_tree *known = key_tree_find(reader->anchors, kept);
    if (!known)
        return key_tree_add(reader->scratch, &reader->anchors, kept, *anchor);
    known->value = *anchor;
    return true;
}

static void refuse_alias(struct reader *reader, const char *name, bool known,
                         const struct pos *pos) {
    if (known)
        report_at(reader->report, pos, "the alias '*%.40s' stands inside its own anchor", name);
    else
        report_at(reader->report, pos,
                  "there is no anchor '&%.40s' before this alias; put quotes around a pattern that "
                  "begins with '*'",
                  name);
}

static bool read_alias(struct reader *reader, int depth, struct built *out) {
    struct pos pos = event_pos(reader);
    const char *name = (const char *)reader->event.data.alias.anchor;
    struct key_tree *known = key_tree_find(reader->anchors, name);
    *out = known ? *(const struct built *)known->value : (struct built){0};
    if (!out->node) {
        refuse_alias(reader, name, known != NULL, &pos);
        *out = (struct built){.node = node_new(reader->arena, NODE_NULL, &pos), .values = 1};
    }
    return out->node && check_depth(reader, depth + out->height, &pos) &&
           count_values(reader, out->values, &pos);
}

/* ---- scalars ----------------------------------------------------------------------------------- */

static void check_plain(struct reader *reader, const char *text, bool in_range,
                        const struct node *node) {
    if (!in_range)
        report_at(reader->report, &node->pos, "%s is too large a number; put quotes around a text",
                  quote(text).text);
    if (!scalar_is_cut(text))
        return;
    report_at(reader->report, &node->pos,
              "%s has no closing ')': YAML ended the value there; put quotes around it",
              quote(text).text);
    reader->cut_line = node->pos.line;
}

/* `a: >3` begins a block of text with three spaces before each line, here of no lines. */
static void check_quoted(struct reader *reader, const char *text, const struct node *node) {
    yaml_scalar_style_t style = reader->event.data.scalar.style;
    if (strlen(text) < reader->event.data.scalar.length)
        report_at(reader->report, &node->pos, "a text cannot hold the character \\0");
    else if (!*text && style != YAML_SINGLE_QUOTED_SCALAR_STYLE &&
             style != YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        report_at(reader->report, &node->pos, SYNTAX_BLOCK);
}

static bool read_scalar(struct reader *reader, struct node *node) {
    const char *text = (const char *)reader->event.data.scalar.value;
    node->kind = NODE_STRING;
    node->quoted = reader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (node->quoted)
        check_quoted(reader, text, node);
    else
        check_plain(reader, text, scalar_resolve(text, node), node);
    if (node->kind != NODE_STRING)
        return true;
    node->string = arena_copy(reader->arena, text, strlen(text));
    return node->string != NULL;
}

/* Is the value at hand one that was not written? */
static bool nothing_written(const yaml_event_t *event) {
    return event->type == YAML_SCALAR_EVENT && event->data.scalar.length == 0 &&
           event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* ---- lists and maps ---------------------------------------------------------------------------- */

static bool read_value(struct reader *reader, int depth, struct built *out);

static void close_parts(struct node *node, const struct parts *parts) {
    node->entries = parts->entries;
    node->count = parts->count;
}

static bool read_list(struct reader *reader, int depth, struct node *list, struct built *out) {
    struct parts parts = {0};
    while (advance(reader)) {
        if (reader->event.type == YAML_SEQUENCE_END_EVENT) {
            close_parts(list, &parts);
            return true;
        }
        struct built item;
        if (!read_value(reader, depth, &item))
            return false;
        absorb(out, &item);
        if (!parts_append(reader->arena, &parts, &(struct entry){.value = item.node}))
            return false;
    }
    return false;
}

static bool is_merge_key(const struct node *key) {
    return key->kind == NODE_STRING && !key->quoted && !strcmp(key->string, "<<");
}

static bool refuse_repeated(struct reader *reader, const char *key, const struct pos *pos,
                            const struct pos *first) {
    report_at(reader->report, pos, "the key %s is written twice", quote(key).text);
    report_note(reader->report, first, "it is first written here");
    return false;
}

/* May this be a new key of the map? False: no, and it is said. */
static bool check_key(struct reader *reader, const struct parts *parts, const struct node *key,
                      const struct pos *pos) {
    if (pos->line == reader->cut_line)
        return false;
    if (key->kind == NODE_LIST || key->kind == NODE_MAP)
        return report_at(reader->report, pos, "a key is a text, not %s", node_kind_name(key->kind));
    if (key->kind != NODE_STRING)
        return report_at(reader->report, pos, "a key is a text, not %s; put quotes around it",
                         node_describe(key).text);
    if (strlen(key->string) > KEY_MOST)
        return report_at(reader->report, pos, "a key has at most %d bytes", KEY_MOST);
    if (is_merge_key(key))
        return !parts->merge_key || refuse_repeated(reader, "<<", pos, &parts->merge_key->pos);
    struct key_tree *known = key_tree_find(parts->keys, key->string);
    if (!known)
        return true;
    return refuse_repeated(reader, key->string, pos, &((const struct node *)known->value)->pos);
}

/* In {out:16} YAML sees the key 'out:16' and no value. */
static void check_glued(struct reader *reader, const struct node *key, const struct pos *pos) {
    if (key->kind != NODE_STRING || key->quoted || !strchr(key->string, ':') ||
        !nothing_written(&reader->event) || pos->line == reader->cut_line)
        return;
    report_at(reader->report, pos, "%s is a key without a value; put a space behind the ':'",
              quote(key->string).text);
}

static void add_merge(struct reader *reader, struct parts *parts, const struct node *key,
                      const struct node *value) {
    parts->merge_key = key;
    parts->merge_at = parts->count;
    if (parts_can_merge(value))
        parts->merge = value;
    else
        report_at(reader->report, &value->pos, "'<<' takes a map or a list of maps, not %s",
                  node_describe(value).text);
}

static bool add_entry(struct reader *reader, struct parts *parts, const struct node *key,
                      const struct pos *pos, const struct node *value) {
    if (is_merge_key(key)) {
        add_merge(reader, parts, key, value);
        return true;
    }
    struct entry entry = {.key = key->string, .key_pos = *pos, .value = value};
    return key_tree_add(reader->scratch, &parts->keys, key->string, key) &&
           parts_append(reader->arena, parts, &entry);
}

static bool read_entry(struct reader *reader, int depth, struct parts *parts, struct built *out) {
    struct pos pos = event_pos(reader);
    struct built key, value;
    if (!read_value(reader, depth, &key))
        return false;
    bool usable = check_key(reader, parts, key.node, &pos);
    if (!advance(reader) || !read_value(reader, depth, &value))
        return false;
    check_glued(reader, key.node, &pos);
    absorb(out, &key);
    absorb(out, &value);
    return !usable || add_entry(reader, parts, key.node, &pos, value.node);
}

static bool read_map(struct reader *reader, int depth, struct node *map, struct built *out) {
    struct parts parts = {0};
    while (advance(reader)) {
        if (reader->event.type == YAML_MAPPING_END_EVENT) {
            if (parts.merge && !parts_merge(reader->arena, reader->scratch, &parts))
                return false;
            close_parts(map, &parts);
            return true;
        }
        if (!read_entry(reader, depth, &parts, out))
            return false;
    }
    return false;
}

static bool read_collection(struct reader *reader, int depth, struct node *node,
                            struct built *out) {
    if (!check_depth(reader, depth + 1, &node->pos))
        return false;
    bool list = reader->event.type == YAML_SEQUENCE_START_EVENT;
    node->kind = list ? NODE_LIST : NODE_MAP;
    out->height = 1;
    return list ? read_list(reader, depth + 1, node, out) : read_map(reader, depth + 1, node, out);
}

/* `depth`: the maps and lists around it. */
static bool read_value(struct reader *reader, int depth, struct built *out) {
    if (reader->event.type == YAML_ALIAS_EVENT)
        return read_alias(reader, depth, out);
    struct pos pos = event_pos(reader);
    struct node *node = node_new(reader->arena, NODE_NULL, &pos);
    struct built *anchor;
    if (!node || !count_values(reader, 1, &pos) || !open_anchor(reader, &anchor))
        return false;
    refuse_tag(reader, &pos);
    *out = (struct built){.node = node, .values = 1};
    bool fine = reader->event.type == YAML_SCALAR_EVENT ? read_scalar(reader, node)
                                                        : read_collection(reader, depth, node, out);
    if (anchor)
        *anchor = *out;
    return fine;
}

/* ---- the whole text ---------------------------------------------------------------------------- */

static const struct node *refuse_empty(struct reader *reader) {
    struct pos pos = {.file = reader->file, .line = 1, .column = 1};
    report_at(reader->report, &pos, "there is nothing in this file");
    return NULL;
}

/* The stream's start, one document, the stream's end. */
static const struct node *read_stream(struct reader *reader) {
    struct built root;
    if (!advance(reader) || !advance(reader))
        return NULL;
    if (reader->event.type == YAML_STREAM_END_EVENT)
        return refuse_empty(reader);
    if (!advance(reader))
        return NULL;
    if (nothing_written(&reader->event))
        return refuse_empty(reader);
    if (!read_value(reader, 0, &root) || !advance(reader) || !advance(reader))
        return NULL;
    struct pos pos = event_pos(reader);
    if (reader->event.type != YAML_STREAM_END_EVENT)
        report_at(reader->report, &pos, "a second document begins here; a file holds one");
    return root.node;
}

/* libyaml is told the encoding and not shown the byte order mark, which it would count as a column. */
static bool open_parser(yaml_parser_t *parser, const struct text_file *file) {
    const char *start = characters_start(file);
    if (!yaml_parser_initialize(parser))
        return false;
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)start,
                                 file->size - (size_t)(start - file->text));
    return true;
}

static const struct node *read_file(struct arena *arena, const struct text_file *file,
                                    struct report *report) {
    struct reader reader = {.file = file, .arena = arena, .report = report};
    const struct node *root = NULL;
    int faults = report_count(report);
    if (!characters_check(file, report))
        return NULL;
    reader.scratch = arena_child(arena);
    if (reader.scratch && open_parser(&reader.parser, file)) {
        root = read_stream(&reader);
        yaml_event_delete(&reader.event);
        yaml_parser_delete(&reader.parser);
    }
    arena_free(reader.scratch);
    return report_count(report) == faults ? root : NULL;
}

/* The text with its name, both already in the arena. NULL: out of memory. */
static struct text_file *file_new(struct arena *arena, const char *path, const char *text,
                                  size_t size) {
    struct text_file *file = arena_alloc(arena, 1, sizeof *file);
    if (!file || !path || !text)
        return NULL;
    *file = (struct text_file){.path = path, .text = text, .size = size};
    return file;
}

const struct node *conf_read(struct arena *arena, const char *path, struct report *report,
                             const struct pos *pos) {
    size_t size;
    const char *text = file_read(arena, path, TEXT_MOST, &size, report, pos);
    if (!text)
        return NULL;
    struct text_file *file = file_new(arena, arena_copy(arena, path, strlen(path)), text, size);
    return file ? read_file(arena, file, report) : NULL;
}

const struct node *conf_parse(struct arena *arena, const char *name, const char *text, size_t size,
                              struct report *report) {
    struct text_file *file =
        file_new(arena, arena_copy(arena, name, strlen(name)), arena_copy(arena, text, size), size);
    if (!file)
        return NULL;
    struct pos pos = {.file = file, .line = 1, .column = 1};
    if (size > TEXT_MOST) {
        report_at(report, &pos, "the text has %s; at most %s are read", text_bytes(size).text,
                  text_bytes(TEXT_MOST).text);
        return NULL;
    }
    return read_file(arena, file, report);
}
