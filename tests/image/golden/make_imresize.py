#!/usr/bin/env python3
"""Writes imresize.json: small images resized as MATLAB's imresize documents it ("bicubic", "bilinear", "box"; antialiased
where smaller, borders mirrored), in float64 and straight from the definition: every output is a sum over all inputs of a
mirrored, endless image. Run it here: python3 make_imresize.py"""
import json
import math
import pathlib
import random

KERNELS = {
    "cubic": (4, lambda x: 1.5 * x**3 - 2.5 * x**2 + 1 if x <= 1 else
              -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x <= 2 else 0.0),
    "linear": (2, lambda x: max(0.0, 1 - x)),
}


def resized_row(row, length, kernel):
    width, weight = KERNELS[kernel]
    scale = length / len(row)
    stretch = min(scale, 1.0)
    endless = lambda place: (row + row[::-1])[place % (2 * len(row))]
    result = []
    for i in range(length):
        center = (i + 0.5) / scale - 0.5
        reach = width / 2 / stretch
        places = range(math.floor(center - reach) - 1, math.ceil(center + reach) + 2)
        weights = [weight(abs(stretch * (center - place))) for place in places]
        result.append(sum(w * endless(place) for w, place in zip(weights, places)) / sum(weights))
    return result


def resized(image, height, width, kernel):
    columns = [resized_row(list(column), height, kernel) for column in zip(*image)]
    return [resized_row(list(row), width, kernel) for row in zip(*columns)]


random.seed(1)
image = [[round(random.random(), 4) for _ in range(11)] for _ in range(8)]
cases = [{"kernel": kernel, "height": height, "width": width, "result": resized(image, height, width, kernel)}
         for kernel in KERNELS for height, width in ((2, 3), (4, 11), (5, 7), (16, 33), (1, 1))]
pathlib.Path(__file__).with_name("imresize.json").write_text(json.dumps({"image": image, "cases": cases}) + "\n")
