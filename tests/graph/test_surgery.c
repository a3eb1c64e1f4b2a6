/* Surgery: where parameters come from, and the rules they are trained by. */
#include "graph_surgery.h"

/* Parameters: stem.weight 4x1x3x3, stem.bias 4, norm.{weight, bias, running_mean, running_var} 4,
 * deep.0.conv2d.{weight 4x4x1x1, bias 4}, deep.1.conv2d.{the same}, head.{weight 10x4, bias 10}. */
static const char net[] =
    "netdef: net\n"
    "input: [1, 6, 6]\n"
    "layers:\n"
    "  - conv2d: {name: stem, out: 4, kernel: 3}\n"
    "  - batchnorm2d: {name: norm}\n"
    "  - relu: {name: act}\n"
    "  - repeat: {name: deep, times: 2, layers: [conv2d: {out: 4, kernel: 1}]}\n"
    "  - global_avgpool2d\n"
    "  - flatten\n"
    "  - linear: {name: head, out: 10}\n";

static const char own_names[] =
    "stem.weight:4x1x3x3 stem.bias:4 norm.weight:4 norm.bias:4 norm.running_mean:4 "
    "norm.running_var:4 norm.num_batches_tracked: deep.0.conv2d.weight:4x4x1x1 "
    "deep.0.conv2d.bias:4 deep.1.conv2d.weight:4x4x1x1 deep.1.conv2d.bias:4 head.weight:10x4 "
    "head.bias:10";

/* "path<name ..." of every parameter that is filled; "path." of the others. */
static const char *sources(struct theatre *theatre, const struct surgery *surgery) {
    assert_string_equal(theatre_said(theatre), "");
    assert_non_null(surgery);
    const char *text = "";
    for (int i = 0; i < surgery->graph->param_count; i++) {
        const struct named_tensor *tensor = surgery->sources[i].tensor;
        text = arena_printf(theatre->arena, "%s%s%s%s%s", text, i ? " " : "",
                            surgery->graph->params[i].path, tensor ? "<" : ".",
                            tensor ? tensor->name : "");
    }
    return text;
}

static struct theatre theatre_with(const char *tensors) {
    struct theatre theatre = theatre_new();
    theatre_weights(&theatre, "w.safetensors", tensors);
    return theatre;
}

/* ---- pairs ------------------------------------------------------------------------------------- */

static void an_arm_without_surgery_changes_nothing(void **state) {
    (void)state;
    struct theatre theatre = theatre_new();
    const struct surgery *surgery = theatre_try(&theatre, net, "");
    assert_string_equal(sources(&theatre, surgery),
                        "stem.weight. stem.bias. norm.weight. norm.bias. norm.running_mean. "
                        "norm.running_var. deep.0.conv2d.weight. deep.0.conv2d.bias. "
                        "deep.1.conv2d.weight. deep.1.conv2d.bias. head.weight. head.bias.");
    assert_int_equal(surgery_unfilled(surgery), 0); /* nothing was to be filled */
    for (int i = 0; i < surgery->graph->param_count; i++)
        assert_true(surgery->rate_factors[i] == 1 && surgery->decay_factors[i] == 1 &&
                    !surgery->frozen[i]);
    theatre_end(&theatre);
}

static void equal_names_need_nothing_more(void **state) {
    (void)state;
    struct theatre theatre = theatre_with(own_names);
    const struct surgery *surgery =
        theatre_try(&theatre, net, "    weights: [from: w.safetensors]\n");
    assert_string_equal(
        sources(&theatre, surgery),
        "stem.weight<stem.weight stem.bias<stem.bias norm.weight<norm.weight norm.bias<norm.bias "
        "norm.running_mean<norm.running_mean norm.running_var<norm.running_var "
        "deep.0.conv2d.weight<deep.0.conv2d.weight deep.0.conv2d.bias<deep.0.conv2d.bias "
        "deep.1.conv2d.weight<deep.1.conv2d.weight deep.1.conv2d.bias<deep.1.conv2d.bias "
        "head.weight<head.weight head.bias<head.bias");
    assert_int_equal(surgery_unfilled(surgery), 0);
    assert_true(surgery->sources[1].tensor->values[0] == 36); /* behind the 36 of stem.weight */
    theatre_end(&theatre);
}

/* The study's fcn takes the encoder of mnist_cnn, whose own head has no place. */
static void fcn_takes_the_encoder_of_mnist_cnn(void **state) {
    (void)state;
    struct theatre theatre = theatre_with(
        "encoder.conv1.weight:64x1x3x3 encoder.conv1.bias:64 encoder.bn1.weight:64 "
        "encoder.bn1.bias:64 encoder.bn1.running_mean:64 encoder.bn1.running_var:64 "
        "encoder.bn1.num_batches_tracked: encoder.conv2.weight:128x64x3x3 encoder.conv2.bias:128 "
        "encoder.bn2.weight:128 encoder.bn2.bias:128 encoder.bn2.running_mean:128 "
        "encoder.bn2.running_var:128 encoder.bn2.num_batches_tracked: "
        "encoder.conv3.weight:256x128x3x3 encoder.conv3.bias:256 encoder.bn3.weight:256 "
        "encoder.bn3.bias:256 encoder.bn3.running_mean:256 encoder.bn3.running_var:256 "
        "encoder.bn3.num_batches_tracked: head.weight:10x1024 head.bias:10");
    char folder[4096];
    assert_non_null(getcwd(folder, sizeof folder));
    const struct surgery *surgery =
        theatre_on(&theatre, arena_printf(theatre.arena, "%s/netdefs/fcn.yaml", folder),
                   "    weights: [{from: w.safetensors, map: {\"encoder.**\": \"encoder.**\"}, "
                   "unused: allow}]\n"
                   "    rules: {\"encoder.**\": {lr: 0.1, freeze: false, freeze_stats: true}}\n");
    assert_string_equal(theatre_said(&theatre), "");
    assert_int_equal(surgery->graph->param_count, 18 + 24 + 2);
    assert_int_equal(surgery_unfilled(surgery), 24 + 2);
    int copied = 0, slowed = 0, kept = 0;
    for (int i = 0; i < surgery->graph->param_count; i++) {
        const char *path = surgery->graph->params[i].path;
        bool encoder = strncmp(path, "encoder.", 8) == 0;
        if (encoder)
            assert_string_equal(surgery->sources[i].tensor->name, path);
        copied += surgery->sources[i].tensor != NULL;
        slowed += surgery->rate_factors[i] == 0.1;
        assert_false(surgery->frozen[i]);
    }
    for (int i = 0; i < surgery->graph->layer_count; i++)
        kept += surgery->freeze_stats[i];
    assert_int_equal(copied, 18);
    assert_int_equal(slowed, 12);
    assert_int_equal(kept, 3);
    theatre_end(&theatre);
}

/* Maps on a file with the names of PyTorch modules. */
static const struct {
    const char *map, *sources;
} maps[] = {
    /* a layer for a layer, whatever tensors it has; a tensor for a tensor */
    {"features.0: stem, features.1: norm, body.1.conv: deep.1.conv2d",
     "stem.weight<features.0.weight stem.bias<features.0.bias norm.weight<features.1.weight "
     "norm.bias<features.1.bias norm.running_mean<features.1.running_mean "
     "norm.running_var<features.1.running_var deep.0.conv2d.weight. deep.0.conv2d.bias. "
     "deep.1.conv2d.weight<body.1.conv.weight deep.1.conv2d.bias<body.1.conv.bias head.weight. "
     "head.bias."},
    {"features.0.weight: stem.weight, features.1.bias: norm.weight",
     "stem.weight<features.0.weight stem.bias. norm.weight<features.1.bias norm.bias. "
     "norm.running_mean. norm.running_var. deep.0.conv2d.weight. deep.0.conv2d.bias. "
     "deep.1.conv2d.weight. deep.1.conv2d.bias. head.weight. head.bias."},
    /* stars stand for what they took, one after the other */
    {"\"body.*.conv\": \"deep.*.conv2d\"",
     "stem.weight. stem.bias. norm.weight. norm.bias. norm.running_mean. norm.running_var. "
     "deep.0.conv2d.weight<body.0.conv.weight deep.0.conv2d.bias<body.0.conv.bias "
     "deep.1.conv2d.weight<body.1.conv.weight deep.1.conv2d.bias<body.1.conv.bias head.weight. "
     "head.bias."},
    {"\"features.1.r*n*_*\": \"norm.r*n*_*\"",
     "stem.weight. stem.bias. norm.weight. norm.bias. norm.running_mean<features.1.running_mean "
     "norm.running_var<features.1.running_var deep.0.conv2d.weight. deep.0.conv2d.bias. "
     "deep.1.conv2d.weight. deep.1.conv2d.bias. head.weight. head.bias."},
    {"\"features.0.**\": \"stem.**\", \"**.fc.**\": \"**.head.**\"",
     "stem.weight<features.0.weight stem.bias<features.0.bias norm.weight. norm.bias. "
     "norm.running_mean. norm.running_var. deep.0.conv2d.weight. deep.0.conv2d.bias. "
     "deep.1.conv2d.weight. deep.1.conv2d.bias. head.weight<fc.weight head.bias<fc.bias"},
    /* -1 is the network's last round; the first line that fits counts */
    {"body.0.conv: deep.-1.conv2d, \"body.*.conv\": deep.-2.conv2d",
     "stem.weight. stem.bias. norm.weight. norm.bias. norm.running_mean. norm.running_var. "
     "deep.0.conv2d.weight<body.1.conv.weight deep.0.conv2d.bias<body.1.conv.bias "
     "deep.1.conv2d.weight<body.0.conv.weight deep.1.conv2d.bias<body.0.conv.bias head.weight. "
     "head.bias."},
};

static const char module_names[] =
    "features.0.weight:4x1x3x3 features.0.bias:4 features.1.weight:4 features.1.bias:4 "
    "features.1.running_mean:4 features.1.running_var:4 features.1.num_batches_tracked: "
    "body.0.conv.weight:4x4x1x1 body.0.conv.bias:4 body.1.conv.weight:4x4x1x1 body.1.conv.bias:4 "
    "fc.weight:10x4 fc.bias:10";

static void maps_lead_from_names_to_names(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(maps); i++) {
        struct theatre theatre = theatre_with(module_names);
        const char *text = arena_printf(
            theatre.arena, "    weights: [{from: w.safetensors, unused: allow, map: {%s}}]\n",
            maps[i].map);
        assert_string_equal(sources(&theatre, theatre_try(&theatre, net, text)), maps[i].sources);
        theatre_end(&theatre);
    }
}

static void in_order_pairs_each_kind_of_tensor(void **state) {
    (void)state;
    /* within a layer the order does not matter, nor what the layers are called */
    struct theatre theatre = theatre_with(
        "z.bias:4 z.weight:4x1x3x3 y.running_var:4 y.num_batches_tracked: y.bias:4 y.weight:4 "
        "y.running_mean:4 x.0.weight:4x4x1x1 x.0.bias:4 w.weight:4x4x1x1 w.bias:4 v.weight:10x4 "
        "v.bias:10");
    const struct surgery *surgery =
        theatre_try(&theatre, net, "    weights: [{from: w.safetensors, in_order: true}]\n");
    assert_string_equal(sources(&theatre, surgery),
                        "stem.weight<z.weight stem.bias<z.bias norm.weight<y.weight "
                        "norm.bias<y.bias norm.running_mean<y.running_mean "
                        "norm.running_var<y.running_var deep.0.conv2d.weight<x.0.weight "
                        "deep.0.conv2d.bias<x.0.bias deep.1.conv2d.weight<w.weight "
                        "deep.1.conv2d.bias<w.bias head.weight<v.weight head.bias<v.bias");
    theatre_end(&theatre);
}

/* As the safetensors library writes nn.Sequential: by name, 10 before 2. */
static void in_order_counts_what_is_sorted_by_name(void **state) {
    (void)state;
    static const char chain[] =
        "netdef: chain\ninput: [3]\nlayers: [repeat: {times: 12, layers: [linear: {out: 3}]}]\n";
    struct theatre theatre = theatre_with(
        "0.bias:3 0.weight:3x3 1.bias:3 1.weight:3x3 10.bias:3 10.weight:3x3 11.bias:3 "
        "11.weight:3x3 2.bias:3 2.weight:3x3 3.bias:3 3.weight:3x3 4.bias:3 4.weight:3x3 5.bias:3 "
        "5.weight:3x3 6.bias:3 6.weight:3x3 7.bias:3 7.weight:3x3 8.bias:3 8.weight:3x3 9.bias:3 "
        "9.weight:3x3");
    const struct surgery *surgery =
        theatre_try(&theatre, chain, "    weights: [{from: w.safetensors, in_order: true}]\n");
    assert_string_equal(theatre_said(&theatre), "");
    for (int i = 0; i < surgery->graph->param_count; i++)
        assert_string_equal(surgery->sources[i].tensor->name,
                            arena_printf(theatre.arena, "%d.%s", i / 2, i % 2 ? "bias" : "weight"));
    theatre_end(&theatre);
}

static void what_does_not_fit_may_be_left_out(void **state) {
    (void)state;
    struct theatre theatre =
        theatre_with("stem.weight:4x3x3x3 stem.bias:4 head.weight:11x4 head.bias:10x1 more.bias:3");
    const struct surgery *surgery = theatre_try(
        &theatre, net, "    weights: [{from: w.safetensors, on_mismatch: skip, unused: allow}]\n");
    assert_string_equal(sources(&theatre, surgery),
                        "stem.weight. stem.bias<stem.bias norm.weight. norm.bias. "
                        "norm.running_mean. norm.running_var. deep.0.conv2d.weight. "
                        "deep.0.conv2d.bias. deep.1.conv2d.weight. deep.1.conv2d.bias. "
                        "head.weight. head.bias.");
    assert_int_equal(surgery_unfilled(surgery), 11);
    theatre_end(&theatre);
}

static void later_entries_write_over_earlier_ones(void **state) {
    (void)state;
    struct theatre theatre = theatre_with("stem.weight:4x1x3x3 stem.bias:4");
    theatre_weights(&theatre, "v.safetensors", "a.bias:4 b.bias:4 b.weight:10x4");
    const struct surgery *surgery =
        theatre_try(&theatre, net,
                    "    weights:\n"
                    "      - {from: w.safetensors}\n"
                    "      - {from: v.safetensors, map: {a: stem, b: norm}, on_mismatch: skip}\n");
    assert_string_equal(sources(&theatre, surgery),
                        "stem.weight<stem.weight stem.bias<a.bias norm.weight. norm.bias<b.bias "
                        "norm.running_mean. norm.running_var. deep.0.conv2d.weight. "
                        "deep.0.conv2d.bias. deep.1.conv2d.weight. deep.1.conv2d.bias. "
                        "head.weight. head.bias.");
    theatre_end(&theatre);
}

/* ---- rules ------------------------------------------------------------------------------------- */

/* "path lr decay frozen" of what is not as usual. */
static const char *ruled(struct theatre *theatre, const struct surgery *surgery) {
    assert_string_equal(theatre_said(theatre), "");
    assert_non_null(surgery);
    const char *text = "";
    for (int i = 0; i < surgery->graph->param_count; i++) {
        const struct graph_param *param = &surgery->graph->params[i];
        bool buffer = param->shape->role == PARAM_BUFFER;
        bool frozen = buffer ? surgery->freeze_stats[param->layer] : surgery->frozen[i];
        double lr = surgery->rate_factors[i], decay = surgery->decay_factors[i];
        if (lr != 1 || decay != 1 || frozen)
            text = arena_printf(theatre->arena, "%s%s%s %g %g%s", text, *text ? ", " : "",
                                param->path, lr, decay, frozen ? " frozen" : "");
    }
    return text;
}

static const struct {
    const char *rules, *ruled;
} rules[] = {
    {"head: {lr: 10}", "head.weight 10 1, head.bias 10 1"},
    {"head.bias: {weight_decay: 0}", "head.bias 1 0"},
    {"\"**.bias\": {lr: 2, weight_decay: 0}",
     "stem.bias 2 0, norm.bias 2 0, deep.0.conv2d.bias 2 0, deep.1.conv2d.bias 2 0, head.bias 2 0"},
    {"norm: {freeze: true}", "norm.weight 1 1 frozen, norm.bias 1 1 frozen"},
    {"norm: {freeze_stats: true}", "norm.running_mean 1 1 frozen, norm.running_var 1 1 frozen"},
    {"\"deep.-1.*\": {freeze: true}",
     "deep.1.conv2d.weight 1 1 frozen, deep.1.conv2d.bias 1 1 frozen"},
    /* of each attribute the last word counts, and only of what is written */
    {"\"**\": {weight_decay: 0.5, freeze: true, freeze_stats: true}, \"s*\": {lr: 3, freeze: "
     "false}, \"deep.**\": {freeze: false, weight_decay: 1}, norm: {freeze_stats: false}",
     "stem.weight 3 0.5, stem.bias 3 0.5, norm.weight 1 0.5 frozen, norm.bias 1 0.5 frozen, "
     "head.weight 1 0.5 frozen, head.bias 1 0.5 frozen"},
    {"head: {}", ""},
};

static void rules_hold_for_what_they_fit(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(rules); i++) {
        struct theatre theatre = theatre_new();
        const char *text = arena_printf(theatre.arena, "    rules: {%s}\n", rules[i].rules);
        assert_string_equal(ruled(&theatre, theatre_try(&theatre, net, text)), rules[i].ruled);
        theatre_end(&theatre);
    }
}

/* ---- what is refused --------------------------------------------------------------------------- */

static const struct {
    const char *tensors, *arm, *message;
} refused[] = {
    {"a:1", "weights: [from: no.safetensors]",
     "t.yaml:6:21: error: cannot read 'no.safetensors': No such file or directory"},
    {"a:1", "weights: [from: t.yaml]",
     "t.yaml:6:21: error: cannot read 't.yaml' as safetensors: its header would take more than "
     "100.0 MB; files of torch.save must be converted first, with safetensors.torch.save_file"},
    /* names */
    {"features.0.weight:4x1x3x3 features.0.bias:4 x.weight:2 y.weight:2 z.weight:2",
     "weights: [from: w.safetensors]",
     "t.yaml:6:21: error: nothing of 'w.safetensors' has a place in net: the file has "
     "'features.0.weight', 'features.0.bias', 'x.weight' and 2 more, the network 'stem.weight'; "
     "pair them with map or in_order"},
    {"stem.num_batches_tracked:", "weights: [from: w.safetensors]",
     "t.yaml:6:21: error: 'w.safetensors' holds no floating-point numbers"},
    {"stem.weight:4x1x3x3 head.wait:3", "weights: [from: w.safetensors]",
     "t.yaml:6:21: error: 1 tensor of 'w.safetensors' has no place in net: 'head.wait'; map it, or "
     "write unused: allow"},
    {"stem.weight:4x1x3x3 a:1 b:1 c:1 d:1", "weights: [from: w.safetensors]",
     "t.yaml:6:21: error: 4 tensors of 'w.safetensors' have no place in net: 'a', 'b', 'c' and 1 "
     "more; map them, or write unused: allow"},
    /* shapes */
    {"stem.weight:4x3x3x3 stem.bias:4", "weights: [from: w.safetensors]",
     "t.yaml:6:21: error: 'stem.weight' of net is 4x1x3x3, but 'stem.weight' of 'w.safetensors' is "
     "4x3x3x3; on_mismatch: skip keeps the network's start values"},
    {"stem.bias: head.weight:10x4x1", "weights: [from: w.safetensors]",
     "t.yaml:6:21: error: 'stem.bias' of net is 4, but 'stem.bias' of 'w.safetensors' is a number; "
     "on_mismatch: skip keeps the network's start values\n"
     "t.yaml:6:21: error: 'head.weight' of net is 10x4, but 'head.weight' of 'w.safetensors' is "
     "10x4x1; on_mismatch: skip keeps the network's start values"},
    {"stem.bias:5 norm.weight:5 norm.bias:5 deep.0.conv2d.bias:5 head.bias:5 head.weight:10x4",
     "weights: [from: w.safetensors]",
     "t.yaml:6:21: error: 'stem.bias' of net is 4, but 'stem.bias' of 'w.safetensors' is 5; "
     "on_mismatch: skip keeps the network's start values\n"
     "t.yaml:6:21: error: 'norm.weight' of net is 4, but 'norm.weight' of 'w.safetensors' is 5; "
     "on_mismatch: skip keeps the network's start values\n"
     "t.yaml:6:21: error: 'norm.bias' of net is 4, but 'norm.bias' of 'w.safetensors' is 5; "
     "on_mismatch: skip keeps the network's start values\n"
     "t.yaml:6:21: error: 2 more tensors of 'w.safetensors' have other shapes"},
    {"stem.bias:5 head.bias:5", "weights: [{from: w.safetensors, on_mismatch: skip}]",
     "t.yaml:6:22: error: nothing of 'w.safetensors' is copied to net: every shape differs"},
    {"a.weight:4x1x3x3 b.weight:4x4x3x3", "weights: [{from: w.safetensors, in_order: true}]",
     "t.yaml:6:22: error: 'deep.0.conv2d.weight' of net is 4x4x1x1, but 'b.weight' of "
     "'w.safetensors' is 4x4x3x3; where the file has another order, pair names with map"},
    {"a.weight:4x1x3x3 a.gamma:4 b.weight:4x4x1x1 c.weight:4x4x1x1 d.weight:4x4x1x1",
     "weights: [{from: w.safetensors, in_order: true}]",
     "t.yaml:6:22: error: 2 tensors of 'w.safetensors' have no place in net: 'a.gamma', "
     "'d.weight'; map them, or write unused: allow"},
    /* maps */
    {"a.weight:4x1x3x3", "weights: [{from: w.safetensors, map: {b: stem}}]",
     "t.yaml:6:43: error: no tensor of 'w.safetensors' fits 'b'; did you mean 'a'?"},
    {"first.weight:4x1x3x3", "weights: [{from: w.safetensors, map: {encoder.stem: stem}}]",
     "t.yaml:6:43: error: no tensor of 'w.safetensors' fits 'encoder.stem'; it holds "
     "'first.weight'"},
    {"encoder.a.weight:4x1x3x3", "weights: [{from: w.safetensors, map: {encoder: stem}}]",
     "t.yaml:6:43: error: no tensor of 'w.safetensors' fits 'encoder'; the layers inside it are "
     "'encoder.**'"},
    {"a.weight:4x1x3x3", "weights: [{from: w.safetensors, map: {\"**\": stem.weight, a: stem}}]",
     "t.yaml:6:62: error: lines above have taken all tensors that fit 'a'"},
    {"a.weight:4x1x3x3", "weights: [{from: w.safetensors, map: {a: sten}}]",
     "t.yaml:6:46: error: 'sten' leads to 'sten.weight', which net does not have; did you mean "
     "'stem.weight'?"},
    {"a.weight:4x1x3x3", "weights: [{from: w.safetensors, map: {a: deep.-3.conv2d}}]",
     "t.yaml:6:46: error: 'deep.-3.conv2d' leads to 'deep.-3.conv2d.weight', which net does not "
     "have; did you mean 'deep.0.conv2d.weight'?"},
    {"a.weight:4x1x3x3 b.weight:4x1x3x3",
     "weights: [{from: w.safetensors, map: {a: stem, b: stem}}]",
     "t.yaml:6:55: error: 'a.weight' and 'b.weight' of 'w.safetensors' would both go to "
     "'stem.weight'"},
    {"a.weight:4x1x3x3", "weights: [{from: w.safetensors, map: {\"*\": \"*.**\"}}]",
     "t.yaml:6:48: error: '*.**' has 1 '**', but '*' has 0; each on the right takes what one on "
     "the left took"},
    {"a.weight:4x1x3x3",
     "weights: [{from: w.safetensors, map: {\"a.*\": \"s*.w*\", \"**\": stem}}]",
     "t.yaml:6:50: error: 's*.w*' has 2 '*', but 'a.*' has 1; each on the right takes what one on "
     "the left took"},
    {"a.weight:4x1x3x3",
     "weights: [{from: w.safetensors, map: {\"a*****************\": \"*****************\"}}]",
     "t.yaml:6:65: error: '*****************' has more than 16 stars"},
    /* two entries, each with its fault */
    {"stem.bias:4 x:1", "weights: [{from: w.safetensors}, {from: gone}]",
     "t.yaml:6:22: error: 1 tensor of 'w.safetensors' has no place in net: 'x'; map it, or write "
     "unused: allow\n"
     "t.yaml:6:45: error: cannot read 'gone': No such file or directory"},
    /* rules */
    {"a:1", "rules: {haed: {lr: 2}}",
     "t.yaml:6:13: error: no layer of net fits 'haed'; did you mean 'head'?"},
    {"a:1", "rules: {deep: {lr: 2}}",
     "t.yaml:6:13: error: no layer of net fits 'deep'; the layers inside it are 'deep.**'"},
    {"a:1", "rules: {act: {freeze: true}}",
     "t.yaml:6:13: error: 'act' fits layers, but none with parameters that are trained"},
    {"a:1", "rules: {head: {freeze_stats: true}}",
     "t.yaml:6:13: error: 'head' fits layers, but none with running statistics"},
};

static void faults_are_told(void **state) {
    (void)state;
    for (int i = 0; i < BASE_COUNT(refused); i++) {
        struct theatre theatre = theatre_with(refused[i].tensors);
        const char *text = arena_printf(theatre.arena, "    %s\n", refused[i].arm);
        const struct surgery *surgery = theatre_try(&theatre, net, text);
        assert_string_equal(theatre_said(&theatre), refused[i].message);
        assert_null(surgery);
        theatre_end(&theatre);
    }
}

static void a_network_without_parameters_takes_nothing(void **state) {
    (void)state;
    struct theatre theatre = theatre_with("a:1");
    const struct surgery *surgery =
        theatre_try(&theatre, "netdef: none\ninput: [3]\nlayers: [relu]\n",
                    "    weights: [from: w.safetensors]\n");
    assert_null(surgery);
    assert_string_equal(theatre_said(&theatre), "t.yaml:6:21: error: none has no parameters that "
                                                "'w.safetensors' could fill");
    theatre_end(&theatre);
}

/* ---- what is printed --------------------------------------------------------------------------- */

static const char *printed(struct theatre *theatre, const struct surgery *surgery, bool verbose) {
    char *text = NULL;
    size_t size = 0;
    assert_non_null(surgery);
    FILE *out = open_memstream(&text, &size);
    surgery_print(surgery, verbose, out);
    fclose(out);
    char *kept = arena_copy(theatre->arena, text, size);
    free(text);
    return theatre_tidy(theatre, kept);
}

static void the_plan_is_a_line_per_part(void **state) {
    (void)state;
    struct theatre theatre = theatre_with(
        "stem.weight:4x1x3x3 stem.bias:4 norm.weight:4 norm.bias:4 norm.num_batches_tracked: "
        "head.weight:11x4 x.a:1 x.b:1 x.c:1 x.d:1 x.e:1");
    const struct surgery *surgery = theatre_try(
        &theatre, net,
        "    weights: [{from: w.safetensors, unused: allow, on_mismatch: skip}]\n"
        "    rules: {stem: {freeze: true}, norm: {lr: 0.1, freeze_stats: true}, \"deep.**\": "
        "{weight_decay: 0}, head.bias: {lr: 2, weight_decay: 0}}\n");
    assert_string_equal(
        printed(&theatre, surgery, false),
        "weights from w.safetensors: 4 copied, 5 unused: 'x.a', 'x.b', 'x.c', 'x.d' and 1 more, 1 "
        "of another shape: 'head.weight'\n"
        "  part  tensors  copied  left at init  frozen\n"
        "  stem        2       2             0       2\n"
        "  norm        4       2             2       2; lr x0.1; statistics frozen\n"
        "  deep        4       0             4       0; weight decay x0\n"
        "  head        2       0             2       0; lr x1 to x2; weight decay x0 to x1\n");
    assert_string_equal(
        printed(&theatre, surgery, true),
        "weights from w.safetensors: 4 copied, 5 unused: 'x.a', 'x.b', 'x.c', 'x.d', 'x.e', 1 of "
        "another shape: 'head.weight', 1 passed over: 'norm.num_batches_tracked'\n"
        "  stem.weight  4x1x3x3  from 'stem.weight' of w.safetensors; frozen\n"
        "  stem.bias  4  from 'stem.bias' of w.safetensors; frozen\n"
        "  norm.weight  4  from 'norm.weight' of w.safetensors; lr x0.1\n"
        "  norm.bias  4  from 'norm.bias' of w.safetensors; lr x0.1\n"
        "  norm.running_mean  4  left at init; frozen\n"
        "  norm.running_var  4  left at init; frozen\n"
        "  deep.0.conv2d.weight  4x4x1x1  left at init; weight decay x0\n"
        "  deep.0.conv2d.bias  4  left at init; weight decay x0\n"
        "  deep.1.conv2d.weight  4x4x1x1  left at init; weight decay x0\n"
        "  deep.1.conv2d.bias  4  left at init; weight decay x0\n"
        "  head.weight  10x4  left at init\n"
        "  head.bias  10  left at init; lr x2; weight decay x0\n");
    theatre_end(&theatre);
}

static void without_surgery_nothing_is_printed(void **state) {
    (void)state;
    struct theatre theatre = theatre_new();
    assert_string_equal(printed(&theatre, theatre_try(&theatre, net, ""), false), "");
    theatre_end(&theatre);
}

/* ---- memory ------------------------------------------------------------------------------------ */

static void memory_that_runs_out_is_no_harm(void **state) {
    (void)state;
    static const char *const arms[] = {
        "    weights: [from: w.safetensors]\n    rules: {\"**\": {lr: 2}}\n",
        "    weights: [{from: w.safetensors, in_order: true}]\n",
        "    weights: [{from: w.safetensors, map: {\"**.*\": \"**.*\"}}, {from: w.safetensors, "
        "map: "
        "{\"deep.*.**\": \"deep.*.**\", head: head}, unused: allow}]\n",
    };
    for (int i = 0; i < BASE_COUNT(arms); i++) {
        struct theatre theatre = theatre_with(own_names);
        struct arm arm;
        temporary_write(&theatre.folder, "n.yaml", net);
        const struct graph *graph = theatre_arm(&theatre, "n.yaml", arms[i], &arm);
        const struct surgery *surgery = NULL;
        int failures = 0;
        for (; !surgery; failures++) {
            struct arena *arena = arena_new();
            arena_fail_at(arena, failures + 1);
            surgery = surgery_build(arena, graph, &arm, theatre.report);
            assert_int_equal(report_count(theatre.report), 0);
            arena_free(arena);
        }
        assert_true(failures > 20);
        theatre_end(&theatre);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arm_without_surgery_changes_nothing),
        cmocka_unit_test(equal_names_need_nothing_more),
        cmocka_unit_test(fcn_takes_the_encoder_of_mnist_cnn),
        cmocka_unit_test(maps_lead_from_names_to_names),
        cmocka_unit_test(in_order_pairs_each_kind_of_tensor),
        cmocka_unit_test(in_order_counts_what_is_sorted_by_name),
        cmocka_unit_test(what_does_not_fit_may_be_left_out),
        cmocka_unit_test(later_entries_write_over_earlier_ones),
        cmocka_unit_test(rules_hold_for_what_they_fit),
        cmocka_unit_test(faults_are_told),
        cmocka_unit_test(a_network_without_parameters_takes_nothing),
        cmocka_unit_test(the_plan_is_a_line_per_part),
        cmocka_unit_test(without_surgery_nothing_is_printed),
        cmocka_unit_test(memory_that_runs_out_is_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
