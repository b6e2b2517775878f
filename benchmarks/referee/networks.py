"""The networks of a run folder's checkpoints, rebuilt in PyTorch from config.toml and safetensors files.

The oracle looks through these at any moment of a training; it needs neither the program nor the referee for it.
"""
import json
import pathlib
import struct
import tomllib

import numpy
import torch
from torch.nn import functional as F

SLOPE = 0.2
TYPES = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64}


def read_safetensors(path):
    """Tensors and metadata of a safetensors file: an 8-byte length, a JSON header, the numbers."""
    data = pathlib.Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        array = numpy.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors, metadata


def checkpoints(run):
    """{step: path} of a run's checkpoints, in order."""
    return {int(path.stem): path for path in sorted(pathlib.Path(run).glob("checkpoints/*.safetensors"))}


class Players:
    """Both networks as they stood at one checkpoint."""

    def __init__(self, run, path):
        self.config = tomllib.loads((pathlib.Path(run) / "config.toml").read_text())
        self.shape = (self.config["data"]["channels"], *self.config["data"]["size"])
        tensors, metadata = read_safetensors(path)
        self.step = json.loads(metadata["progress"])["step"]
        self.tensors = tensors
        self.finite = all(bool(torch.isfinite(t).all()) for n, t in tensors.items() if ".network." in n)
        self.averages = any(name.startswith("generator.averaged.") for name in tensors)

    def weights(self, player, kind="network"):
        prefix = f"{player}.{kind}."
        return {name[len(prefix):]: tensor for name, tensor in self.tensors.items() if name.startswith(prefix)}

    def weight_norm(self, player):
        return float(sum(t.double().square().sum() for n, t in self.weights(player).items() if "running" not in n) ** .5)

    def moved_since(self, earlier):
        """{player: norm of the change of its weights, over their norm}."""
        moved = {}
        for player in ("generator", "discriminator"):
            now, then = self.weights(player), earlier.weights(player)
            change = sum(float((now[name] - then[name]).double().square().sum()) for name in now if "running" not in name)
            moved[player] = change ** .5 / max(self.weight_norm(player), 1e-12)
        return moved

    def latents(self, count, seed):
        options = self.config["generator"]
        random = torch.Generator().manual_seed(seed)
        shape = (count, options["latent_size"])
        if options["latent"] == "uniform":
            return torch.rand(shape, generator=random) * 2 - 1
        return torch.randn(shape, generator=random)

    @torch.no_grad()
    def samples(self, count, seed, averaged=False):
        """Float images or points [N, C, H, W], the generator in evaluation mode."""
        kind = "averaged" if averaged and self.averages else "network"
        return torch.cat([self.generate(part, kind) for part in self.latents(count, seed).split(500)])

    def generate(self, latents, kind="network"):
        options, weights = self.config["generator"], self.weights("generator", kind)
        return GENERATORS[options["network"]](options, weights, latents, self.shape)

    def logits(self, images):
        """The discriminator's answers. Batch normalisation uses the batch's own statistics, as in training, so real and
        fake must come in calls of their own."""
        options, weights = self.config["discriminator"], self.weights("discriminator")
        return torch.cat([DISCRIMINATORS[options["network"]](options, weights, part)
                          for part in images.split(500 if options["normalization"] != "batch" else 250)])


def linear(weights, name, x):
    return F.linear(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"))


def norm(weights, name, x, epsilon=1e-5, batch_statistics=False):
    if f"{name}.weight" not in weights:
        return x
    mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
    return F.batch_norm(x, None if batch_statistics else mean, None if batch_statistics else variance,
                        weights[f"{name}.weight"], weights[f"{name}.bias"], batch_statistics, 0, epsilon)


def weight_of(options, weights, name):
    weight = weights[f"{name}.weight"]
    return weight / torch.linalg.matrix_norm(weight.flatten(1), 2) if options["spectral_norm"] else weight


def convolution(options, weights, name, x, stride, padding):
    return F.conv2d(x, weight_of(options, weights, name), weights.get(f"{name}.bias"), stride, padding)


def start(weights, latents):
    grid = torch.tensordot(latents, weights["start.weight"], 1)
    return grid + weights["start.bias"] if "start.bias" in weights else grid


def double(options, weights, name, x):
    weight, bias = weights[f"{name}.weight"], weights.get(f"{name}.bias")
    if options["upsampling"] == "transposed":
        return F.conv_transpose2d(x, weight, bias, 2, 1)
    kind = {"nearest": {"mode": "nearest"}, "bilinear": {"mode": "bilinear", "align_corners": False}}
    return F.conv2d(F.interpolate(x, scale_factor=2, **kind[options["upsampling"]]), weight, bias, 1, 1)


def layers(weights, name):
    return sum(1 for key in weights if key.startswith(name) and key.endswith(".weight"))


def mlp_generator(options, weights, latents, shape):
    x = latents
    for i in range(1, layers(weights, "hidden") + 1):
        x = F.relu(norm(weights, f"norm{i}", linear(weights, f"hidden{i}", x)))
    x = linear(weights, "output", x).view(-1, *shape)
    return x if shape[1] == shape[2] == 1 else x.tanh()


def mlp_discriminator(options, weights, images):
    x = images.flatten(1)
    for i in range(1, layers(weights, "hidden") + 1):
        x = F.leaky_relu(norm(weights, f"norm{i}", linear(weights, f"hidden{i}", x), batch_statistics=True), SLOPE)
    return linear(weights, "logit", x).squeeze(1)


def dcgan_generator(options, weights, latents, shape):
    x = start(weights, latents)
    for i in range(1, layers(weights, "up") + 1):
        x = double(options, weights, f"up{i}", F.relu(norm(weights, f"norm{i}", x)))
    return x.tanh()


def readout(options, weights, x):
    return (x * weight_of(options, weights, "logit")).sum((1, 2, 3)) + weights.get("logit.bias", torch.zeros(1))


def dcgan_discriminator(options, weights, images):
    x = images
    for i in range(1, layers(weights, "down") + 1):
        x = convolution(options, weights, f"down{i}", x, 2, 1)
        x = F.leaky_relu(norm(weights, f"norm{i}", x, batch_statistics=True), SLOPE)
    return readout(options, weights, x)


PYTORCH_GAN_EPSILON = 0.8


def pytorch_gan_generator(options, weights, latents, shape):
    x = norm(weights, "start_norm", start(weights, latents))
    for i in range(1, layers(weights, "up") + 1):
        x = double(options, weights, f"up{i}", x)
        x = F.leaky_relu(norm(weights, f"norm{i}", x, PYTORCH_GAN_EPSILON), SLOPE)
    return F.conv2d(x, weights["image.weight"], weights["image.bias"], 1, 1).tanh()


def pytorch_gan_discriminator(options, weights, images):
    x = images
    for i in range(1, layers(weights, "down") + 1):
        x = F.leaky_relu(convolution(options, weights, f"down{i}", x, 2, 1), SLOPE)
        x = norm(weights, f"norm{i}", x, PYTORCH_GAN_EPSILON, batch_statistics=True)
    return readout(options, weights, x)


GENERATORS = {"mlp": mlp_generator, "dcgan": dcgan_generator, "pytorch-gan": pytorch_gan_generator}
DISCRIMINATORS = {"mlp": mlp_discriminator, "dcgan": dcgan_discriminator, "pytorch-gan": pytorch_gan_discriminator}
