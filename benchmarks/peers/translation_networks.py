"""The networks of pytorch-CycleGAN-and-pix2pix (junyanz), written anew from their papers: the residual generator, the U-Net
and the discriminator of parts, with their first weights; and the images, which are held in memory."""
import functools
import pathlib

import numpy
import torch
from PIL import Image
from torch import nn


def is_instance(norm):
    return norm is nn.InstanceNorm2d  # which takes the bias of the layer before it off, but they keep that bias


class ResnetBlock(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        layers = []
        for activation in (nn.ReLU(True), None):
            layers += [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3, bias=is_instance(norm)), norm(width)]
            if activation:
                layers.append(activation)
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv_block(x)


class ResnetGenerator(nn.Module):
    def __init__(self, inputs, outputs, width=64, blocks=6, norm=nn.InstanceNorm2d):
        super().__init__()
        bias = is_instance(norm)
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(inputs, width, 7, bias=bias), norm(width), nn.ReLU(True)]
        for scale in (1, 2):
            layers += [nn.Conv2d(width * scale, width * scale * 2, 3, stride=2, padding=1, bias=bias),
                       norm(width * scale * 2), nn.ReLU(True)]
        layers += [ResnetBlock(width * 4, norm) for _ in range(blocks)]
        for scale in (4, 2):
            layers += [nn.ConvTranspose2d(width * scale, width * scale // 2, 3, stride=2, padding=1, output_padding=1,
                                          bias=bias), norm(width * scale // 2), nn.ReLU(True)]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(width, outputs, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class UnetLevel(nn.Module):
    """A level and all that are within it; beside what they give it hands on what it got."""

    def __init__(self, outer, inner, within=None, inputs=None, outermost=False, dropout=False, norm=nn.BatchNorm2d):
        super().__init__()
        bias = is_instance(norm)
        self.outermost = outermost
        down = nn.Conv2d(inputs or outer, inner, 4, stride=2, padding=1, bias=bias)
        if outermost:
            layers = [down, within, nn.ReLU(True), nn.ConvTranspose2d(inner * 2, outer, 4, stride=2, padding=1), nn.Tanh()]
        elif within is None:
            layers = [nn.LeakyReLU(0.2, True), down, nn.ReLU(True),
                      nn.ConvTranspose2d(inner, outer, 4, stride=2, padding=1, bias=bias), norm(outer)]
        else:
            layers = [nn.LeakyReLU(0.2, True), down, norm(inner), within, nn.ReLU(True),
                      nn.ConvTranspose2d(inner * 2, outer, 4, stride=2, padding=1, bias=bias), norm(outer)]
            if dropout:
                layers.append(nn.Dropout(0.5))
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x) if self.outermost else torch.cat([x, self.model(x)], 1)


def unet_generator(inputs, outputs, depth=8, width=64, norm=nn.BatchNorm2d):
    level = UnetLevel(width * 8, width * 8, norm=norm)
    for _ in range(depth - 5):
        level = UnetLevel(width * 8, width * 8, level, dropout=True, norm=norm)
    for scale in (4, 2, 1):
        level = UnetLevel(width * scale, width * scale * 2, level, norm=norm)
    return UnetLevel(outputs, width, level, inputs=inputs, outermost=True, norm=norm)


def patch_discriminator(inputs, width=64, layers=3, norm=nn.BatchNorm2d):
    bias = is_instance(norm)
    parts = [nn.Conv2d(inputs, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2, True)]
    before = 1
    for i in range(1, layers + 1):
        scale = min(2**i, 8)
        parts += [nn.Conv2d(width * before, width * scale, 4, stride=2 if i < layers else 1, padding=1, bias=bias),
                  norm(width * scale), nn.LeakyReLU(0.2, True)]
        before = scale
    return nn.Sequential(*parts, nn.Conv2d(width * before, 1, 4, padding=1))


def initialized(network, device):
    def initialize(module):
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0.0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
            nn.init.zeros_(module.bias)
    return network.apply(initialize).to(device)


def frozen(networks, on):
    for network in networks:
        for weight in network.parameters():
            weight.requires_grad = not on


@functools.cache
def images(folder):
    """Float32 `[N, 3, H, W]` in [-1, 1]."""
    pictures = [numpy.asarray(Image.open(path).convert("RGB")) for path in sorted(pathlib.Path(folder).glob("*.png"))]
    return torch.from_numpy(numpy.stack(pictures)).permute(0, 3, 1, 2).float().div(127.5).sub(1).contiguous()


def batches(folder, size, device):
    """Without end, in random order."""
    pictures = images(folder)
    while True:
        order = torch.randperm(len(pictures))
        for begin in range(0, len(order) - size + 1, size):
            yield pictures[order[begin:begin + size]].to(device)
