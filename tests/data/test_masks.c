/* segmented and digit_grid: masks against hand-computed ones, canvases by what they must be made of. */
#include "data_loading.h"

#include <math.h>

enum { SIDE = 28, PLANE = SIDE * SIDE };

/* Digits of 28x28 that are always there; the label of image i is i % 10. */
#define DIGITS "{synthetic: {shape: [1, 28, 28], objects: digits, images: 400}}"

static void write_bytes(const struct scene *scene, const char *name, const uint8_t *bytes,
                        size_t size) {
    temporary_write(&scene->data, name, "");
    FILE *file = fopen(temporary_path(&scene->data, name).text, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Two images of MNIST: a 7 of three pixels, one of them hardly over 0, and a 0 that is all white. */
static void write_mnist(const struct scene *scene) {
    uint8_t images[16 + 2 * PLANE] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, SIDE, 0, 0, 0, SIDE};
    const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 7, 0};
    images[16] = 255;
    images[16 + SIDE + 3] = 1;
    images[16 + PLANE - 1] = 128;
    memset(images + 16 + PLANE, 255, PLANE);
    write_bytes(scene, "mnist/t10k-images-idx3-ubyte", images, sizeof images);
    write_bytes(scene, "mnist/t10k-labels-idx1-ubyte", labels, sizeof labels);
}

static void what_is_not_black_is_of_the_class(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    uint8_t pixels[PLANE];
    int32_t mask[PLANE], expected[PLANE] = {[0] = 8, [SIDE + 3] = 8, [PLANE - 1] = 8};
    write_mnist(&scene);
    assert_true(scene_open(&scene, "{source: segmented, of: mnist}", SPLIT_TEST, &dataset));
    assert_int_equal(dataset.images, 2);
    assert_false(dataset.stand_in);
    dataset.fetch(&dataset, 0, pixels, mask);
    assert_memory_equal(mask, expected, sizeof mask);
    assert_int_equal(pixels[SIDE + 3], 1);
    dataset.fetch(&dataset, 1, pixels, mask);
    for (int i = 0; i < PLANE; i++)
        assert_int_equal(mask[i], 1);
    scene_end(&scene);
}

static void assert_described(const char *text, struct shape shape, int train, int test) {
    struct scene scene = scene_new();
    struct dataset dataset;
    assert_true(scene_open(&scene, text, SPLIT_TRAIN, &dataset));
    assert_true(dataset.masks);
    assert_true(shape_equal(dataset.shape, shape));
    assert_int_equal(dataset.images, train);
    assert_int_equal(dataset.classes, 11);
    assert_string_equal(dataset.class_names[0], "background");
    for (int i = 0; i < 10; i++)
        assert_int_equal(atoi(dataset.class_names[1 + i]), i);
    assert_true(scene_open(&scene, text, SPLIT_TEST, &dataset));
    assert_int_equal(dataset.images, test);
    scene_end(&scene);
}

static void sizes_and_classes(void **state) {
    (void)state;
    assert_described("{source: segmented, of: mnist, otherwise: synthetic}", shape_map(1, 28, 28),
                     60000, 10000);
    assert_described("{source: segmented, of: " DIGITS "}", shape_map(1, 28, 28), 400, 80);
    assert_described("{source: digit_grid, of: mnist, otherwise: synthetic}", shape_map(1, 56, 84),
                     10000, 2000);
    assert_described("{source: digit_grid, rows: 3, columns: 1, images: 50, of: {synthetic: "
                     "{shape: [1, 8, 12], objects: digits}}}",
                     shape_map(1, 24, 12), 50, 10);
}

/* Without its files a source inside another is drawn, and that is said. */
static void stand_ins_are_digits(void **state) {
    (void)state;
    static const char *const texts[] = {
        "{source: segmented, of: mnist, otherwise: synthetic}",
        "{source: digit_grid, rows: 1, columns: 1, of: mnist, otherwise: synthetic}"};
    for (int k = 0; k < BASE_COUNT(texts); k++) {
        struct scene scene = scene_new();
        struct dataset dataset;
        assert_true(scene_open(&scene, texts[k], SPLIT_TRAIN, &dataset));
        assert_true(dataset.stand_in);
        for (int image = 0; image < 20; image++) {
            uint8_t pixels[PLANE];
            int32_t mask[PLANE], label = 0;
            int inked = 0;
            dataset.fetch(&dataset, image, pixels, mask);
            for (int i = 0; i < PLANE; i++) {
                assert_int_equal(mask[i] > 0, pixels[i] > 0);
                assert_true(mask[i] == 0 || label == 0 || mask[i] == label);
                label = mask[i] > 0 ? mask[i] : label;
                inked += mask[i] > 0;
            }
            assert_in_range(inked, 20, PLANE / 2);
            assert_true(k > 0 || label == image % 10 + 1);
        }
        scene_end(&scene);
    }
}

static void sources_that_are_not_there(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset dataset;
    assert_false(scene_open(&scene, "{source: segmented, of: mnist}", SPLIT_TEST, &dataset));
    assert_string_equal(
        scene_said(&scene),
        "1:10: mnist is not in 'DATA/mnist': run make data, or name the folder with "
        "--data or NETRUN_DATA, or allow the stand-in with \"otherwise: synthetic\"");
    scene_end(&scene);
}

/* ---- canvases ---------------------------------------------------------------------------------- */

enum { ROWS = 2, COLUMNS = 3, CELLS = ROWS * COLUMNS };

#define GRID "{source: digit_grid, of: " DIGITS ", images: 2000"

struct canvas {
    uint8_t pixels[CELLS * PLANE];
    int32_t mask[CELLS * PLANE];
};

static struct canvas canvas_of(const struct dataset *dataset, int index) {
    struct canvas canvas;
    dataset->fetch(dataset, index, canvas.pixels, canvas.mask);
    return canvas;
}

/* One cell of a canvas, cut out. */
struct cell {
    uint8_t pixels[PLANE];
    int32_t mask[PLANE];
};

static struct cell cell_of(const struct canvas *canvas, int index) {
    struct cell cell;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int row = index / COLUMNS * SIDE + y, column = index % COLUMNS * SIDE + x;
            cell.pixels[y * SIDE + x] = canvas->pixels[row * COLUMNS * SIDE + column];
            cell.mask[y * SIDE + x] = canvas->mask[row * COLUMNS * SIDE + column];
        }
    return cell;
}

/* The image of `digits` that a cell holds; -1: it is empty. Fails if it is neither. */
static int image_in(const struct cell *cell, const struct dataset *digits) {
    static const uint8_t nothing[PLANE];
    if (memcmp(cell->pixels, nothing, PLANE) == 0)
        return -1;
    for (int i = 0; i < digits->images; i++) {
        uint8_t pixels[PLANE];
        int32_t mask[PLANE];
        digits->fetch(digits, i, pixels, mask);
        if (memcmp(pixels, cell->pixels, PLANE) == 0 && memcmp(mask, cell->mask, sizeof mask) == 0)
            return i;
    }
    fail_msg("a cell is neither empty nor one image");
    return -1;
}

static void open_grid(struct scene *scene, const char *text, struct dataset *grid,
                      struct dataset *digits) {
    assert_true(scene_open(scene, text, SPLIT_TRAIN, grid));
    assert_true(scene_open(scene, "{source: segmented, of: " DIGITS "}", SPLIT_TRAIN, digits));
}

static void cells_hold_one_image_or_none(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset grid, digits;
    open_grid(&scene, GRID "}", &grid, &digits);
    for (int index = 0; index < 20; index++) {
        struct canvas canvas = canvas_of(&grid, index);
        for (int i = 0; i < CELLS; i++) {
            struct cell cell = cell_of(&canvas, i);
            image_in(&cell, &digits);
        }
    }
    scene_end(&scene);
}

static bool is_empty(const struct canvas *canvas, int index) {
    struct cell cell = cell_of(canvas, index);
    for (int i = 0; i < PLANE; i++)
        if (cell.mask[i] > 0)
            return false;
    return true;
}

/* A cell stays empty when each of ten digits misses it: with probability (5/6)^10 = 0.1615. */
static void every_cell_is_as_likely(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset grid, digits;
    open_grid(&scene, GRID "}", &grid, &digits);
    int empty[CELLS] = {0};
    for (int index = 0; index < grid.images; index++) {
        struct canvas canvas = canvas_of(&grid, index);
        for (int i = 0; i < CELLS; i++)
            empty[i] += is_empty(&canvas, i);
    }
    double share = pow(5.0 / 6, 10), deviation = sqrt(share * (1 - share) / grid.images);
    for (int i = 0; i < CELLS; i++)
        assert_true(fabs((double)empty[i] / grid.images - share) < 4 * deviation);
    scene_end(&scene);
}

/* Each digit appears as often as the others: a tenth, four deviations of a count of 2,000 wide. */
static void every_digit_is_as_likely(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset grid;
    assert_true(scene_open(&scene, GRID ", rows: 1, columns: 1, digits: 1}", SPLIT_TRAIN, &grid));
    int counts[11] = {0};
    for (int index = 0; index < grid.images; index++) {
        struct canvas canvas = canvas_of(&grid, index);
        int32_t label = 0;
        for (int i = 0; i < PLANE; i++)
            label = canvas.mask[i] > 0 ? canvas.mask[i] : label;
        counts[label]++;
    }
    assert_int_equal(counts[0], 0);
    for (int i = 1; i < 11; i++)
        assert_true(fabs((double)counts[i] - 200) < 4 * sqrt(2000 * 0.1 * 0.9));
    scene_end(&scene);
}

/* One digit more changes the cell that it is put into, and no other: what was there is gone. */
static void later_digits_overwrite(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset few, more, digits;
    open_grid(&scene, GRID ", digits: 9}", &few, &digits);
    open_grid(&scene, GRID ", digits: 10}", &more, &digits);
    int overwritten = 0;
    for (int index = 0; index < 50; index++) {
        struct canvas before = canvas_of(&few, index), after = canvas_of(&more, index);
        int changed = 0;
        for (int i = 0; i < CELLS; i++) {
            struct cell old = cell_of(&before, i), new = cell_of(&after, i);
            if (memcmp(old.pixels, new.pixels, PLANE) == 0)
                continue;
            changed++;
            overwritten += image_in(&old, &digits) >= 0 && image_in(&new, &digits) >= 0;
        }
        assert_in_range(changed, 0, 1);
    }
    assert_true(overwritten > 25); /* 50 (1 - (5/6)^9) = 40 are expected */
    scene_end(&scene);
}

static void no_digits_is_an_empty_canvas(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset grid;
    assert_true(scene_open(&scene, GRID ", digits: 0}", SPLIT_TRAIN, &grid));
    struct canvas canvas = canvas_of(&grid, 3);
    for (int i = 0; i < CELLS; i++)
        assert_true(is_empty(&canvas, i));
    scene_end(&scene);
}

static bool same_canvas(const struct dataset *a, int i, const struct dataset *b, int j) {
    struct canvas first = canvas_of(a, i), second = canvas_of(b, j);
    return memcmp(first.pixels, second.pixels, sizeof first.pixels) == 0;
}

static void a_canvas_is_a_function_of_seed_split_and_index(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct dataset grid, again, test, other;
    struct data_request request = {.folder = "", .split = SPLIT_TRAIN, .seed = 8};
    assert_true(scene_open(&scene, GRID "}", SPLIT_TRAIN, &grid));
    assert_true(scene_open(&scene, GRID "}", SPLIT_TRAIN, &again));
    assert_true(scene_open(&scene, GRID "}", SPLIT_TEST, &test));
    assert_true(
        data_open(scene_check(&scene, GRID "}"), &request, scene.arena, &other, scene.report));
    assert_true(same_canvas(&grid, 5, &again, 5));
    assert_false(same_canvas(&grid, 5, &grid, 6));
    assert_false(same_canvas(&grid, 5, &test, 5));
    assert_false(same_canvas(&grid, 5, &other, 5));
    scene_end(&scene);
}

static struct loading grid_loading(struct scene *scene, const char *more, enum data_split split) {
    char text[200];
    snprintf(text, sizeof text, GRID ", batch: 8%s}", more);
    return loading_new(scene, text, (struct loading_options){.split = split});
}

static bool same_batch(const struct loading *a, const struct loading *b) {
    size_t values = (size_t)a->batch.count * CELLS * PLANE;
    return !memcmp(a->batch.images.data, b->batch.images.data, values * sizeof(float)) &&
           !memcmp(a->batch.labels, b->batch.labels, values * sizeof(int32_t));
}

/* New ones in every epoch of training, the same for who goes on with a later epoch; the test split stays. */
static void canvases_are_new_in_every_epoch(void **state) {
    (void)state;
    static const struct {
        const char *more;
        enum data_split split;
        bool anew;
    } cases[] = {
        {"", SPLIT_TRAIN, true}, {", limit: 24", SPLIT_TRAIN, true}, {"", SPLIT_TEST, false}};
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct scene scene = scene_new();
        struct loading first = grid_loading(&scene, cases[i].more, cases[i].split);
        struct loading later = grid_loading(&scene, cases[i].more, cases[i].split);
        int batches = loader_batches(first.loader);
        struct canvas canvas = canvas_of(first.dataset, 0);
        loading_fill(&first, 0);
        assert_memory_equal(first.batch.labels, canvas.mask, sizeof canvas.mask);
        loading_fill(&later, batches);
        assert_int_equal(same_batch(&first, &later), !cases[i].anew);
        for (int step = 1; step <= batches; step++)
            loading_fill(&first, step);
        assert_true(same_batch(&first, &later));
        loading_end(&first);
        loading_end(&later);
        scene_end(&scene);
    }
}

/* ---- on the way to a batch ---------------------------------------------------------------------- */

/* Black pixels are background, all others are not, wherever an augmentation has moved them. */
static void masks_move_with_their_pixels(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading loading =
        loading_new(&scene,
                    "{source: segmented, of: " DIGITS ", batch: 16, augment: [horizontal_flip, "
                    "rotation: 30, crop: 6]}",
                    (struct loading_options){.shuffle = true, .augment = true});
    loading_fill(&loading, 0);
    for (int image = 0; image < 16; image++)
        for (int i = 0; i < PLANE; i++)
            assert_int_equal(loading.batch.labels[image * PLANE + i] > 0,
                             loading_value(&loading, image, i / SIDE, i % SIDE, 0) > 0);
    loading_end(&loading);
    scene_end(&scene);
}

/* What people are shown is what the batch holds, before it was normalised. */
static void a_view_shows_what_the_loader_hands_out(void **state) {
    (void)state;
    struct scene scene = scene_new();
    struct loading loading =
        loading_new(&scene,
                    "{source: segmented, of: " DIGITS ", batch: 16, augment: [horizontal_flip, "
                    "rotation: 30, erasing: {p: 1}, normalize: half]}",
                    (struct loading_options){.augment = true});
    struct dataset view;
    assert_true(loader_view(loading.loader, scene.arena, &view));
    loading_fill(&loading, 0);
    for (int image = 0; image < 16; image++) {
        uint8_t pixels[PLANE];
        int32_t mask[PLANE];
        view.fetch(&view, image, pixels, mask);
        assert_memory_equal(mask, loading.batch.labels + image * PLANE, sizeof mask);
        for (int i = 0; i < PLANE; i++) {
            double shown = (pixels[i] / 255.0 - 0.5) / 0.5;
            assert_true(fabs(shown - loading_value(&loading, image, i / SIDE, i % SIDE, 0)) < 1e-6);
        }
    }
    loading_end(&loading);
    scene_end(&scene);
}

/* Without memory nothing opens, and nothing is said: the report is for what a user can mend. */
static void memory_that_runs_out(void **state) {
    (void)state;
    static const char *const texts[] = {"{source: segmented, of: " DIGITS "}", GRID "}"};
    for (int k = 0; k < BASE_COUNT(texts); k++) {
        struct scene scene = scene_new();
        const struct node *map =
            conf_parse(scene.arena, "t", texts[k], strlen(texts[k]), scene.report);
        struct data_request request = {.folder = "", .split = SPLIT_TRAIN};
        bool good = false;
        for (long n = 1; !good; n++) {
            struct arena *arena = arena_new();
            struct dataset dataset;
            arena_fail_at(arena, n);
            const struct data_spec *spec = data_check(arena, map, scene.report);
            good = spec && data_open(spec, &request, arena, &dataset, scene.report);
            assert_int_equal(report_count(scene.report), 0);
            assert_true(good || n < 100);
            assert_true(n > 1 || !good);
            arena_free(arena);
        }
        scene_end(&scene);
    }
}

static void faults(void **state) {
    (void)state;
    static const struct refused cases[] = {
        {"{source: segmented}",
         "1:1: data needs 'of' (the source of the images, grey ones with a label each; with "
         "attributes {NAME: {...}})"},
        {"{source: segmented, of: [mnist]}",
         "1:25: of is one name, or one name with attributes, not a list of 1"},
        {"{source: segmented, of: mnits}",
         "1:25: there is no source 'mnits'; did you mean 'mnist'?"},
        {"{source: segmented, of: photographs}",
         "1:25: there is no source 'photographs'; netrun list data shows them all"},
        {"{source: segmented, of: {synthetic: {image: 9}}}",
         "1:38: synthetic has no attribute 'image'; did you mean 'images'?"},
        {"{source: segmented, of: cifar10}",
         "1:10: masks are made of grey images, of one channel; those of cifar10 are 3x32x32"},
        {"{source: digit_grid, of: {synthetic: {shape: [1, 28, 28], masks: true}}}",
         "1:10: masks are made of images with one label each; synthetic has masks already"},
        {"{source: segmented, of: {images: {path: pictures}}}",
         "1:10: masks cannot be made of the source images: what it holds is not known without the "
         "files"},
        {"{source: digit_grid, of: {segmented: {of: mnist}}}",
         "1:10: masks are made of images with one label each; segmented has masks already"},
        {"{source: segmented, of: {segmented: {of: mnits}}}",
         "1:42: there is no source 'mnits'; did you mean 'mnist'?"},
        {"{source: digit_grid, of: {synthetic: {shape: [1, 28, 65], objects: digits}}}",
         "1:10: digit_grid takes images of up to 64x64 pixels; those of synthetic are 1x28x65"},
        {"{source: digit_grid, of: mnist, rows: 0, columns: 33, digits: -1, images: 4}",
         "1:39: rows of data is from 1 to 32, not 0\n"
         "1:51: columns of data is from 1 to 32, not 33\n"
         "1:63: digits of data is from 0 to 10000, not -1\n"
         "1:75: images of data is from 5 to 10000000, not 4"},
        {"{source: segmented, of: mnist, only: 3}",
         "1:38: only needs images of one class each; segmented has one for every pixel"},
        {"{source: segmented, of: mnist, rows: 3}", "1:32: data has no attribute 'rows'"},
    };
    assert_refused(cases, BASE_COUNT(cases));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_black_is_of_the_class),
        cmocka_unit_test(sizes_and_classes),
        cmocka_unit_test(stand_ins_are_digits),
        cmocka_unit_test(sources_that_are_not_there),
        cmocka_unit_test(cells_hold_one_image_or_none),
        cmocka_unit_test(every_cell_is_as_likely),
        cmocka_unit_test(every_digit_is_as_likely),
        cmocka_unit_test(later_digits_overwrite),
        cmocka_unit_test(no_digits_is_an_empty_canvas),
        cmocka_unit_test(a_canvas_is_a_function_of_seed_split_and_index),
        cmocka_unit_test(canvases_are_new_in_every_epoch),
        cmocka_unit_test(masks_move_with_their_pixels),
        cmocka_unit_test(a_view_shows_what_the_loader_hands_out),
        cmocka_unit_test(memory_that_runs_out),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
