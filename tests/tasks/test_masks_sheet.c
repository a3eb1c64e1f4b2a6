/* The sheet of masks: decoded again and compared, square by square, with what was true and what was said. */
#include "../../src/tasks/evaluate.h"
#include "check.h"
#include "format_scene.h"

#include "format_png.h"

/* Images of 2 x 3 pixels, each a square of 56 on the sheet; pictures are 174 apart, the first row begins at
 * (12, 88), the second 144 below. */
enum {
    WIDTH = 3,
    PIXELS = 6,
    IMAGES = 3,
    SHOWN = 2,
    SQUARE = 56,
    STEP = 174,
    LEFT = 12,
    TOP = 88,
    ROW = 144
};

enum picture_number {
    IMAGE,
    TRUTH,
    FIRST_SAID,
    FIRST_ERRORS,
    SECOND_SAID,
    SECOND_ERRORS,
    PICTURES
};

static const int32_t truth[IMAGES][PIXELS] = {{0, 1, 1, 0, 2, 2}, {3, 3, 3, 0, 0, 0}, {0}};
static const int32_t first_said[IMAGES][PIXELS] = {{0, 1, 1, 0, 2, 2}, {3, 1, 3, 0, 0, 3}, {0}};
static const int32_t second_said[IMAGES][PIXELS] = {{1, 0, 0, 1, 1, 1}, {3, 3, 3, 0, 0, 2}, {0}};

static void fetch(const struct dataset *dataset, int index, uint8_t *pixels, int32_t *labels) {
    (void)dataset;
    for (int i = 0; i < PIXELS; i++) {
        pixels[i] = (uint8_t)(100 * index + 20 * i);
        labels[i] = truth[index][i];
    }
}

static const int numbers[] = {7, 2, 5}; /* of the images in their split */
static const char *const names[] = {"background", "0", "1", "2"};

/* Two arms that say classes, and between them one that does not. */
static struct arm arms[] = {{.name = "first"}, {.name = "silent"}, {.name = "second"}};

struct stage_set {
    struct scene *scene;
    struct experiment experiment;
    struct run run;
    struct job job;
    struct evaluate state;
    struct evaluation evaluations[3];
};

static void set_up(struct stage_set *set, void **state) {
    *set = (struct stage_set){.scene = *state};
    set->experiment = (struct experiment){.arms = arms, .arm_count = 3};
    set->run = (struct run){.arena = set->scene->arena,
                            .experiment = &set->experiment,
                            .jobs = &set->job,
                            .folder = scene_path(set->scene, "."),
                            .report = set->scene->report};
    set->state = (struct evaluate){.data = {.source = "segmented",
                                            .split = "test",
                                            .shape = shape_map(1, 2, WIDTH),
                                            .images = IMAGES,
                                            .classes = 4,
                                            .class_names = names,
                                            .numbers = numbers,
                                            .masks = true,
                                            .fetch = fetch},
                                   .evaluations = set->evaluations};
    set->state.seen = set->state.data;
    set->job = (struct job){.state = &set->state};
}

/* The arm says this in batches of two images. */
static void say(struct stage_set *set, int arm, const int32_t said[IMAGES][PIXELS]) {
    struct evaluation *evaluation = &set->evaluations[arm];
    int32_t batch[2 * PIXELS];
    struct bench bench = {.labels = PIXELS};
    struct pass pass = {.bench = &bench, .said = batch};
    evaluation->scores = true;
    assert_true(shown_masks_new(&evaluation->shown, SHOWN, &set->state.data, set->scene->arena));
    for (int first = 0; first < IMAGES; first += 2) {
        bench.batch.count = IMAGES - first < 2 ? IMAGES - first : 2;
        memcpy(batch, said[first], (size_t)bench.batch.count * PIXELS * sizeof(int32_t));
        shown_masks_see(&evaluation->shown, &pass, first);
    }
}

static void assert_square(const struct picture *sheet, int image, int picture, int pixel, int red,
                          int green, int blue) {
    int x = LEFT + picture * STEP + pixel % WIDTH * SQUARE;
    int y = TOP + image * ROW + pixel / WIDTH * SQUARE;
    for (int corner = 0; corner < 4; corner++) {
        int right = corner % 2 * (SQUARE - 1), down = corner / 2 * (SQUARE - 1);
        const uint8_t *at = sheet->pixels + ((y + down) * sheet->width + x + right) * 3;
        assert_int_equal(at[0], red);
        assert_int_equal(at[1], green);
        assert_int_equal(at[2], blue);
    }
}

static void assert_mask(const struct picture *sheet, int image, int picture,
                        const int32_t *classes) {
    static const int colors[4][3] = {{0, 0, 0}, {255, 255, 255}, {234, 72, 5}, {60, 134, 101}};
    for (int i = 0; i < PIXELS; i++) {
        const int *color = colors[classes[i]];
        assert_square(sheet, image, picture, i, color[0], color[1], color[2]);
    }
}

/* Wrong is orange, right grey, right background black. */
static void assert_errors(const struct picture *sheet, int image, int picture,
                          const int32_t *said) {
    for (int i = 0; i < PIXELS; i++)
        if (said[i] != truth[image][i])
            assert_square(sheet, image, picture, i, 230, 159, 0);
        else if (said[i] > 0)
            assert_square(sheet, image, picture, i, 90, 90, 90);
        else
            assert_square(sheet, image, picture, i, 0, 0, 0);
}

static void every_square_is_what_it_stands_for(void **state) {
    struct stage_set set;
    set_up(&set, state);
    say(&set, 0, first_said);
    say(&set, 2, second_said);
    assert_true(masks_sheet_write(&set.run, &set.job));
    struct picture sheet = format_read_png(set.scene, "masks.png");
    assert_int_equal(sheet.channels, 3);
    assert_int_equal(sheet.width, LEFT + PICTURES * STEP + 12);
    for (int image = 0; image < SHOWN; image++) {
        for (int i = 0; i < PIXELS; i++) {
            int value = 100 * image + 20 * i;
            assert_square(&sheet, image, IMAGE, i, value, value, value);
        }
        assert_mask(&sheet, image, TRUTH, truth[image]);
        assert_mask(&sheet, image, FIRST_SAID, first_said[image]);
        assert_mask(&sheet, image, SECOND_SAID, second_said[image]);
        assert_errors(&sheet, image, FIRST_ERRORS, first_said[image]);
        assert_errors(&sheet, image, SECOND_ERRORS, second_said[image]);
    }
}

static void the_table_has_the_shares(void **state) {
    struct stage_set set;
    set_up(&set, state);
    say(&set, 0, first_said);
    say(&set, 2, second_said);
    assert_true(masks_sheet_write(&set.run, &set.job));
    assert_string_equal(scene_read(set.scene, "masks.csv", NULL),
                        "image,first,second\n7,0,1\n2,0.333333333,0.166666667\n");
}

static void nothing_to_show_leaves_nothing(void **state) {
    struct stage_set set;
    set_up(&set, state);
    assert_true(masks_sheet_write(&set.run, &set.job));
    assert_false(file_exists(scene_path(set.scene, "masks.png")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_square_is_what_it_stands_for, scene_set_up,
                                        scene_tear_down),
        cmocka_unit_test_setup_teardown(the_table_has_the_shares, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(nothing_to_show_leaves_nothing, scene_set_up,
                                        scene_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
