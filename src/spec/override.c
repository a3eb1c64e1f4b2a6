/* Overrides, laid into the tree before anything is checked, so that a value from the command line is
 * checked like one in the file. */
#include "override.h"
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ------------------------------------------------------------------------------------ */

static int characters(const char *text, size_t bytes) {
    int count = 0;
    for (size_t i = 0; i < bytes; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static struct pos option_pos(const struct option *option, const char *at) {
    return (struct pos){option->file, 1, 1 + characters(option->path, (size_t)(at - option->path)),
                        NULL};
}

/* A copy of the tree whose places are in the option's text. */
static const struct node *moved(struct arena *arena, const struct node *node,
                                const struct text_file *file) {
    bool collection = node->kind == NODE_LIST || node->kind == NODE_MAP;
    struct node *copy = collection ? tree_copy(arena, node) : arena_alloc(arena, 1, sizeof *copy);
    if (!copy)
        return NULL;
    if (!collection)
        *copy = *node;
    copy->pos.file = file;
    for (int i = 0; collection && i < copy->count; i++) {
        struct entry *entry = &copy->entries[i];
        entry->key_pos.file = file;
        entry->value = moved(arena, entry->value, file);
        if (!entry->value)
            return NULL;
    }
    return copy;
}

/* The value is read behind as many blanks as the path has characters, which puts it in its column. */
static const struct node *read_value(struct arena *arena, const struct override *override,
                                     const struct text_file *file, struct report *report) {
    int column = characters(override->path, strlen(override->path)) + 1;
    const char *text = arena_printf(arena, "%*s%s", column, "", override->value);
    const struct node *value =
        text ? conf_parse(arena, file->path, text, strlen(text), report) : NULL;
    return value ? moved(arena, value, file) : NULL;
}

bool option_read(struct arena *arena, const struct override *override, struct option *option,
                 struct report *report) {
    struct text_file *file = arena_alloc(arena, 1, sizeof *file);
    const char *text = arena_printf(arena, "%s=%s", override->path, override->value);
    if (!file || !text)
        return false;
    *file = (struct text_file){"--set", text, strlen(text)};
    *option = (struct option){file, arena_copy(arena, text, strlen(override->path)), NULL};
    if (!option->path)
        return false;
    struct pos pos = option_pos(option, option->path + strlen(option->path));
    if (strspn(override->value, " \t") == strlen(override->value))
        return report_at(report, &pos, "there is no value after the '='");
    option->value = read_value(arena, override, file, report);
    return option->value != NULL;
}

/* ---- applying ----------------------------------------------------------------------------------- */

struct application {
    struct arena *arena;
    const struct option *option;
    struct report *report;
};

static const struct node *put(const struct application *application, const struct node *node,
                              const char *key, const char *rest);

/* The length of the key at the start of the path; keys may hold dots, the longest counts. 0: none. */
static size_t key_length(const struct node *map, const char *path, const struct entry **found) {
    size_t longest = 0;
    for (int i = 0; i < map->count; i++) {
        size_t length = strlen(map->entries[i].key);
        if (length > longest && strncmp(path, map->entries[i].key, length) == 0 &&
            (path[length] == '.' || path[length] == '\0')) {
            longest = length;
            *found = &map->entries[i];
        }
    }
    return longest;
}

/* The value to stand where `rest` leads from `node`: the option's, or `node` with it inside. */
static const struct node *put_inside(const struct application *application, const struct node *node,
                                     const char *key, const char *rest) {
    return *rest ? put(application, node, key, rest + 1) : application->option->value;
}

/* What a part of the path was looked for in, as text. */
static struct quoted place_name(const struct node *node, const char *key) {
    struct quoted place = {"the file"};
    if (node->kind != NODE_MAP)
        return node_describe(node);
    return *key ? quote(key) : place;
}

static const struct node *refuse(const struct application *application, const struct node *node,
                                 const char *key, const char *rest) {
    struct pos pos = option_pos(application->option, rest);
    char *part = arena_copy(application->arena, rest, strcspn(rest, "."));
    if (!part)
        return NULL;
    struct nearest nearest = {.word = part};
    for (int i = 0; *part && node->kind == NODE_MAP && i < node->count; i++)
        nearest_offer(&nearest, node->entries[i].key);
    report_at(application->report, &pos, "there is no %s in %s%s", quote(part).text,
              place_name(node, key).text, nearest_hint(&nearest).text);
    return NULL;
}

/* A last part may be new, but not among arms, whose names are the user's; so may the parameters of a net. */
static const struct node *put_new(const struct application *application, const struct node *map,
                                  const char *key, const char *rest) {
    size_t length = strcspn(rest, ".");
    bool params = !strcmp(key, "net") && !strncmp(rest, "params.", 7);
    bool last = rest[length] == '\0' && length > 0 && strcmp(key, "arms") != 0;
    if (!params && !last)
        return refuse(application, map, key, rest);
    struct entry entry = {arena_copy(application->arena, rest, length),
                          option_pos(application->option, rest), NULL};
    const struct node *empty = tree_empty(application->arena, &entry.key_pos);
    if (entry.key && empty)
        entry.value = put_inside(application, empty, "params", rest + length);
    return entry.value ? tree_with(application->arena, map, entry) : NULL;
}

static const struct node *put_in_map(const struct application *application, const struct node *map,
                                     const char *key, const char *rest) {
    const struct entry *found = NULL;
    size_t length = key_length(map, rest, &found);
    if (!found)
        return put_new(application, map, key, rest);
    struct entry entry = *found;
    entry.value = put_inside(application, found->value, found->key, rest + length);
    return entry.value ? tree_with(application->arena, map, entry) : NULL;
}

static const struct node *put_in_list(const struct application *application,
                                      const struct node *list, const char *key, const char *rest) {
    char *end;
    errno = 0;
    long index = strtol(rest, &end, 10);
    if (index < 0)
        index += list->count;
    bool number = end > rest && (*end == '.' || *end == '\0') && errno == 0;
    if (!number || index < 0 || index >= list->count)
        return refuse(application, list, key, rest);
    struct node *copy = tree_copy(application->arena, list);
    const struct node *value = put_inside(application, list->entries[index].value, "", end);
    if (!copy || !value)
        return NULL;
    copy->entries[index].value = value;
    return copy;
}

/* `net: P` is short for {extends: P}, and a name for the name without attributes. */
static const struct node *put_in_string(const struct application *application,
                                        const struct node *string, const char *key,
                                        const char *rest) {
    size_t length = strlen(string->string);
    bool named = !strncmp(rest, string->string, length) && rest[length] == '.';
    const struct node *map = NULL;
    if (!strcmp(key, "net")) {
        map = tree_single(application->arena, "extends", string);
    } else if (named) {
        const struct node *empty = tree_empty(application->arena, &string->pos);
        map = empty ? tree_single(application->arena, string->string, empty) : NULL;
    } else {
        return refuse(application, string, key, rest);
    }
    return map ? put_in_map(application, map, key, rest) : NULL;
}

static const struct node *put(const struct application *application, const struct node *node,
                              const char *key, const char *rest) {
    switch (node->kind) {
    case NODE_MAP:
        return put_in_map(application, node, key, rest);
    case NODE_LIST:
        return put_in_list(application, node, key, rest);
    case NODE_STRING:
        return put_in_string(application, node, key, rest);
    default:
        return refuse(application, node, key, rest);
    }
}

/* One seed takes the place of several, and the other way round. */
static const struct node *replace_seeds(struct arena *arena, const struct node *tree,
                                        const char *path) {
    const char *const seeds[] = {"seeds", NULL}, *const seed[] = {"seed", NULL};
    if (!strcmp(path, "seed"))
        return tree_without(arena, tree, seeds);
    return strcmp(path, "seeds") ? tree : tree_without(arena, tree, seed);
}

const struct node *option_apply(struct arena *arena, const struct node *tree,
                                const struct option *option, struct report *report) {
    struct application application = {arena, option, report};
    const struct node *changed = put(&application, tree, "", option->path);
    return changed ? replace_seeds(arena, changed, option->path) : NULL;
}
