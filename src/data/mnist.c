/* mnist: the official IDX files (LeCun, Cortes, Burges), gzipped or not. A head of big-endian 32-bit words -
 * magic number, count, and for images rows and columns - is followed by bytes. The count is the file's own, so
 * that other sets in this form, or parts of one, can be used. */
#include "netrun/data.h"
#include "netrun/format.h"

enum {
    CLASSES = 10,
    SIDE = 28,
    PLANE = SIDE * SIDE,
    MAGIC_IMAGES = 2051,
    MAGIC_LABELS = 2049,
    TRAIN_IMAGES = 60000,
    TEST_IMAGES = 10000,
    MOST_BYTES = 256 * 1000 * 1000 /* of an unpacked file */
};

/* The two kinds of file. */
struct idx_kind {
    const char *what; /* they hold */
    uint32_t magic;
    size_t head, item; /* bytes */
};

static const struct idx_kind idx_images = {"images", MAGIC_IMAGES, 16, PLANE};
static const struct idx_kind idx_labels = {"labels", MAGIC_LABELS, 8, 1};

static const char *const image_names[] = {
    [SPLIT_TRAIN] = "train-images-idx3-ubyte", [SPLIT_TEST] = "t10k-images-idx3-ubyte"};
static const char *const label_names[] = {
    [SPLIT_TRAIN] = "train-labels-idx1-ubyte", [SPLIT_TEST] = "t10k-labels-idx1-ubyte"};

static const char folder[] = "mnist";

static bool describe(const void *config, const struct data_request *request, struct arena *arena,
                     struct dataset *dataset, struct report *report) {
    static const char *const names[CLASSES] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
    (void)config, (void)arena, (void)report;
    dataset->shape = shape_map(1, SIDE, SIDE);
    dataset->images = request->split == SPLIT_TRAIN ? TRAIN_IMAGES : TEST_IMAGES;
    dataset->classes = CLASSES;
    dataset->class_names = names;
    dataset->bytes = (size_t)dataset->images * (PLANE + 1);
    return true;
}

static bool exists(const char *data, const char *name, const char *ending) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s/%s%s", data, folder, name, ending);
    return file_exists(path);
}

static bool present(const void *config, const char *data) {
    (void)config;
    for (int split = SPLIT_TRAIN; split <= SPLIT_TEST; split++)
        if (exists(data, image_names[split], "") || exists(data, image_names[split], ".gz") ||
            exists(data, label_names[split], "") || exists(data, label_names[split], ".gz"))
            return true;
    return false;
}

/* ---- IDX files --------------------------------------------------------------------------------- */

/* A file in memory, its head checked. */
struct idx {
    const char *path;
    const uint8_t *items;
    int count;
};

static uint32_t word_at(const uint8_t *bytes, int index) {
    const uint8_t *word = bytes + 4 * (size_t)index;
    return (uint32_t)word[0] << 24 | (uint32_t)word[1] << 16 | (uint32_t)word[2] << 8 | word[3];
}

static bool check_head(const struct idx_kind *kind, const char *path, const uint8_t *bytes,
                       size_t size, const struct pos *pos, struct report *report) {
    if (size < kind->head)
        return report_at(report, pos,
                         "'%s' is damaged: it ends within its head of %zu bytes; run make data",
                         path, kind->head);
    if (word_at(bytes, 0) != kind->magic)
        return report_at(
            report, pos,
            "'%s' is no IDX file of %s: it begins with %u instead of %u; run make data", path,
            kind->what, word_at(bytes, 0), kind->magic);
    if (kind == &idx_images && (word_at(bytes, 2) != SIDE || word_at(bytes, 3) != SIDE))
        return report_at(report, pos, "'%s' holds images of %ux%u pixels; those of mnist are 28x28",
                         path, word_at(bytes, 2), word_at(bytes, 3));
    return true;
}

static bool check_count(const struct idx_kind *kind, const char *path, const uint8_t *bytes,
                        size_t size, const struct pos *pos, struct report *report) {
    uint32_t count = word_at(bytes, 1);
    if (count == 0)
        return report_at(report, pos, "'%s' holds no %s; run make data", path, kind->what);
    uint64_t wanted = kind->head + (uint64_t)count * kind->item;
    return size == wanted ||
           report_at(report, pos,
                     "'%s' is damaged: %s %s take %s bytes, but it has %s; run make data", path,
                     text_commas(count).text, kind->what, text_commas((int64_t)wanted).text,
                     text_commas((int64_t)size).text);
}

/* Errors of unpacking do not know who asked. */
static const uint8_t *unpack(struct arena *arena, const char *path, size_t *size,
                             const struct pos *pos, struct report *report) {
    int errors = report_count(report);
    const uint8_t *bytes = gzip_read(arena, path, MOST_BYTES, size, report);
    if (report_count(report) > errors)
        report_note(report, pos, "the data is asked for here");
    return bytes;
}

static bool read_idx(const struct idx_kind *kind, const char *name,
                     const struct data_request *request, struct arena *arena, struct idx *idx,
                     struct report *report) {
    const char *ending = exists(request->folder, name, "") ? "" : ".gz";
    idx->path = arena_printf(arena, "%s/%s/%s%s", request->folder, folder, name, ending);
    if (!idx->path)
        return false;
    if (!file_exists(idx->path))
        return report_at(report, &request->pos,
                         "mnist is not complete, it lacks '%s': run make data", idx->path);
    size_t size;
    const uint8_t *bytes = unpack(arena, idx->path, &size, &request->pos, report);
    if (!bytes || !check_head(kind, idx->path, bytes, size, &request->pos, report) ||
        !check_count(kind, idx->path, bytes, size, &request->pos, report))
        return false;
    idx->items = bytes + kind->head;
    idx->count = (int)word_at(bytes, 1);
    return true;
}

/* ---- opening ----------------------------------------------------------------------------------- */

struct mnist {
    struct idx images, labels;
};

static bool check_pair(const struct mnist *mnist, const struct pos *pos, struct report *report) {
    const struct idx *images = &mnist->images, *labels = &mnist->labels;
    if (images->count != labels->count)
        return report_at(report, pos, "'%s' holds %s images, but '%s' %s labels; run make data",
                         images->path, text_commas(images->count).text, labels->path,
                         text_commas(labels->count).text);
    for (int i = 0; i < labels->count; i++)
        if (labels->items[i] >= CLASSES)
            return report_at(report, pos,
                             "'%s' is damaged: the label of image %d is %d, not 0 to 9; run make "
                             "data",
                             labels->path, i, labels->items[i]);
    return true;
}

static void fetch(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels) {
    const struct mnist *mnist = dataset->state;
    const uint8_t *image = mnist->images.items + (size_t)index * PLANE;
    *labels = mnist->labels.items[index];
    for (int i = 0; pixels && i < PLANE; i++)
        pixels[i] = image[i];
}

static bool open(const void *config, const struct data_request *request, struct arena *arena,
                 struct dataset *dataset, struct report *report) {
    (void)config;
    struct mnist *mnist = arena_alloc(arena, 1, sizeof *mnist);
    if (!mnist)
        return false;
    bool images =
        read_idx(&idx_images, image_names[request->split], request, arena, &mnist->images, report);
    bool labels =
        read_idx(&idx_labels, label_names[request->split], request, arena, &mnist->labels, report);
    if (!images || !labels || !check_pair(mnist, &request->pos, report))
        return false;
    dataset->images = mnist->images.count;
    dataset->state = mnist;
    dataset->fetch = fetch;
    return true;
}

const struct source_ops data_source_mnist = {
    .name = "mnist",
    .summary = "70,000 handwritten digits in grey, 28x28 (the official IDX files, gzipped or not)",
    .example = "data: {source: mnist, split: train, batch: 128, augment: [normalize: mnist]}",
    .folder = folder,
    .stand_in = STAND_IN_DIGITS,
    .describe = describe,
    .present = present,
    .open = open,
};
