#!/usr/bin/env python3
"""Writes augmentation.json: DiffAugment (Zhao et al. 2020, github.com/mit-han-lab/data-efficient-gans) applied image by
image, with plain loops, from the same random numbers. Run it here: python3 make_augmentation.py"""
import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
from item_random import ItemRandom  # noqa: E402

SEED = 3
# The columns of the table of random numbers [N, 11] that each call draws.
(FLIP, COLOR, BRIGHTNESS, SATURATION, CONTRAST, TRANSLATION, SHIFT_Y, SHIFT_X, CUTOUT, CUTOUT_Y,
 CUTOUT_X) = range(11)


def change_color(image, draw):
    colors, alpha = (image[:3], image[3:]) if image.shape[0] == 4 else (image, image[:0])
    colors = colors + (draw[BRIGHTNESS] - 0.5)
    grey = colors.mean(dim=0, keepdim=True)
    colors = (colors - grey) * (draw[SATURATION] * 2) + grey
    mean = colors.mean()
    colors = (colors - mean) * (draw[CONTRAST] + 0.5) + mean
    return torch.cat([colors, alpha])


def translate(image, draw):
    _, height, width = image.shape
    reach_y, reach_x = int(height * 0.125 + 0.5), int(width * 0.125 + 0.5)
    down = int(draw[SHIFT_Y] * (2 * reach_y + 1)) - reach_y
    right = int(draw[SHIFT_X] * (2 * reach_x + 1)) - reach_x
    result = torch.zeros_like(image)
    for y in range(height):
        for x in range(width):
            if 0 <= y - down < height and 0 <= x - right < width:
                result[:, y, x] = image[:, y - down, x - right]
    return result


def cut_out(image, draw):
    _, height, width = image.shape
    size_y, size_x = int(height * 0.5 + 0.5), int(width * 0.5 + 0.5)
    center_y = int(draw[CUTOUT_Y] * (height + 1 - size_y % 2))
    center_x = int(draw[CUTOUT_X] * (width + 1 - size_x % 2))
    result = image.clone()
    for y in range(center_y - size_y // 2, center_y - size_y // 2 + size_y):
        for x in range(center_x - size_x // 2, center_x - size_x // 2 + size_x):
            result[:, min(max(y, 0), height - 1), min(max(x, 0), width - 1)] = 0
    return result


def augment(images, probability):
    numbers = ItemRandom(SEED).uniform(images.shape[0], 11)
    results = []
    for image, draw in zip(images, numbers):
        if draw[COLOR] < probability.get("color", 0):
            image = change_color(image, draw)
        if draw[FLIP] < probability.get("flip", 0):
            image = image.flip(2)
        if draw[TRANSLATION] < probability.get("translation", 0):
            image = translate(image, draw)
        if draw[CUTOUT] < probability.get("cutout", 0):
            image = cut_out(image, draw)
        results.append(image)
    return torch.stack(results)


CASES = [({"flip": 0.5}, (6, 1, 5, 4)), ({"translation": 1}, (6, 3, 9, 14)), ({"color": 1}, (6, 3, 4, 5)),
         ({"color": 1}, (6, 1, 4, 5)), ({"color": 0.6}, (6, 4, 4, 5)), ({"cutout": 1}, (8, 1, 7, 10)),
         ({"flip": 0.5, "translation": 0.7, "color": 0.7, "cutout": 0.5}, (8, 3, 8, 9))]
cases = []
torch.manual_seed(17)
for probability, shape in CASES:
    images = torch.randint(-64, 65, shape) / 64
    result = augment(images.double(), probability)
    cases.append({"probability": probability, "shape": shape, "images": images.flatten().tolist(),
                  "augmented": [round(v, 7) for v in result.flatten().tolist()]})
pathlib.Path(__file__).with_name("augmentation.json").write_text(json.dumps({"seed": SEED, "cases": cases}) + "\n")
