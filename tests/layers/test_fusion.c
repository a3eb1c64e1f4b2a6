/* What layers do for one another gives the bits that they give one by one: batch norm's pixels made and taken in
 * any portions, with and without a sum and an elementwise kind behind it; convolutions and pools that read what is
 * made and offer what they write. */
#include "layers_guarded.h"

enum { IMAGES = 19, HEIGHT = 9, WIDTH = 5, PIXELS = IMAGES * HEIGHT * WIDTH, MOST = 1100 };

static void fill(float *values, size_t count, uint32_t stream) {
    struct random random = random_stream(8, RANDOM_TEST, 5, stream);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)random_between(&random, -1, 2);
}

static void fill_tensor(struct tensor tensor, uint32_t stream) {
    for (size_t p = 0; p < tensor_pixels(tensor); p++)
        fill(tensor.data + p * (size_t)tensor.pitch, (size_t)tensor.channels,
             stream * PIXELS + (uint32_t)p);
}

static void make(struct guarded *layer, const char *entry, int channels, int gap) {
    struct guarded_setup setup = {.entry = entry,
                                  .in = {shape_map(channels, HEIGHT, WIDTH)},
                                  .inputs = 1,
                                  .images = IMAGES,
                                  .threads = 2,
                                  .training = true,
                                  .gap = gap};
    guarded_make(layer, &setup);
    for (int i = 0; i < layer->info.param_count; i++)
        fill(layer->params[i], param_size(&layer->info.params[i]), (uint32_t)i);
    fill_tensor(layer->x[0], 10);
    fill_tensor(layer->call.dy, 11);
}

/* Offers all pixels as struct layer_taker says. */
static void offer_all(const struct guarded *layer,
                      void (*take)(const struct layer_call *call, int slice, size_t first,
                                   size_t count)) {
    for (int s = 0; s < slice_count(IMAGES); s++) {
        struct slice slice = slice_of(IMAGES, s);
        for (int row = slice.first * HEIGHT; row < (slice.first + slice.count) * HEIGHT;) {
            int left = HEIGHT - row % HEIGHT;
            int rows = left < LAYER_OFFER_ROWS ? left : LAYER_OFFER_ROWS;
            take(&layer->call, s, (size_t)row * WIDTH, (size_t)rows * WIDTH);
            row += rows;
        }
    }
}

/* ---- batch norm, made ---------------------------------------------------------------------------- */

typedef void (*maker)(const struct layer_call *call, size_t first, size_t count, float *to,
                      size_t pitch);

/* Portions of 1, 2, 3 ... pixels have the bits of `stored`. */
static void made_like(const struct guarded *layer, maker make_pixels, struct tensor stored) {
    size_t channels = (size_t)stored.channels, pitch = channels + 3;
    float *portion = malloc(PIXELS * pitch * sizeof(float));
    assert_non_null(portion);
    for (size_t first = 0, count = 1; first < PIXELS; first += count, count++) {
        count = count < PIXELS - first ? count : PIXELS - first;
        make_pixels(&layer->call, first, count, portion, pitch);
        for (size_t p = 0; p < count; p++)
            assert_memory_equal(portion + p * pitch,
                                stored.data + (first + p) * (size_t)stored.pitch,
                                channels * sizeof(float));
    }
    free(portion);
}

static void check_made(int channels, const char *after, int gap) {
    struct guarded layer;
    make(&layer, "batchnorm2d", channels, gap);
    layer.call.after = after ? layer_find(after)->pointwise : NULL;
    guarded_forward(&layer);
    made_like(&layer, layer.ops->make_y, layer.call.y);
    guarded_backward(&layer);
    made_like(&layer, layer.ops->make_dx, layer.dx[0]);
    guarded_end(&layer);
}

static void pixels_are_made_as_stored(void **state) {
    (void)state;
    const int channels[] = {1, 5, 16, 40, MOST};
    const char *const after[] = {NULL, "relu", "silu"};
    for (int c = 0; c < BASE_COUNT(channels); c++)
        for (int k = 0; k < BASE_COUNT(after); k++) {
            check_made(channels[c], after[k], 0);
            check_made(channels[c], after[k], 2);
        }
}

/* ---- batch norm, with what follows --------------------------------------------------------------- */

/* y = f(batch norm), dx by the slope of f: as by the two, one after the other. */
static void check_after(const char *kind) {
    struct guarded both, one;
    make(&both, "batchnorm2d", 24, 0);
    make(&one, "batchnorm2d", 24, 0);
    const struct layer_pointwise *f = layer_find(kind)->pointwise;
    size_t count = guarded_count(one.call.y);
    float *y = malloc(count * sizeof(float));
    assert_non_null(y);
    both.call.after = f;
    guarded_forward(&both);
    guarded_forward(&one);
    f->map(NULL, one.call.y.data, y, count);
    assert_memory_equal(both.call.y.data, y, count * sizeof(float));
    f->slope(NULL, f->reads_x ? one.call.y.data : y, one.call.dy.data, one.call.dy.data, count);
    guarded_backward(&both);
    guarded_backward(&one);
    assert_memory_equal(both.dx[0].data, one.dx[0].data, count * sizeof(float));
    for (int i = 0; i < 2; i++)
        assert_memory_equal(both.grads[i], one.grads[i], 24 * sizeof(float));
    free(y);
    guarded_end(&both);
    guarded_end(&one);
}

static void what_follows_is_part_of_it(void **state) {
    (void)state;
    check_after("relu");
    check_after("tanh");
    check_after("silu");
}

/* ---- batch norm, with a sum ---------------------------------------------------------------------- */

/* y = f(batch norm + plus): stored, and made portion by portion, as by the three one after the other. */
static void check_sum_forward(struct guarded *sum, struct guarded *one,
                              const struct layer_pointwise *f) {
    struct tensor plus = sum->call.plus, y = one->call.y;
    guarded_forward(sum);
    guarded_forward(one);
    for (size_t p = 0; p < tensor_pixels(y); p++) {
        float *pixel = y.data + p * (size_t)y.pitch;
        for (int c = 0; c < y.channels; c++)
            pixel[c] += plus.data[p * (size_t)plus.pitch + (size_t)c];
        f->map(NULL, pixel, pixel, (size_t)y.channels);
    }
    assert_memory_equal(guarded_values(sum, sum->call.y), guarded_values(one, y),
                        guarded_count(y) * sizeof(float));
    guarded_wipe_tensor(sum->call.y);
    made_like(sum, sum->ops->make_y, y);
    guarded_check(sum);
    assert_memory_equal(guarded_values(sum, sum->call.y), guarded_values(one, y),
                        guarded_count(y) * sizeof(float));
}

/* Offered dy_after, it makes the gradient of the sum, and takes that. */
static void check_sum_backward(struct guarded *sum, struct guarded *one,
                               const struct layer_pointwise *f) {
    struct tensor dy = one->call.dy, y = one->call.y;
    for (size_t p = 0; p < tensor_pixels(dy); p++) {
        float *pixel = dy.data + p * (size_t)dy.pitch;
        f->slope(NULL, y.data + p * (size_t)y.pitch, pixel, pixel, (size_t)dy.channels);
    }
    offer_all(sum, sum->ops->take_dy);
    sum->call.dy_after.data = NULL;
    sum->call.taken = true;
    guarded_backward(sum);
    guarded_backward(one);
    assert_memory_equal(guarded_values(sum, sum->call.dy), guarded_values(one, dy),
                        guarded_count(dy) * sizeof(float));
    assert_memory_equal(guarded_values(sum, sum->dx[0]), guarded_values(one, one->dx[0]),
                        guarded_count(dy) * sizeof(float));
    for (int i = 0; i < 2; i++)
        assert_memory_equal(sum->grads[i], one->grads[i],
                            param_size(&one->info.params[i]) * sizeof(float));
}

static void check_sum(const char *after, int channels, int gap, bool in_place) {
    struct guarded sum, one, others;
    const struct layer_pointwise *f = layer_find(after)->pointwise;
    make(&sum, "batchnorm2d", channels, gap);
    make(&one, "batchnorm2d", channels, gap);
    make(&others, "batchnorm2d", channels, gap);
    fill_tensor(others.x[0], 12);
    sum.call.after = f;
    sum.call.adds = true;
    sum.call.plus = others.x[0];
    check_sum_forward(&sum, &one, f);
    sum.call.dy_after = in_place ? sum.call.dy : others.call.dy;
    if (!in_place)
        guarded_wipe_tensor(sum.call.dy);
    check_sum_backward(&sum, &one, f);
    guarded_check(&others);
    guarded_end(&sum);
    guarded_end(&one);
    guarded_end(&others);
}

static void a_sum_is_part_of_it(void **state) {
    (void)state;
    const int channels[] = {1, 5, 24, MOST};
    for (int c = 0; c < BASE_COUNT(channels); c++)
        for (int k = 0; k < 4; k++) {
            check_sum("relu", channels[c], k / 2, k % 2);
            check_sum("tanh", channels[c], k / 2, k % 2);
        }
}

/* ---- batch norm, offered ------------------------------------------------------------------------- */

static void sums_are_taken_as_offered(void **state) {
    (void)state;
    struct guarded offered, alone;
    make(&offered, "batchnorm2d", 20, 1);
    make(&alone, "batchnorm2d", 20, 1);
    offered.call.taken = true;
    offer_all(&offered, offered.ops->take_x);
    offered.ops->forward(&offered.call);
    guarded_forward(&alone);
    offer_all(&offered, offered.ops->take_dy);
    offered.ops->backward(&offered.call);
    guarded_backward(&alone);
    guarded_check(&offered);
    for (int i = 0; i < 2; i++)
        assert_memory_equal(offered.grads[i], alone.grads[i], 20 * sizeof(float));
    for (int i = 0; i < 4; i++)
        assert_memory_equal(offered.params[i], alone.params[i], 20 * sizeof(float));
    assert_memory_equal(guarded_values(&offered, offered.dx[0]),
                        guarded_values(&alone, alone.dx[0]),
                        guarded_count(alone.dx[0]) * sizeof(float));
    guarded_end(&offered);
    guarded_end(&alone);
}

/* ---- convolutions and pools -------------------------------------------------------------------------------- */

/* A call of nobody, for tests: pixels to copy, and how often each was; how many of each slice were taken. */
struct other {
    struct layer_call call;
    struct tensor x;
    int copied[2 * PIXELS];
    size_t taken[SLICE_MOST];
};

/* "Makes" pixels by copying those of a call's x. */
static void copy_x(const struct layer_call *call, size_t first, size_t count, float *to,
                   size_t pitch) {
    struct other *other = (struct other *)call;
    struct tensor x = other->x;
    for (size_t p = 0; p < count; p++) {
        memcpy(to + p * pitch, x.data + (first + p) * (size_t)x.pitch,
               (size_t)x.channels * sizeof(float));
        other->copied[first + p]++;
    }
}

static size_t image_pixels(const struct other *other) {
    return (size_t)other->x.height * (size_t)other->x.width;
}

static void count_pixels(const struct layer_call *call, int slice, size_t first, size_t count) {
    struct other *other = (struct other *)call;
    size_t image = image_pixels(other), run = LAYER_OFFER_ROWS * (size_t)other->x.width;
    size_t begin = (size_t)slice_of(IMAGES, slice).first * image, left = image - first % image;
    assert_int_equal(first, begin + other->taken[slice]);
    assert_int_equal(count, left < run ? left : run);
    other->taken[slice] += count;
}

static void all_counted(const struct other *other) {
    for (int s = 0; s < slice_count(IMAGES); s++)
        assert_int_equal(other->taken[s], (size_t)slice_of(IMAGES, s).count * image_pixels(other));
}

/* Hides a tensor behind a maker. */
static struct layer_maker hide(struct other *other, struct tensor *tensor) {
    other->x = *tensor;
    other->call.x = &other->x;
    tensor->data = NULL;
    return (struct layer_maker){.make = copy_x, .call = &other->call};
}

static bool asked_once_for_all(const struct other *other) {
    for (size_t p = 0; p < tensor_pixels(other->x); p++)
        if (other->copied[p] != 1)
            return false;
    return true;
}

static struct layer_taker watch(struct other *other, struct tensor tensor) {
    other->x = tensor;
    return (struct layer_taker){count_pixels, &other->call};
}

/* With what the layer reads made where it can be, and all that it writes watched. */
static void run_hidden(struct guarded *layer) {
    static struct other x, dy;
    struct other y_taker = {0}, dx_taker = {0};
    memset(&x, 0, sizeof x);
    memset(&dy, 0, sizeof dy);
    if (layer->info.reads_made)
        layer->call.make_x = hide(&x, &layer->x[0]);
    layer->call.offer_y = watch(&y_taker, layer->call.y);
    layer->ops->forward(&layer->call);
    all_counted(&y_taker);
    if (layer->info.reads_made)
        assert_true(asked_once_for_all(&x) == layer->info.reads_once);
    if (layer->info.reads_made)
        layer->call.make_dy = hide(&dy, &layer->call.dy);
    bool wanted = layer->dx[0].data != NULL;
    if (wanted)
        layer->call.offer_dx = watch(&dx_taker, layer->dx[0]);
    layer->ops->backward(&layer->call);
    if (wanted)
        all_counted(&dx_taker);
    if (layer->info.reads_made)
        layer->x[0] = x.x, layer->call.dy = dy.x;
    guarded_check(layer);
}

struct reader_case {
    const char *entry;
    int channels;
    bool reads_made, reads_once;
};

static void same_tensors(struct guarded *a, struct tensor left, struct guarded *b,
                         struct tensor right) {
    assert_memory_equal(guarded_values(a, left), guarded_values(b, right),
                        guarded_count(left) * sizeof(float));
}

/* `parts`: 1 the gradients of the parameters, 2 that of the input, 3 both; more than 3: both, added. */
static void check_reader(struct reader_case c, int gap, int parts) {
    struct guarded hidden, plain, *both[] = {&hidden, &plain};
    for (int i = 0; i < 2; i++) {
        make(both[i], c.entry, c.channels, gap);
        fill_tensor(both[i]->dx[0], 12);
        both[i]->dx_add[0] = parts > 3;
        for (int k = 0; k < both[i]->info.param_count && !(parts & 1); k++)
            both[i]->grads[k] = NULL;
        if (!(parts & 2))
            both[i]->dx[0].data = NULL;
    }
    assert_true(plain.info.reads_made == c.reads_made && plain.info.offers);
    assert_true(plain.info.reads_once == c.reads_once);
    plain.ops->forward(&plain.call);
    plain.ops->backward(&plain.call);
    run_hidden(&hidden);
    guarded_check(&plain);
    same_tensors(&hidden, hidden.call.y, &plain, plain.call.y);
    if (parts & 2)
        same_tensors(&hidden, hidden.dx[0], &plain, plain.dx[0]);
    for (int i = 0; i < plain.info.param_count && (parts & 1); i++)
        assert_memory_equal(hidden.grads[i], plain.grads[i],
                            param_size(&plain.info.params[i]) * sizeof(float));
    guarded_end(&hidden);
    guarded_end(&plain);
}

static void readers_have_it_made(void **state) {
    (void)state;
    const struct reader_case cases[] = {
        {"conv2d: {out: 16, kernel: 3, padding: 1}", 16, true, true},
        {"conv2d: {out: 33, kernel: 3, padding: 1}", 19, true, true},
        {"conv2d: {out: 6, kernel: 3, padding: 1, stride: 2}", 5, true, true},
        {"conv2d: {out: 6, kernel: 2, stride: 3, groups: 2}", 4, true, false},
        {"conv2d: {out: 7, kernel: 1}", 3, true, true},
        {"conv2d: {out: 6, kernel: 1, groups: 3}", 6, true, true},
        {"conv2d: {out: 5, kernel: 1, stride: 2, bias: false}", 3, true, true},
        {"conv2d: {out: 16, kernel: 2, stride: 2}", 32, true, false},
        {"conv2d: {out: 16, kernel: 3, padding: 1, stride: 2}", 16, true, true},
        {"conv2d: {out: 300, kernel: 5, padding: 2}", 100, true, true},
        {"conv_transpose2d: {out: 5, kernel: 2, stride: 2}", 4, false, false},
        {"conv_transpose2d: {out: 6, kernel: 3, stride: 2, output_padding: 1, groups: 2}", 4, false,
         false},
        {"conv_transpose2d: {out: 5, kernel: 1}", 4, false, false},
        {"maxpool2d: {kernel: 2}", 17, true, true},
        {"maxpool2d: {kernel: 3, stride: 2, padding: 1}", 3, true, true},
        {"avgpool2d: {kernel: 2, stride: 1, padding: 1}", 3, true, true},
        {"global_avgpool2d", 5, true, true},
    };
    for (int i = 0; i < BASE_COUNT(cases); i++)
        for (int parts = 1; parts <= 7; parts += parts == 3 ? 4 : 1) {
            check_reader(cases[i], 0, parts);
            check_reader(cases[i], 2, parts);
        }
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_made_as_stored), cmocka_unit_test(what_follows_is_part_of_it),
        cmocka_unit_test(a_sum_is_part_of_it),       cmocka_unit_test(sums_are_taken_as_offered),
        cmocka_unit_test(readers_have_it_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
