/* images: the user's own pictures, PNG files. A folder with one folder per class, or, without labels, a folder of
 * pictures or a single one; `train` and `test` folders in it are the splits, else both splits are all of it.
 * Pictures are resized when the source is opened and kept so; a picture in its own size is read again when it is
 * asked for. Files come in the order of their names, on every machine. */
#include "netrun/data.h"
#include "resize.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct images {
    const char *path;
    struct attr_list shape, classes;
};

static const struct attr attrs[] = {
    {"path", "a PNG file, or a folder of them, or of one folder for each class", ATTR_STRING,
     offsetof(struct images, path), .required = true},
    {"shape", "channels (1 or 3), height and width that pictures are resized to", ATTR_INT_LIST,
     offsetof(struct images, shape), .shown = "[3, 32, 32]"},
    {"classes", "names of the classes, in the network's order", ATTR_STRING_LIST,
     offsetof(struct images, classes), .shown = "the folders' names"},
};

/* What is open. */
struct gallery {
    const char **paths;
    int32_t *labels;
    int count, capacity;
    uint8_t *pixels; /* of all images, resized */
};

/* All that the functions below need. */
struct opening {
    const struct images *images;
    const struct data_request *request;
    struct arena *arena;
    struct dataset *dataset;
    struct gallery *gallery;
    struct report *report;
};

/* ---- folders ----------------------------------------------------------------------------------- */

static bool is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool ends_in_png(const char *name) {
    size_t length = strlen(name);
    return length > 4 && !strcasecmp(name + length - 4, ".png");
}

struct names {
    const char **items;
    int count, capacity;
};

static bool add_name(struct arena *arena, struct names *names, const char *name) {
    const char **items =
        arena_grow(arena, names->items, names->count, &names->capacity, sizeof *items);
    const char *copy = arena_copy(arena, name, strlen(name));
    if (!items || !copy)
        return false;
    names->items = items;
    items[names->count++] = copy;
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The folders in a folder, or its pictures; sorted. Hidden ones do not count. */
static bool list_names(const struct opening *opening, const char *path, bool folders,
                       struct names *names) {
    DIR *folder = opendir(path);
    bool good = true;
    if (!folder)
        return report_at(opening->report, &opening->request->pos, "cannot read '%s': %s", path,
                         strerror(errno));
    for (struct dirent *entry; good && (entry = readdir(folder));) {
        const char *inside = arena_printf(opening->arena, "%s/%s", path, entry->d_name);
        bool wanted = inside && entry->d_name[0] != '.' &&
                      (folders ? is_folder(inside) : ends_in_png(inside) && !is_folder(inside));
        good = inside && (!wanted || add_name(opening->arena, names, entry->d_name));
    }
    closedir(folder);
    if (names->count > 1)
        qsort(names->items, (size_t)names->count, sizeof *names->items, by_name);
    return good;
}

/* ---- which pictures ---------------------------------------------------------------------------- */

static bool add_picture(const struct opening *opening, const char *path, int32_t label) {
    struct gallery *gallery = opening->gallery;
    int capacity = gallery->capacity;
    const char **paths = arena_grow(opening->arena, gallery->paths, gallery->count,
                                    &gallery->capacity, sizeof *paths);
    int32_t *labels =
        arena_grow(opening->arena, gallery->labels, gallery->count, &capacity, sizeof *labels);
    if (!path || !paths || !labels)
        return false;
    gallery->paths = paths;
    gallery->labels = labels;
    paths[gallery->count] = path;
    labels[gallery->count++] = label;
    return true;
}

static bool add_folder(const struct opening *opening, const char *path, int32_t label) {
    struct names names = {0};
    bool good = list_names(opening, path, false, &names);
    for (int i = 0; good && i < names.count; i++)
        good = add_picture(opening, arena_printf(opening->arena, "%s/%s", path, names.items[i]),
                           label);
    return good;
}

/* The class of a folder, or -1. */
static int class_of(const struct opening *opening, const char *folder) {
    const struct dataset *dataset = opening->dataset;
    struct nearest nearest = {.word = folder};
    for (int i = 0; i < dataset->classes; i++) {
        if (!strcmp(dataset->class_names[i], folder))
            return i;
        nearest_offer(&nearest, dataset->class_names[i]);
    }
    report_at(opening->report, &opening->request->pos, "the folder %s is none of the classes%s",
              quote(folder).text, nearest_hint(&nearest).text);
    return -1;
}

static bool add_classes(const struct opening *opening, const char *path,
                        const struct names *folders) {
    bool good = true;
    if (opening->images->classes.count == 0) {
        opening->dataset->classes = folders->count;
        opening->dataset->class_names = folders->items;
    }
    for (int i = 0; good && i < folders->count; i++) {
        int label = class_of(opening, folders->items[i]);
        const char *inside = arena_printf(opening->arena, "%s/%s", path, folders->items[i]);
        good = label >= 0 && inside && add_folder(opening, inside, label);
    }
    return good;
}

static void drop_labels(const struct opening *opening) {
    static const char *const unknown[] = {"unknown"};
    opening->dataset->unlabelled = true;
    if (opening->images->classes.count > 0)
        return;
    opening->dataset->classes = 1;
    opening->dataset->class_names = unknown;
}

/* Where the user's path leads, from the file it is written in. NULL: out of memory. */
static const char *path_of(const struct images *images, const struct data_request *request,
                           struct arena *arena) {
    const struct text_file *file = node_get(request->map, "path")->pos.file;
    return file_beside(arena, file ? file->path : "", images->path);
}

/* The folder of a split, where there is one, else all of it. NULL: out of memory. */
static const char *path_of_split(struct arena *arena, const char *path, enum data_split split) {
    const char *inside = arena_printf(arena, "%s/%s", path, split == SPLIT_TEST ? "test" : "train");
    return inside && !is_folder(inside) ? path : inside;
}

static bool unlabelled(const void *config, const struct data_request *request,
                       struct arena *arena) {
    const char *path = path_of(config, request, arena);
    path = path ? path_of_split(arena, path, request->split) : NULL;
    struct report *nobody = report_new(arena); /* `open` says what is wrong */
    const struct opening opening = {.request = request, .arena = arena, .report = nobody};
    struct names folders = {0};
    if (!path || !nobody || !file_exists(path))
        return false;
    return !is_folder(path) || (list_names(&opening, path, true, &folders) && folders.count == 0);
}

static bool reachable(const void *config, const struct data_request *request, struct arena *arena,
                      struct report *report) {
    const char *path = path_of(config, request, arena);
    struct stat status;
    return path &&
           (stat(path, &status) == 0 ||
            report_at(report, &request->pos, "cannot read '%s': %s", path, strerror(errno)));
}

static bool find_pictures(const struct opening *opening, const char *path) {
    struct names folders = {0};
    path = path_of_split(opening->arena, path, opening->request->split);
    if (!path)
        return false;
    bool folder = is_folder(path);
    if (folder && !list_names(opening, path, true, &folders))
        return false;
    if (folders.count > 0)
        return add_classes(opening, path, &folders);
    drop_labels(opening);
    return folder ? add_folder(opening, path, 0) : add_picture(opening, path, 0);
}

/* ---- reading them ------------------------------------------------------------------------------ */

static bool read_shape(const struct opening *opening) {
    static const int usual[] = {3, 32, 32};
    const struct attr_list *list = &opening->images->shape;
    const int *sizes = list->count > 0 ? list->items : usual;
    bool good = list->count == 0 || list->count == 3;
    good = good && (sizes[0] == 1 || sizes[0] == 3);
    for (int i = 1; i < 3 && good; i++)
        good = sizes[i] >= 1 && sizes[i] <= 4096;
    if (!good)
        return report_at(opening->report, &opening->request->pos,
                         "the shape of images is [channels, height, width]: 1 or 3 channels, "
                         "height and width from 1 to 4096");
    opening->dataset->shape = shape_map(sizes[0], sizes[1], sizes[2]);
    return true;
}

static bool read_picture(const struct opening *opening, int index) {
    struct arena *scratch = arena_child(opening->arena);
    struct shape shape = opening->dataset->shape;
    struct picture picture;
    bool good = scratch &&
                png_read(scratch, opening->gallery->paths[index], &picture, opening->report,
                         &opening->request->pos) &&
                resize_picture(scratch, &picture, shape,
                               opening->gallery->pixels + (size_t)index * shape_size(shape));
    arena_free(scratch);
    return good;
}

static bool read_pictures(const struct opening *opening, const char *path) {
    struct gallery *gallery = opening->gallery;
    size_t size = shape_size(opening->dataset->shape);
    if (gallery->count == 0)
        return report_at(opening->report, &opening->request->pos,
                         "there are no PNG pictures in '%s'", path);
    gallery->pixels = arena_alloc(opening->arena, (size_t)gallery->count, size);
    bool good = gallery->pixels != NULL;
    for (int i = 0; gallery->pixels && i < gallery->count; i++)
        good &= read_picture(opening, i);
    return good;
}

/* ---- the data set ------------------------------------------------------------------------------ */

static void fetch(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels) {
    const struct gallery *gallery = dataset->state;
    size_t size = shape_size(dataset->shape);
    *labels = gallery->labels[index];
    if (pixels)
        memcpy(pixels, gallery->pixels + (size_t)index * size, size);
}

static bool original(const struct dataset *dataset, int index, struct arena *arena,
                     struct picture *picture, struct report *report) {
    const struct gallery *gallery = dataset->state;
    return png_read(arena, gallery->paths[index], picture, report, NULL);
}

static const char *name(const struct dataset *dataset, int index) {
    const struct gallery *gallery = dataset->state;
    const char *path = gallery->paths[index], *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool open(const void *config, const struct data_request *request, struct arena *arena,
                 struct dataset *dataset, struct report *report) {
    const struct images *images = config;
    struct opening opening = {images, request, arena, dataset, NULL, report};
    const char *path = path_of(images, request, arena);
    opening.gallery = arena_alloc(arena, 1, sizeof *opening.gallery);
    dataset->classes = images->classes.count;
    dataset->class_names = images->classes.items;
    if (!path || !opening.gallery || !read_shape(&opening) || !find_pictures(&opening, path) ||
        !read_pictures(&opening, path))
        return false;
    dataset->images = opening.gallery->count;
    dataset->state = opening.gallery;
    dataset->fetch = fetch;
    dataset->original = original;
    dataset->name = name;
    return true;
}

const struct source_ops data_source_images = {
    .name = "images",
    .summary =
        "PNG pictures of your own, resized: one folder per class, or pictures without labels",
    .example = "data: {source: images, path: ../pictures, shape: [3, 32, 32], augment: [normalize: "
               "cifar10]}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct images),
    .unlabelled = unlabelled,
    .reachable = reachable,
    .open = open,
};
