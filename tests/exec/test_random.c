/* Networks that nobody would write, made up at random: fused, in shared memory and on three threads they leave the
 * bits that they leave layer by layer, each value in memory of its own. NETRUN_TEST_NETWORKS: how many. */
#include "exec_bits.h"

#include <stdarg.h>

enum { MOST_VALUES = 16, MOST_TEXT = 4096, MOST_CHANNELS = 40 };

/* A netdef in the making: value 0 is its input, value i what layer vi yields. */
struct sketch {
    struct random random;
    struct shape shapes[MOST_VALUES];
    int values;
    char text[MOST_TEXT];
    size_t length;
};

static int below(struct sketch *sketch, int limit) {
    return (int)random_below(&sketch->random, (uint32_t)limit);
}

static void print(struct sketch *sketch, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void print(struct sketch *sketch, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(sketch->text + sketch->length, MOST_TEXT - sketch->length, format, arguments);
    va_end(arguments);
    assert_true(length > 0 && (size_t)length < MOST_TEXT - sketch->length);
    sketch->length += (size_t)length;
}

/* ---- layers ------------------------------------------------------------------------------------ */

static void begin_layer(struct sketch *sketch, const char *kind) {
    print(sketch, "  - %s: {name: v%d", kind, sketch->values);
}

/* From earlier values; the one before need not be named. */
static void end_layer(struct sketch *sketch, const int *from, int inputs, struct shape out) {
    bool named = inputs > 1 || from[0] != sketch->values - 1;
    for (int i = 0; named && i < inputs; i++)
        print(sketch, "%sv%d", i > 0 ? ", " : inputs > 1 ? ", from: [" : ", from: ", from[i]);
    print(sketch, inputs > 1 ? "]}\n" : "}\n");
    sketch->shapes[sketch->values++] = out;
}

/* A window over one side: kernel, stride, padding, dilation; 0 places: it does not fit. */
struct side {
    int kernel, stride, padding, dilation;
};

static int places(struct side side, int size) {
    int room = size + 2 * side.padding - side.dilation * (side.kernel - 1) - 1;
    return room < 0 ? 0 : room / side.stride + 1;
}

/* Of no height or width: it does not fit. */
static struct shape shape_by(struct side side, struct shape in, int channels) {
    return shape_map(channels, places(side, in.height), places(side, in.width));
}

static struct side random_side(struct sketch *sketch, bool pools) {
    struct side side = {1 + below(sketch, 4), 1 + below(sketch, 3), 0, 1};
    side.padding = below(sketch, pools ? side.kernel / 2 + 1 : side.kernel);
    side.dilation = !pools && below(sketch, 6) == 0 ? 2 : 1;
    if (below(sketch, 2) == 0)
        side = (struct side){3, 1, 1, 1};
    return side;
}

/* Whole vectors are calculated by ways of their own. */
static int random_channels(struct sketch *sketch) {
    return below(sketch, 2) ? 16 * (1 + below(sketch, 2)) : 1 + below(sketch, MOST_CHANNELS);
}

static void add_convolution(struct sketch *sketch, int from) {
    struct shape in = sketch->shapes[from];
    struct side side = random_side(sketch, false);
    int groups = below(sketch, 4) == 0 ? in.channels : 1;
    int channels = groups > 1 ? in.channels : random_channels(sketch);
    struct shape out = shape_by(side, in, channels);
    if (out.height < 1 || out.width < 1)
        return;
    begin_layer(sketch, "conv2d");
    print(sketch, ", out: %d, kernel: %d, stride: %d, padding: %d, dilation: %d", channels,
          side.kernel, side.stride, side.padding, side.dilation);
    print(sketch, ", groups: %d, bias: %s", groups, below(sketch, 3) > 0 ? "true" : "false");
    end_layer(sketch, &from, 1, out);
}

static void add_transposed(struct sketch *sketch, int from) {
    struct shape in = sketch->shapes[from];
    int kernel = 1 + below(sketch, 3), stride = 1 + below(sketch, 2);
    int channels = random_channels(sketch);
    struct shape out =
        shape_map(channels, (in.height - 1) * stride + kernel, (in.width - 1) * stride + kernel);
    if (out.height > 20)
        return;
    begin_layer(sketch, "conv_transpose2d");
    print(sketch, ", out: %d, kernel: %d, stride: %d", channels, kernel, stride);
    end_layer(sketch, &from, 1, out);
}

static void add_pooling(struct sketch *sketch, int from) {
    struct shape in = sketch->shapes[from];
    struct side side = random_side(sketch, true);
    struct shape out = shape_by(side, in, in.channels);
    if (out.height < 1 || out.width < 1)
        return;
    begin_layer(sketch, below(sketch, 2) ? "maxpool2d" : "avgpool2d");
    print(sketch, ", kernel: %d, stride: %d, padding: %d", side.kernel, side.stride, side.padding);
    end_layer(sketch, &from, 1, out);
}

static void add_upsampling(struct sketch *sketch, int from) {
    struct shape in = sketch->shapes[from];
    if (in.height > 10)
        return;
    begin_layer(sketch, "upsample2d");
    print(sketch, ", scale: 2, mode: %s", below(sketch, 2) ? "nearest" : "bilinear");
    end_layer(sketch, &from, 1, shape_map(in.channels, 2 * in.height, 2 * in.width));
}

static void add_padded(struct sketch *sketch, int from) {
    struct shape out = sketch->shapes[from];
    out.channels += below(sketch, 3);
    begin_layer(sketch, "pad_channels");
    print(sketch, ", to: %d", out.channels);
    end_layer(sketch, &from, 1, out);
}

/* One that keeps the shape. */
static void add_kept(struct sketch *sketch, int from, const char *kind) {
    begin_layer(sketch, kind);
    end_layer(sketch, &from, 1, sketch->shapes[from]);
}

static void add_elementwise(struct sketch *sketch, int from) {
    static const char *const kinds[] = {"relu",       "relu",     "relu",    "tanh",
                                        "leaky_relu", "silu",     "sigmoid", "dropout2d",
                                        "gelu",       "identity", "dropout"};
    add_kept(sketch, from, kinds[below(sketch, BASE_COUNT(kinds))]);
}

static void add_norm(struct sketch *sketch, int from) {
    add_kept(sketch, from, "batchnorm2d");
}

/* Of values of one shape, some of them perhaps twice. */
static void add_sum(struct sketch *sketch, int from) {
    int inputs[3] = {from}, count = 1;
    for (int tries = 0; count < 3 && tries < 8; tries++) {
        int other = below(sketch, sketch->values);
        if (shape_equal(sketch->shapes[other], sketch->shapes[from]) && other > 0)
            inputs[count++] = other;
        if (count == 2 && below(sketch, 2))
            break;
    }
    if (count < 2 || from == 0)
        return;
    if (below(sketch, 2)) {
        inputs[0] = inputs[1];
        inputs[1] = from;
    }
    begin_layer(sketch, "add");
    end_layer(sketch, inputs, count, sketch->shapes[from]);
}

static void add_concat(struct sketch *sketch, int from) {
    int other = below(sketch, sketch->values);
    struct shape a = sketch->shapes[from], b = sketch->shapes[other];
    if (from == 0 || other == 0 || a.height != b.height || a.width != b.width)
        return;
    begin_layer(sketch, "concat");
    end_layer(sketch, (int[]){from, other}, 2,
              shape_map(a.channels + b.channels, a.height, a.width));
}

/* ---- networks ---------------------------------------------------------------------------------- */

/* What networks are made of. */
static void add_unit(struct sketch *sketch, int from) {
    int before = sketch->values;
    add_convolution(sketch, from);
    if (sketch->values > before && sketch->values < MOST_VALUES)
        add_norm(sketch, sketch->values - 1);
}

static void add_layer(struct sketch *sketch) {
    static void (*const kinds[])(struct sketch * sketch, int from) = {
        add_unit,    add_unit,   add_unit,       add_convolution, add_convolution, add_norm,
        add_norm,    add_sum,    add_sum,        add_elementwise, add_elementwise, add_elementwise,
        add_pooling, add_padded, add_transposed, add_upsampling,  add_concat};
    int last = sketch->values - 1, back = below(sketch, 3) == 0 ? 1 + below(sketch, 4) : 0;
    kinds[below(sketch, BASE_COUNT(kinds))](sketch, back < last ? last - back : last);
}

static void make_up(struct sketch *sketch, uint32_t number) {
    *sketch = (struct sketch){.random = random_stream(1, RANDOM_TEST, 6, number), .values = 1};
    sketch->shapes[0] =
        shape_map(1 + below(sketch, 4), 4 + below(sketch, 14), 4 + below(sketch, 14));
    print(sketch, "netdef: random%u\ninput: [%d, %d, %d]\nlayers:\n", number,
          sketch->shapes[0].channels, sketch->shapes[0].height, sketch->shapes[0].width);
    while (sketch->values == 1)
        add_convolution(sketch, 0);
    for (int i = 0; i < 2 * MOST_VALUES && sketch->values < MOST_VALUES; i++)
        add_layer(sketch);
}

/* Training; a training plan that evaluates; a part of it trained; a plan for evaluation. */
static void check(struct sketch *sketch) {
    int mode = below(sketch, 4);
    struct trial trial = {sketch->text, mode % 2 == 0};
    struct variant alone = {
        .threads = 1, .batch = 3, .images = 3, .no_reuse = true, .no_fusion = true};
    alone.frozen = mode >= 2;
    alone.evaluation = mode == 3;
    struct variant together = alone;
    together.no_reuse = together.no_fusion = false;
    together.threads = 3;
    same_bits(trial, alone, together);
}

static void random_networks(void **state) {
    (void)state;
    const char *wanted = getenv("NETRUN_TEST_NETWORKS");
    int networks = wanted ? atoi(wanted) : 150;
    for (int i = 0; i < networks; i++) {
        struct sketch sketch;
        make_up(&sketch, (uint32_t)i);
        check(&sketch);
    }
}

int main(void) {
    gemm_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_networks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
