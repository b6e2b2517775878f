#!/usr/bin/env python3
"""Writes golden.json: what PyTorch's own networks give for weights and inputs that both sides compute by formula.

The networks are written out after their sources: pytorch/examples dcgan/main.py, and eriklindernoren/PyTorch-GAN
implementations/dcgan/dcgan.py without the sigmoid. Run with the torch of requirements: `python make_golden.py`.
"""
import json
import pathlib

import torch
from torch import nn


def values(shape, start):
    """The same numbers in Python and C++: sin over the logical (row-major) index, in double precision."""
    count = torch.Size(shape).numel()
    return torch.sin(0.7 * torch.arange(count, dtype=torch.float64) + start).float().reshape(shape)


def fill(network):
    for index, parameter in enumerate(network.parameters()):
        parameter.data.copy_(0.1 * values(parameter.shape, index))
        if parameter.dim() == 1 and parameter.numel() > 1:  # scales and biases away from zero
            parameter.data.add_(0.5)


def examples_generator(latent, width, channels):
    return nn.Sequential(
        nn.ConvTranspose2d(latent, width * 8, 4, 1, 0, bias=False), nn.BatchNorm2d(width * 8), nn.ReLU(True),
        nn.ConvTranspose2d(width * 8, width * 4, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 4), nn.ReLU(True),
        nn.ConvTranspose2d(width * 4, width * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 2), nn.ReLU(True),
        nn.ConvTranspose2d(width * 2, width, 4, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(True),
        nn.ConvTranspose2d(width, channels, 4, 2, 1, bias=False), nn.Tanh())


def examples_discriminator(width, channels):
    return nn.Sequential(
        nn.Conv2d(channels, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width, width * 2, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 2), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width * 2, width * 4, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 4), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width * 4, width * 8, 4, 2, 1, bias=False), nn.BatchNorm2d(width * 8), nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width * 8, 1, 4, 1, 0, bias=False), nn.Flatten(0))


def pytorch_gan_generator(latent, size, width, channels):
    return nn.Sequential(
        nn.Linear(latent, 2 * width * (size // 4) ** 2), nn.Unflatten(1, (2 * width, size // 4, size // 4)),
        nn.BatchNorm2d(2 * width), nn.Upsample(scale_factor=2),
        nn.Conv2d(2 * width, 2 * width, 3, stride=1, padding=1), nn.BatchNorm2d(2 * width, 0.8),
        nn.LeakyReLU(0.2, inplace=True), nn.Upsample(scale_factor=2),
        nn.Conv2d(2 * width, width, 3, stride=1, padding=1), nn.BatchNorm2d(width, 0.8),
        nn.LeakyReLU(0.2, inplace=True), nn.Conv2d(width, channels, 3, stride=1, padding=1), nn.Tanh())


def pytorch_gan_discriminator(size, width, channels):
    def block(inputs, outputs, normalize=True):
        layers = [nn.Conv2d(inputs, outputs, 3, 2, 1), nn.LeakyReLU(0.2, inplace=True), nn.Dropout2d(0.0)]
        return layers + ([nn.BatchNorm2d(outputs, 0.8)] if normalize else [])

    last = -(-size // 16)
    return nn.Sequential(
        *block(channels, width, normalize=False), *block(width, 2 * width), *block(2 * width, 4 * width),
        *block(4 * width, 8 * width), nn.Flatten(), nn.Linear(8 * width * last * last, 1), nn.Flatten(0))


def some(tensor):
    """All of a few numbers, every 97th of many."""
    numbers = tensor.detach().flatten()
    return numbers[:: 1 if numbers.numel() <= 200 else 97].tolist()


def golden(network, inputs):
    """Outputs in training mode, the gradients of their weighted sum, and outputs in evaluation mode afterwards."""
    fill(network)
    inputs.requires_grad_()
    outputs = network(inputs)
    (outputs * values(outputs.shape, 0.3)).sum().backward()
    network.eval()
    with torch.no_grad():
        evaluated = network(inputs)
    return {
        "train": some(outputs),
        "eval": some(evaluated),
        "input_gradient": some(inputs.grad),
        "gradient_norms": [parameter.grad.norm().item() for parameter in network.parameters()],
    }


def spectral():
    convolution = nn.Conv2d(3, 5, 3, padding=1)
    fill(convolution)
    convolution = nn.utils.spectral_norm(convolution)
    convolution.weight_u.copy_(nn.functional.normalize(values((5,), 0.1), dim=0))
    image = values((2, 3, 6, 6), 0.2)
    outputs = [convolution(image) for _ in range(3)]
    (outputs[-1] * values(outputs[-1].shape, 0.3)).sum().backward()
    return {
        "u": convolution.weight_u.tolist(),
        "outputs": [some(output) for output in outputs],
        "weight_gradient": some(convolution.weight_orig.grad),
    }


torch.manual_seed(0)
torch.set_num_threads(1)
cases = {
    "examples_generator": golden(examples_generator(10, 4, 3), values((4, 10, 1, 1), 0.5)),
    "examples_discriminator": golden(examples_discriminator(4, 3), values((4, 3, 64, 64), 0.5)),
    "pytorch_gan_generator": golden(pytorch_gan_generator(10, 32, 4, 1), values((4, 10), 0.5)),
    "pytorch_gan_discriminator": golden(pytorch_gan_discriminator(32, 4, 1), values((4, 1, 32, 32), 0.5)),
    "pytorch_gan_discriminator_28": golden(pytorch_gan_discriminator(28, 4, 1), values((4, 1, 28, 28), 0.5)),
    "spectral_norm": spectral(),
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(cases, indent=1) + "\n")
