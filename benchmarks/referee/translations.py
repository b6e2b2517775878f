"""Translations in the referee's benchmark: sources that are made of CIFAR-10, so that each image's truth is known, the
networks rebuilt in PyTorch, and what an oracle sees of them that only it can: each image beside its truth."""
import numpy
import torch
from torch.nn import functional as F

import networks

MIX = numpy.array([[0.75, 0.25, 0], [0, 0.75, 0.25], [0.25, 0, 0.75]])
BLACK, WHITE, GAMMA = numpy.array([0.20, 0.10, 0.05]), numpy.array([1.00, 0.90, 0.75]), 0.6


def grey(images):
    return (images @ numpy.array([0.299, 0.587, 0.114])).round().astype(numpy.uint8)[..., None]


def toned(images):
    """Colours mixed, tones changed: what `pairs.source=tone` is said to do."""
    mixed = (images / 255.0) @ MIX.T
    return (255 * (BLACK + (WHITE - BLACK) * mixed ** GAMMA)).round().astype(numpy.uint8)


class Translated:
    """A set of images whose sources are made of them."""

    def __init__(self, images, make_sources):
        self.images, self.make_sources = images, make_sources

    def __getattr__(self, name):
        return getattr(self.images, name)


class Translators(networks.Players):
    """The first way's networks at one checkpoint. `sources`: float `[N, C, H, W]` that samples are made from, in order."""

    def __init__(self, run, path, sources):
        super().__init__(run, path)
        self.sources = sources
        self.paired = self.config["game"] == "paired-translation"

    @torch.no_grad()
    def samples(self, count, seed, averaged=False):
        kind = "averaged" if averaged and self.averages else "network"
        weights = self.weights("generator", kind)
        return torch.cat([unet(weights, part) for part in self.sources[:count].split(500)])

    def logits(self, images, sources=None):
        sources = self.sources[:len(images)] if sources is None else sources
        shown = torch.cat([sources, images], 1) if self.paired else images
        weights = self.weights("discriminator")
        return torch.cat([patch(weights, part).mean((1, 2, 3)) for part in shown.split(500)])


def instance(weights, name, x):
    if f"{name}.weight" not in weights:
        return x
    return F.instance_norm(x, weight=weights[f"{name}.weight"], bias=weights[f"{name}.bias"])


def unet(weights, images):
    depth = networks.layers(weights, "down") - networks.layers(weights, "down_norm")
    grids = [images]
    for i in range(1, depth + 1):
        x = F.conv2d(grids[-1], weights[f"down{i}.weight"], weights.get(f"down{i}.bias"), 2, 1)
        x = instance(weights, f"down_norm{i}", x)
        grids.append(x if i == depth else F.leaky_relu(x, networks.SLOPE))
    x = F.relu(grids[-1])
    for i in range(depth, 0, -1):
        if i < depth:
            x = F.relu(torch.cat([grids[i], x], 1))
        x = networks.double({"upsampling": "nearest"}, weights, f"up{i}", x)
        x = instance(weights, f"up_norm{i}", x)
    return x.tanh()


def patch(weights, images):
    x = images
    depth = networks.layers(weights, "down") - 1
    for i in range(1, depth + 2):
        x = F.conv2d(x, weights[f"down{i}.weight"], weights.get(f"down{i}.bias"), 2 if i <= depth else 1, 1)
        x = F.leaky_relu(instance(weights, f"norm{i}", x), networks.SLOPE)
    return F.conv2d(x, weights["logit.weight"], weights["logit.bias"], 1, 1)


def beside_truths(made, truths, sources):
    """What can be said of images made of `sources` beside their truths; all float `[N, C, H, W]`, in the same order."""
    apart = lambda one, other: (one - other).abs().mean((1, 2, 3))
    copies = sources.expand_as(truths) if sources.shape[1] == 1 else sources
    usual = float(apart(truths, copies).mean())
    errors = apart(made, truths)
    # Whose truth is it? One that ignores its source is no nearer to its own than to another's.
    own = (errors < apart(made, truths.roll(1, 0))).float().mean()
    colours = lambda images: float((lambda c: c - c.mean(1, keepdim=True))(images.mean((2, 3))).std(0).norm())
    return {"source_distance": float(apart(made, copies).mean()) / usual, "truth_distance": float(errors.mean()) / usual,
            "own_truth": float(own), "colours": colours(made) / colours(truths),
            "negative": float(apart(-made, truths).mean() / errors.mean())}
