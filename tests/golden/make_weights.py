#!/usr/bin/python3
"""Writes the files by which weights of PyTorch are tested (Debian's python3-torch):

    tests/golden/torch_net.safetensors     a state_dict, in its order
    tests/golden/torch_sorted.safetensors  the same as safetensors.torch.save_file orders it: by type, then by name
    tests/golden/torch_run.safetensors     images, and the scores that the network gives in evaluation
"""
import torch
from torch import nn
from weights_file import write

TYPES = {torch.float32: "F32", torch.int64: "I64"}


def tensor(value):
    return (TYPES[value.dtype], list(value.shape), value.flatten().tolist())


torch.manual_seed(4)
network = nn.Sequential(
    nn.Conv2d(2, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(),
    nn.Conv2d(4, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
    nn.ConvTranspose2d(4, 3, 2, stride=2), nn.ReLU(), nn.Flatten(),
    nn.Linear(108, 6), nn.ReLU(), nn.Linear(6, 5))
network(torch.randn(50, 2, 8, 8) * 2 + 1)  # statistics of batch norm that are not 0 and 1
with torch.no_grad():
    for index in (1, 4):
        network[index].weight.uniform_(-2, 2)
        network[index].bias.uniform_(-1, 1)
state = {name: tensor(value) for name, value in network.state_dict().items()}
write("tests/golden/torch_net.safetensors", state)
write("tests/golden/torch_sorted.safetensors", dict(sorted(state.items(), key=lambda item: (item[1][0] != "I64", item[0]))))

images = torch.randn(3, 2, 8, 8)
network.double().eval()
write("tests/golden/torch_run.safetensors",
      {"images": tensor(images), "scores": tensor(network(images.double()).detach().float())})
