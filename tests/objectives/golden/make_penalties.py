#!/usr/bin/env python3
"""Writes penalties.json: both penalties of a small convolutional critic, and their gradients in the critic's weights,
by PyTorch's autograd in float64. Run it here: python3 make_penalties.py"""
import json
import pathlib
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
from item_random import ItemRandom  # noqa: E402

SEED = 11  # of the generator that draws the mixing ratios
torch.manual_seed(5)
real, fake = torch.randn(3, 2, 6, 5).double(), torch.randn(3, 2, 6, 5).double()
weights = [torch.randn(4, 2, 3, 3).double() * 0.3, torch.randn(4).double() * 0.3, torch.randn(1, 36).double() * 0.3]
for weight in weights:
    weight.requires_grad_(True)


def critic(images):
    hidden = F.softplus(F.conv2d(images, weights[0], weights[1], stride=2, padding=1))
    return F.linear(hidden.flatten(1), weights[2]).squeeze(1)


def slopes(images):
    images = images.clone().requires_grad_(True)
    gradient, = torch.autograd.grad(critic(images).sum(), images, create_graph=True)
    return gradient.flatten(1)


# The ratios are float32 numbers of PyTorch's own Mersenne Twister, one per image.
ratio = torch.tensor(ItemRandom(SEED).uniform(3, 1)).double().view(3, 1, 1, 1)
penalties = {
    "zero_centered": slopes(real).square().sum(1).mean(),
    "one_centered": (slopes(ratio * real + (1 - ratio) * fake).norm(dim=1) - 1).square().mean(),
}


def flat(tensor):
    return {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


result = {"seed": SEED, "real": flat(real), "fake": flat(fake), "weights": [flat(weight) for weight in weights]}
for name, value in penalties.items():
    gradients = torch.autograd.grad(value, weights, retain_graph=True, allow_unused=True)
    result[name] = {"value": value.item(), "gradients": [flat(gradient) for gradient in gradients]}
pathlib.Path(__file__).with_name("penalties.json").write_text(json.dumps(result) + "\n")
