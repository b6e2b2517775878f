#!/usr/bin/env python3
"""Writes niqe.json: NIQE (Mittal, Soundararajan & Bovik 2013) in numpy, float64, as the authors' MATLAB program has it
(computefeature.m, estimateaggdparam.m, estimatemodelparam.m, computequality.m), on pictures from a formula.

    python3 make_niqe.py

Fits are searched for in the whole table, patch by patch; the Gaussian window is a sum over 49 pixels; imresize is a
product with matrices of its definition. Patches without a fit would be left out; here are none.

The distances were compared once with those of BasicSR's port of that program (basicsr/metrics/niqe.py, its halving by
OpenCV replaced by imresize, and this pristine model): they are equal to 6e-13. MATLAB itself was not run.
"""
import json
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
from golden_numbers import mixed  # noqa: E402

PATCH = 96
SHAPES = np.arange(0.2, 10.0005, 0.001)
gamma = np.vectorize(math.gamma)
RATIOS = gamma(2 / SHAPES) ** 2 / (gamma(1 / SHAPES) * gamma(3 / SHAPES))


def drawn(seed, index, values):
    return (mixed(np.uint64(seed << 32) + np.uint64(index)) % np.uint64(values)).astype(np.int64)


def picture(seed, height, width):
    """Squares of 24 and of 6 pixels and noise, in levels of 255."""
    y, x = np.mgrid[:height, :width].astype(np.uint64)
    at = lambda side: y // np.uint64(side) * np.uint64(1000) + x // np.uint64(side)
    return 48 + drawn(seed, at(24), 64) + drawn(seed + 1, at(6), 48) + drawn(seed + 2, at(1), 24)


def smoothed(image):
    offsets = np.arange(7) - 3
    window = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * (7 / 6) ** 2))
    window /= window.sum()
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(image, 3, "edge"), (7, 7))
    return np.einsum("yxij,ij->yx", windows, window)


def halving(length):
    """The matrix of imresize(…, 0.5): Keys' cubic, twice as wide; borders are mirrored."""
    matrix = np.zeros((length // 2, length))
    for i in range(length // 2):
        center = (i + 0.5) * 2 - 0.5
        for k in range(math.floor(center) - 5, math.ceil(center) + 6):
            x = abs(center - k) / 2
            weight = 1.5 * x**3 - 2.5 * x**2 + 1 if x <= 1 else -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x <= 2 else 0
            k %= 2 * length
            matrix[i, k if k < length else 2 * length - 1 - k] += weight
    return matrix / matrix.sum(1, keepdims=True)


def fit(values):
    left = math.sqrt((values[values < 0] ** 2).mean())
    right = math.sqrt((values[values > 0] ** 2).mean())
    balance = left / right
    flatness = np.abs(values).mean() ** 2 / (values**2).mean()
    wanted = flatness * (balance**3 + 1) * (balance + 1) / (balance**2 + 1) ** 2
    shape = SHAPES[((RATIOS - wanted) ** 2).argmin()]
    scale = math.sqrt(math.gamma(1 / shape) / math.gamma(3 / shape))
    return shape, left * scale, right * scale


def patch_features(patch):
    shape, left, right = fit(patch.ravel())
    found = [shape, (left + right) / 2]
    for shift in ((0, 1), (1, 0), (1, 1), (1, -1)):
        shape, left, right = fit((patch * np.roll(patch, shift, (0, 1))).ravel())
        found += [shape, (right - left) * math.gamma(2 / shape) / math.gamma(1 / shape), left, right]
    return found


def statistics(image):
    """Features [patches, 36] and sharpness of each."""
    rows, columns = image.shape[0] // PATCH, image.shape[1] // PATCH
    image = np.float64(image[:rows * PATCH, :columns * PATCH])
    places = [(row, column) for row in range(rows) for column in range(columns)]
    features = []
    for scale in (1, 2):
        side = PATCH // scale
        cut = lambda values: [values[r * side:(r + 1) * side, c * side:(c + 1) * side] for r, c in places]
        mean = smoothed(image)
        deviation = np.sqrt(np.abs(smoothed(image * image) - mean * mean))
        features.append([patch_features(patch) for patch in cut((image - mean) / (deviation + 1))])
        if scale == 1:
            sharpness = np.array([patch.mean() for patch in cut(deviation)])
            image = halving(image.shape[0]) @ image @ halving(image.shape[1]).T
    return np.hstack(features), sharpness


def sharp(features, sharpness):
    return features[sharpness > 0.75 * sharpness.max()]


def distance(pristine, features):
    apart = pristine.mean(0) - features.mean(0)
    inverse = np.linalg.pinv((np.cov(pristine.T) + np.cov(features.T)) / 2)
    return math.sqrt(apart @ inverse @ apart)


if __name__ == "__main__":
    features, sharpness = statistics(picture(1, 200, 300))
    pristine = np.vstack([sharp(*statistics(picture(10 * i, 200, 500))) for i in range(1, 6)])
    dull = statistics((picture(1, 200, 300) + picture(1, 200, 301)[:, 1:]) // 2)[0]
    golden = {"first": features[0].tolist(), "last": features[-1].tolist(), "sharpness": sharpness.tolist(),
              "pristine_patches": len(pristine), "distance": distance(pristine, features),
              "distance_of_dull": distance(pristine, dull)}
    pathlib.Path(__file__).with_name("niqe.json").write_text(json.dumps(golden) + "\n")
    print(len(pristine), golden["distance"], golden["distance_of_dull"])
