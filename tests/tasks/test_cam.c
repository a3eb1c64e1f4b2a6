/* Every method against PyTorch's values (tests/golden/make_cams.py), identities between methods, and where the
 * cells of a layer lie. */
#include "../../src/tasks/cam.h"
#include "../exec_scene.h"
#include "../golden/cams.h"

#include <math.h>

enum { SIDE = 8, CELLS = SIDE * SIDE, CHANNELS = 8 };

static const char network[] = "netdef: cams\n"
                              "input: [3, 8, 8]\n"
                              "layers:\n"
                              "  - conv2d: {name: first, out: 6, kernel: 3, padding: 1}\n"
                              "  - relu: {name: shallow}\n"
                              "  - maxpool2d: {kernel: 2}\n"
                              "  - conv2d: {name: second, out: 8, kernel: 3, padding: 1}\n"
                              "  - relu: {name: deep}\n"
                              "  - global_avgpool2d\n"
                              "  - flatten\n"
                              "  - linear: {name: head, out: 4}\n";

/* ---- a network, its gradients ------------------------------------------------------------------ */

static void fill(const struct scene *scene, const char *path, const double *values) {
    int param = scene_param(scene, path);
    for (size_t i = 0; i < param_size(scene->graph->params[param].shape); i++)
        exec_change_param(scene->exec, param)[i] = (float)values[i];
}

static void fill_image(struct tensor to) {
    float image[3 * CELLS];
    for (int i = 0; i < 3 * CELLS; i++)
        image[i] = (float)golden_image[i];
    tensor_from_nchw(image, to);
}

static struct scene open_network(bool guided) {
    struct scene scene = scene_text(network);
    if (guided)
        scene.graph = cam_guided_graph(scene.arena, scene.graph);
    assert_non_null(scene.graph);
    bool *keep = arena_alloc(scene.arena, (size_t)scene.graph->layer_count + 1, sizeof *keep);
    bool *frozen = arena_alloc(scene.arena, (size_t)scene.graph->param_count, sizeof *frozen);
    memset(keep, 1, (size_t)scene.graph->layer_count + 1);
    memset(frozen, 1, (size_t)scene.graph->param_count);
    scene_start(&scene,
                (struct plan_options){.batch = 3,
                                      .threads = 1,
                                      .training = true,
                                      .input_gradient = true,
                                      .keep_values = keep,
                                      .keep_gradients = keep,
                                      .frozen = frozen},
                0);
    fill(&scene, "first.weight", golden_first_weight);
    fill(&scene, "first.bias", golden_first_bias);
    fill(&scene, "second.weight", golden_second_weight);
    fill(&scene, "second.bias", golden_second_bias);
    fill(&scene, "head.weight", golden_head_weight);
    fill(&scene, "head.bias", golden_head_bias);
    return scene;
}

static struct tensor copy_of(const struct scene *scene, struct tensor tensor) {
    size_t bytes = tensor_pixels(tensor) * (size_t)tensor.pitch * sizeof(float);
    float *data = arena_alloc(scene->arena, bytes, 1);
    memcpy(data, tensor.data, bytes);
    tensor.data = data;
    return tensor;
}

static const struct cam_target target = {.class = GOLDEN_CLASS};

/* The finished map of a method at a place, for image 0. */
static void draw(const char *name, const char *place, float *map) {
    const struct cam_method *method = cam_method_find(name);
    assert_non_null(method);
    struct scene scene = open_network(method->guided);
    int value = scene_value(&scene, place), output = scene.graph->output;
    fill_image(tensor_images(exec_input(scene.exec), 0, 1));
    exec_forward(scene.exec, 1, false, 0);
    assert_true(fabs(cam_score(exec_value(scene.exec, output), 0, &target) -
                     golden_scores[GOLDEN_CLASS]) < 1e-5);
    cam_seed(exec_gradient(scene.exec, output), 0, &target);
    exec_backward(scene.exec, false);
    double weights[CHANNELS], spare[CHANNELS];
    struct cam_grid grid = cam_grid_of(scene.graph, value);
    struct cam_trial trial = {scene.exec, 3, output, copy_of(&scene, exec_value(scene.exec, 0)),
                              &target};
    method->draw(&(struct cam_call){.activation = copy_of(&scene, exec_value(scene.exec, value)),
                                    .gradient = copy_of(&scene, exec_gradient(scene.exec, value)),
                                    .grid = &grid,
                                    .trial = &trial,
                                    .weights = weights,
                                    .spare = spare,
                                    .map = map});
    assert_true(cam_finish(map, grid.height * grid.width));
    scene_close(&scene);
}

static void assert_near(const char *what, const float *map, const double *wanted, int cells) {
    for (int i = 0; i < cells; i++)
        if (!(fabs((double)map[i] - wanted[i]) <= 1e-4))
            fail_msg("%s, cell %d: %g instead of %g", what, i, (double)map[i], wanted[i]);
}

/* ---- tests ------------------------------------------------------------------------------------- */

static void methods_draw_what_torch_draws(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(golden_cams); i++) {
        const struct golden_cam *golden = &golden_cams[i];
        float map[CELLS];
        char what[64];
        snprintf(what, sizeof what, "%s at %s", golden->method, golden->place);
        draw(golden->method, golden->place, map);
        assert_near(what, map, golden->map, golden->cells);
    }
}

static void every_method_is_compared(void **state) {
    (void)state;
    for (int i = 0; cam_method_at(i); i++) {
        bool found = false;
        for (int k = 0; k < BASE_COUNT(golden_cams); k++)
            found |= !strcmp(golden_cams[k].method, cam_method_at(i)->name);
        if (!found)
            fail_msg("no golden map of %s", cam_method_at(i)->name);
    }
    assert_null(cam_method_find("grad"));
}

/* Selvaraju et al. (2017), section 3.1: on global average pooling and one linear layer Grad-CAM is CAM; the
 * gradient is the same in every cell there, so HiResCAM is it too. */
static void gradcam_is_cam_on_a_pooled_head(void **state) {
    (void)state;
    static const char *const same[] = {"gradcam", "hirescam", "xgradcam"};
    for (int i = 0; i < BASE_COUNT(same); i++) {
        float map[CELLS];
        draw(same[i], "deep", map);
        assert_near(same[i], map, golden_cam, BASE_COUNT(golden_cam));
    }
}

static void an_empty_map_says_why(void **state) {
    (void)state;
    float zero[4] = {0}, one[4] = {1, 1, 1, 1}, minus[4] = {-1, -2, -1, -3}, map[4];
    double weights[1], spare[1];
    struct shape shape = shape_map(1, 2, 2);
    struct cam_call call = {.activation = tensor_at(one, 1, shape, 1),
                            .gradient = tensor_at(minus, 1, shape, 1),
                            .weights = weights,
                            .spare = spare,
                            .map = map};
    cam_method_find("gradcam")->draw(&call);
    assert_false(cam_finish(map, 4));
    assert_true(map[0] == 0 && map[3] == 0);
    assert_string_equal(cam_why_empty(&call),
                        "no cell is over 0: all that the layer sees speaks against the class");
    call.gradient.data = zero;
    assert_string_equal(
        cam_why_empty(&call),
        "no gradient comes back to the layer: what follows it is saturated, or dead");
    call.activation.data = zero;
    assert_string_equal(cam_why_empty(&call), "the layer yields nothing but 0 for this image");
}

/* The score of a region is the sum over its pixels, its gradient 1 there. */
static void a_region_is_a_sum(void **state) {
    (void)state;
    float y[] = {1, 2, 3, 4, 5, 6, 7, 8}, dy[8];
    const bool region[] = {true, false, false, true};
    struct shape shape = shape_map(2, 2, 2);
    struct cam_target right = {.class = 1, .region = region};
    assert_true(cam_score(tensor_at(y, 1, shape, 2), 0, &right) == 10);
    assert_true(fabs(cam_probability(tensor_at(y, 1, shape, 2), 0, &right) - 1 / (1 + exp(-1))) <
                1e-9);
    cam_seed(tensor_at(dy, 1, shape, 2), 0, &right);
    for (int i = 0; i < 8; i++)
        assert_true(dy[i] == (i == 1 || i == 7));
}

/* Receptive fields by hand: centres of 3x3 windows without padding lie 1 in; of a 2x2 pool between its pixels;
 * of a stride of 2 with padding 1 on the first pixel. */
static void cells_lie_where_they_look(void **state) {
    (void)state;
    struct scene scene =
        scene_text("netdef: grid\ninput: [1, 16, 12]\nlayers:\n"
                   "  - conv2d: {name: inner, out: 1, kernel: 3}\n"
                   "  - maxpool2d: {name: pool, kernel: 2}\n"
                   "  - conv2d: {name: strided, out: 1, kernel: 3, stride: 2, "
                   "padding: 1}\n"
                   "  - conv_transpose2d: {name: up, out: 1, kernel: 2, stride: 2}\n"
                   "  - upsample2d: {name: twice, scale: 2}\n");
    static const struct {
        const char *path;
        double top, down;
    } wanted[] = {
        {"inner", 1, 1}, {"pool", 1.5, 2}, {"strided", 1.5, 4}, {"up", 0.5, 2}, {"twice", 0, 1}};
    for (int i = 0; i < BASE_COUNT(wanted); i++) {
        struct cam_grid grid = cam_grid_of(scene.graph, scene_value(&scene, wanted[i].path));
        if (fabs(grid.top - wanted[i].top) + fabs(grid.down - wanted[i].down) > 1e-12)
            fail_msg("%s: %g and %g", wanted[i].path, grid.top, grid.down);
        assert_true(fabs(grid.left - grid.top) + fabs(grid.right - grid.down) < 1e-12);
    }
    arena_free(scene.arena);
}

static void maps_are_spread_between_centres(void **state) {
    (void)state;
    const float map[] = {0, 1, 2, 3};
    struct cam_grid grid = {2, 2, 1.5, 1.5, 4, 4};
    assert_true(cam_grid_at(&grid, map, 0, 0) == 0);
    assert_true(cam_grid_at(&grid, map, 7, 7) == 3);
    assert_true(fabs(cam_grid_at(&grid, map, 3.5, 1.5) - 1) < 1e-12);
    assert_true(fabs(cam_grid_at(&grid, map, 1.5, 2.5) - 0.25) < 1e-12);
    float large[16 * 16];
    cam_grid_spread(&grid, map, shape_map(1, 8, 8), 16, 16, large);
    assert_true(fabs((double)large[7 * 16 + 7] - cam_grid_at(&grid, map, 3.25, 3.25)) < 1e-6);
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_draw_what_torch_draws),
        cmocka_unit_test(every_method_is_compared),
        cmocka_unit_test(gradcam_is_cam_on_a_pooled_head),
        cmocka_unit_test(an_empty_map_says_why),
        cmocka_unit_test(a_region_is_a_sum),
        cmocka_unit_test(cells_lie_where_they_look),
        cmocka_unit_test(maps_are_spread_between_centres),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
