#!/usr/bin/python3
"""Prints tests/golden/cams.h: what every method of the gradcam task draws for a small network, by PyTorch with
hooks in float64, each from the formula of its paper.

    tests/golden/make_cams.py > tests/golden/cams.h    (Debian's python3-torch)
"""
import torch
import torch.nn.functional as F
from torch import nn

CLASS = 2


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 8, 3, padding=1)
        self.head = nn.Linear(8, 4)
        self.shallow, self.deep = nn.ReLU(), nn.ReLU()

    def forward(self, x):
        x = self.shallow(self.first(x))
        x = self.deep(self.second(F.max_pool2d(x, 2)))
        return self.head(x.mean((2, 3)))


def coarse(tensor):
    """Multiples of 1/256, which are short to write and exact."""
    return (tensor * 256).round() / 256


def constant(name, tensor, digits=9):
    values = tensor.detach().double().flatten().tolist()
    print("static const double %s[] = {%s};" % (name, ", ".join("%.*g" % (digits, v) for v in values)))


def finish(cam):
    cam = cam.clamp(min=0)
    return cam / cam.max()


def look(network, module, x):
    """Activation and gradient at a module, C x H x W, by hooks."""
    seen = {}
    forward = module.register_forward_hook(lambda m, i, o: seen.update(a=o))
    backward = module.register_full_backward_hook(lambda m, i, o: seen.update(g=o[0]))
    network.zero_grad()
    network(x)[0, CLASS].backward()
    forward.remove()
    backward.remove()
    return seen["a"][0].detach(), seen["g"][0].detach()


def weighted(weights, a):
    return (weights[:, None, None] * a).sum(0)


def gradcam(a, g):
    return weighted(g.mean((1, 2)), a)


def gradcam_plus_plus(a, g):
    below = 2 * g ** 2 + a.sum((1, 2), keepdim=True) * g ** 3
    alpha = torch.where(below != 0, g ** 2 / torch.where(below != 0, below, torch.ones_like(below)),
                        torch.zeros_like(below))
    return weighted((alpha * g.clamp(min=0)).sum((1, 2)), a)


def xgradcam(a, g):
    total = a.sum((1, 2))
    weights = (a * g).sum((1, 2)) / torch.where(total != 0, total, torch.ones_like(total))
    return weighted(weights, a)


def eigencam(a):
    rows = a.flatten(1).T
    _, _, v = torch.linalg.svd(rows, full_matrices=False)
    cam = (rows @ v[0]).reshape(a.shape[1:])
    return cam if cam.sum() > 0 else -cam


def scorecam(network, a, x):
    big = F.interpolate(a[None], x.shape[2:], mode="bilinear", align_corners=False)[0]
    low, high = a.amin((1, 2)), a.amax((1, 2))
    scores = torch.full((a.shape[0],), -float("inf"), dtype=torch.float64)
    with torch.no_grad():
        for k in range(a.shape[0]):
            if high[k] > low[k]:
                scores[k] = network(x * (big[k] - low[k]) / (high[k] - low[k]))[0, CLASS]
    return weighted(scores.softmax(0), a)


def saliency(network, x, guided):
    x = x.clone().requires_grad_()
    hooks = [m.register_full_backward_hook(lambda m, i, o: (i[0].clamp(min=0),))
             for m in (network.shallow, network.deep) if guided]
    network(x)[0, CLASS].backward()
    for hook in hooks:
        hook.remove()
    return x.grad[0].abs().amax(0)


torch.manual_seed(5)
network = Network().double()
with torch.no_grad():
    for parameter in network.parameters():
        parameter.copy_(coarse(parameter * 2))
image = coarse(torch.randn(1, 3, 8, 8)).double()

print("/* Made by make_cams.py with PyTorch %s; not to be edited. Tensors are N C H W. */" % torch.__version__)
print("/* clang-format off */\n")
constant("golden_image", image)
for name, parameter in network.named_parameters():
    constant("golden_" + name.replace(".", "_"), parameter)
constant("golden_scores", network(image))

rows = []
for place, module in (("shallow", network.shallow), ("deep", network.deep)):
    a, g = look(network, module, image)
    cams = {"gradcam": gradcam(a, g), "gradcam++": gradcam_plus_plus(a, g), "hirescam": (a * g).sum(0),
            "layercam": (a * g.clamp(min=0)).sum(0), "xgradcam": xgradcam(a, g), "eigencam": eigencam(a),
            "scorecam": scorecam(network, a, image)}
    for method, cam in cams.items():
        rows.append((method, place, finish(cam)))
rows.append(("gradient", "input", finish(saliency(network, image, False))))
rows.append(("guided", "input", finish(saliency(network, image, True))))

# Zhou et al. (2016): CAM, by the weights of the head after global average pooling.
a, _ = look(network, network.deep, image)
constant("golden_cam", finish(weighted(network.head.weight[CLASS].detach(), a)))

for i, (method, place, cam) in enumerate(rows):
    constant("golden_map_%d" % i, cam)
print("\nenum { GOLDEN_CLASS = %d };" % CLASS)
print("static const struct golden_cam {\n    const char *method, *place;\n    const double *map;\n    int cells;\n}"
      " golden_cams[] = {")
for i, (method, place, cam) in enumerate(rows):
    print('    {"%s", "%s", golden_map_%d, %d},' % (method, place, i, cam.numel()))
print("};")
