/* Every kind of the registry against itself, on the entries of its golden files and on its example: gradients
 * against central differences, added where they are to be added, left alone where they are not wanted, and the
 * same bits on any number of threads. Values are right by test_golden; here they only have to agree. */
#include "layers_golden.h"
#include "layers_guarded.h"

#include <math.h>

enum { SAMPLES = 150 }; /* elements of one tensor that are moved, at most */
static const double tolerance = 1e-3;

/* How far values are moved. No kind has a kink or a tie in its parameters: a longer step there lifts the slope
 * over the rounding of the outputs. */
static const double input_step = 0.01, param_step = 0.1;

/* ---- setups -------------------------------------------------------------------------------------- */
struct setups {
    struct arena *arena;
    struct guarded_setup *items;
    int count, capacity;
};

static void append(struct setups *setups, const struct guarded_setup *setup) {
    setups->items = arena_grow(setups->arena, setups->items, setups->count, &setups->capacity,
                               sizeof *setups->items);
    setups->items[setups->count++] = *setup;
}

/* The example runs on a map, or if it takes none on a vector. */
static struct guarded_setup example_setup(const struct layer_ops *ops) {
    const struct shape shapes[] = {shape_map(6, 5, 4), shape_vector(12)};
    assert_non_null(ops->example);
    for (int s = 0; s < BASE_COUNT(shapes); s++) {
        struct guarded_setup setup = {
            .entry = ops->example, .inputs = ops->min_inputs, .images = 3, .training = true};
        for (int i = 0; i < setup.inputs; i++)
            setup.in[i] = shapes[s];
        struct guarded layer;
        bool fits = guarded_infer(&layer, &setup);
        scene_end(&layer.scene);
        if (fits)
            return setup;
    }
    fail_msg("the example of %s fits neither a map nor a vector: %s", ops->name, ops->example);
    return (struct guarded_setup){0};
}

static struct setups setups_of(const char *kind) {
    struct setups setups = {.arena = arena_new()};
    struct guarded_setup example = example_setup(layer_find(kind));
    append(&setups, &example);
    struct golden golden = golden_read(setups.arena, kind);
    for (int i = 0; i < golden.count; i++) {
        struct guarded_setup setup = {.entry = golden.cases[i].entry,
                                      .inputs = golden.cases[i].inputs,
                                      .images = golden.cases[i].images,
                                      .training = golden.cases[i].training,
                                      .gap = i % 2};
        memcpy(setup.in, golden.cases[i].in, sizeof setup.in);
        append(&setups, &setup);
    }
    return setups;
}

static void each_setup(const char *kind, void (*body)(const struct guarded_setup *setup)) {
    static const char *const only[] = {NULL};
    const char *const *algorithms = layer_find(kind)->algorithms;
    struct setups setups = setups_of(kind);
    for (int i = 0; i < setups.count; i++) {
        const char *const *way = algorithms ? algorithms : only;
        do {
            setups.items[i].algorithm = *way;
            body(&setups.items[i]);
        } while (*way++ && *way);
    }
    arena_free(setups.arena);
}

/* ---- values -------------------------------------------------------------------------------------- */

/* A shuffle of values 0.05 apart, none of them 0: no step of 0.02 crosses a kink or a tie. */
static void spread_out(float *values, size_t count, struct random *random) {
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(0.05 * ((double)i - (double)(count / 2)) + 0.025);
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, (uint32_t)i);
        float value = values[i - 1];
        values[i - 1] = values[other];
        values[other] = value;
    }
}

static void between(float *values, size_t count, struct random *random) {
    for (size_t i = 0; i < count; i++)
        values[i] = (float)random_between(random, -1, 1);
}

static void fill_tensor(struct guarded *layer, struct tensor tensor, struct random *random,
                        void (*draw)(float *values, size_t count, struct random *random)) {
    size_t count = guarded_count(tensor);
    float *values = arena_alloc(layer->scene.arena, count, sizeof *values);
    draw(values, count, random);
    tensor_from_nchw(values, tensor);
}

/* Of its own, because in place it is filled once more, after forward. */
static void fill_dy(struct guarded *layer) {
    struct random random = random_stream(1, RANDOM_TEST, 0, 0);
    fill_tensor(layer, layer->call.dy, &random, between);
}

/* Inputs, parameters (a variance is over 0) and dy; the same for every layer of one setup. */
static void fill(struct guarded *layer) {
    struct random random = random_stream(2, RANDOM_TEST, 0, 0);
    for (int i = 0; i < layer->info.inputs; i++)
        fill_tensor(layer, layer->x[i], &random, spread_out);
    for (int i = 0; i < layer->info.param_count; i++) {
        const struct layer_param *param = &layer->info.params[i];
        size_t size = param_size(param);
        between(layer->params[i], size, &random);
        for (size_t j = 0; param->role == PARAM_BUFFER && j < size; j++)
            layer->params[i][j] = 0.5f + fabsf(layer->params[i][j]);
    }
    fill_dy(layer);
}

static void run(struct guarded *layer) {
    guarded_forward(layer);
    fill_dy(layer);
    guarded_backward(layer);
}

static void make(struct guarded *layer, const struct guarded_setup *setup) {
    guarded_make(layer, setup);
    fill(layer);
}

/* ---- central differences ------------------------------------------------------------------------- */

/* The sum of y dy, of which dx and the gradients are the derivatives. */
static double loss(struct guarded *layer) {
    layer->ops->forward(&layer->call);
    double sum = 0;
    for (size_t p = 0; p < tensor_pixels(layer->call.y); p++)
        for (int c = 0; c < layer->call.y.channels; c++)
            sum += (double)layer->call.y.data[p * (size_t)layer->call.y.pitch + (size_t)c] *
                   (double)layer->call.dy.data[p * (size_t)layer->call.dy.pitch + (size_t)c];
    return sum;
}

static double difference(struct guarded *layer, float *value, double by) {
    float kept = *value, above = (float)((double)kept + by), below = (float)((double)kept - by);
    *value = above;
    double high = loss(layer);
    *value = below;
    double low = loss(layer);
    *value = kept;
    return (high - low) / ((double)above - (double)below);
}

/* The error of a central difference goes with the square of its step; two of them cancel it (Richardson), or
 * batch norm over three values would be off by a hundredth. */
static double slope(struct guarded *layer, float *value, double step) {
    return (4 * difference(layer, value, step) - difference(layer, value, 2 * step)) / 3;
}

struct error {
    double difference, magnitude;
};

static void error_add(struct error *error, double gradient, double wanted) {
    double difference = fabs(gradient - wanted);
    error->difference = isnan(difference) ? INFINITY : fmax(error->difference, difference);
    error->magnitude = fmax(error->magnitude, fabs(wanted));
}

/* Rounding of the loss shows in every slope, so what has no slope at all is measured against 1. */
static void error_check(const struct error *error, const struct guarded_setup *setup,
                        const char *name, int index) {
    double relative = error->difference / fmax(error->magnitude, 1);
    if (!(relative <= tolerance))
        fail_msg("%s: the gradient of %s %d is off by %g", setup->entry, name, index, relative);
}

/* Every n-th element, so that at most SAMPLES are moved. */
static size_t stride_of(size_t count) {
    return count / SAMPLES + 1;
}

static void check_input(struct guarded *layer, const struct guarded_setup *setup, int index) {
    struct tensor x = layer->x[index], dx = layer->dx[index];
    struct error error = {0};
    for (size_t i = 0; i < guarded_count(x); i += stride_of(guarded_count(x))) {
        size_t pixel = i / (size_t)x.channels, channel = i % (size_t)x.channels;
        float gradient = dx.data[pixel * (size_t)dx.pitch + channel];
        error_add(&error, (double)gradient,
                  slope(layer, &x.data[pixel * (size_t)x.pitch + channel], input_step));
    }
    error_check(&error, setup, "input", index);
}

static void check_param(struct guarded *layer, const struct guarded_setup *setup, int index) {
    struct error error = {0};
    size_t size = param_size(&layer->info.params[index]);
    for (size_t i = 0; layer->grads[index] && i < size; i += stride_of(size))
        error_add(&error, (double)layer->grads[index][i],
                  slope(layer, &layer->params[index][i], param_step));
    error_check(&error, setup, layer->info.params[index].name, index);
}

/* Of the kind's first way, which rounds least: a difference of two sums shows rounding a hundredfold. The
 * golden values judge the others. */
static bool is_first(const struct guarded *layer, const char *algorithm) {
    return !algorithm || !strcmp(algorithm, layer->ops->algorithms[0]);
}

static void check_differences(const struct guarded_setup *setup) {
    struct guarded layer;
    make(&layer, setup);
    if (!is_first(&layer, setup->algorithm)) {
        guarded_end(&layer);
        return;
    }
    run(&layer);
    fill(&layer); /* backward may have wiped x */
    for (int i = 0; i < layer.info.inputs; i++)
        check_input(&layer, setup, i);
    for (int i = 0; i < layer.info.param_count; i++)
        check_param(&layer, setup, i);
    guarded_end(&layer);
}

static void central_differences(void **state) {
    each_setup(*state, check_differences);
}

/* ---- adding, and what is not wanted --------------------------------------------------------------- */
static float start_value(size_t i) {
    return (float)(i % 7) - 3;
}

/* `sums` began as start_value. */
static void check_sum(const float *sums, const float *added, size_t count, const char *entry) {
    double most = 3;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)added[i]));
    for (size_t i = 0; i < count; i++) {
        double wanted = (double)start_value(i) + (double)added[i];
        if (!(fabs((double)sums[i] - wanted) <= 1e-5 * most))
            fail_msg("%s: %g was added to %g, and gave %g", entry, (double)added[i],
                     (double)start_value(i), (double)sums[i]);
    }
}

static void prepare_sums(struct guarded *layer) {
    layer->call.grads_add = true;
    for (int i = 0; i < layer->info.inputs; i++) {
        size_t count = guarded_count(layer->dx[i]);
        float *values = arena_alloc(layer->scene.arena, count, sizeof *values);
        for (size_t j = 0; j < count; j++)
            values[j] = start_value(j);
        tensor_from_nchw(values, layer->dx[i]);
        layer->dx_add[i] = true;
    }
    for (int i = 0; i < layer->info.param_count; i++)
        for (size_t j = 0; layer->grads[i] && j < param_size(&layer->info.params[i]); j++)
            layer->grads[i][j] = start_value(j);
}

static void check_adding(const struct guarded_setup *setup) {
    struct guarded stored, added;
    make(&stored, setup);
    run(&stored);
    make(&added, setup);
    prepare_sums(&added);
    run(&added);
    for (int i = 0; i < stored.info.inputs; i++)
        check_sum(guarded_values(&added, added.dx[i]), guarded_values(&stored, stored.dx[i]),
                  guarded_count(stored.dx[i]), setup->entry);
    for (int i = 0; i < stored.info.param_count; i++)
        if (stored.grads[i])
            check_sum(added.grads[i], stored.grads[i], param_size(&stored.info.params[i]),
                      setup->entry);
    guarded_end(&stored);
    guarded_end(&added);
}

static void added_not_overwritten(void **state) {
    each_setup(*state, check_adding);
}

static void assert_same_bits(const void *a, const void *b, size_t count, const char *entry,
                             const char *what) {
    if (memcmp(a, b, count * sizeof(float)) != 0)
        fail_msg("%s: %s has other bits", entry, what);
}

static void compare_dx(struct guarded *a, struct guarded *b, const char *entry) {
    for (int i = 0; i < a->info.inputs; i++)
        if (b->dx[i].data)
            assert_same_bits(guarded_values(a, a->dx[i]), guarded_values(b, b->dx[i]),
                             guarded_count(a->dx[i]), entry, "dx");
}

static void compare_params(struct guarded *a, struct guarded *b, const char *entry) {
    for (int i = 0; i < a->info.param_count; i++) {
        size_t size = param_size(&a->info.params[i]);
        assert_same_bits(a->params[i], b->params[i], size, entry, a->info.params[i].name);
        if (a->grads[i] && b->grads[i])
            assert_same_bits(a->grads[i], b->grads[i], size, entry, "a gradient");
    }
}

/* Runs with the gradients of some inputs and parameters not wanted, the others as in `all`. */
static void check_without(const struct guarded_setup *setup, struct guarded *all, bool dx,
                          bool grads, int only) {
    struct guarded some;
    make(&some, setup);
    for (int i = 0; i < some.info.inputs; i++)
        if (!dx || (only >= 0 && i != only))
            some.dx[i] = (struct tensor){0};
    for (int i = 0; i < some.info.param_count; i++)
        if (!grads || (only >= 0 && i != only))
            some.grads[i] = NULL;
    run(&some);
    compare_dx(all, &some, setup->entry);
    compare_params(all, &some, setup->entry);
    guarded_end(&some);
}

static void check_wanted(const struct guarded_setup *setup) {
    struct guarded all;
    make(&all, setup);
    run(&all);
    check_without(setup, &all, false, true, -1);
    check_without(setup, &all, true, false, -1);
    check_without(setup, &all, false, false, -1);
    for (int only = 0; only < 2; only++)
        check_without(setup, &all, true, true, only);
    guarded_end(&all);
}

static void only_what_is_wanted(void **state) {
    each_setup(*state, check_wanted);
}

/* ---- threads, memory ------------------------------------------------------------------------------ */
/* Backward wipes y where the kind does not read it, so y is compared on its own. */
static void check_same(const struct guarded_setup *first, const struct guarded_setup *second) {
    struct guarded a, b;
    make(&a, first);
    make(&b, second);
    guarded_forward(&a);
    guarded_forward(&b);
    assert_same_bits(guarded_values(&a, a.call.y), guarded_values(&b, b.call.y),
                     guarded_count(a.call.y), first->entry, "y");
    if (guarded_in_place(&b) && (b.ops->traits & LAYER_READS_X))
        b.x[0] = a.x[0]; /* plan lets y lie there only where no backward follows */
    fill_dy(&a);
    fill_dy(&b);
    guarded_backward(&a);
    guarded_backward(&b);
    compare_dx(&a, &b, first->entry);
    compare_params(&a, &b, first->entry);
    guarded_end(&a);
    guarded_end(&b);
}

static void check_threads(const struct guarded_setup *setup) {
    static const int threads[] = {2, 3, 7};
    for (int i = 0; i < BASE_COUNT(threads); i++) {
        struct guarded_setup more = *setup;
        more.threads = threads[i];
        check_same(setup, &more);
    }
}

static void same_bits_on_any_threads(void **state) {
    each_setup(*state, check_threads);
}

static void check_in_place(const struct guarded_setup *setup) {
    struct guarded_setup apart = *setup, in_place = *setup;
    in_place.in_place = true;
    check_same(&apart, &in_place);
}

static void in_place_as_apart(void **state) {
    const struct layer_ops *ops = layer_find(*state);
    if (ops->traits & (LAYER_IN_PLACE | LAYER_RENAMES))
        each_setup(*state, check_in_place);
}

/* Without backward nothing need be saved. */
static void check_unsaved(const struct guarded_setup *setup) {
    struct guarded saved, unsaved;
    make(&saved, setup);
    make(&unsaved, setup);
    unsaved.call.saved = NULL;
    guarded_forward(&saved);
    guarded_forward(&unsaved);
    assert_same_bits(guarded_values(&saved, saved.call.y), guarded_values(&unsaved, unsaved.call.y),
                     guarded_count(saved.call.y), setup->entry, "y");
    compare_params(&saved, &unsaved, setup->entry);
    guarded_end(&saved);
    guarded_end(&unsaved);
}

static void forward_alone(void **state) {
    each_setup(*state, check_unsaved);
}

/* One test per kind and property, from the registry. */
static int add_tests(struct CMUnitTest *tests, int count, const char *name,
                     CMUnitTestFunction test) {
    for (int i = 0; layer_at(i); i++) {
        const char *kind = layer_at(i)->name;
        char *title = malloc(100);
        snprintf(title, 100, "%s: %s", kind, name);
        tests[count++] = (struct CMUnitTest){
            .name = title, .test_func = test, .initial_state = (void *)(uintptr_t)kind};
    }
    return count;
}

int main(void) {
    static struct CMUnitTest tests[500];
    int count = 0;
    gemm_start();
    count = add_tests(tests, count, "central differences", central_differences);
    count = add_tests(tests, count, "gradients are added", added_not_overwritten);
    count = add_tests(tests, count, "only what is wanted", only_what_is_wanted);
    count = add_tests(tests, count, "any number of threads", same_bits_on_any_threads);
    count = add_tests(tests, count, "in place", in_place_as_apart);
    count = add_tests(tests, count, "forward alone", forward_alone);
    int failed = _cmocka_run_group_tests("gradients", tests, (size_t)count, NULL, NULL);
    for (int i = 0; i < count; i++)
        free((void *)(uintptr_t)tests[i].name);
    return failed;
}
