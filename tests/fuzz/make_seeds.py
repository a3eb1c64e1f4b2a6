#!/usr/bin/env python3
"""Small sound files for the fuzzers to begin with, written by Pillow and NumPy: tests/fuzz/seeds."""
import gzip
import json
import os
import struct

import numpy
from PIL import Image

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "seeds"))

pixels = numpy.arange(4 * 5 * 4, dtype=numpy.uint8).reshape(4, 5, 4) * 3
Image.fromarray(pixels[:, :, 0]).save("png/grey.png")
Image.fromarray(pixels[:, :, :2].copy(), "LA").save("png/grey_alpha.png")
Image.fromarray(pixels[:, :, :3].copy()).save("png/rgb.png")
Image.fromarray(pixels).save("png/rgba.png")
Image.fromarray(pixels[:, :, 0].astype(numpy.uint16) * 300).save("png/grey16.png")
Image.fromarray(pixels[:, :, :3].copy()).quantize(7).save("png/palette.png", transparency=2)
Image.fromarray(pixels[:, :, 0] > 90).save("png/bits.png")

numpy.save("npy/f4.npy", numpy.arange(24, dtype="<f4").reshape(2, 1, 3, 4))
numpy.save("npy/f8.npy", numpy.linspace(-1, 1, 6).reshape(2, 3))
numpy.save("npy/scalar.npy", numpy.float32(0.5))

with open("json/results.json", "w") as file:
    json.dump({"task": "train", "seeds": [0, 1], "arms": {"net": {"loss": 0.5, "none": None, "good": True}}}, file)

# Two images and their labels, as fuzz_idx.c divides them.
images = struct.pack(">IIII", 2051, 2, 28, 28) + bytes(range(256)) * 6 + bytes(2 * 784 - 6 * 256)
labels = struct.pack(">II", 2049, 2) + bytes([3, 9])
for name, part in ("plain", images), ("gzipped", gzip.compress(images, mtime=0)):
    with open("idx/" + name, "wb") as file:
        file.write(struct.pack(">H", len(part)) + part + labels)
