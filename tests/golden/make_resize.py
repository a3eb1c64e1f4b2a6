#!/usr/bin/python3
"""Prints tests/golden/resize.h: pictures resized by Pillow with the bilinear filter.

    tests/golden/make_resize.py > tests/golden/resize.h    (Debian's python3-pil)
"""
import random
import PIL
from PIL import Image

CASES = [("L", 7, 5, "L", 3, 4), ("RGB", 9, 6, "RGB", 4, 4), ("RGB", 3, 2, "RGB", 7, 5), ("RGB", 8, 8, "L", 8, 8),
         ("L", 4, 6, "RGB", 2, 3)]

random.seed(4)
print("/* Made by make_resize.py with Pillow %s; not to be edited. */\n/* clang-format off */\n" % PIL.__version__)
rows = []
for i, (mode, width, height, to_mode, to_width, to_height) in enumerate(CASES):
    channels, to_channels = len(mode), len(to_mode)
    pixels = bytes(random.randrange(256) for _ in range(width * height * channels))
    out = Image.frombytes(mode, (width, height), pixels).convert(to_mode).resize((to_width, to_height), Image.BILINEAR)
    for name, values in (("from", pixels), ("to", out.tobytes())):
        print("static const unsigned char golden_%s_%d[] = {%s};" % (name, i, ", ".join(map(str, values))))
    rows.append("    {%d, %d, %d, golden_from_%d, %d, %d, %d, golden_to_%d},"
                % (width, height, channels, i, to_width, to_height, to_channels, i))
print("\nstatic const struct golden_resize {\n    int width, height, channels;\n    const unsigned char *from;\n"
      "    int to_width, to_height, to_channels;\n    const unsigned char *to;\n} golden_resizes[] = {")
print("\n".join(rows) + "\n};")
