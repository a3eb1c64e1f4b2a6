/* What a run leaves on the disk and reads again - its checkpoint, the weights of a stage for the next - may have
 * been damaged or changed in between: then it ends with an error that says what does not fit. */
#include "netrun/tasks.h"
#include "said.h"
#include "temporary.h"

#include <math.h>

static const char text[] =
    "experiment: small\n"
    "data: {source: synthetic, shape: [1, 8, 8], classes: 3, images: 20, batch: 4}\n"
    "loss: cross_entropy\n"
    "stages:\n"
    "  - train: {epochs: 2, optimizer: {sgd: {lr: 0.1, momentum: 0.9}}}\n"
    "  - predict: {array: images.npy}\n"
    "arms:\n"
    "  net:\n"
    "    net:\n"
    "      netdef: net\n"
    "      input: [1, 8, 8]\n"
    "      layers: [conv2d: {out: 2, kernel: 3}, tanh, flatten, linear: {out: 3}]\n";

struct scene {
    struct temporary folder;
    struct arena *arena;
    struct report *report;
    FILE *screen;
};

static int set_up(void **state) {
    static struct scene scene;
    scene = (struct scene){.folder = temporary_new(), .arena = arena_new()};
    scene.screen = fopen("/dev/null", "w");
    scene.report = report_new(scene.arena);
    temporary_write(&scene.folder, "small.yaml", text);
    setenv("PATH", "/none", 1); /* no gnuplot, which would take most of the time */
    *state = &scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *scene = *state;
    fclose(scene->screen);
    arena_free(scene->arena);
    temporary_end(&scene->folder);
    return 0;
}

static const char *path_of(const struct scene *scene, const char *name) {
    return arena_printf(scene->arena, "%s/%s", scene->folder.folder, name);
}

/* `stop`: as if a signal came in the first step. */
static enum run_end run_on(struct scene *scene, bool stop, bool resume) {
    const volatile sig_atomic_t stops = stop;
    struct run_options options = {.threads = 1,
                                  .out = scene->folder.folder,
                                  .data = ".",
                                  .resume = resume,
                                  .progress = PROGRESS_OFF,
                                  .screen = scene->screen,
                                  .stop = &stops};
    const struct netdef *netdef;
    const struct experiment *experiment;
    scene->report = report_new(scene->arena);
    assert_int_equal(spec_read(scene->arena, path_of(scene, "small.yaml"), NULL, 0, &netdef,
                               &experiment, scene->report),
                     SPEC_EXPERIMENT);
    struct run *run = run_check(scene->arena, experiment, &options, scene->report);
    assert_non_null(run);
    return run_start(run);
}

/* ---- tampering --------------------------------------------------------------------------------- */

enum change { DROP, FLATTEN, NOT_A_NUMBER, SET, NUMBER };

/* A tensor (the first three), or a text of the metadata: dropped, set, or one of its numbers set. */
struct tampering {
    enum change change;
    const char *name;
    const char *value;
    int number;
};

static void flatten(struct named_tensor *tensor) {
    int size = 1;
    for (int i = 0; i < tensor->rank; i++)
        size *= tensor->dims[i];
    tensor->rank = 1;
    tensor->dims[0] = size;
}

static void change_tensor(struct tensor_file *file, int index, enum change change) {
    static float values[1000] = {1};
    struct named_tensor *tensor = &file->tensors[index];
    values[1] = NAN;
    if (change == FLATTEN)
        flatten(tensor);
    else if (change == NOT_A_NUMBER)
        tensor->values = values;
    else
        file->tensors[index] = file->tensors[--file->count];
}

/* The text with its number `number` replaced. */
static const char *with_number(struct scene *scene, const char *numbers, int number,
                               const char *value) {
    const char *at = numbers;
    for (int i = 0; i < number; i++)
        at = strchr(at, ' ') + 1;
    return arena_printf(scene->arena, "%.*s%s%s", (int)(at - numbers), numbers, value,
                        strchr(at, ' '));
}

static void change_text(struct scene *scene, struct tensor_file *file, int index,
                        const struct tampering *tampering) {
    struct text_pair *pair = &file->metadata[index];
    if (tampering->change == DROP)
        *pair = file->metadata[--file->pairs];
    else
        pair->value = tampering->change == SET
                          ? tampering->value
                          : with_number(scene, pair->value, tampering->number, tampering->value);
}

static void tamper(struct scene *scene, const char *path, const struct tampering *tampering) {
    struct tensor_file file = *safetensors_read(scene->arena, path, scene->report, NULL);
    bool found = false;
    for (int i = 0; !found && i < file.count; i++)
        if ((found = !strcmp(file.tensors[i].name, tampering->name)))
            change_tensor(&file, i, tampering->change);
    for (int i = 0; !found && i < file.pairs; i++)
        if ((found = !strcmp(file.metadata[i].key, tampering->name)))
            change_text(scene, &file, i, tampering);
    assert_true(found);
    assert_true(safetensors_write(path, file.tensors, file.count, file.metadata, file.pairs,
                                  scene->report));
}

/* Everything is put back, so that the next case begins from the same files. */
static void assert_ends(struct scene *scene, const char *path, const struct tampering *tampering,
                        const char *message) {
    size_t size;
    char *whole = file_read(scene->arena, path, 1 << 20, &size, scene->report, NULL);
    struct temporary_path folder = temporary_path(&scene->folder, "");
    assert_non_null(whole);
    tamper(scene, path, tampering);
    assert_int_equal(run_on(scene, false, true), RUN_FAILED);
    struct said all = said(scene->report);
    for (char *at; (at = strstr(all.text, folder.text));)
        memmove(at, at + strlen(folder.text), strlen(at + strlen(folder.text)) + 1);
    if (strcmp(all.text, message) != 0)
        fail_msg("%s, change %d: %s", tampering->name, tampering->change, all.text);
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(whole, 1, size, file), size);
    fclose(file);
}

/* ---- checkpoints ------------------------------------------------------------------------------- */

#define RECORDS "train.0.records.0"

static void checkpoints_that_do_not_fit(void **state) {
    static const struct tampering cases[] = {
        {DROP, "conv2d.weight", NULL, 0},
        {FLATTEN, "conv2d.weight", NULL, 0},
        {NOT_A_NUMBER, "conv2d.weight", NULL, 0},
        {DROP, "linear.bias", NULL, 0},
        {DROP, "optimizer/0/linear.weight", NULL, 0},
        {FLATTEN, "optimizer/0/conv2d.weight", NULL, 0},
        {DROP, "optimizer.steps", NULL, 0},
        {SET, "optimizer.steps", "2", 0},
        {SET, "optimizer.steps", "nan", 0},
        {SET, "optimizer.steps", "1 1", 0},
        {SET, "optimizer.steps", "one", 0},
        {DROP, "train.under_way", NULL, 0},
        {SET, "train.under_way", "0 1 0", 0},
        {SET, "train.under_way", "0 0", 0},
        {DROP, RECORDS, NULL, 0},
        {SET, RECORDS, "", 0},
        {NUMBER, RECORDS, "nan", 0}, /* steps, of which there are 5 in an epoch, 10 in all */
        {NUMBER, RECORDS, "-1", 0},
        {NUMBER, RECORDS, "6", 0},
        {NUMBER, RECORDS, "1e300", 0},
        {NUMBER, RECORDS, "1e300", 1}, /* images */
        {NUMBER, RECORDS, "1", 3},     /* epochs */
        {NUMBER, RECORDS, "3", 3},
        {NUMBER, RECORDS, "-1", 3},
        {NUMBER, RECORDS, "4e9", 3},
        {NUMBER, RECORDS, "0", 4}, /* the best epoch, before there is any */
        {NUMBER, RECORDS, "-2", 4},
        {NUMBER, RECORDS, "inf", 8}, /* labels said right */
        {DROP, "train.0.table.0", NULL, 0},
        {SET, "train.0.table.0", "-1", 0},
        {DROP, "log.txt", NULL, 0},
        {SET, "log.txt", "1e19", 0},
    };
    struct scene *scene = *state;
    assert_int_equal(run_on(scene, true, false), RUN_STOPPED);
    for (int i = 0; i < BASE_COUNT(cases); i++)
        assert_ends(scene, path_of(scene, "small/checkpoint.safetensors"), &cases[i],
                    arena_printf(scene->arena,
                                 "netrun: error: cannot go on: the checkpoint in 'small' has no "
                                 "fitting '%s'; run it without --resume\n",
                                 cases[i].name));
}

static void other_data(void **state) {
    static const struct tampering other = {SET, "train.0.data.0", "mnist, train 20, test 4", 0};
    struct scene *scene = *state;
    assert_int_equal(run_on(scene, true, false), RUN_STOPPED);
    assert_ends(scene, path_of(scene, "small/checkpoint.safetensors"), &other,
                "netrun: error: cannot go on: the data was 'mnist, train 20, test 4' and is now "
                "'synthetic, train 20, test 4'; run it without --resume\n");
}

/* ---- weights for the next stage ------------------------------------------------------------------ */

static void weights_that_do_not_fit(void **state) {
    static const struct {
        struct tampering tampering;
        const char *message;
    } cases[] = {
        {{DROP, "conv2d.bias", NULL, 0},
         "netrun: error: 'small/net.last.safetensors' has no fitting 'conv2d.bias'\n"},
        {{FLATTEN, "linear.weight", NULL, 0},
         "netrun: error: 'small/net.last.safetensors' has no fitting 'linear.weight'\n"},
        {{NOT_A_NUMBER, "conv2d.weight", NULL, 0},
         "netrun: error: 'conv2d.weight' in 'small/net.last.safetensors' holds what is no finite "
         "number\n"},
    };
    static const float images[64] = {1};
    static const int dims[] = {1, 1, 8, 8};
    struct scene *scene = *state;
    assert_int_equal(run_on(scene, false, false), RUN_FAILED); /* there is no array yet */
    assert_true(npy_write(path_of(scene, "images.npy"), images, 4, dims, scene->report));
    for (int i = 0; i < BASE_COUNT(cases); i++)
        assert_ends(scene, path_of(scene, "small/net.last.safetensors"), &cases[i].tampering,
                    cases[i].message);
    assert_int_equal(run_on(scene, false, true), RUN_FINE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {TEST(checkpoints_that_do_not_fit), TEST(other_data),
                                       TEST(weights_that_do_not_fit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
