/* cifar10: the official binary batches (Krizhevsky 2009, "Learning multiple layers of features from tiny
 * images"): files of 10,000 records, each a label byte, then 1,024 red, 1,024 green and 1,024 blue bytes, rows
 * from the top. The files stay in memory as they are; a channel is put beside the others when it is fetched. */
#include "netrun/data.h"

enum {
    CLASSES = 10,
    CHANNELS = 3,
    SIDE = 32,
    PLANE = SIDE * SIDE,
    RECORD = 1 + CHANNELS * PLANE,
    BATCH_IMAGES = 10000,
    BATCH_BYTES = BATCH_IMAGES * RECORD,
    MOST_BATCHES = 5
};

/* One split: `batches` files, one after the other. */
struct split_files {
    const char *names[MOST_BATCHES];
    int batches;
};

static const struct split_files files_of[] = {
    [SPLIT_TRAIN] = {{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                      "data_batch_4.bin", "data_batch_5.bin"},
                     5},
    [SPLIT_TEST] = {{"test_batch.bin"}, 1},
};

static const char folder[] = "cifar-10-batches-bin";

static bool describe(const void *config, const struct data_request *request, struct arena *arena,
                     struct dataset *dataset, struct report *report) {
    static const char *const names[CLASSES] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                               "dog",      "frog",       "horse", "ship", "truck"};
    (void)config, (void)arena, (void)report;
    dataset->shape = shape_map(CHANNELS, SIDE, SIDE);
    dataset->images = files_of[request->split].batches * BATCH_IMAGES;
    dataset->classes = CLASSES;
    dataset->class_names = names;
    dataset->bytes = (size_t)dataset->images * RECORD;
    return true;
}

static bool present(const void *config, const char *data) {
    (void)config;
    for (int split = SPLIT_TRAIN; split <= SPLIT_TEST; split++)
        for (int i = 0; i < files_of[split].batches; i++) {
            char path[4096];
            snprintf(path, sizeof path, "%s/%s/%s", data, folder, files_of[split].names[i]);
            if (file_exists(path))
                return true;
        }
    return false;
}

/* ---- opening ----------------------------------------------------------------------------------- */

/* The files of the split, in memory. */
struct cifar10 {
    const uint8_t *batches[MOST_BATCHES];
};

static bool check_labels(const uint8_t *batch, const char *path, const struct pos *pos,
                         struct report *report) {
    for (int i = 0; i < BATCH_IMAGES; i++) {
        int label = batch[(size_t)i * RECORD];
        if (label >= CLASSES)
            return report_at(report, pos,
                             "'%s' is damaged: the label of its image %d is %d, not 0 to 9; run "
                             "make data",
                             path, i, label);
    }
    return true;
}

static const uint8_t *read_batch(const char *path, struct arena *arena, const struct pos *pos,
                                 struct report *report) {
    if (!file_exists(path)) {
        report_at(report, pos, "cifar10 is not complete, it lacks '%s': run make data", path);
        return NULL;
    }
    size_t size;
    const char *bytes = file_read(arena, path, 2 * BATCH_BYTES, &size, report, pos);
    if (!bytes)
        return NULL;
    if (size != BATCH_BYTES) {
        report_at(report, pos, "'%s' is damaged: it has %s bytes instead of %s; run make data",
                  path, text_commas((int64_t)size).text, text_commas(BATCH_BYTES).text);
        return NULL;
    }
    const uint8_t *batch = (const uint8_t *)bytes;
    return check_labels(batch, path, pos, report) ? batch : NULL;
}

static void fetch(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels) {
    const struct cifar10 *cifar10 = dataset->state;
    const uint8_t *record =
        cifar10->batches[index / BATCH_IMAGES] + (size_t)(index % BATCH_IMAGES) * RECORD;
    *labels = record[0];
    if (!pixels)
        return;
    for (int i = 0; i < PLANE; i++)
        for (int c = 0; c < CHANNELS; c++)
            pixels[i * CHANNELS + c] = record[1 + c * PLANE + i];
}

static bool open(const void *config, const struct data_request *request, struct arena *arena,
                 struct dataset *dataset, struct report *report) {
    (void)config;
    struct cifar10 *cifar10 = arena_alloc(arena, 1, sizeof *cifar10);
    if (!cifar10)
        return false;
    const struct split_files *files = &files_of[request->split];
    bool good = true;
    for (int i = 0; i < files->batches; i++) {
        char *path = arena_printf(arena, "%s/%s/%s", request->folder, folder, files->names[i]);
        cifar10->batches[i] = path ? read_batch(path, arena, &request->pos, report) : NULL;
        good &= cifar10->batches[i] != NULL;
    }
    dataset->state = cifar10;
    dataset->fetch = fetch;
    return good;
}

const struct source_ops data_source_cifar10 = {
    .name = "cifar10",
    .summary = "60,000 colour photographs of ten classes, 32x32 (the official binary files)",
    .example = "data: {source: cifar10, split: train, batch: 128, augment: [normalize: cifar10]}",
    .folder = folder,
    .stand_in = STAND_IN_SHAPES,
    .describe = describe,
    .present = present,
    .open = open,
};
