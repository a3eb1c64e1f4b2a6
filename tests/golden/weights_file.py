#!/usr/bin/env python3
"""Files of weights, written and read as https://github.com/huggingface/safetensors specifies them.

    tests/golden/weights_file.py make     writes tests/golden/python.safetensors
    tests/golden/weights_file.py show F   prints what a file holds, one tensor a line
"""
import json
import math
import struct
import sys

LETTERS = {"F64": "d", "F32": "f", "F16": "e", "I64": "q", "U8": "B"}


def write(path, tensors, metadata=None):
    """tensors: {name: (dtype, shape, flat values)}"""
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, (dtype, shape, values) in tensors.items():
        packed = struct.pack("<%d%s" % (len(values), LETTERS[dtype]), *values)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)


def read(path):
    """(tensors as for write, metadata)"""
    raw = open(path, "rb").read()
    (length,) = struct.unpack_from("<Q", raw)
    header, tensors, filled = json.loads(raw[8 : 8 + length]), {}, 0
    metadata = header.pop("__metadata__", {})
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert begin == filled and length % 8 == 0, "a hole, or data that is not aligned"
        values = struct.unpack("<%d%s" % (math.prod(entry["shape"]), LETTERS[entry["dtype"]]), raw[8 + length + begin : 8 + length + end])
        tensors[name], filled = (entry["dtype"], entry["shape"], values), end
    assert 8 + length + filled == len(raw), "bytes that belong to no tensor"
    return tensors, metadata


def make():
    write("tests/golden/python.safetensors", {
        "encoder.conv.weight": ("F32", [2, 1, 1, 3], [0.5, -1.25, 3, 1e-30, float("inf"), -0.0]),
        "encoder.conv.bias": ("F64", [2], [0.1, -1e300]),
        "encoder.norm.num_batches_tracked": ("I64", [], [391]),
        "half.naïve": ("F16", [1, 4], [1.5, -65504, 2**-24, 0.1]),
        "empty": ("F32", [0, 7], []),
        "mask": ("U8", [3], [0, 1, 255]),
    }, {"format": "pt", "note": "tab\t\"quoted\" ü"})


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make()
    else:
        tensors, metadata = read(sys.argv[2])
        print("metadata", json.dumps(metadata))
        for name, (dtype, shape, values) in tensors.items():
            print(name, dtype, shape, " ".join("%.9g" % value for value in values))
