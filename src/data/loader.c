/* Batches in a fixed order: image `position` of an epoch is a function of (seed, epoch, position), and what
 * is drawn at random for it of (seed, epoch, image), so a run that is taken up again, or has more threads,
 * sees the same bits. Images of a batch are made in parallel, each in its own memory. */
#include "sample.h"
#include "spec.h"

#include <string.h>

struct loader {
    const struct data_spec *spec;
    const struct dataset *dataset;
    uint64_t seed;
    bool shuffle, augment;
    int *order;    /* the images of `epoch` */
    int64_t epoch; /* -1: none yet */
    char *memory;  /* of the samples of a batch */
    size_t stride; /* bytes from one to the next */
};

size_t loader_bytes(const struct dataset *dataset, int batch) {
    return sizeof(struct loader) + (size_t)dataset->images * sizeof(int) +
           (size_t)batch * sample_bytes(dataset->shape, dataset->masks);
}

static size_t labels_of(const struct dataset *dataset, int images) {
    size_t pixels = (size_t)dataset->shape.height * (size_t)dataset->shape.width;
    return (size_t)images * (dataset->masks ? pixels : 1);
}

size_t batch_labels(const struct loader *loader, int images) {
    return labels_of(loader->dataset, images);
}

size_t batch_bytes(const struct dataset *dataset, int batch) {
    return (size_t)batch * shape_size(dataset->shape) * sizeof(float) +
           labels_of(dataset, batch) * sizeof(int32_t);
}

bool batch_new(struct arena *arena, const struct loader *loader, struct batch *batch) {
    struct shape shape = loader->dataset->shape;
    int images = loader->spec->batch;
    float *values = arena_alloc(arena, (size_t)images * shape_size(shape), sizeof *values);
    batch->images = tensor_at(values, images, shape, shape.channels);
    batch->labels = arena_alloc(arena, labels_of(loader->dataset, images), sizeof *batch->labels);
    return values && batch->labels;
}

/* Where the shape was not known before the files were open. */
static bool check_augments(const struct data_spec *spec, struct shape shape,
                           struct report *report) {
    bool good = true;
    for (int i = 0; i < spec->augment_count; i++) {
        const struct augment_step *step = &spec->augments[i];
        good &= !step->ops->check || step->ops->check(step->config, shape, &step->pos, report);
    }
    return good;
}

struct loader *loader_new(struct arena *arena, const struct data_spec *spec,
                          const struct dataset *dataset, uint64_t seed, bool shuffle, bool augment,
                          struct report *report) {
    if (!check_augments(spec, dataset->shape, report))
        return NULL;
    size_t stride = sample_bytes(dataset->shape, dataset->masks);
    struct loader *loader = arena_alloc(arena, 1, sizeof *loader);
    int *order = arena_alloc(arena, (size_t)dataset->images, sizeof *order);
    char *memory = arena_alloc(arena, (size_t)spec->batch, stride);
    if (!loader || !order || !memory)
        return NULL;
    *loader = (struct loader){spec, dataset, seed, shuffle, augment, order, -1, memory, stride};
    return loader;
}

int loader_batches(const struct loader *loader) {
    return (loader->dataset->images - 1) / loader->spec->batch + 1;
}

static void start_epoch(struct loader *loader, int64_t epoch) {
    for (int i = 0; i < loader->dataset->images; i++)
        loader->order[i] = i;
    struct random random = random_stream(loader->seed, RANDOM_SHUFFLE, (uint32_t)epoch, 0);
    if (loader->shuffle)
        random_shuffle(&random, loader->order, loader->dataset->images);
    loader->epoch = epoch;
}

/* `normalized` false leaves out what is done to every image, trained on or not. Floats are made by the first
 * augmentation that needs them, or at the end. */
static void augment_sample(const struct loader *loader, bool normalized, struct sample *sample) {
    bool floats = false;
    for (int i = 0; i < loader->spec->augment_count; i++) {
        const struct augment_step *step = &loader->spec->augments[i];
        if (step->ops->evaluation ? !normalized : !loader->augment)
            continue;
        if (step->ops->floats && !floats)
            sample_to_floats(sample);
        floats |= step->ops->floats;
        step->ops->apply(step->config, sample);
    }
    if (!floats)
        sample_to_floats(sample);
}

/* Where an image and its labels go, and memory for its sample. */
struct place {
    struct tensor values;
    int32_t *labels;
    char *memory;
};

static void make_image(const struct loader *loader, int64_t epoch, int image, bool normalized,
                       struct place place) {
    const struct dataset *dataset = loader->dataset;
    struct random random =
        random_stream(loader->seed, RANDOM_AUGMENT, (uint32_t)epoch, (uint32_t)image);
    struct sample sample = {.values = place.values, .random = &random};
    sample_place(&sample, dataset->shape, dataset->masks, place.memory);
    int32_t *labels = dataset->masks ? sample.mask : place.labels;
    if (dataset->fetch_anew)
        dataset->fetch_anew(dataset, epoch, image, sample.pixels, labels);
    else
        dataset->fetch(dataset, image, sample.pixels, labels);
    augment_sample(loader, normalized, &sample);
    if (dataset->masks)
        memcpy(place.labels, sample.mask, tensor_pixels(place.values) * sizeof *place.labels);
}

struct filling {
    const struct loader *loader;
    struct batch *batch;
    const int *images; /* their numbers in the data set */
};

static void fill_image(void *context, int task, int worker) {
    (void)worker;
    const struct filling *filling = context;
    const struct loader *loader = filling->loader;
    struct place place = {tensor_images(filling->batch->images, task, 1),
                          filling->batch->labels + batch_labels(loader, task),
                          loader->memory + (size_t)task * loader->stride};
    make_image(loader, loader->epoch, filling->images[task], true, place);
}

void loader_fill(struct loader *loader, int64_t step, struct batch *batch, struct pool *pool) {
    int64_t epoch = step / loader_batches(loader);
    int first = (int)(step % loader_batches(loader)) * loader->spec->batch;
    if (epoch != loader->epoch)
        start_epoch(loader, epoch);
    int left = loader->dataset->images - first;
    batch->count = left < loader->spec->batch ? left : loader->spec->batch;
    struct filling filling = {loader, batch, loader->order + first};
    pool_run(pool, batch->count, fill_image, &filling);
}

/* ---- for people -------------------------------------------------------------------------------- */

struct view {
    const struct loader *loader;
    struct tensor values; /* of one image */
    char *memory;         /* of its sample */
};

static void fetch_view(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels) {
    const struct view *view = dataset->state;
    make_image(view->loader, 0, index, false, (struct place){view->values, labels, view->memory});
    for (size_t i = 0; pixels && i < shape_size(dataset->shape); i++) {
        float value = view->values.data[i] * 255 + 0.5F;
        pixels[i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

bool loader_view(struct loader *loader, struct arena *arena, struct dataset *dataset) {
    struct shape shape = loader->dataset->shape;
    struct view *view = arena_alloc(arena, 1, sizeof *view);
    float *values = arena_alloc(arena, shape_size(shape), sizeof *values);
    char *memory = arena_alloc(arena, 1, loader->stride);
    if (!view || !values || !memory)
        return false;
    *view = (struct view){loader, tensor_at(values, 1, shape, shape.channels), memory};
    *dataset = *loader->dataset;
    dataset->state = view;
    dataset->fetch = fetch_view;
    dataset->fetch_anew = NULL;
    dataset->original = NULL;
    dataset->name = NULL;
    return true;
}
