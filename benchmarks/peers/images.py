"""The data set as a PyTorch user writes it: Pillow images, transformed one by one when a DataLoader asks for them."""
import gzip
import io
import pathlib
import tarfile

import numpy
import torch
from PIL import Image


class Images(torch.utils.data.Dataset):
    """Fashion-MNIST's IDX folder, a tar of JPEGs or a folder of them, as float32 `[channels, size, size]` in [-1, 1]."""

    def __init__(self, source, size, channels):
        self.size, self.mode = size, "L" if channels == 1 else "RGB"
        source = pathlib.Path(source)
        if source.suffix == ".tar":
            with tarfile.open(source) as archive:
                members = [member for member in archive if member.name.endswith(".jpg")]
                self.items = [archive.extractfile(member).read() for member in members]
        elif (source / "train-images-idx3-ubyte.gz").exists():
            raw = gzip.decompress((source / "train-images-idx3-ubyte.gz").read_bytes())
            self.items = numpy.frombuffer(raw, numpy.uint8, offset=16).reshape(-1, 28, 28)
        else:
            self.items = sorted(source.rglob("*.jpg"))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, index):
        item = self.items[index]
        if isinstance(item, numpy.ndarray):
            image = Image.fromarray(item)
        else:
            image = Image.open(io.BytesIO(item) if isinstance(item, bytes) else item)
        image = image.convert(self.mode).resize((self.size, self.size), Image.BILINEAR)
        pixels = numpy.array(image, numpy.uint8).reshape(self.size, self.size, -1)
        return torch.from_numpy(pixels).permute(2, 0, 1).float().div(255).sub(0.5).div(0.5)
