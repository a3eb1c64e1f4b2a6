#!/usr/bin/python3
"""Writes tests/golden/layers/KIND.golden: outputs and gradients of every layer kind, by PyTorch in float64 on inputs
that are exact in float32.

    tests/golden/make_layers.py    (Debian's python3-torch)

A file is a list of cases. A case is lines of text, `array NAME COUNT` being followed by COUNT little-endian floats in
PyTorch's order and a line break:

    case NAME                  what it is about
    entry YAML                 as in a netdef
    training 0|1
    images N
    input RANK C H W           one per input
    output RANK C H W
    array NAME COUNT           x0, x1, ...; parameters; y; dy; dx0, ...; d_PARAMETER; after_BUFFER
"""
import os
import struct
import zlib

import torch
import torch.nn.functional as F

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers")


def exact(*size):
    """Random numbers that float32 holds."""
    return torch.randn(*size, dtype=torch.float32).double()


def dims(shape):
    shape = list(shape)
    return "%d %s" % (len(shape), " ".join(map(str, shape + [1] * (3 - len(shape)))))


class Golden:
    """The file of one kind."""

    def __init__(self, kind):
        self.kind, self.chunks = kind, []
        torch.manual_seed(zlib.crc32(kind.encode()))

    def line(self, text):
        self.chunks.append((text + "\n").encode())

    def array(self, name, tensor):
        values = tensor.detach().float().flatten().tolist()
        self.line("array %s %d" % (name, len(values)))
        self.chunks.append(struct.pack("<%df" % len(values), *values) + b"\n")

    def case(self, name, attrs, shapes, function, images=2, params=None, buffers=None, training=True, inputs=None):
        """`function(x, ..., **params, **buffers)` gives y; it may change the buffers."""
        params, buffers = params or {}, buffers or {}
        xs = inputs or [exact(images, *shape) for shape in shapes]
        self.line("case " + name)
        self.line("entry " + self.kind + (": {%s}" % attrs if attrs else ""))
        self.line("training %d" % training)
        self.line("images %d" % images)
        for shape in shapes:
            self.line("input " + dims(shape))
        for i, x in enumerate(xs):
            self.array("x%d" % i, x.requires_grad_())
        for key, value in {**params, **buffers}.items():
            self.array(key, value)
        y = function(*xs, **{key: value.requires_grad_() for key, value in params.items()}, **buffers)
        dy = exact(*y.shape)
        y.backward(dy)
        self.line("output " + dims(y.shape[1:]))
        self.array("y", y)
        self.array("dy", dy)
        for i, x in enumerate(xs):
            self.array("dx%d" % i, x.grad)
        for key, value in params.items():
            self.array("d_" + key, value.grad)
        for key, value in buffers.items():
            self.array("after_" + key, value)

    def write(self):
        with open(os.path.join(FOLDER, self.kind + ".golden"), "wb") as out:
            out.write(b"".join(self.chunks))


def weights(*size, bias):
    """Parameters of about the size that initialisation gives them; `bias` is its length, 0 for none."""
    fan = max(1, torch.Size(size[1:]).numel())
    made = {"weight": (exact(*size) / fan ** 0.5).float().double()}
    if bias:
        made["bias"] = exact(bias)
    return made


def conv2d():
    golden = Golden("conv2d")

    def case(name, attrs, shape, out, kernel, groups=1, bias=True, images=2, **options):
        params = weights(out, shape[0] // groups, *kernel, bias=out if bias else 0)
        golden.case(name, attrs, [shape], lambda x, weight, bias=None: F.conv2d(x, weight, bias, groups=groups, **options),
                    images=images, params=params)

    case("3x3", "out: 3, kernel: 3, padding: 1", (2, 5, 7), 3, (3, 3), padding=1, images=3)
    case("no padding", "out: 5, kernel: 3", (3, 6, 4), 5, (3, 3))
    case("no bias", "out: 2, kernel: 2, bias: false", (3, 4, 5), 2, (2, 2), bias=False)
    case("1x1", "out: 6, kernel: 1", (5, 4, 3), 6, (1, 1))
    case("1x1, stride 2", "out: 4, kernel: 1, stride: 2", (3, 5, 4), 4, (1, 1), stride=2)
    case("1x1, padding 1", "out: 4, kernel: 1, padding: 1", (3, 2, 4), 4, (1, 1), padding=1)
    case("stride larger than kernel", "out: 3, kernel: 2, stride: 3", (2, 9, 7), 3, (2, 2), stride=3)
    case("stride 2", "out: 4, kernel: 3, stride: 2, padding: 1", (3, 8, 7), 4, (3, 3), stride=2, padding=1)
    case("dilation", "out: 3, kernel: 3, dilation: 2, padding: 2", (2, 7, 6), 3, (3, 3), dilation=2, padding=2)
    case("all different", "out: 3, kernel: [5, 3], stride: [2, 1], padding: [1, 2], dilation: [1, 3]", (2, 8, 9), 3, (5, 3),
         stride=(2, 1), padding=(1, 2), dilation=(1, 3))
    case("windows on padding alone", "out: 2, kernel: 2, padding: 3", (2, 3, 2), 2, (2, 2), padding=3)
    case("windows on padding alone, dilation", "out: 2, kernel: 3, padding: 5, dilation: 2, stride: 2", (2, 3, 2), 2, (3, 3),
         padding=5, dilation=2, stride=2)
    case("groups", "out: 6, kernel: 3, padding: 1, groups: 2", (4, 5, 4), 6, (3, 3), groups=2, padding=1)
    case("groups, 1x1", "out: 9, kernel: 1, groups: 3", (6, 3, 4), 9, (1, 1), groups=3)
    case("depthwise", "out: 5, kernel: 3, padding: 1, groups: 5", (5, 6, 5), 5, (3, 3), groups=5, padding=1)
    case("depthwise, stride and dilation", "out: 20, kernel: [3, 2], padding: [2, 1], stride: [2, 1], dilation: [1, 2], groups: 20",
         (20, 5, 4), 20, (3, 2), groups=20, padding=(2, 1), stride=(2, 1), dilation=(1, 2))
    case("depthwise, two outputs each", "out: 8, kernel: 3, groups: 4", (4, 4, 5), 8, (3, 3), groups=4)
    case("one pixel", "out: 3, kernel: 3, padding: 1", (2, 1, 1), 3, (3, 3), padding=1, images=1)
    case("window as large as the map", "out: 7, kernel: [4, 3]", (3, 4, 3), 7, (4, 3))
    case("16 channels", "out: 16, kernel: 3, padding: 1", (16, 4, 5), 16, (3, 3), padding=1)
    case("many images", "out: 2, kernel: 3, padding: 1", (1, 3, 4), 2, (3, 3), padding=1, images=37)
    golden.write()


def conv_transpose2d():
    golden = Golden("conv_transpose2d")

    def case(name, attrs, shape, out, kernel, groups=1, bias=True, images=2, **options):
        params = weights(shape[0], out // groups, *kernel, bias=out if bias else 0)
        golden.case(name, attrs, [shape],
                    lambda x, weight, bias=None: F.conv_transpose2d(x, weight, bias, groups=groups, **options),
                    images=images, params=params)

    case("2x2, stride 2", "out: 3, kernel: 2, stride: 2", (4, 3, 5), 3, (2, 2), stride=2, images=3)
    case("2x2, stride 1", "out: 5, kernel: 2", (3, 4, 3), 5, (2, 2))
    case("3x3, padding", "out: 2, kernel: 3, padding: 1", (3, 4, 5), 2, (3, 3), padding=1)
    case("1x1", "out: 6, kernel: 1", (5, 3, 4), 6, (1, 1))
    case("no bias", "out: 2, kernel: 3, bias: false", (3, 2, 4), 2, (3, 3), bias=False)
    case("stride larger than kernel", "out: 3, kernel: 2, stride: 3", (2, 3, 2), 3, (2, 2), stride=3)
    case("output_padding", "out: 3, kernel: 3, stride: 2, padding: 1, output_padding: 1", (2, 4, 3), 3, (3, 3), stride=2,
         padding=1, output_padding=1)
    case("output_padding up to dilation", "out: 2, kernel: 2, dilation: 3, output_padding: [2, 1]", (2, 3, 4), 2, (2, 2),
         dilation=3, output_padding=(2, 1))
    case("all different",
         "out: 3, kernel: [3, 2], stride: [2, 3], padding: [1, 0], dilation: [2, 1], output_padding: [1, 2]", (2, 4, 3), 3,
         (3, 2), stride=(2, 3), padding=(1, 0), dilation=(2, 1), output_padding=(1, 2))
    case("groups", "out: 4, kernel: 3, groups: 2, stride: 2", (6, 3, 2), 4, (3, 3), groups=2, stride=2)
    case("depthwise", "out: 5, kernel: 3, groups: 5, stride: 2, padding: 1", (5, 3, 4), 5, (3, 3), groups=5, stride=2,
         padding=1)
    case("one pixel", "out: 3, kernel: 4", (2, 1, 1), 3, (4, 4), images=1)
    case("many images", "out: 2, kernel: 2, stride: 2", (1, 2, 2), 2, (2, 2), stride=2, images=37)
    golden.write()


def batchnorm2d():
    golden = Golden("batchnorm2d")

    def case(name, attrs, shape, training, images=3, scale=1.0, shift=0.0, **options):
        channels = shape[0]
        x = (exact(images, *shape) * scale + shift).float().double()
        golden.case(
            name, attrs, [shape],
            lambda x, weight, bias, running_mean, running_var: F.batch_norm(
                x, running_mean, running_var, weight, bias, training=training, **options),
            images=images, training=training, inputs=[x],
            params={"weight": exact(channels), "bias": exact(channels)},
            buffers={"running_mean": exact(channels),
                     "running_var": (exact(channels) ** 2 + 0.5).float().double()})

    case("training", "", (4, 3, 5), True)
    case("evaluation", "", (4, 3, 5), False)
    case("training, far from 0", "", (3, 4, 4), True, scale=0.5, shift=30.0)
    case("eps, momentum", "eps: 0.1, momentum: 0.25", (5, 2, 3), True, eps=0.1, momentum=0.25)
    case("eps, momentum, evaluation", "eps: 0.1, momentum: 0.25", (5, 2, 3), False, eps=0.1, momentum=0.25)
    case("one pixel", "", (6, 1, 1), True, images=5)
    case("one image", "", (2, 3, 3), True, images=1)
    case("three values per channel", "", (3, 3, 1), True, images=1)
    case("momentum 0", "momentum: 0.0", (3, 2, 2), True, momentum=0.0)
    case("momentum 1", "momentum: 1.0", (3, 2, 2), True, momentum=1.0)
    case("many images", "", (17, 2, 1), True, images=37)
    golden.write()


def ties(images, *shape):
    """Numbers of which many are equal."""
    return torch.randint(-2, 3, (images, *shape)).double()


def maxpool2d():
    golden = Golden("maxpool2d")

    def case(name, attrs, shape, images=2, inputs=None, **options):
        golden.case(name, attrs, [shape], lambda x: F.max_pool2d(x, **options), images=images, inputs=inputs)

    case("2x2", "kernel: 2", (3, 4, 6), kernel_size=2, images=3)
    case("odd sizes", "kernel: 2", (5, 5, 7), kernel_size=2)
    case("overlap", "kernel: 3, stride: 2, padding: 1", (4, 7, 8), kernel_size=3, stride=2, padding=1)
    case("stride 1", "kernel: 3, stride: 1", (2, 5, 4), kernel_size=3, stride=1)
    case("stride larger than kernel", "kernel: 2, stride: 3", (3, 8, 7), kernel_size=2, stride=3)
    case("kernel 1, stride 2", "kernel: 1, stride: 2", (3, 5, 4), kernel_size=1, stride=2)
    case("not square", "kernel: [2, 5], stride: [3, 1], padding: [1, 2]", (2, 6, 6), kernel_size=(2, 5), stride=(3, 1),
         padding=(1, 2))
    case("one pixel", "kernel: 1", (4, 1, 1), kernel_size=1, images=1)
    case("ties", "kernel: 3, stride: 2, padding: 1", (6, 6, 7), kernel_size=3, stride=2, padding=1,
         inputs=[ties(2, 6, 6, 7)])
    case("all negative", "kernel: 3, padding: 1", (3, 5, 5), kernel_size=3, padding=1,
         inputs=[-exact(2, 3, 5, 5).abs() - 1])
    odd = ties(2, 4, 6, 6)
    odd[torch.rand(odd.shape) < 0.15] = float("nan")
    odd[torch.rand(odd.shape) < 0.15] = float("-inf")
    odd[:, 3] = float("-inf")
    case("not a number, infinities", "kernel: 3, stride: 2", (4, 6, 6), kernel_size=3, stride=2, inputs=[odd])
    case("many images", "kernel: 2", (3, 2, 3), kernel_size=2, images=37)
    case("many channels", "kernel: 2, stride: 1", (37, 3, 2), kernel_size=2, stride=1)
    golden.write()


def avgpool2d():
    golden = Golden("avgpool2d")

    def case(name, attrs, shape, images=2, **options):
        golden.case(name, attrs, [shape], lambda x: F.avg_pool2d(x, **options), images=images)

    case("2x2", "kernel: 2", (3, 4, 6), kernel_size=2, images=3)
    case("odd sizes", "kernel: 2", (5, 5, 7), kernel_size=2)
    case("padding counts", "kernel: 3, stride: 2, padding: 1", (4, 6, 7), kernel_size=3, stride=2, padding=1)
    case("overlap", "kernel: 3, stride: 1", (2, 5, 4), kernel_size=3, stride=1)
    case("stride larger than kernel", "kernel: 2, stride: 3", (3, 8, 7), kernel_size=2, stride=3)
    case("not square", "kernel: [2, 5], stride: [3, 1], padding: [1, 2]", (2, 6, 6), kernel_size=(2, 5), stride=(3, 1),
         padding=(1, 2))
    case("whole map", "kernel: 8", (3, 8, 8), kernel_size=8)
    case("one pixel", "kernel: 1", (4, 1, 1), kernel_size=1, images=1)
    case("many images", "kernel: 2", (3, 2, 3), kernel_size=2, images=37)
    case("many channels", "kernel: 2, stride: 1", (37, 3, 2), kernel_size=2, stride=1)
    golden.write()


def global_avgpool2d():
    golden = Golden("global_avgpool2d")
    for name, shape, images in (("square", (5, 4, 4), 3), ("not square", (3, 5, 2), 2), ("one pixel", (4, 1, 1), 1),
                                ("many images", (2, 2, 3), 37), ("many channels", (37, 2, 2), 2)):
        golden.case(name, "", [shape], lambda x: F.adaptive_avg_pool2d(x, 1), images=images)
    golden.write()


def upsample2d():
    golden = Golden("upsample2d")

    def case(name, attrs, shape, images=2, **options):
        golden.case(name, attrs, [shape], lambda x: F.interpolate(x, **options), images=images)

    case("nearest", "scale: 2", (3, 3, 4), scale_factor=2, mode="nearest", images=3)
    case("nearest, 3", "scale: 3, mode: nearest", (2, 2, 3), scale_factor=3, mode="nearest")
    case("nearest, not square", "scale: [1, 3]", (2, 4, 2), scale_factor=(1, 3), mode="nearest")
    for corners in (False, True):
        attrs, options = ", mode: bilinear", {"mode": "bilinear", "align_corners": corners}
        if corners:
            attrs += ", align_corners: true"
        case("2" + attrs, "scale: 2" + attrs, (3, 4, 3), scale_factor=2, **options)
        case("5" + attrs, "scale: 5" + attrs, (2, 3, 2), scale_factor=5, **options)
        case("not square" + attrs, "scale: [3, 2]" + attrs, (2, 2, 5), scale_factor=(3, 2), **options)
        case("one pixel" + attrs, "scale: 3" + attrs, (4, 1, 1), scale_factor=3, images=1, **options)
        case("scale 1" + attrs, "scale: 1" + attrs, (2, 3, 3), scale_factor=1, **options)
        case("many images" + attrs, "scale: 2" + attrs, (3, 1, 2), scale_factor=2, images=37, **options)
        case("many channels" + attrs, "scale: 2" + attrs, (37, 2, 1), scale_factor=2, **options)
    golden.write()


def linear():
    golden = Golden("linear")

    def case(name, attrs, features, out, bias=True, images=3):
        golden.case(name, attrs, [(features,)], F.linear, images=images,
                    params=weights(out, features, bias=out if bias else 0))

    case("plain", "out: 5", 7, 5)
    case("no bias", "out: 4, bias: false", 6, 4, bias=False)
    case("one of everything", "out: 1", 1, 1, images=1)
    case("many features", "out: 3", 300, 3)
    case("many outputs", "out: 300", 3, 300)
    case("many images", "out: 3", 4, 3, images=37)
    golden.write()


def pointwise(kind, function, attrs=()):
    """Kinds that compute value by value; `attrs` adds cases with other attributes than the defaults."""
    golden = Golden(kind)
    for text, options in (("", {}), *attrs):
        def case(name, shape, images=2, inputs=None):
            golden.case(", ".join(filter(None, (name, text))), text, [shape], lambda x: function(x, **options),
                        images=images, inputs=inputs)

        case("map", (5, 3, 4), images=3)
        case("vector", (37,))
        case("one pixel", (3, 1, 1), images=1)
        case("one number", (1,), images=1)
        case("zeros", (4, 2, 2), inputs=[ties(2, 4, 2, 2)])
        case("large", (30,), inputs=[(exact(2, 30) * 40).float().double()])
        case("small", (30,), inputs=[(exact(2, 30) * 1e-3).float().double()])
        case("many images", (3, 2, 1), images=37)
    golden.write()


def dropout(kind, function):
    """Without chance: in evaluation, and where all or nothing is dropped."""
    golden = Golden(kind)
    for p, training in ((0.5, False), (0.0, True), (1.0, True)):
        name = "p %g, %s" % (p, "training" if training else "evaluation")
        golden.case(name, "p: %g" % p, [(3, 4, 5)], lambda x: function(x, p, training), images=3, training=training)
    if kind == "dropout":
        golden.case("vector, evaluation", "p: 0.25", [(12,)], lambda x: function(x, 0.25, False), training=False)
    golden.write()


def join(kind, function, cases):
    golden = Golden(kind)
    for name, shapes, images in cases:
        golden.case(name, "", shapes, function, images=images)
    golden.write()


def pad_channels():
    golden = Golden("pad_channels")

    def case(name, attrs, shape, before, after, images=2):
        sides = (0, 0) * (len(shape) - 1) + (before, after)
        golden.case(name, attrs, [shape], lambda x: F.pad(x, sides), images=images)

    case("after", "to: 8", (3, 4, 2), 0, 5, images=3)
    case("before", "to: 8, before: 5", (3, 4, 2), 5, 0)
    case("both sides", "to: 6, before: 1", (3, 1, 1), 1, 2, images=1)
    case("nothing to add", "to: 4", (4, 2, 3), 0, 0)
    case("vector", "to: 20, before: 2", (17,), 2, 1)
    case("many images", "to: 4", (3, 2, 1), 0, 1, images=37)
    golden.write()


os.makedirs(FOLDER, exist_ok=True)
conv2d()
conv_transpose2d()
batchnorm2d()
maxpool2d()
avgpool2d()
global_avgpool2d()
upsample2d()
linear()
pointwise("flatten", lambda x: torch.flatten(x, 1))
pointwise("identity", lambda x: x * 1)
pointwise("relu", F.relu)
pointwise("leaky_relu", F.leaky_relu, [("negative_slope: 0.2", {"negative_slope": 0.2}),
                                       ("negative_slope: 0.0", {"negative_slope": 0.0})])
pointwise("tanh", torch.tanh)
pointwise("sigmoid", torch.sigmoid)
pointwise("gelu", F.gelu)
pointwise("silu", F.silu)
pointwise("softmax", lambda x: F.softmax(x, 1))
dropout("dropout", F.dropout)
dropout("dropout2d", F.dropout2d)
pad_channels()
join("add", lambda *x: sum(x), [
    ("two maps", [(5, 3, 4)] * 2, 3), ("two vectors", [(7,)] * 2, 2), ("three maps", [(3, 2, 2)] * 3, 2),
    ("sixteen vectors", [(5,)] * 16, 1), ("many images", [(3, 1, 2)] * 2, 37)])
join("concat", lambda *x: torch.cat(x, 1), [
    ("two maps", [(5, 3, 4), (2, 3, 4)], 3), ("two vectors", [(7,), (1,)], 2),
    ("three maps", [(3, 2, 2), (1, 2, 2), (16, 2, 2)], 2), ("sixteen vectors", [(i % 3 + 1,) for i in range(16)], 1),
    ("many images", [(3, 1, 2), (2, 1, 2)], 37)])
