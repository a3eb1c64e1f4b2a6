#!/usr/bin/env python3
"""The networks of netdefs/ in PyTorch, for `make bench PEER=1`.

peer.py NET BATCH THREADS           says "ready PARAMETERS", then answers lines of standard input:
    step LAYOUT                     a training step with Adam
    eval LAYOUT IMAGES              a forward pass in evaluation mode
  LAYOUT is nchw or channels_last; an answer is the time in seconds.
peer.py NET BATCH THREADS LAYOUT    three steps; says the process's peak resident set in bytes.
"""
import os
import sys
import time

# Debian's PyTorch 1.13 takes AVX2 by itself where its own kernels have AVX-512 too.
if "avx512" in open("/proc/cpuinfo").read():
    os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    print("missing", flush=True)
    sys.exit(0)


# ---- networks ---------------------------------------------------------------------------------------


def unit(inputs, outputs, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs), nn.ReLU()
    )


def classifier():
    return [nn.AvgPool2d(8), nn.Flatten(), nn.Linear(64, 10)]


def plain(n):
    layers = [unit(3, 16)] + [unit(16, 16) for _ in range(n)]
    for inputs, outputs in ((16, 32), (32, 64)):
        layers += [unit(inputs, outputs, 2)]
        layers += [unit(outputs, outputs) for _ in range(n + 1)]
    return nn.Sequential(*layers, *classifier())


class Basic(nn.Module):
    """unit, convolution, norm; plus the input, pooled and padded with zero channels."""

    def __init__(self, inputs, outputs, stride=1):
        super().__init__()
        self.body = nn.Sequential(
            unit(inputs, outputs, stride),
            nn.Conv2d(outputs, outputs, 3, 1, 1),
            nn.BatchNorm2d(outputs),
        )
        self.stride, self.missing = stride, outputs - inputs

    def forward(self, x):
        y = self.body(x)
        if self.stride > 1:
            x = F.pad(F.max_pool2d(x, self.stride), (0, 0, 0, 0, 0, self.missing))
        return F.relu(x + y)


def residual(n):
    layers = [unit(3, 16)] + [Basic(16, 16) for _ in range(n)]
    for inputs, outputs in ((16, 32), (32, 64)):
        layers += [Basic(inputs, outputs, 2)] + [Basic(outputs, outputs) for _ in range(n)]
    return nn.Sequential(*layers, *classifier())


class OptionA(nn.Module):
    """He et al. 2015: the shortcut takes every other pixel and pads with zero channels."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.stride, self.missing = stride, outputs - inputs

    def forward(self, x):
        y = self.body(x)
        if self.stride > 1:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.missing))
        return F.relu(x + y)


def resnet(n):
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    inputs = 16
    for outputs, first in ((16, 1), (32, 2), (64, 2)):
        for i in range(n):
            layers.append(OptionA(inputs, outputs, first if i == 0 else 1))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def cifar_cnn():
    return nn.Sequential(
        *(unit(3, 32), unit(32, 32), nn.Dropout2d(0.2), nn.MaxPool2d(2)),
        *(unit(32, 64), unit(64, 64), nn.Dropout2d(0.2), nn.MaxPool2d(2)),
        *(unit(64, 128), unit(128, 128), nn.MaxPool2d(2), nn.Dropout2d(0.2)),
        *(nn.Flatten(), nn.Linear(2048, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10)),
    )


def encoder():
    return [
        *(nn.Conv2d(1, 64, 3, padding=1), nn.BatchNorm2d(64), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Conv2d(64, 128, 3, padding=1), nn.BatchNorm2d(128), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(128, 256, 3), nn.BatchNorm2d(256), nn.ReLU()),
    ]


def mnist_cnn():
    return nn.Sequential(*encoder(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(1024, 10))


def fcn():
    layers, inputs = encoder(), 256
    for outputs, stride in ((256, 1), (128, 1), (64, 2), (32, 2)):
        layers += [nn.ConvTranspose2d(inputs, outputs, 2, stride), nn.BatchNorm2d(outputs), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.Conv2d(32, 11, 1))


class Fcn8(nn.Module):
    def __init__(self, classes=11):
        super().__init__()
        layers = encoder()
        self.to_bn1 = nn.Sequential(*layers[:2])
        self.to_relu2 = nn.Sequential(*layers[2:7])
        self.rest = nn.Sequential(*layers[7:])
        self.up1, self.norm1 = nn.ConvTranspose2d(256, 256, 3), nn.BatchNorm2d(256)
        self.up2, self.norm2 = nn.ConvTranspose2d(256, classes, 2, 2), nn.BatchNorm2d(classes)
        self.up3, self.norm3 = nn.ConvTranspose2d(classes, classes, 2, 2), nn.BatchNorm2d(classes)
        self.score2 = nn.ConvTranspose2d(128, classes, 1)
        self.score3 = nn.ConvTranspose2d(64, classes, 1)
        self.mix, self.norm4 = nn.ConvTranspose2d(classes, classes, 1), nn.BatchNorm2d(classes)
        self.head = nn.ConvTranspose2d(classes, classes, 1)

    def forward(self, x):
        bn1 = self.to_bn1(x)
        relu2 = self.to_relu2(bn1)
        y = self.norm1(F.relu(self.up1(self.rest(relu2))))
        y = self.norm2(F.relu(self.up2(y)) + self.score2(relu2))
        y = self.norm3(F.relu(self.up3(y)) + self.score3(bn1))
        return self.head(self.norm4(F.relu(self.mix(y))))


NETS = {
    "plain35": lambda: plain(10),
    "plain53": lambda: plain(16),
    "residual35": lambda: residual(5),
    "residual53": lambda: residual(8),
    "resnet20": lambda: resnet(3),
    "cifar_cnn": cifar_cnn,
    "mnist_cnn": mnist_cnn,
    "fcn": fcn,
    "fcn8": Fcn8,
}


# ---- runs -------------------------------------------------------------------------------------------


class Subject:
    """A network in one memory layout, with random images and labels."""

    def __init__(self, net, batch, layout):
        torch.manual_seed(0)
        digits = net in ("mnist_cnn", "fcn", "fcn8")
        shape = (1, 28, 28) if digits else (3, 32, 32)
        pixels = net in ("fcn", "fcn8")
        memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        self.model = NETS[net]().to(memory_format=memory)
        self.images = torch.randn(batch, *shape).contiguous(memory_format=memory)
        self.labels = torch.randint(0, 10, (batch, *shape[1:]) if pixels else (batch,))
        self.optimizer = torch.optim.Adam(self.model.parameters())

    def parameters(self):
        return sum(p.numel() for p in self.model.parameters())

    def step(self):
        self.model.train()
        start = time.perf_counter()
        self.optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(self.model(self.images), self.labels).backward()
        self.optimizer.step()
        return time.perf_counter() - start

    def evaluate(self, count):
        self.model.eval()
        images = self.images[:count]
        with torch.inference_mode():
            start = time.perf_counter()
            self.model(images)
            return time.perf_counter() - start


def answer(subjects, words):
    subject = subjects[words[1]]
    return subject.step() if words[0] == "step" else subject.evaluate(int(words[2]))


def serve(net, batch):
    subjects = {layout: Subject(net, batch, layout) for layout in ("nchw", "channels_last")}
    print("ready", subjects["nchw"].parameters(), flush=True)
    for line in sys.stdin:
        print(answer(subjects, line.split()), flush=True)


def measure_memory(net, batch, layout):
    subject = Subject(net, batch, layout)
    for _ in range(3):
        subject.step()
    with open("/proc/self/status") as status:
        peak = next(line for line in status if line.startswith("VmHWM:"))
    print(int(peak.split()[1]) * 1024, flush=True)


def main():
    net, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if net not in NETS:
        print("unknown", flush=True)
        return
    torch.set_num_threads(threads)
    if len(sys.argv) > 4:
        measure_memory(net, batch, sys.argv[4])
    else:
        serve(net, batch)


main()
