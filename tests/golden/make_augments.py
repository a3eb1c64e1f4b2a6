#!/usr/bin/python3
"""Prints tests/golden/augments.h: 8-bit images of noise, changed by torchvision's functional transforms (PIL
backend) with fixed parameters, as FNV-1a hashes of their bytes.

    tests/golden/make_augments.py > tests/golden/augments.h    (Debian's python3-torchvision)
"""
import numpy as np
import PIL
import torchvision
from PIL import Image
from torchvision.transforms import functional as F

SHAPES = [(32, 32, 3), (28, 28, 1), (9, 14, 3), (2, 2, 3), (1, 5, 3), (64, 3, 1)]
FACTORS = [0, 0.1, 0.5, 0.9, 0.937, 1, 1.0625, 1.1, 1.9, 2, 17.3]
PARAMETERS = {
    "rotate": [0, 1e-3, 1, 7.25, -13.7, 19.99, -20, 30, 45, 60, 90, -90, 133.3, 180, 270, 359.5, -360],
    "adjust_brightness": FACTORS,
    "adjust_contrast": FACTORS,
    "adjust_saturation": FACTORS,
    "adjust_sharpness": FACTORS,
    "adjust_hue": [-0.5, -0.31, -0.1, -0.002, 0, 0.05, 0.1, 0.333, 0.5],
}


def noise(shape):
    """The high bytes of a linear congruential generator; every fifth pixel grey, every seventh black."""
    state, values = 1, []
    for _ in range(np.prod(shape)):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    pixels = np.array(values, np.uint8).reshape(-1, shape[2])
    pixels[::5] = pixels[::5, :1]
    pixels[::7] = 0
    return pixels.reshape(shape)


def image_of(pixels):
    return Image.fromarray(pixels[:, :, 0], "L") if pixels.shape[2] == 1 else Image.fromarray(pixels, "RGB")


def fnv(data):
    result = 2166136261
    for byte in data:
        result = (result ^ byte) * 16777619 % 2**32
    return result


print("/* Made by make_augments.py with torchvision %s and Pillow %s; not to be edited. */" %
      (torchvision.__version__, PIL.__version__))
print("/* clang-format off */\n")
print("static const struct golden_augment {")
print("    const char *transform;\n    double parameter;\n    int height, width, channels;\n    uint32_t hash;")
print("} golden_augments[] = {")
for shape in SHAPES:
    for name, parameters in PARAMETERS.items():
        for parameter in parameters:
            changed = getattr(F, name)(image_of(noise(shape)), parameter)
            print('    {"%s", %r, %d, %d, %d, 0x%08xU},' % (name, parameter, *shape, fnv(np.array(changed).tobytes())))
print("};")
