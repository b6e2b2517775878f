#!/usr/bin/env python3
"""Writes vgg19.json: features of a narrow VGG-19 up to conv5_4, before its activation, by PyTorch's own layers in the order
of torchvision's `vgg19().features`, and its gradient; weights and pictures come from a formula (golden_features.h).

    python3 make_vgg19.py
"""
import json
import math
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
import golden_numbers  # noqa: E402

#: torchvision's configuration "E" with narrower layers, "M" halves; the last halving stands behind what is taken.
LAYERS = [4, 4, "M", 6, 6, "M", 8, 8, 8, 8, "M", 10, 10, 10, 10, "M", 12, 12, 12, 12]


def uniform(seed, *sizes):
    """Numbers in [0, 1)."""
    return torch.from_numpy(golden_numbers.uniform(seed, math.prod(sizes))).view(sizes)


def network():
    layers, channels = [], 3
    for width in LAYERS:
        if width == "M":
            layers.append(torch.nn.MaxPool2d(2, 2))
            continue
        layers += [torch.nn.Conv2d(channels, width, 3, padding=1), torch.nn.ReLU()]
        channels = width
    return torch.nn.Sequential(*layers[:-1])  # without the last activation


features = network()
with torch.no_grad():
    for i, (name, weight) in enumerate(features.named_parameters()):
        numbers = uniform(i, *weight.shape)
        scale = math.sqrt(6 / weight[0].numel()) if name.endswith("weight") else 0.1
        weight.copy_((2 * numbers - 1) * scale)
features = features.double()
names = [name for name, _ in features.named_parameters()]
images = (2 * uniform(1000, 2, 3, 32, 48) - 1).requires_grad_()
mean, deviation = (torch.tensor(numbers, dtype=torch.float64).view(1, 3, 1, 1)
                   for numbers in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
answer = features(((images + 1) / 2 - mean) / deviation)
answer.abs().mean().backward()
golden = {"names": names, "sizes": list(answer.shape), "features": answer.detach().flatten().tolist(),
          "gradient_squared": images.grad.square().sum().item(), "gradient": images.grad[0, :, 7, 9].tolist()}
pathlib.Path(__file__).with_name("vgg19.json").write_text(json.dumps(golden) + "\n")
print(golden["sizes"], names[:3], names[-1], golden["gradient_squared"], answer.abs().mean().item())
