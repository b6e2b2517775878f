"""What `forger detect` does, as people write it with PyTorch: detect.py MODEL FOLDER SCORES.csv. Float32, eager, images
through Pillow in batches of 64. Reads the model file itself, so that it also checks Forger's scores."""
import json
import pathlib
import struct
import sys

import numpy
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "U8": numpy.uint8, "I64": numpy.int64}
content = pathlib.Path(sys.argv[1]).read_bytes()
length = struct.unpack("<Q", content[:8])[0]
header = json.loads(content[8:8 + length])
about = header.pop("__metadata__")
tensors = {}
for name, entry in header.items():
    begin, end = (8 + length + offset for offset in entry["data_offsets"])
    tensors[name] = torch.from_numpy(numpy.frombuffer(content[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"]).copy())
architecture = json.loads(about["architecture"])
channels, height, width = (architecture[key] for key in ("image_channels", "image_height_px", "image_width_px"))


class Trunk(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList()
        while f"discriminator.down{len(self.layers) + 1}.weight" in tensors:
            number = len(self.layers) + 1
            convolution = nn.Conv2d(*tensors[f"discriminator.down{number}.weight"].shape[1::-1], 4, 2, 1,
                                    bias=f"discriminator.down{number}.bias" in tensors)
            convolution.load_state_dict(part(f"discriminator.down{number}."))
            norm = nn.Identity()
            if number > 1:
                norm = nn.BatchNorm2d(convolution.out_channels)
                norm.load_state_dict({**part(f"discriminator.norm{number}."), "num_batches_tracked": torch.tensor(0)})
            self.layers.append(nn.Sequential(convolution, norm, nn.LeakyReLU(0.2)))
        head = part("discriminator.rotations.")
        self.head = nn.Linear(head["weight"].shape[1], 4)
        self.head.load_state_dict(head)

    def forward(self, images):
        for layer in self.layers:
            images = layer(images)
        return self.head(images.flatten(1))


class PixelDiscriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.down, self.up, level = nn.ModuleList(), nn.ModuleList(), 0
        while f"pixel_discriminator.down{level}a.weight" in tensors:
            self.down.append(self.block(f"pixel_discriminator.down{level}"))
            level += 1
        for level in range(level - 2, -1, -1):
            self.up.append(self.block(f"pixel_discriminator.up{level}"))
        self.logit = nn.Conv2d(*tensors["pixel_discriminator.logit.weight"].shape[1::-1], 1)
        self.logit.load_state_dict(part("pixel_discriminator.logit."))
        rows, columns = torch.linspace(-1, 1, height), torch.linspace(-1, 1, width)
        self.places = torch.stack(torch.meshgrid(rows, columns, indexing="ij"))[None]

    @staticmethod
    def block(prefix):
        layers = []
        for name in ("a", "b"):
            weight = tensors[f"{prefix}{name}.weight"]
            layers += [nn.Conv2d(*weight.shape[1::-1], 3, 1, 1, bias=False), nn.BatchNorm2d(len(weight)), nn.LeakyReLU(0.2)]
            layers[-3].load_state_dict(part(f"{prefix}{name}."))
            layers[-2].load_state_dict({**part(f"{prefix}{name}_norm."), "num_batches_tracked": torch.tensor(0)})
        return nn.Sequential(*layers)

    def forward(self, images):
        grid, levels = torch.cat([images, self.places.expand(len(images), -1, -1, -1)], 1), []
        for level, block in enumerate(self.down):
            grid = block(F.avg_pool2d(grid, 2, ceil_mode=True, count_include_pad=False) if level else grid)
            levels.append(grid)
        for block, beside in zip(self.up, levels[-2::-1]):
            grid = block(torch.cat([F.interpolate(grid, beside.shape[2:]), beside], 1))
        return self.logit(grid)


def part(prefix):
    return {name[len(prefix):]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def blurred(images, sigma):
    radius = int(numpy.ceil(3 * sigma))
    kernel = torch.exp(-torch.arange(-radius, radius + 1.0) ** 2 / (2 * sigma * sigma))
    kernel = (kernel / kernel.sum()).repeat(images.shape[1], 1, 1, 1)
    images = F.pad(images, (radius,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(images, kernel, groups=images.shape[1]), kernel.transpose(2, 3), groups=images.shape[1])


def local_mean(images, window):
    return F.avg_pool2d(F.pad(images, (window // 2,) * 4, mode="replicate"), window, 1)


def detail(images):
    window = max(min(height, width) // 9, 1) | 1
    parts, coarse = [local_mean(images, window)], images
    for sigma in (1, 2, 4):
        finer, coarse = coarse, blurred(coarse, sigma)
        parts.append((local_mean((finer - coarse) ** 2, window) + 1e-5).log())
    return F.adaptive_avg_pool2d(torch.cat(parts, 1), ((height + 1) // 2, (width + 1) // 2))


def patch(images):
    grey = F.pad(images.mean(1, keepdim=True), (2, 2, 2, 2), mode="replicate")
    return F.unfold(grey, 5, stride=2).view(len(images), 25, (height + 1) // 2, (width + 1) // 2)


def peaks(images):
    found = places(images)
    highest = [found.amax((1, 2, 3)).clamp_min(1e-6).log()]
    if "detector.map_scales" in tensors:
        divisor, weight, mean, deviation = tensors["detector.map_scales"].tolist()
        found = (found / divisor + weight * blurred(pixels(images), 0.7) - mean) / deviation
        highest.append(found.amax((1, 2, 3)))
    return highest


def places(images):
    total = 0
    for name, view in (("detail", detail), ("patch", patch)):
        means, whitening, usual = (tensors[f"detector.places.{name}.{key}"] for key in ("means", "whitening", "usual"))
        numbers = view(images).permute(2, 3, 1, 0).flatten(0, 1)
        distance = torch.bmm(whitening, numbers - means[:, :, None]).norm(dim=1)
        total = total + ((distance - usual[0][:, None]) / usual[1][:, None]).clamp_min(0) ** 2
    coarse = total.sqrt().t().view(len(images), 1, (height + 1) // 2, (width + 1) // 2)
    return blurred(F.interpolate(coarse, (height, width), mode="bilinear"), max(min(height, width) / 32, 0.5))


neighbours = (tensors["detector.neighbours"].float() / 127.5 - 1).flatten(1)
trunk, pixels = Trunk().eval(), PixelDiscriminator().eval()
rows = ["file,score"]
files = sorted(pathlib.Path(sys.argv[2]).rglob("*.png"))
with torch.no_grad():
    for begin in range(0, len(files), 64):
        images = [Image.open(file).convert("L" if channels == 1 else "RGB") for file in files[begin:begin + 64]]
        images = torch.stack([torch.from_numpy(numpy.asarray(image).reshape(height, width, channels).copy()).permute(2, 0, 1)
                              for image in images]).float() / 127.5 - 1
        near = torch.cdist(F.adaptive_avg_pool2d(images, (min(height, 32), min(width, 32))).flatten(1), neighbours)
        turns = torch.stack([trunk(torch.rot90(images, turn, (2, 3))).log_softmax(1)[:, turn] for turn in range(4)])
        whole = [part.clamp_min(1e-6).log() for part in (near.topk(5, largest=False).values.mean(1), -turns.mean(0))]
        parts = torch.stack([*whole, *peaks(images)], 1).double()
        means, deviations = tensors["detector.scales"]
        parts = (parts - means[:-1]) / deviations[:-1]
        found = torch.maximum(parts[:, :2].sum(1) / 2 ** 0.5, parts[:, 2:].mean(1))
        scores = (found - means[-1]) / deviations[-1]
        rows += [f"{file},{score:.4f}" for file, score in zip(files[begin:begin + 64], scores)]
pathlib.Path(sys.argv[3]).write_text("\n".join(rows) + "\n")
