#!/usr/bin/python3
"""Prints tests/golden/network.h: the network of network.yaml trained for two steps by PyTorch in float64,
from weights and images that are exact in float32.

    tests/golden/make_network.py > tests/golden/network.h    (Debian's python3-torch)
"""
import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Module()
        self.body.first = nn.Conv2d(6, 6, 3, padding=1)
        self.body.norm = nn.BatchNorm2d(6)
        self.body.second = nn.Conv2d(6, 6, 3, padding=1, bias=False)

    def forward(self, x):
        return x + self.body.second(torch.tanh(self.body.norm(self.body.first(x))))


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.BatchNorm2d(6)
        self.block = Block()
        self.deep = nn.Conv2d(6, 8, 3, padding=1, groups=2)
        self.up = nn.ConvTranspose2d(8, 5, 2, stride=2)
        self.mix = nn.Conv2d(11, 7, 3, stride=2)
        self.head = nn.Linear(7, 4)

    def forward(self, x):
        act = F.relu(self.block(F.relu(self.norm(self.stem(x)))))
        self.deep_value = self.deep(F.max_pool2d(act, 2))
        joined = torch.cat([self.up(F.silu(self.deep_value)), act], 1)
        return self.head(torch.sigmoid(self.mix(joined)).mean((2, 3)))


def numbers(tensor, digits):
    values = tensor.detach().double().flatten().tolist()
    return "{" + ", ".join("%.*g" % (digits, v) for v in values) + "}"


def coarse(tensor):
    """Multiples of 1/1024, which are short to write and exact."""
    return (tensor * 1024).round() / 1024


def constant(name, tensor, digits):
    print("static const double golden_%s[] = %s;" % (name, numbers(tensor, digits)))


torch.manual_seed(2)
network = Network().double()
with torch.no_grad():
    for name, parameter in network.named_parameters():
        start = parameter * 2 if parameter.dim() > 1 else 1 + torch.randn_like(parameter) / 4
        parameter.copy_(coarse(start if parameter.dim() > 1 or "norm.weight" in name else start - 1))
start = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
images = coarse(torch.randn(5, 3, 8, 8).double()).requires_grad_()
labels = torch.tensor([2, 0, 3, 1, 2])

optimizer = torch.optim.SGD(network.parameters(), lr=0.5, momentum=0.9, weight_decay=0.01)
losses, gradients = [], {}
for step in range(3):
    optimizer.zero_grad()
    images.grad = None
    scores = network(images)
    loss = F.cross_entropy(scores, labels, label_smoothing=0.1)
    losses.append(loss.item())
    if step == 0:
        network.deep_value.retain_grad()
    if step < 2:
        loss.backward()
    if step == 0:
        clipped = Network().double()
        clipped.load_state_dict(network.state_dict())
        for copied, parameter in zip(clipped.parameters(), network.parameters()):
            copied.grad = parameter.grad.clone()
        norm = torch.nn.utils.clip_grad_norm_(clipped.parameters(), 0.25)
        torch.optim.SGD(clipped.parameters(), lr=0.5).step()
        first_scores, deep_value, input_gradient = scores, network.deep_value, images.grad
        gradients = {name: p.grad.clone() for name, p in network.named_parameters()}
    if step < 2:
        optimizer.step()

network.eval()
evaluation = network(images)
network.deep_value.retain_grad()
evaluation[:, 2].sum().backward()

print("/* Made by make_network.py with PyTorch %s; not to be edited. Tensors are N C H W. */\n/* clang-format off */\n" % torch.__version__)
print("enum { GOLDEN_IMAGES = 5 };")
constant("images", images, 12)
print("static const int32_t golden_labels[] = {%s};" % ", ".join(str(v) for v in labels.tolist()))
print("\n/* Cross-entropy with label smoothing .1 before the first, second and third step. */")
print("static const double golden_losses[] = {%s};" % ", ".join("%.17g" % v for v in losses))
print("\n/* Of the first step: scores, the value of `deep`, gradients of that value and of the images. */")
constant("scores", first_scores, 8)
constant("deep", deep_value, 8)
constant("deep_gradient", deep_value.grad, 8)
constant("input_gradient", input_gradient, 8)
print("\n/* Norm of all gradients of the first step; head.weight after a step of sgd (lr .5) that clips them to .25. */")
print("static const double golden_norm = %.17g;" % norm)
constant("clipped", clipped.head.weight, 8)
print("\n/* After two steps, in evaluation: scores, and the gradient of all scores of class 2 at `deep`. */")
constant("evaluation", evaluation, 8)
constant("cam", network.deep_value.grad, 8)
print("""
/* Start values, gradients of the first step, values after two steps of sgd (lr .5, momentum .9, weight
 * decay .01). */
static const struct golden_param {
    const char *path;
    int size;
    double start[700], gradient[700], after[700];
} golden_params[] = {""")
for name, parameter in network.named_parameters():
    print('    {"%s", %d,' % (name, parameter.numel()))
    print("     %s,\n     %s,\n     %s}," % (numbers(start[name], 12), numbers(gradients[name], 8), numbers(parameter, 8)))
print("};\n\n/* Running statistics after three forwards in training. */")
print("static const struct golden_buffer {\n    const char *path;\n    double values[6];\n} golden_buffers[] = {")
for name, buffer in network.named_buffers():
    if "num_batches" not in name:
        print('    {"%s", %s},' % (name, numbers(buffer, 12)))
print("};")
