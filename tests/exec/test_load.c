/* Weights from files in an executor, and the rules of training: a state_dict of PyTorch end to end
 * (tests/golden/make_weights.py), and steps of sgd by hand. */
#include "exec_scene.h"
#include "graph_surgery.h"

#include <math.h>

/* ---- a state_dict of PyTorch ------------------------------------------------------------------- */

static const char torch_net[] = "netdef: net\n"
                                "input: [2, 8, 8]\n"
                                "layers:\n"
                                "  - conv2d: {name: a, out: 4, kernel: 3, padding: 1}\n"
                                "  - batchnorm2d: {name: b}\n"
                                "  - relu\n"
                                "  - conv2d: {name: c, out: 4, kernel: 3, bias: false}\n"
                                "  - batchnorm2d: {name: d}\n"
                                "  - relu\n"
                                "  - maxpool2d: {kernel: 2}\n"
                                "  - conv_transpose2d: {name: e, out: 3, kernel: 2, stride: 2}\n"
                                "  - relu\n"
                                "  - flatten\n"
                                "  - linear: {name: f, out: 6}\n"
                                "  - relu\n"
                                "  - linear: {name: g, out: 5}\n";

/* A tensor of tests/golden/torch_run.safetensors. */
static const float *golden(const struct theatre *theatre, const char *name) {
    const struct tensor_file *file = safetensors_read(
        theatre->arena, "tests/golden/torch_run.safetensors", theatre->report, NULL);
    assert_non_null(file);
    for (int i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return file->tensors[i].values;
    fail_msg("no %s", name);
    return NULL;
}

static void near_scores(const struct theatre *theatre, const struct scene *scene) {
    float scores[15];
    const float *wanted = golden(theatre, "scores");
    tensor_to_nchw(exec_value(scene->exec, scene->graph->output), scores);
    double most = 0, off = 0;
    for (int i = 0; i < BASE_COUNT(scores); i++) {
        most = fmax(most, fabs((double)wanted[i]));
        off = fmax(off, fabs((double)scores[i] - (double)wanted[i]));
    }
    if (!(off <= 1e-5 * most))
        fail_msg("scores are off by %g of %g", off, most);
}

static void gives_the_scores_of_pytorch(const char *weights) {
    struct theatre theatre = theatre_new();
    char folder[4096];
    assert_non_null(getcwd(folder, sizeof folder));
    const struct surgery *surgery =
        theatre_try(&theatre, torch_net,
                    arena_printf(theatre.arena, "    weights: [{from: %s/tests/golden/%s, %s}]\n",
                                 folder, weights, "in_order: true"));
    assert_string_equal(theatre_said(&theatre), "");
    assert_int_equal(surgery_unfilled(surgery), 0);
    struct scene scene = {theatre.arena, theatre.report, surgery->graph, NULL, NULL, NULL};
    scene_start(&scene, (struct plan_options){.batch = 3, .threads = 1}, 1);
    exec_load(scene.exec, surgery);
    tensor_from_nchw(golden(&theatre, "images"), exec_input(scene.exec));
    exec_forward(scene.exec, 3, false, 0);
    near_scores(&theatre, &scene);
    pool_free(scene.pool);
    theatre_end(&theatre);
}

static void a_state_dict_gives_the_scores_of_pytorch(void **state) {
    (void)state;
    gives_the_scores_of_pytorch("torch_net.safetensors");
}

static void a_file_of_the_safetensors_library_does_too(void **state) {
    (void)state;
    gives_the_scores_of_pytorch("torch_sorted.safetensors");
}

/* ---- rules ------------------------------------------------------------------------------------- */

static const char small_net[] = "netdef: net\n"
                                "input: [2, 5, 5]\n"
                                "layers:\n"
                                "  - conv2d: {name: stem, out: 3, kernel: 3}\n"
                                "  - batchnorm2d: {name: norm}\n"
                                "  - relu\n"
                                "  - conv2d: {name: deep, out: 3, kernel: 1}\n"
                                "  - batchnorm2d: {name: last}\n"
                                "  - flatten\n"
                                "  - linear: {name: head, out: 2}\n";

enum { IMAGES = 4, PARAMS = 14 };

/* One step of training under an arm's rules. */
struct lesson {
    struct theatre theatre;
    struct scene scene;
    const struct surgery *surgery;
    float *before[PARAMS]; /* values of the parameters */
};

/* `plan_knows`: what is frozen has no gradient; else it has one and takes no step. */
static struct lesson lesson_on(const char *arm, bool obey, bool plan_knows) {
    struct lesson lesson = {.theatre = theatre_new()};
    theatre_weights(&lesson.theatre, "w.safetensors", "stem.bias:3 last.running_mean:3");
    lesson.surgery = theatre_try(&lesson.theatre, small_net, arm);
    assert_string_equal(theatre_said(&lesson.theatre), "");
    const struct graph *graph = lesson.surgery->graph;
    assert_int_equal(graph->param_count, PARAMS);
    struct scene *scene = &lesson.scene;
    *scene = (struct scene){lesson.theatre.arena, lesson.theatre.report, graph, NULL, NULL, NULL};
    scene_start(scene,
                (struct plan_options){.batch = IMAGES,
                                      .threads = 2,
                                      .training = true,
                                      .frozen = plan_knows ? lesson.surgery->frozen : NULL,
                                      .optim_slots = 1},
                3);
    exec_load(scene->exec, lesson.surgery);
    exec_set_rules(scene->exec, obey ? lesson.surgery : NULL);
    for (int i = 0; i < PARAMS; i++) {
        size_t size = param_size(graph->params[i].shape);
        lesson.before[i] = arena_alloc(lesson.theatre.arena, size, sizeof(float));
        memcpy(lesson.before[i], exec_param(scene->exec, i), size * sizeof(float));
    }
    return lesson;
}

static void lesson_step(struct lesson *lesson) {
    struct tensor input = exec_input(lesson->scene.exec);
    struct random random = random_stream(6, RANDOM_TEST, 0, 0);
    for (size_t i = 0; i < tensor_pixels(input) * (size_t)input.pitch; i++)
        input.data[i] = (float)random_normal(&random);
    exec_forward(lesson->scene.exec, IMAGES, true, 0);
    scene_loss(&lesson->scene, (const int32_t[]){0, 1, 1, 0}, 0);
    exec_backward(lesson->scene.exec, false);
    scene_optimize(&lesson->scene);
}

static void lesson_end(struct lesson *lesson) {
    pool_free(lesson->scene.pool);
    theatre_end(&lesson->theatre);
}

static bool moved(const struct lesson *lesson, int param) {
    size_t size = param_size(lesson->surgery->graph->params[param].shape);
    return memcmp(lesson->before[param], exec_param(lesson->scene.exec, param),
                  size * sizeof(float)) != 0;
}

/* "path ..." of the parameters that a step changes. */
static void moves_in_plan(const char *arm, const char *wanted, bool plan_knows) {
    struct lesson lesson = lesson_on(arm, true, plan_knows);
    lesson_step(&lesson);
    const char *text = "";
    for (int i = 0; i < PARAMS; i++)
        if (moved(&lesson, i))
            text = arena_printf(lesson.theatre.arena, "%s%s%s", text, *text ? " " : "",
                                lesson.surgery->graph->params[i].path);
    assert_string_equal(text, wanted);
    lesson_end(&lesson);
}

static void moves(const char *arm, const char *wanted) {
    moves_in_plan(arm, wanted, true);
    moves_in_plan(arm, wanted, false);
}

static void only_what_is_not_frozen_moves(void **state) {
    (void)state;
    moves("", "stem.weight stem.bias norm.weight norm.bias norm.running_mean norm.running_var "
              "deep.weight deep.bias last.weight last.bias last.running_mean last.running_var "
              "head.weight head.bias");
    moves("    rules: {\"**\": {freeze: true}, head: {freeze: false}}\n",
          "norm.running_mean norm.running_var last.running_mean last.running_var head.weight "
          "head.bias");
    moves("    rules: {norm: {freeze_stats: true}, deep.weight: {lr: 0}}\n",
          "stem.weight stem.bias norm.weight norm.bias deep.bias last.weight last.bias "
          "last.running_mean last.running_var head.weight head.bias");
    moves("    rules: {\"**\": {freeze: true, freeze_stats: true}, last: {freeze: false}}\n",
          "last.weight last.bias");
}

/* The first step of sgd (lr .5, momentum .9, weight decay .01): v - lr (g + decay v). */
static void rates_and_decays_have_their_factors(void **state) {
    (void)state;
    struct lesson lesson = lesson_on("    rules: {stem: {lr: 0.1}, deep.weight: {weight_decay: 0}, "
                                     "head: {lr: 3, weight_decay: 20}}\n",
                                     true, true);
    lesson_step(&lesson);
    for (int i = 0; i < PARAMS; i++) {
        const char *path = lesson.surgery->graph->params[i].path;
        const float *gradient = exec_param_gradient(lesson.scene.exec, i);
        bool stem = strncmp(path, "stem", 4) == 0, head = strncmp(path, "head", 4) == 0;
        double rate = 0.5 * (stem ? 0.1 : head ? 3 : 1);
        double decay = 0.01 * (head ? 20 : strcmp(path, "deep.weight") == 0 ? 0 : 1);
        for (size_t j = 0; gradient && j < param_size(lesson.surgery->graph->params[i].shape);
             j++) {
            double before = (double)lesson.before[i][j];
            double wanted = before - rate * ((double)gradient[j] + decay * before);
            assert_true(fabs((double)exec_param(lesson.scene.exec, i)[j] - wanted) < 1e-6);
        }
    }
    lesson_end(&lesson);
}

static void rules_may_be_taken_away(void **state) {
    (void)state;
    struct lesson lesson =
        lesson_on("    rules: {norm: {freeze_stats: true}, head: {lr: 0}}\n", false, true);
    lesson_step(&lesson);
    for (int i = 0; i < PARAMS; i++)
        assert_true(moved(&lesson, i));
    lesson_end(&lesson);
}

/* Frozen statistics are those of evaluation: with the weights unchanged, both modes give the same scores. */
static void frozen_statistics_are_used(void **state) {
    (void)state;
    struct lesson lesson =
        lesson_on("    rules: {\"**\": {freeze: true, freeze_stats: true}, head: "
                  "{freeze: false, lr: 0}}\n",
                  true, true);
    float training[IMAGES * 2], evaluation[IMAGES * 2];
    lesson_step(&lesson);
    tensor_to_nchw(exec_value(lesson.scene.exec, lesson.scene.graph->output), training);
    exec_forward(lesson.scene.exec, IMAGES, false, 0);
    tensor_to_nchw(exec_value(lesson.scene.exec, lesson.scene.graph->output), evaluation);
    for (int i = 0; i < BASE_COUNT(training); i++)
        assert_true(fabs((double)training[i] - (double)evaluation[i]) < 1e-5);
    lesson_end(&lesson);
}

static void loading_leaves_the_rest_at_its_start(void **state) {
    (void)state;
    struct lesson plain = lesson_on("", true, true);
    struct lesson loaded = lesson_on("    weights: [from: w.safetensors]\n", true, true);
    for (int i = 0; i < PARAMS; i++) {
        const char *path = loaded.surgery->graph->params[i].path;
        bool bias = strcmp(path, "stem.bias") == 0, mean = strcmp(path, "last.running_mean") == 0;
        for (size_t j = 0; j < param_size(loaded.surgery->graph->params[i].shape); j++)
            assert_true(loaded.before[i][j] == (bias   ? (float)j
                                                : mean ? (float)(3 + j)
                                                       : plain.before[i][j]));
    }
    lesson_end(&loaded);
    lesson_end(&plain);
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_dict_gives_the_scores_of_pytorch),
        cmocka_unit_test(a_file_of_the_safetensors_library_does_too),
        cmocka_unit_test(only_what_is_not_frozen_moves),
        cmocka_unit_test(rates_and_decays_have_their_factors),
        cmocka_unit_test(rules_may_be_taken_away),
        cmocka_unit_test(frozen_statistics_are_used),
        cmocka_unit_test(loading_leaves_the_rest_at_its_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
