/* Plans of random and of real networks, judged by playing a step through on the plan's own memory map
 * (plan_play.h). The random networks' layers are made up: a plan knows a layer by traits and sizes only. */
#include "plan_play.h"
#include "said.h"

enum { MOST_LAYERS = 40 };

/* ---- random networks --------------------------------------------------------------------------- */

/* What a kind offers is known by its functions being there; a plan calls none. */
static void make_nothing(const struct layer_call *call, size_t first, size_t count, float *to,
                         size_t pitch) {
    (void)call, (void)first, (void)count, (void)to, (void)pitch;
}

static void take_nothing(const struct layer_call *call, int slice, size_t first, size_t count) {
    (void)call, (void)slice, (void)first, (void)count;
}

static const struct layer_pointwise pointwise;

static const unsigned trait_sets[] = {
    0,
    LAYER_READS_X,
    LAYER_READS_Y,
    LAYER_READS_X | LAYER_READS_Y,
    LAYER_IN_PLACE | LAYER_READS_X,
    LAYER_IN_PLACE | LAYER_READS_Y,
    LAYER_IN_PLACE,
    LAYER_IN_PLACE | LAYER_SUM,
    LAYER_SUM,
    LAYER_IN_PLACE | LAYER_RENAMES,
    LAYER_IN_PLACE | LAYER_ONLY_TRAINING,
};

struct network {
    struct graph graph;
    struct graph_layer layers[MOST_LAYERS];
    struct graph_param params[MOST_LAYERS];
    struct layer_ops ops[MOST_LAYERS];
};

static uint32_t below(struct random *random, int limit) {
    return random_below(random, (uint32_t)limit);
}

static struct shape random_shape(struct random *random) {
    return shape_map(1 + (int)below(random, 40), 3, 1 + (int)below(random, 3));
}

static bool keeps_shape(unsigned traits) {
    return (traits & (LAYER_IN_PLACE | LAYER_SUM | LAYER_RENAMES)) != 0;
}

/* An earlier value, near ones more often; of this shape, unless none is (then `fallback`). */
static int random_input(struct network *network, struct random *random, int layer,
                        struct shape shape, int fallback) {
    for (int tries = 0; tries < 20; tries++) {
        int back = (int)below(random, 1 + (int)below(random, layer + 1));
        int value = layer - back;
        if (shape_equal(graph_shape(&network->graph, value), shape))
            return value;
    }
    return fallback;
}

static void random_inputs(struct network *network, struct random *random, int index) {
    struct graph_layer *layer = &network->layers[index];
    int first = index - (int)below(random, 1 + (int)below(random, index + 1));
    struct shape shape = graph_shape(&network->graph, first);
    unsigned traits = layer->ops->traits;
    bool many = traits == 0 || traits == LAYER_IN_PLACE || (traits & LAYER_SUM);
    layer->info.inputs = many ? 1 + (int)below(random, 4) : 1;
    layer->inputs[0] = first;
    for (int k = 1; k < layer->info.inputs; k++)
        layer->inputs[k] = random_input(network, random, index, shape, first);
    layer->info.out = keeps_shape(traits) ? shape : random_shape(random);
}

static void random_sizes(struct network *network, struct random *random, int index) {
    struct layer_info *info = &network->layers[index].info;
    struct graph *graph = &network->graph;
    info->saved_per_image = below(random, 2) * 4 * below(random, 100);
    info->saved_per_batch = below(random, 2) * 4 * below(random, 100);
    info->worker_scratch = below(random, 1000);
    info->slice_scratch = below(random, 1000);
    info->shared_scratch = below(random, 1000);
    info->shared_per_image = below(random, 100);
    info->shared_images = (int)below(random, 5);
    info->packed = below(random, 2) * below(random, 1000);
    network->layers[index].first_param = graph->param_count;
    if (below(random, 2) == 0)
        return;
    info->param_count = 1;
    info->params[0] = (struct layer_param){
        .name = "weight", .role = PARAM_TRAINED, .rank = 1, .dims = {1 + (int)below(random, 99)}};
    graph->params[graph->param_count++] =
        (struct graph_param){.path = "weight", .shape = &info->params[0], .layer = index};
}

/* Normalising, elementwise and convolving layers, as the traits allow. */
static void random_fusion(struct network *network, struct random *random, int index) {
    struct graph_layer *layer = &network->layers[index];
    struct layer_ops *ops = &network->ops[index];
    unsigned reads = ops->traits & ~(unsigned)LAYER_IN_PLACE;
    bool one = layer->info.inputs == 1;
    if (one && (reads == LAYER_READS_X || ops->traits == (LAYER_IN_PLACE | LAYER_READS_Y)) &&
        below(random, 2) == 0)
        ops->pointwise = &pointwise;
    if (one && reads == LAYER_READS_X && !ops->pointwise && below(random, 2) == 0) {
        ops->make_y = ops->make_dx = make_nothing;
        ops->take_x = ops->take_dy = take_nothing;
    }
    layer->info.reads_made = one && !(ops->traits & (LAYER_IN_PLACE | LAYER_RENAMES)) &&
                             !ops->make_y && below(random, 3) > 0;
    layer->info.reads_once = layer->info.reads_made && below(random, 4) > 0;
    layer->info.offers = below(random, 2) == 0;
}

static void random_network(struct network *network, struct random *random) {
    memset(network, 0, sizeof *network);
    network->graph = (struct graph){.name = "random",
                                    .input = random_shape(random),
                                    .layers = network->layers,
                                    .params = network->params};
    int layers = 1 + (int)below(random, MOST_LAYERS);
    for (int i = 0; i < layers; i++) {
        network->ops[i].traits = trait_sets[below(random, BASE_COUNT(trait_sets))];
        network->layers[i].ops = &network->ops[i];
        network->layers[i].path = "layer";
        random_inputs(network, random, i);
        random_sizes(network, random, i);
        random_fusion(network, random, i);
        network->graph.layer_count++;
    }
    bool last = below(random, 4) > 0;
    network->graph.output = last ? layers : 1 + (int)below(random, layers);
}

/* ---- tests ------------------------------------------------------------------------------------- */

struct wishes {
    bool keep_values[MOST_LAYERS + 1], keep_gradients[MOST_LAYERS + 1], frozen[MOST_LAYERS];
};

static void random_wishes(struct random *random, struct wishes *wishes,
                          struct plan_options *options) {
    int rare = 1 + (int)below(random, 6), cold = 1 + (int)below(random, 4);
    for (int i = 0; i <= MOST_LAYERS; i++) {
        wishes->keep_values[i] = below(random, 6) >= (uint32_t)rare;
        wishes->keep_gradients[i] = below(random, 6) >= (uint32_t)rare;
    }
    for (int i = 0; i < MOST_LAYERS; i++)
        wishes->frozen[i] = below(random, 4) >= (uint32_t)cold;
    *options = (struct plan_options){.batch = 1 + (int)below(random, 20),
                                     .threads = 1 + (int)below(random, 4),
                                     .training = below(random, 4) > 0,
                                     .no_reuse = below(random, 8) == 0,
                                     .no_fusion = below(random, 8) == 0,
                                     .input_gradient = below(random, 2) == 0,
                                     .keep_values = wishes->keep_values,
                                     .keep_gradients = wishes->keep_gradients,
                                     .frozen = wishes->frozen,
                                     .optim_slots = (int)below(random, 3)};
}

static void random_networks(void **state) {
    (void)state;
    static struct network network;
    for (uint32_t round = 0; round < 3000; round++) {
        struct random random = random_stream(round, RANDOM_TEST, 1, 0);
        struct wishes wishes;
        struct plan_options options;
        struct arena *arena = arena_new();
        random_network(&network, &random);
        random_wishes(&random, &wishes, &options);
        const struct plan *plan = plan_build(arena, &network.graph, &options, report_new(arena));
        assert_non_null(plan);
        assert_true(plan->bound <= plan->slab);
        play_step(plan, &options);
        arena_free(arena);
    }
}

/* Nothing is overwritten in the real networks either, and their slabs are close to the least possible. */
static void real_network(const char *path, int batch, bool training) {
    static const bool keep[PLAY_MOST_LAYERS + 1], frozen[LAYER_MOST_PARAMS * PLAY_MOST_LAYERS];
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    const struct netdef *netdef = netdef_read(arena, path, report, NULL);
    const struct graph *graph = netdef ? graph_build(arena, netdef, report) : NULL;
    assert_string_equal(said(report).text, "");
    struct plan_options options = {.batch = batch,
                                   .threads = 2,
                                   .training = training,
                                   .keep_values = keep,
                                   .keep_gradients = keep,
                                   .frozen = frozen,
                                   .optim_slots = 1};
    const struct plan *plan = plan_build(arena, graph, &options, report);
    assert_non_null(plan);
    play_step(plan, &options);
    if (plan->slab > plan->bound + plan->bound / 20)
        fail_msg("%s: %zu bytes, %zu are needed", path, plan->slab, plan->bound);
    arena_free(arena);
}

static void real_networks(void **state) {
    (void)state;
    const char *const paths[] = {"netdefs/plain35.yaml",   "netdefs/residual35_projection.yaml",
                                 "netdefs/fcn8.yaml",      "netdefs/mnist_cnn.yaml",
                                 "netdefs/cifar_cnn.yaml", "netdefs/residual_tanh35.yaml"};
    for (int i = 0; i < BASE_COUNT(paths); i++) {
        real_network(paths[i], 128, true);
        real_network(paths[i], 128, false);
        real_network(paths[i], 3, true);
    }
}

/* A chain of layers, each of 4 channels on one pixel, with these traits. */
static void chain(struct network *network, const unsigned *traits, int layers) {
    memset(network, 0, sizeof *network);
    network->graph = (struct graph){.input = shape_vector(4),
                                    .layers = network->layers,
                                    .params = network->params,
                                    .layer_count = layers,
                                    .output = layers};
    for (int i = 0; i < layers; i++) {
        network->ops[i].traits = traits[i];
        network->layers[i] = (struct graph_layer){.path = "layer",
                                                  .ops = &network->ops[i],
                                                  .info = {.inputs = 1, .out = shape_vector(4)},
                                                  .inputs = {i}};
    }
}

/* input -> plain -> in place -> only in training -> rename -> plain; evaluation: two places besides input
 * and output; all that follows the first plain layer lies with it. */
static void who_moves_in(void **state) {
    (void)state;
    const unsigned traits[] = {0, LAYER_IN_PLACE | LAYER_READS_Y, LAYER_ONLY_TRAINING,
                               LAYER_RENAMES, 0};
    static struct network network;
    chain(&network, traits, 5);
    struct arena *arena = arena_new();
    struct plan_options options = {.batch = 16, .threads = 1};
    const struct plan *plan = plan_build(arena, &network.graph, &options, report_new(arena));
    assert_non_null(plan);
    for (int v = 2; v <= 4; v++)
        assert_int_equal(plan->values[v], plan->values[1]);
    assert_int_equal(plan->slab, 3 * 256);
    options.training = true;
    options.input_gradient = true;
    plan = plan_build(arena, &network.graph, &options, report_new(arena));
    assert_non_null(plan);
    assert_int_equal(plan->values[2], plan->values[1]);
    assert_true(plan->values[3] != plan->values[2]);
    assert_int_equal(plan->values[4], plan->values[3]);
    assert_int_equal(plan->gradients[3], plan->gradients[4]);
    assert_int_equal(plan->gradients[1], plan->gradients[2]);
    arena_free(arena);
}

/* A residual: x -> a -> sum(a, x). Both gradients of the sum's inputs are its own until a's adds to x's. */
static void sum_shares_its_gradient(void **state) {
    (void)state;
    const unsigned traits[] = {0, 0, LAYER_SUM, 0};
    static struct network network;
    chain(&network, traits, 4);
    network.layers[2].info.inputs = 2;
    network.layers[2].inputs[0] = 2;
    network.layers[2].inputs[1] = 1;
    struct arena *arena = arena_new();
    struct plan_options options = {
        .batch = 16, .threads = 1, .training = true, .input_gradient = true};
    const struct plan *plan = plan_build(arena, &network.graph, &options, report_new(arena));
    assert_non_null(plan);
    assert_int_equal(plan->gradients[2], plan->gradients[3]);
    assert_true(plan->steps[1].dx_add[0]);
    /* a's backward reads its dy while it adds to x's: these two must differ. */
    assert_true(plan->gradients[1] != plan->gradients[2]);
    network.layers[1].inputs[0] = 0; /* a no longer reads x: nobody adds */
    plan = plan_build(arena, &network.graph, &options, report_new(arena));
    assert_non_null(plan);
    assert_int_equal(plan->gradients[2], plan->gradients[3]);
    assert_int_equal(plan->gradients[1], plan->gradients[3]);
    arena_free(arena);
}

/* conv -> norm -> sum with the input -> elementwise -> conv, of which the two in the middle run inside norm. */
static void residual(struct network *network) {
    const unsigned traits[] = {LAYER_READS_X, LAYER_READS_X, LAYER_IN_PLACE | LAYER_SUM,
                               LAYER_IN_PLACE | LAYER_READS_Y, LAYER_READS_X};
    chain(network, traits, 5);
    network->ops[1].make_y = network->ops[1].make_dx = make_nothing;
    network->ops[1].take_x = network->ops[1].take_dy = take_nothing;
    network->layers[2].info.inputs = 2;
    network->ops[3].pointwise = &pointwise;
    for (int i = 0; i < 5; i += 4)
        network->layers[i].info.reads_made = network->layers[i].info.reads_once =
            network->layers[i].info.offers = true;
}

static struct plan_step step_of_norm(const struct network *network, const bool *keep_values,
                                     const bool *keep_gradients) {
    struct arena *arena = arena_new();
    struct plan_options options = {.batch = 16,
                                   .threads = 1,
                                   .training = true,
                                   .input_gradient = true,
                                   .keep_values = keep_values,
                                   .keep_gradients = keep_gradients};
    const struct plan *plan = plan_build(arena, &network->graph, &options, report_new(arena));
    assert_non_null(plan);
    struct plan_step step = plan->steps[1];
    assert_int_equal(plan->steps[2].included, step.adds);
    assert_int_equal(plan->steps[3].included, step.after);
    if (step.after) {
        assert_int_equal(plan_added(plan, 1), 0);
        assert_true(keep_gradients || plan->gradients[3] == plan->gradients[4]);
        assert_true(plan->values[2] == PLAN_NONE && plan->values[3] == PLAN_NONE);
    }
    arena_free(arena);
    return step;
}

static void a_sum_runs_inside(void **state) {
    (void)state;
    static struct network network;
    residual(&network);
    struct plan_step step = step_of_norm(&network, NULL, NULL);
    assert_true(step.adds && step.after && step.makes_later && step.takes_dy && step.makes_dx);
    network.layers[2].inputs[0] = 0; /* the other way round */
    network.layers[2].inputs[1] = 2;
    assert_true(step_of_norm(&network, NULL, NULL).adds);
    network.ops[3].traits = LAYER_IN_PLACE | LAYER_READS_X;
    step = step_of_norm(&network, NULL, NULL);
    assert_true(step.adds && !step.after);
    network.ops[3].traits = LAYER_IN_PLACE | LAYER_READS_Y;
    network.layers[2].info.inputs = 3;
    assert_false(step_of_norm(&network, NULL, NULL).adds);
    network.layers[2].info.inputs = 2;
    network.layers[2].inputs[0] = 2; /* twice the same */
    assert_false(step_of_norm(&network, NULL, NULL).adds);
}

static void what_is_kept_is_stored(void **state) {
    (void)state;
    static struct network network;
    residual(&network);
    for (int value = 2; value <= 4; value++) {
        bool keep[6] = {false};
        keep[value] = true;
        struct plan_step values = step_of_norm(&network, keep, NULL);
        struct plan_step gradients = step_of_norm(&network, NULL, keep);
        assert_int_equal(values.adds, value > 2);
        assert_int_equal(gradients.adds, value > 2);
        assert_int_equal(values.after, value == 4);
    }
}

static void nothing_runs_below_what_is_wanted(void **state) {
    (void)state;
    const unsigned traits[] = {0, 0, 0, 0};
    bool keep[] = {false, false, true, false, false};
    static struct network network;
    chain(&network, traits, 4);
    struct arena *arena = arena_new();
    struct plan_options options = {
        .batch = 1, .threads = 1, .training = true, .keep_gradients = keep};
    const struct plan *plan = plan_build(arena, &network.graph, &options, report_new(arena));
    assert_non_null(plan);
    assert_true(plan->steps[3].backward && plan->steps[2].backward);
    assert_false(plan->steps[1].backward || plan->steps[0].backward);
    assert_true(plan->gradients[1] == PLAN_NONE && plan->gradients[0] == PLAN_NONE);
    arena_free(arena);
}

/* A worker has scratch memory if a slice of the batch may come to it. */
static void workers_that_have_work(void **state) {
    (void)state;
    static const struct {
        int batch, threads, workers;
    } cases[] = {{1, 7, 1}, {5, 7, 5}, {128, 7, 7}, {128, 64, SLICE_MOST}, {128, 1, 1}};
    static struct network network;
    chain(&network, (const unsigned[]){0}, 1);
    network.layers[0].info.worker_scratch = 1 << 20;
    for (int i = 0; i < BASE_COUNT(cases); i++) {
        struct arena *arena = arena_new();
        struct plan_options options = {.batch = cases[i].batch, .threads = cases[i].threads};
        const struct plan *plan = plan_build(arena, &network.graph, &options, report_new(arena));
        assert_non_null(plan);
        assert_int_equal(plan->slab >> 20, cases[i].workers);
        arena_free(arena);
    }
}

static void options_are_copied(void **state) {
    (void)state;
    const unsigned traits[] = {0, 0};
    bool keep[] = {false, true, false};
    static struct network network;
    chain(&network, traits, 2);
    struct arena *arena = arena_new();
    struct plan_options options = {.batch = 1, .threads = 1, .keep_values = keep};
    const struct plan *plan = plan_build(arena, &network.graph, &options, report_new(arena));
    assert_non_null(plan);
    keep[1] = false;
    assert_true(plan->options.keep_values[0] && plan->options.keep_values[1] &&
                plan->options.keep_values[2]);
    assert_false(plan->options.keep_gradients[1]);
    arena_free(arena);
}

static void refused(const struct graph *graph, struct plan_options options, const char *message) {
    struct arena *arena = arena_new();
    struct report *report = report_new(arena);
    assert_null(plan_build(arena, graph, &options, report));
    assert_string_equal(said(report).text, message);
    arena_free(arena);
}

static void too_large(void **state) {
    (void)state;
    const unsigned traits[] = {0, 0};
    static struct network network;
    chain(&network, traits, 2);
    network.layers[1].info.out = shape_map(64, 128, 128);
    refused(
        &network.graph, (struct plan_options){.batch = 2048, .threads = 1},
        "netrun: error: layer: 2,048 times 64x128x128 is more than the 2,147,483,647 elements that "
        "a tensor can hold; take a smaller batch\n");
    network.layers[0].info.saved_per_image = (size_t)1 << 40;
    refused(
        &network.graph, (struct plan_options){.batch = 100, .threads = 1, .training = true},
        "netrun: error: a batch of 100 needs more than 70.4 TB of memory; take a smaller batch\n");
    network.layers[0].info.saved_per_image = 0;
    network.layers[0].info.saved_per_batch = PLAN_MOST_BYTES - 100;
    refused(
        &network.graph, (struct plan_options){.batch = 1, .threads = 1, .training = true},
        "netrun: error: a batch of 1 needs more than 70.4 TB of memory; take a smaller network\n");
    network.layers[0].info.saved_per_image = SIZE_MAX / 2;
    refused(
        &network.graph, (struct plan_options){.batch = 100, .threads = 1, .training = true},
        "netrun: error: a batch of 100 needs more than 70.4 TB of memory; take a smaller batch\n");
}

static void every_allocation_fails(void **state) {
    (void)state;
    static struct network network;
    struct random random = random_stream(7, RANDOM_TEST, 2, 0);
    random_network(&network, &random);
    struct plan_options options = {.batch = 2, .threads = 1, .training = true};
    const struct plan *plan = NULL;
    for (long n = 1; !plan; n++) {
        struct arena *arena = arena_new();
        struct report *report = report_new(arena);
        assert_true(n < 100);
        arena_fail_at(arena, n);
        plan = plan_build(arena, &network.graph, &options, report);
        assert_int_equal(report_count(report), 0);
        arena_free(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_networks),
        cmocka_unit_test(real_networks),
        cmocka_unit_test(who_moves_in),
        cmocka_unit_test(sum_shares_its_gradient),
        cmocka_unit_test(a_sum_runs_inside),
        cmocka_unit_test(what_is_kept_is_stored),
        cmocka_unit_test(nothing_runs_below_what_is_wanted),
        cmocka_unit_test(workers_that_have_work),
        cmocka_unit_test(options_are_copied),
        cmocka_unit_test(too_large),
        cmocka_unit_test(every_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
