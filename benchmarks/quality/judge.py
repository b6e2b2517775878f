#!/usr/bin/env python3
"""Judges samples: the Fréchet distance to the real images in the features of a classifier trained on them, and which
classes the samples fall into. Shares no code with Forger.

    judge.py SAMPLES.npz [--real DATA]

SAMPLES.npz holds `images`, uint8 [N, height, width, channels]. DATA is Fashion-MNIST's IDX folder or a train.tar of
JPEGs (train/CLASS/NAME.jpg) with test.tar beside it. The classifier is trained once and kept under build/bench/judge.
Distances of one judge compare with each other, not with Inception's FID.
"""
import argparse
import gzip
import hashlib
import inspect
import io
import pathlib
import sys
import tarfile

import numpy
import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / "build/bench/judge"
FASHION_MNIST = pathlib.Path("/usr/share/datasets/fashion-mnist")
FASHION_CLASSES = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]


class RealImages:
    """A labelled data set in memory: uint8 `[N, height, width, channels]` and int64 `[N]`, training and test split."""

    def __init__(self, source):
        source = pathlib.Path(source)
        self.name = "Fashion-MNIST" if source.is_dir() else f"{source.parent.name} ({source.name})"
        if source.is_dir():
            self.classes = FASHION_CLASSES
            self.train, self.test = self._idx(source, "train"), self._idx(source, "t10k")
        else:
            with tarfile.open(source) as archive:
                self.classes = sorted({name.split("/")[1] for name in archive.getnames() if name.endswith(".jpg")})
            self.train, self.test = self._tar(source), self._tar(source.with_name("test.tar"))

    @staticmethod
    def _idx(folder, split):
        images = gzip.decompress((folder / f"{split}-images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((folder / f"{split}-labels-idx1-ubyte.gz").read_bytes())
        return (numpy.frombuffer(images, numpy.uint8, offset=16).reshape(-1, 28, 28, 1),
                numpy.frombuffer(labels, numpy.uint8, offset=8).astype(numpy.int64))

    def _tar(self, path):
        from PIL import Image
        images, labels = [], []
        with tarfile.open(path) as archive:
            for member in archive:
                if member.name.endswith(".jpg"):
                    image = Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB")
                    images.append(numpy.asarray(image))
                    labels.append(self.classes.index(member.name.split("/")[1]))
        return numpy.stack(images), numpy.array(labels)


class Classifier(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        layers = []
        for before, width in ((channels, 32), (32, 64), (64, 128)):
            layers += [nn.Conv2d(before, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2)]
        layers[-1] = nn.AdaptiveAvgPool2d(4)
        self.body = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.25), nn.Linear(2048, 128), nn.ReLU())
        self.head = nn.Linear(128, classes)

    def forward(self, images):
        return self.head(self.body(images))


def to_input(images):
    return torch.from_numpy(numpy.array(images)).permute(0, 3, 1, 2).float() / 127.5 - 1


class Judge:
    """The classifier and the moments of the real training images in its features."""

    def __init__(self, real, epochs=8):
        self.real = real
        images, labels = real.train
        made_by = inspect.getsource(Classifier) + inspect.getsource(Judge._train) + str(epochs)
        key = hashlib.sha256(images.tobytes() + made_by.encode()).hexdigest()[:16]
        path = CACHE / f"{key}.pt"
        self.network = Classifier(images.shape[3], len(real.classes))
        if path.exists():
            self.network.load_state_dict(torch.load(path, weights_only=True))
        else:
            self._train(images, labels, epochs)
        self.network.eval()
        answers = numpy.concatenate([self._logits(part).argmax(1) for part in self._batches(real.test[0])])
        self.accuracy = float((answers == real.test[1]).mean())
        if real.classes is FASHION_CLASSES and self.accuracy < 0.92:
            sys.exit(f"the judge reached an accuracy of {self.accuracy:.1%} on Fashion-MNIST, needed: 92 %")
        if not path.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            torch.save(self.network.state_dict(), path)
        self.reference = self.moments(images)

    def _train(self, images, labels, epochs):
        print(f"training a judge on {self.real.name} …", file=sys.stderr)
        torch.manual_seed(1)
        network = self.network.to(memory_format=torch.channels_last)
        inputs, targets = to_input(images), torch.from_numpy(labels)
        steps = epochs * (len(inputs) // 128)
        optimizer = torch.optim.Adam(network.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
        for _ in range(epochs):
            order = torch.randperm(len(inputs))
            for begin in range(0, len(inputs) - 127, 128):
                chosen = order[begin:begin + 128]
                batch = inputs[chosen]
                if torch.rand(()) < 0.5:
                    batch = batch.flip(3)
                optimizer.zero_grad()
                with torch.autocast("cpu", torch.bfloat16):
                    loss = F.cross_entropy(network(batch.to(memory_format=torch.channels_last)), targets[chosen],
                                           label_smoothing=0.05)
                loss.backward()
                optimizer.step()
                schedule.step()

    def _batches(self, images):
        """Inputs of the judge's size; samples of another size are resized with antialiasing."""
        height, width, channels = self.real.train[0].shape[1:]
        if images.shape[3] != channels:
            sys.exit(f"the samples have {images.shape[3]} channels, the real images {channels}")
        for begin in range(0, len(images), 500):
            batch = to_input(images[begin:begin + 500])
            if batch.shape[2:] != (height, width):
                batch = F.interpolate(batch, (height, width), mode="bilinear", antialias=True)
            yield batch

    @torch.no_grad()
    def _logits(self, batch):
        return self.network(batch).numpy()

    @torch.no_grad()
    def features(self, images):
        return torch.cat([self.network.body(part) for part in self._batches(images)])

    def moments(self, images):
        features = self.features(images).double().numpy()
        return features.mean(0), numpy.cov(features, rowvar=False), len(features)

    def distance(self, images):
        """Fréchet distance to the real training images."""
        return frechet_distance(self.reference, self.moments(images))

    def histogram(self, images):
        """Share of the images that fall into each class."""
        answers = numpy.concatenate([self._logits(part).argmax(1) for part in self._batches(images)])
        return numpy.bincount(answers, minlength=len(self.real.classes)) / len(answers)

    def twins(self, images):
        """Share of the images that another one of them resembles more than 99 % of as many real test images resemble
        each other: 1 % is as it should be, far more is a collapse, within classes too."""
        count = min(len(images), len(self.real.test[0]))
        limit = nearest_distances(self.features(self.real.test[0][:count])).quantile(0.01)
        return float((nearest_distances(self.features(images[:count])) < limit).float().mean())

    def about(self):
        height, width, channels = self.real.train[0].shape[1:]
        return (f"judge: {self.accuracy:.1%} accurate on the test split of {self.real.name}; reference: its training "
                f"split, {self.reference[2]:,} images of {height}×{width}×{channels}")


def nearest_distances(features):
    """Each row's distance to the nearest other row."""
    nearest = []
    for begin in range(0, len(features), 1000):
        distances = torch.cdist(features[begin:begin + 1000], features)
        distances[range(len(distances)), range(begin, begin + len(distances))] = torch.inf
        nearest.append(distances.min(1).values)
    return torch.cat(nearest)


def frechet_distance(first, second):
    """|m1 - m2|² + tr(C1 + C2 - 2 (C1^½ C2 C1^½)^½): the symmetric form, whose eigenvalues are real."""
    values, vectors = numpy.linalg.eigh(first[1])
    root = vectors * numpy.sqrt(values.clip(0)) @ vectors.T
    product = numpy.linalg.eigvalsh(root @ second[1] @ root)
    difference = first[0] - second[0]
    return float(difference @ difference + numpy.trace(first[1]) + numpy.trace(second[1])
                 - 2 * numpy.sqrt(product.clip(0)).sum())


def resized(images, size):
    """uint8 images in another square size, with antialiasing, as a data loader makes them."""
    batch = F.interpolate(to_input(images), (size, size), mode="bilinear", antialias=True)
    return ((batch + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()


def load_samples(path):
    with numpy.load(path) as file:
        images = file["images"]
    if images.dtype != numpy.uint8 or images.ndim != 4:
        sys.exit(f"{path}: `images` is {images.dtype} {list(images.shape)}, needed: uint8 [N, height, width, channels]")
    return images


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples")
    parser.add_argument("--real", default=str(FASHION_MNIST))
    options = parser.parse_args()
    images = load_samples(options.samples)
    judge = Judge(RealImages(options.real))
    print(judge.about())
    test = judge.real.test[0]
    print(f"Fréchet distance of {len(images):,} samples: {judge.distance(images):.2f}")
    print(f"of the {len(test):,} real test images:       {judge.distance(test):.2f}")
    print(f"twins: {judge.twins(images):.1%} (1 % is as it should be)")
    for name, share in zip(judge.real.classes, judge.histogram(images)):
        print(f"{name:>12} {share:6.1%} {'#' * round(share * 100)}")


if __name__ == "__main__":
    main()
