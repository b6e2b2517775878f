"""The data sets of the referee's benchmark: what the program trains on, and what the oracle knows about it."""
import functools
import math
import pathlib
import struct
import sys

import numpy

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent),
                str(pathlib.Path(__file__).resolve().parent.parent / "quality")]
# What the other files here need of bench.py comes through this one, which knows the way to it.
from bench import CIFAR10, FASHION_MNIST, FORGER, ROOT, WORK, machine, revision
from translations import Translated, grey, toned

RECIPES = pathlib.Path(__file__).resolve().parent / "recipes"
DATA = WORK / "referee-data"
STACKED_COUNT = 26_000  # as in the literature's stacked digits


class Points:
    """A mixture of equal, round Gaussians in the plane."""

    def __init__(self, source, centers, sigma):
        self.source, self.centers, self.sigma = source, numpy.array(centers), sigma
        self.modes = len(centers)
        self.scale = float(numpy.sqrt((self.centers ** 2).sum(1).mean()))

    def draw(self, count, seed):
        random = numpy.random.default_rng(seed)
        return self.centers[random.integers(self.modes, size=count)] + self.sigma * random.normal(size=(count, 2))


RING = Points("synthetic:ring8", [(math.cos(i * math.pi / 4), math.sin(i * math.pi / 4)) for i in range(8)], 0.01)
GRID = Points("synthetic:grid25", [(2 * (i % 5) - 4, 2 * (i // 5) - 4) for i in range(25)], 0.05)


class Images:
    """Images as bytes `[N, height, width, channels]`: a training part on disk, which the program sees, and unseen ones of
    the same kind, which it never does."""

    def __init__(self, name, make):
        self.name, self.make = name, make

    @functools.cached_property
    def _arrays(self):
        kept = DATA / f"{self.name}.npz"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            arrays = self.make()
            temporary = kept.with_name(f".{self.name}-{numpy.random.default_rng().integers(1 << 40)}.npz")
            numpy.savez(temporary, **arrays)
            temporary.rename(kept)
        with numpy.load(kept) as file:
            return dict(file)

    train = property(lambda self: self._arrays["train"])
    train_labels = property(lambda self: self._arrays["train_labels"])
    unseen = property(lambda self: self._arrays["unseen"])
    unseen_labels = property(lambda self: self._arrays["unseen_labels"])

    @property
    def source(self):
        """An IDX file of the training part, written once. Without its labels: nothing here is class-conditional."""
        path = DATA / self.name / "train-images-idx4-ubyte"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(b"\0\0\x08\x04" + struct.pack(">4I", *self.train.shape) + self.train.tobytes())
            part.rename(path)
        return str(path)


def shrunk(images, size):
    from PIL import Image
    mode = [Image.fromarray(image.squeeze()) for image in images]
    return numpy.stack([numpy.asarray(image.resize((size, size), Image.BILINEAR)) for image in mode]
                       ).reshape(len(images), size, size, images.shape[3])


@functools.cache
def loaded(source):
    from judge import RealImages
    return RealImages(source)


def whole(source, size):
    def make():
        real = loaded(source)
        (train, train_labels), (unseen, unseen_labels) = real.train, real.test
        if size != train.shape[1]:
            train, unseen = shrunk(train, size), shrunk(unseen, size)
        # Archives are sorted by class, and a part of a set shall stand for the whole.
        random = numpy.random.default_rng(9)
        first, second = random.permutation(len(train)), random.permutation(len(unseen))
        return dict(train=train[first], train_labels=train_labels[first],
                    unseen=unseen[second], unseen_labels=unseen_labels[second])
    return make


def few(images, count, seed):
    """So few of the training images that they can be learnt by heart."""
    def make():
        chosen = numpy.random.default_rng(seed).choice(len(images.train), count, replace=False)
        return dict(train=images.train[chosen], train_labels=images.train_labels[chosen],
                    unseen=images.unseen, unseen_labels=images.unseen_labels)
    return make


def stacked():
    """Three clothes as the three colours of one picture: 10^3 modes. Its label is the mode's number."""
    real = loaded(FASHION_MNIST)

    def stack(images, labels, count, seed):
        chosen = numpy.random.default_rng(seed).integers(len(images), size=(count, 3))
        return numpy.concatenate([images[chosen[:, i]] for i in range(3)], 3), labels[chosen] @ [100, 10, 1]

    train, train_labels = stack(*real.train, STACKED_COUNT, 1)
    unseen, unseen_labels = stack(*real.test, 5000, 2)
    return dict(train=train, train_labels=train_labels, unseen=unseen, unseen_labels=unseen_labels)


FASHION = Images("fashion16", whole(FASHION_MNIST, 16))
CIFAR = Images("cifar16", whole(CIFAR10, 16))
SETS = {
    "ring": RING,
    "grid": GRID,
    "fashion": FASHION,
    "fashion-500": Images("fashion16-500", few(FASHION, 500, 1)),
    "fashion-64": Images("fashion16-64", few(FASHION, 64, 2)),
    "cifar": CIFAR,
    "cifar-500": Images("cifar16-500", few(CIFAR, 500, 3)),
    "cifar-64": Images("cifar16-64", few(CIFAR, 64, 4)),
    "cifar-grey": Translated(CIFAR, grey),
    "cifar-tone": Translated(CIFAR, toned),
    "stacked": Images("stacked", stacked),
}
