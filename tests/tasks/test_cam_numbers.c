/* Numbers of maps against values worked out by hand, and colours. */
#include "../../src/tasks/cam_numbers.h"
#include "../../src/tasks/colormap.h"
#include "check.h"

#include <math.h>

static bool near(double a, double b) {
    return fabs(a - b) < 1e-9;
}

static void entropy_is_a_share(void **state) {
    (void)state;
    assert_true(near(cam_entropy((const float[]){1, 1, 1, 1}, 4), 1));
    assert_true(near(cam_entropy((const float[]){0, 1, 0, 0}, 4), 0));
    assert_true(near(cam_entropy((const float[]){1, 1, 0, 0}, 4), 0.5));
    assert_true(isnan(cam_entropy((const float[]){0, 0, 0, 0}, 4)));
}

static void means_and_places(void **state) {
    (void)state;
    assert_true(near(cam_mean((const float[]){1, 0.5F, 0, 0.5F}, 4), 0.5));
    assert_true(isnan(cam_mean((const float[]){0, 0}, 2)));
    assert_int_equal(cam_highest((const float[]){0, 1, 0.5F, 1}, 4), 1);
}

static void objects_are_pointed_at(void **state) {
    (void)state;
    const float map[] = {0.25F, 1, 0.5F, 0.25F}, empty[4] = {0};
    const bool object[] = {false, true, false, true}, beside[] = {true, false, true, false},
               nothing[4] = {false};
    assert_true(cam_pointing(map, object, 4) == 1);
    assert_true(cam_pointing(map, beside, 4) == 0);
    assert_true(near(cam_energy(map, object, 4), 0.625));
    assert_true(isnan(cam_pointing(map, nothing, 4)) && isnan(cam_energy(map, nothing, 4)));
    assert_true(isnan(cam_pointing(empty, object, 4)) && isnan(cam_energy(empty, object, 4)));
}

/* The third: ranks 0.5 0.5 2 3 against 0 1 2 3, a correlation of 4.5 / sqrt(4.5 x 5). */
static void ranks_are_correlated(void **state) {
    (void)state;
    struct ranked ranks[8];
    const float rising[] = {1, 2, 30, 400}, falling[] = {4, 3, 2, -1}, tied[] = {5, 5, 6, 7},
                even[] = {1, 1, 1, 1};
    assert_true(near(cam_rank_correlation(rising, rising, 4, ranks), 1));
    assert_true(near(cam_rank_correlation(rising, falling, 4, ranks), -1));
    assert_true(near(cam_rank_correlation(rising, tied, 4, ranks), 4.5 / sqrt(22.5)));
    assert_true(isnan(cam_rank_correlation(rising, even, 4, ranks)));
}

static void the_highest_comes_first(void **state) {
    (void)state;
    struct ranked ranks[5];
    int order[5];
    const int wanted[] = {3, 1, 4, 0, 2};
    cam_order((const float[]){0, 2, -1, 3, 2}, 5, ranks, order);
    assert_memory_equal(order, wanted, sizeof order);
}

static void areas_are_of_trapezia(void **state) {
    (void)state;
    assert_true(near(cam_area((const double[]){1, 1, 1}, 3), 1));
    assert_true(near(cam_area((const double[]){0, 1, 0}, 3), 0.5));
    assert_true(near(cam_area((const double[]){1, 0.5, 0.25, 0}, 4), (0.75 + 0.375 + 0.125) / 3));
}

/* ---- colours ----------------------------------------------------------------------------------- */

static void check_color(enum colormap colormap, double value, struct color wanted) {
    struct color color = colormap_at(colormap, value);
    assert_true(color.red == wanted.red && color.green == wanted.green &&
                color.blue == wanted.blue);
}

/* jet by its formula 1.5 - |4 v - 3|, - 2, - 1, cut to 0 .. 1; viridis at its ends. */
static void maps_have_their_colors(void **state) {
    (void)state;
    for (int i = 0; i <= 16; i++) {
        double v = i / 16.0;
        struct color color = colormap_at(COLORMAP_JET, v);
        const int found[] = {color.red, color.green, color.blue};
        for (int c = 0; c < 3; c++) {
            double part = fmin(fmax(1.5 - fabs(4 * v - 3 + c), 0), 1);
            assert_true(fabs(255 * part - found[c]) <= 1);
        }
    }
    check_color(COLORMAP_VIRIDIS, 0, (struct color){68, 1, 84});
    check_color(COLORMAP_VIRIDIS, 2, (struct color){253, 231, 37});
    check_color(COLORMAP_GREY, 0.2, (struct color){51, 51, 51});
}

static void overlays_are_cut_at_white(void **state) {
    (void)state;
    uint8_t rgb[6];
    const uint8_t grey[] = {10, 250}, wanted[] = {112, 112, 112, 255, 255, 255};
    colormap_lay_over(COLORMAP_GREY, 0.4, grey, 1, (const float[]){1, 1}, 2, rgb);
    assert_memory_equal(rgb, wanted, sizeof rgb);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entropy_is_a_share),      cmocka_unit_test(means_and_places),
        cmocka_unit_test(objects_are_pointed_at),  cmocka_unit_test(ranks_are_correlated),
        cmocka_unit_test(the_highest_comes_first), cmocka_unit_test(areas_are_of_trapezia),
        cmocka_unit_test(maps_have_their_colors),  cmocka_unit_test(overlays_are_cut_at_white),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
