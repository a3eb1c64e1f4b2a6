/* Networks without a layer that knows the size of its input: other sizes from the same weights, and in the middle
 * of every part of a large image the same as for the part alone. */
#include "exec_scene.h"

#include <limits.h>
#include <math.h>
#include <unistd.h>

enum { SIDE = 28, ROWS = 2, COLUMNS = 3, CLASSES = 11 };

/* What an output pixel of fcn and fcn8 depends on: with i = 4 (u / 4) the input pixels i - 11 to i + 14, as is seen
 * by going back through the layers. Of 28 only the pixels 12 to 15 look at no border. */
enum { FIRST = 12, LAST = 15 };

/* A netdef of the project, for another size of input. */
static struct scene scene_sized(const char *name, int height, int width) {
    char top[PATH_MAX], text[2 * PATH_MAX];
    assert_non_null(getcwd(top, sizeof top));
    snprintf(text, sizeof text,
             "netdef: sized\nextends: '%s/netdefs/%s.yaml'\ninput: [1, %d, %d]\n", top, name,
             height, width);
    struct scene scene = scene_text(text);
    scene_start(&scene, (struct plan_options){.batch = 1, .threads = 1}, 3);
    return scene;
}

static float *at(struct tensor tensor, int y, int x) {
    return tensor.data + ((size_t)y * (size_t)tensor.width + (size_t)x) * (size_t)tensor.pitch;
}

static void paint(struct scene *canvas) {
    struct tensor input = exec_input(canvas->exec);
    struct random random = random_stream(5, RANDOM_TEST, 0, 0);
    for (int y = 0; y < input.height; y++)
        for (int x = 0; x < input.width; x++)
            *at(input, y, x) = (float)random_between(&random, -1, 1);
    exec_forward(canvas->exec, 1, false, 0);
}

/* Gives the single network the cell of the canvas that begins at (top, left). */
static void cut_out(struct scene *single, struct scene *canvas, int top, int left) {
    struct tensor from = exec_input(canvas->exec), to = exec_input(single->exec);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            *at(to, y, x) = *at(from, top + y, left + x);
    exec_forward(single->exec, 1, false, 0);
}

/* The largest difference between the outputs for pixels `first` to `last` of the cell, over the largest value. */
static double difference(const struct scene *single, const struct scene *canvas, int top, int left,
                         int first, int last) {
    struct tensor a = exec_value(single->exec, single->graph->output);
    struct tensor b = exec_value(canvas->exec, canvas->graph->output);
    double most = 0, largest = 0;
    for (int y = first; y <= last; y++)
        for (int x = first; x <= last; x++)
            for (int c = 0; c < CLASSES; c++) {
                double one = (double)at(a, y, x)[c], other = (double)at(b, top + y, left + x)[c];
                most = fmax(most, fabs(one - other));
                largest = fmax(largest, fabs(one));
            }
    return most / largest;
}

static void check_cells(const char *name) {
    struct scene single = scene_sized(name, SIDE, SIDE);
    struct scene canvas = scene_sized(name, ROWS * SIDE, COLUMNS * SIDE);
    paint(&canvas);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        int top = i / COLUMNS * SIDE, left = i % COLUMNS * SIDE;
        cut_out(&single, &canvas, top, left);
        assert_true(difference(&single, &canvas, top, left, FIRST, LAST) < 1e-5);
        assert_true(difference(&single, &canvas, top, left, 0, SIDE - 1) > 1e-3);
    }
    scene_close(&canvas);
    scene_close(&single);
}

static void fcn_sees_in_a_cell_what_it_sees_in_the_digit(void **state) {
    (void)state;
    check_cells("fcn");
}

static void fcn8_sees_in_a_cell_what_it_sees_in_the_digit(void **state) {
    (void)state;
    check_cells("fcn8");
}

/* Whatever the size of the input, the output has it too, and the parameters are the same. */
static void parameters_do_not_depend_on_the_size(void **state) {
    (void)state;
    static const char *const names[] = {"fcn", "fcn8"};
    static const int sizes[][2] = {{16, 16}, {56, 84}, {28, 100}};
    for (int k = 0; k < BASE_COUNT(names); k++) {
        struct scene usual = scene_sized(names[k], SIDE, SIDE);
        for (int i = 0; i < BASE_COUNT(sizes); i++) {
            struct scene other = scene_sized(names[k], sizes[i][0], sizes[i][1]);
            struct shape output = graph_shape(other.graph, other.graph->output);
            assert_true(shape_equal(output, shape_map(CLASSES, sizes[i][0], sizes[i][1])));
            assert_int_equal(other.graph->param_count, usual.graph->param_count);
            for (int p = 0; p < usual.graph->param_count; p++)
                assert_string_equal(other.graph->params[p].path, usual.graph->params[p].path);
            scene_close(&other);
        }
        scene_close(&usual);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fcn_sees_in_a_cell_what_it_sees_in_the_digit),
        cmocka_unit_test(fcn8_sees_in_a_cell_what_it_sees_in_the_digit),
        cmocka_unit_test(parameters_do_not_depend_on_the_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
