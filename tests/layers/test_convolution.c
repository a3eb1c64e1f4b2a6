/* conv2d and conv_transpose2d, each by every algorithm that fits, against the sums of their definition in double:
 * several blocks of places, blocks that reach over images, a single pixel, groups, random attributes. */
#include "layers_guarded.h"

#include <math.h>

/* A convolution from an image to places, in PyTorch's order; conv_transpose2d goes the other way. */
struct sizes {
    int images, in, out, groups; /* channels of the image and of the places */
    int height, width, rows, columns;
    struct attr_size kernel, stride, padding, dilation;
};

struct values {
    double *image, *places, *weight;
};

static size_t image_at(const struct sizes *s, int n, int c, int y, int x) {
    return (((size_t)n * (size_t)s->in + (size_t)c) * (size_t)s->height + (size_t)y) *
               (size_t)s->width +
           (size_t)x;
}

static size_t place_at(const struct sizes *s, int n, int c, int y, int x) {
    return (((size_t)n * (size_t)s->out + (size_t)c) * (size_t)s->rows + (size_t)y) *
               (size_t)s->columns +
           (size_t)x;
}

/* What an image element, a place and a weight that meet do to one another. */
typedef void (*meet)(double *image, double *place, double *weight);

static void to_place(double *image, double *place, double *weight) {
    *place += *image * *weight;
}

static void to_image(double *image, double *place, double *weight) {
    *image += *place * *weight;
}

static void to_weight(double *image, double *place, double *weight) {
    *weight += *image * *place;
}

/* All meetings of one place with the channel `c` of its group in the image. */
static void meet_taps(const struct sizes *s, const struct values *v, int n, int o, int c, int row,
                      int column, meet body) {
    int group = o / (s->out / s->groups), channels = s->in / s->groups;
    for (int i = 0; i < s->kernel.height; i++)
        for (int j = 0; j < s->kernel.width; j++) {
            int y = row * s->stride.height - s->padding.height + i * s->dilation.height;
            int x = column * s->stride.width - s->padding.width + j * s->dilation.width;
            size_t weight = ((size_t)(o * channels + c) * (size_t)s->kernel.height + (size_t)i) *
                                (size_t)s->kernel.width +
                            (size_t)j;
            if (y >= 0 && y < s->height && x >= 0 && x < s->width)
                body(&v->image[image_at(s, n, group * channels + c, y, x)],
                     &v->places[place_at(s, n, o, row, column)], &v->weight[weight]);
        }
}

static void meet_all(const struct sizes *s, const struct values *v, meet body) {
    for (int n = 0; n < s->images; n++)
        for (int o = 0; o < s->out; o++)
            for (int row = 0; row < s->rows; row++)
                for (int column = 0; column < s->columns; column++)
                    for (int c = 0; c < s->in / s->groups; c++)
                        meet_taps(s, v, n, o, c, row, column, body);
}

/* ---- comparing ------------------------------------------------------------------------------------ */
static double *doubles(struct guarded *layer, const float *from, size_t count) {
    double *to = arena_alloc(layer->scene.arena, count, sizeof *to);
    for (size_t i = 0; i < count; i++)
        to[i] = (double)from[i];
    return to;
}

static double *zeros(struct guarded *layer, size_t count) {
    return arena_alloc(layer->scene.arena, count, sizeof(double));
}

/* The error of all together, as vectors, is at most 5e-6 of them; that of none is far out. */
static void compare(const char *entry, const char *what, const float *values, const double *wanted,
                    size_t count) {
    double errors = 0, squares = 0, worst = 0, largest = 0;
    for (size_t i = 0; i < count; i++) {
        double d = fabs((double)values[i] - wanted[i]);
        worst = isnan(d) ? INFINITY : fmax(worst, d);
        largest = fmax(largest, fabs(wanted[i]));
        errors += d * d;
        squares += wanted[i] * wanted[i];
    }
    if (!(sqrt(errors) <= 5e-6 * sqrt(squares) && worst <= 1e-5 * largest))
        fail_msg("%s: %s is off by %g of %g, at worst by %g of %g", entry, what, sqrt(errors),
                 sqrt(squares), worst, largest);
}

static void fill(struct tensor tensor, struct random *random) {
    for (size_t p = 0; p < tensor_pixels(tensor); p++)
        for (int c = 0; c < tensor.channels; c++)
            tensor.data[p * (size_t)tensor.pitch + (size_t)c] =
                (float)random_between(random, -1, 1);
}

/* Bias: each channel's number in y, and the sum of its gradients. */
static void add_bias(struct guarded *layer, double *y) {
    size_t pixels = shape_size(layer->info.out) / (size_t)layer->info.out.channels;
    size_t channels = (size_t)layer->info.out.channels;
    for (size_t i = 0; i < guarded_count(layer->call.y); i++)
        y[i] += (double)layer->params[1][i / pixels % channels];
}

static double *bias_gradient(struct guarded *layer, const double *dy) {
    size_t pixels = shape_size(layer->info.out) / (size_t)layer->info.out.channels;
    size_t channels = (size_t)layer->info.out.channels;
    double *sums = zeros(layer, channels);
    for (size_t i = 0; i < guarded_count(layer->call.y); i++)
        sums[i / pixels % channels] += dy[i];
    return sums;
}

/* Forward and backward by the definition; x, dy and the parameters are those of the layer. */
struct wanted {
    double *y, *dx, *weight, *bias;
};

static struct wanted by_definition(struct guarded *layer, const struct sizes *s, bool transposed) {
    size_t weights = param_size(&layer->info.params[0]);
    size_t xs = guarded_count(layer->x[0]), ys = guarded_count(layer->call.y);
    double *x = doubles(layer, guarded_values(layer, layer->x[0]), xs);
    double *dy = doubles(layer, guarded_values(layer, layer->call.dy), ys);
    double *weight = doubles(layer, layer->params[0], weights);
    struct wanted wanted = {zeros(layer, ys), zeros(layer, xs), zeros(layer, weights),
                            bias_gradient(layer, dy)};
    if (transposed) {
        meet_all(s, &(struct values){wanted.y, x, weight}, to_image);
        meet_all(s, &(struct values){dy, wanted.dx, weight}, to_place);
        meet_all(s, &(struct values){dy, x, wanted.weight}, to_weight);
    } else {
        meet_all(s, &(struct values){x, wanted.y, weight}, to_place);
        meet_all(s, &(struct values){wanted.dx, dy, weight}, to_image);
        meet_all(s, &(struct values){x, dy, wanted.weight}, to_weight);
    }
    add_bias(layer, wanted.y);
    return wanted;
}

static void check_values(struct guarded *layer, const struct sizes *sizes, bool transposed,
                         const char *entry) {
    struct random random = random_stream(1, RANDOM_TEST, 7, 0);
    fill(layer->x[0], &random);
    fill(layer->call.dy, &random);
    for (int i = 0; i < layer->info.param_count; i++)
        for (size_t j = 0; j < param_size(&layer->info.params[i]); j++)
            layer->params[i][j] = (float)random_between(&random, -1, 1);
    struct wanted wanted = by_definition(layer, sizes, transposed);
    guarded_forward(layer);
    compare(entry, "y", guarded_values(layer, layer->call.y), wanted.y,
            guarded_count(layer->call.y));
    guarded_backward(layer);
    compare(entry, "dx", guarded_values(layer, layer->dx[0]), wanted.dx,
            guarded_count(layer->dx[0]));
    compare(entry, "the weight's gradient", layer->grads[0], wanted.weight,
            param_size(&layer->info.params[0]));
    compare(entry, "the bias's gradient", layer->grads[1], wanted.bias,
            (size_t)layer->info.out.channels);
}

/* ---- cases ---------------------------------------------------------------------------------------- */
struct case_of {
    bool transposed;
    int images, gap;
    struct shape in;
    int out, groups;
    struct attr_size kernel, stride, padding, dilation;
};

/* How often an algorithm was run, by its place in the list of all. */
struct tally {
    int runs[8];
};

static const char *const *algorithms(void) {
    return layer_find("conv2d")->algorithms;
}

/* Runs it by one algorithm, where the shape fits that; says whether it does. */
static bool run_by(const struct case_of *at, const char *algorithm, const char *attrs) {
    char entry[400];
    snprintf(entry, sizeof entry, "%s: %s", at->transposed ? "conv_transpose2d" : "conv2d", attrs);
    struct guarded_setup setup = {.entry = entry,
                                  .in = {at->in},
                                  .inputs = 1,
                                  .images = at->images,
                                  .threads = 2,
                                  .training = true,
                                  .gap = at->gap,
                                  .algorithm = algorithm};
    struct guarded layer;
    bool fits = guarded_infer(&layer, &setup);
    bool forced = fits && !strcmp(layer.info.algorithm, algorithm);
    scene_end(&layer.scene);
    if (!forced)
        return false;
    guarded_make(&layer, &setup);
    struct shape image = at->transposed ? layer.info.out : at->in;
    struct shape places = at->transposed ? at->in : layer.info.out;
    struct sizes sizes = {at->images,   image.channels, places.channels, at->groups,
                          image.height, image.width,    places.height,   places.width,
                          at->kernel,   at->stride,     at->padding,     at->dilation};
    snprintf(entry + strlen(entry), sizeof entry - strlen(entry), " by %s", algorithm);
    check_values(&layer, &sizes, at->transposed, entry);
    guarded_end(&layer);
    return true;
}

/* By every algorithm that fits; says whether any does. */
static bool run(const struct case_of *at, struct tally *tally) {
    char attrs[300];
    bool any = false;
    snprintf(attrs, sizeof attrs,
             "{out: %d, groups: %d, kernel: [%d, %d], stride: [%d, %d], padding: [%d, %d], "
             "dilation: [%d, %d]}",
             at->out, at->groups, at->kernel.height, at->kernel.width, at->stride.height,
             at->stride.width, at->padding.height, at->padding.width, at->dilation.height,
             at->dilation.width);
    for (int i = 0; algorithms()[i]; i++)
        if (run_by(at, algorithms()[i], attrs)) {
            tally->runs[i]++;
            any = true;
        }
    return any;
}

static void assert_all_ran(const struct tally *tally, int least) {
    for (int i = 0; algorithms()[i]; i++)
        if (tally->runs[i] < least)
            fail_msg("%s ran %d times only", algorithms()[i], tally->runs[i]);
}

#define ONE                                                                                        \
    { 1, 1 }
#define TWO                                                                                        \
    { 2, 2 }
#define THREE                                                                                      \
    { 3, 3 }
#define ZERO                                                                                       \
    { 0, 0 }
#define MAP(c, h, w)                                                                               \
    { 3, c, h, w }

static void large_shapes(void **state) {
    (void)state;
    static const struct case_of cases[] = {
        {false, 1, 0, MAP(16, 32, 32), 16, 1, THREE, ONE, ONE, ONE},
        {false, 2, 3, MAP(16, 31, 33), 8, 1, THREE, ONE, ONE, ONE},
        {false, 20, 0, MAP(24, 7, 9), 40, 1, THREE, ONE, ONE, ONE},
        {false, 33, 1, MAP(3, 11, 10), 16, 1, {5, 3}, TWO, TWO, ONE},
        {false, 2, 0, MAP(130, 9, 8), 70, 1, THREE, ONE, ONE, ONE},
        {false, 3, 0, MAP(300, 20, 20), 20, 1, ONE, ONE, ZERO, ONE},
        {false, 2, 2, MAP(36, 20, 21), 24, 3, THREE, TWO, ONE, TWO},
        {false, 1, 0, MAP(5, 1, 1), 3, 1, THREE, ONE, ONE, ONE},
        {false, 3, 0, MAP(17, 1, 40), 33, 1, THREE, ONE, TWO, ONE},
        {true, 3, 0, MAP(17, 6, 1), 33, 1, THREE, ONE, ZERO, ONE},
        {false, 1, 0, MAP(20, 1, 1), 20, 20, THREE, ONE, ONE, ONE},
        {false, 2, 0, MAP(5, 2, 2), 4, 1, ONE, {8, 8}, {3, 3}, ONE}, /* nothing but padding */
        {false, 2, 0, MAP(5, 2, 2), 4, 1, {2, 1}, {9, 8}, {1, 3}, ONE},
        {false, 3, 0, MAP(6, 2, 1), 6, 6, ONE, {8, 8}, {3, 3}, ONE},
        {false, 18, 0, MAP(50, 14, 15), 50, 50, THREE, ONE, ONE, ONE},
        {false, 3, 5, MAP(70, 25, 24), 70, 70, {5, 4}, TWO, TWO, ONE},
        {true, 2, 0, MAP(64, 14, 13), 32, 1, TWO, TWO, ZERO, ONE},
        {true, 20, 3, MAP(20, 9, 8), 30, 1, THREE, TWO, ONE, ONE},
        {true, 2, 0, MAP(48, 15, 15), 48, 48, THREE, TWO, ONE, ONE},
        {false, 61, 0, MAP(5, 37, 38), 4, 1, THREE, ONE, ONE, ONE}, /* several waves of planes */
    };
    struct tally tally = {0};
    for (int i = 0; i < BASE_COUNT(cases); i++)
        assert_true(run(&cases[i], &tally));
    assert_all_ran(&tally, 2);
}

static struct attr_size random_size(struct random *random, int least, int most) {
    uint32_t choices = (uint32_t)(most - least + 1);
    int height = least + (int)random_below(random, choices);
    return (struct attr_size){height, least + (int)random_below(random, choices)};
}

static struct case_of random_case(uint32_t number) {
    struct random random = random_stream(3, RANDOM_TEST, number, 0);
    int groups = 1 + (int)random_below(&random, 3);
    bool depthwise = random_below(&random, 4) == 0;
    int in = groups * (1 + (int)random_below(&random, 6));
    int out = depthwise ? in : groups * (1 + (int)random_below(&random, 6));
    struct attr_size map = random_size(&random, 1, 12);
    bool three = !depthwise && random_below(&random, 3) == 0; /* what has algorithms of its own */
    if (three)
        groups = 1;
    return (struct case_of){.transposed = random_below(&random, 2),
                            .images = 1 + (int)random_below(&random, 20),
                            .gap = (int)random_below(&random, 3),
                            .in = shape_map(in, map.height, map.width),
                            .out = out,
                            .groups = depthwise ? in : groups,
                            .kernel = three ? (struct attr_size)THREE : random_size(&random, 1, 5),
                            .stride = three ? (struct attr_size)ONE : random_size(&random, 1, 4),
                            .padding = random_size(&random, 0, three ? 2 : 4),
                            .dilation = three ? (struct attr_size)ONE : random_size(&random, 1, 3)};
}

static void random_attributes(void **state) {
    (void)state;
    int fitting = 0;
    struct tally tally = {0};
    for (uint32_t i = 0; i < 300; i++) {
        struct case_of at = random_case(i);
        fitting += run(&at, &tally);
    }
    assert_true(fitting > 150);
    assert_all_ran(&tally, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_shapes),
        cmocka_unit_test(random_attributes),
    };
    gemm_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
