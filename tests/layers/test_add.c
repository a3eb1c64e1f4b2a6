/* add of the most inputs, in rows that are longer than the pieces it works in: sums from left to right, also
 * where y lies over the first input or an input is named twice. */
#include "layers_guarded.h"

enum { IMAGES = 2, CHANNELS = 5, SIDE = 19, SIZE = IMAGES * CHANNELS * SIDE * SIDE };

static float inputs[LAYER_MOST_INPUTS][SIZE];

static void start(struct guarded *layer, int count, int gap, bool in_place) {
    struct guarded_setup setup = {.entry = "add",
                                  .inputs = count,
                                  .images = IMAGES,
                                  .training = true,
                                  .gap = gap,
                                  .in_place = in_place};
    struct random random = random_stream(0, RANDOM_TEST, 5, 0);
    for (int i = 0; i < count; i++)
        setup.in[i] = shape_map(CHANNELS, SIDE, SIDE);
    guarded_make(layer, &setup);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < SIZE; j++)
            inputs[i][j] = (float)random_between(&random, -1, 1);
        tensor_from_nchw(inputs[i], layer->x[i]);
    }
}

static void check_sum(struct guarded *layer, int count) {
    guarded_forward(layer);
    const float *y = guarded_values(layer, layer->call.y);
    for (int j = 0; j < SIZE; j++) {
        float sum = inputs[0][j];
        for (int i = 1; i < count; i++)
            sum += inputs[i][j];
        assert_true(y[j] == sum);
    }
    guarded_end(layer);
}

static void from_left_to_right(void **state) {
    (void)state;
    for (int count = 2; count <= LAYER_MOST_INPUTS; count++)
        for (int gap = 0; gap <= 3; gap += 3)
            for (int in_place = 0; in_place < 2; in_place++) {
                struct guarded layer;
                start(&layer, count, gap, in_place);
                check_sum(&layer, count);
            }
}

static void an_input_named_twice(void **state) {
    (void)state;
    struct guarded layer;
    start(&layer, 3, 0, true);
    layer.x[2] = layer.x[0];
    memcpy(inputs[2], inputs[0], sizeof inputs[0]);
    check_sum(&layer, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_left_to_right),
        cmocka_unit_test(an_input_named_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
