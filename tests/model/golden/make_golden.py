#!/usr/bin/env python3
"""Writes golden.safetensors beside this script, by the format's description alone (huggingface/safetensors, README):
8 bytes of header length, little endian; JSON; the tensors' bytes. struct and numpy know the numbers, no library the
format. bfloat16 is the upper half of float32."""
import json
import pathlib
import struct

import numpy as np

values = [0.0, 1.5, -2.25, 3.0, 65504.0, -0.0009765625]
tensors = {
    "double": ("F64", [2, 3], np.array(values, "<f8").tobytes()),
    "float": ("F32", [2, 3], np.array(values, "<f4").tobytes()),
    "half": ("F16", [2, 3], np.array(values, "<f2").tobytes()),
    "bfloat": ("BF16", [2], struct.pack("<2H", 0x3FC0, 0xC010)),  # 1.5, -2.25
    "long": ("I64", [2], np.array([-(2**63), 2**63 - 1], "<i8").tobytes()),
    "int": ("I32", [1, 1, 2], np.array([-(2**31), 2**31 - 1], "<i4").tobytes()),
    "short": ("I16", [2], np.array([-32768, 32767], "<i2").tobytes()),
    "char": ("I8", [2], np.array([-128, 127], "i1").tobytes()),
    "byte": ("U8", [3], np.array([0, 128, 255], "u1").tobytes()),
    "bool": ("BOOL", [3], bytes([1, 0, 1])),
    "scalar": ("F32", [], struct.pack("<f", 42.0)),
    "empty": ("F32", [0, 4], b""),
    "größe/😀 \"quoted\"": ("U8", [1], b"\x07"),
}
header, data = {"__metadata__": {"format": "pt", "recipe": "naïve\n"}}, b""
for name, (dtype, shape, content) in tensors.items():
    header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header).encode()
path = pathlib.Path(__file__).with_name("golden.safetensors")
path.write_bytes(struct.pack("<Q", len(text)) + text + data)
