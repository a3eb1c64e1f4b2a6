/* linear: y = x W' + b on vectors, as torch.nn.Linear; W is out x in.
 *
 * A batch of vectors is a matrix as it lies, so all three passes are one product each. They are cut along the
 * features, not the images: a product over all images reads the weights once, and no partial sums are left to
 * be added. */
#include "layer.h"

struct linear {
    int out;
    bool bias;
};

static const struct attr attrs[] = {
    {"out", "features of the output", ATTR_INT, offsetof(struct linear, out), .min = 1,
     .max = INT32_MAX, .required = true, .also = "out_features"},
    {"bias", "add a number per feature of the output", ATTR_BOOL, offsetof(struct linear, bias),
     .fallback = true},
};

static bool infer(void *config, struct layer_info *info, const struct pos *pos,
                  struct report *report) {
    const struct linear *linear = config;
    int in = info->in[0].channels, out = linear->out;
    if (!layer_takes_vector("linear", info, 0, pos, report) ||
        !layer_gives_vector("linear", info, out, pos, report))
        return false;
    struct layer_param weight = {
        .name = "weight", .rank = 2, .dims = {out, in}, .fan_in = in, .fan_out = out};
    struct layer_param bias = {
        .name = "bias", .rank = 1, .dims = {out}, .fan_in = in, .fan_out = out};
    info->multiply_adds = (int64_t)in * out;
    return layer_add_param("linear", info, weight, pos, report) &&
           (!linear->bias || layer_add_param("linear", info, bias, pos, report));
}

/* Features per task. */
enum { BLOCK = 128 };

struct block {
    int first, count;
};

static struct block block_of(int features, int task) {
    int first = task * BLOCK;
    return (struct block){first, features - first < BLOCK ? features - first : BLOCK};
}

static int blocks(int features) {
    return (features + BLOCK - 1) / BLOCK;
}

static void forward_block(void *context, int task, int worker) {
    (void)worker;
    const struct layer_call *call = context;
    int in = call->info->in[0].channels;
    struct block block = block_of(call->info->out.channels, task);
    struct tensor x = call->x[0], y = tensor_channels(call->y, block.first, block.count);
    bool bias = call->info->param_count > 1;
    if (bias)
        layer_fill(y, call->params[1] + block.first);
    gemm_run(&(struct gemm){.m = call->images,
                            .n = block.count,
                            .k = in,
                            .a = x.data,
                            .a_stride = x.pitch,
                            .b = call->params[0] + (size_t)block.first * (size_t)in,
                            .b_stride = in,
                            .transpose_b = true,
                            .c = y.data,
                            .c_stride = y.pitch,
                            .add = bias});
}

static void forward(const struct layer_call *call) {
    struct layer_call context = *call;
    pool_run(call->pool, blocks(call->info->out.channels), forward_block, &context);
}

static void data_gradient(const struct layer_call *call, struct block block) {
    struct tensor dx = tensor_channels(call->dx[0], block.first, block.count);
    gemm_run(&(struct gemm){.m = call->images,
                            .n = block.count,
                            .k = call->info->out.channels,
                            .a = call->dy.data,
                            .a_stride = call->dy.pitch,
                            .b = call->params[0] + block.first,
                            .b_stride = call->info->in[0].channels,
                            .c = dx.data,
                            .c_stride = dx.pitch,
                            .add = call->dx_add[0]});
}

static void weight_gradient(const struct layer_call *call, struct block block) {
    gemm_run(&(struct gemm){.m = call->info->out.channels,
                            .n = block.count,
                            .k = call->images,
                            .a = call->dy.data,
                            .a_stride = call->dy.pitch,
                            .transpose_a = true,
                            .b = call->x[0].data + block.first,
                            .b_stride = call->x[0].pitch,
                            .c = call->grads[0] + block.first,
                            .c_stride = call->info->in[0].channels,
                            .add = call->grads_add});
}

static void backward_block(void *context, int task, int worker) {
    (void)worker;
    const struct layer_call *call = context;
    struct block block = block_of(call->info->in[0].channels, task);
    if (call->dx[0].data)
        data_gradient(call, block);
    if (call->grads[0])
        weight_gradient(call, block);
}

static void bias_gradient(const struct layer_call *call) {
    for (int c = 0; c < call->dy.channels; c++) {
        double sum = call->grads_add ? (double)call->grads[1][c] : 0;
        for (int n = 0; n < call->images; n++)
            sum += (double)layer_pixel(call->dy, (size_t)n)[c];
        call->grads[1][c] = (float)sum;
    }
}

static void backward(const struct layer_call *call) {
    struct layer_call context = *call;
    pool_run(call->pool, blocks(call->info->in[0].channels), backward_block, &context);
    if (call->info->param_count > 1 && call->grads[1])
        bias_gradient(call);
}

const struct layer_ops PER_ISA(layer_linear) = {
    .name = "linear",
    .summary = "every output is a weighted sum of all inputs",
    .example = "linear: {out: 10}",
    .attrs = attrs,
    .attr_count = BASE_COUNT(attrs),
    .config_size = sizeof(struct linear),
    .min_inputs = 1,
    .max_inputs = 1,
    .traits = LAYER_READS_X,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
