#!/usr/bin/env python3
"""Images with defects whose place is known, in the layouts of MVTec AD and LOCO: train/good, validation/good, test/good,
test/KIND, ground_truth/KIND.

    defects.py OUT

Textures are parts of BSDS500 photographs, cut into strips: normal images for training come from the outer ones, those to
hold out from the middle, those for the test from the strips between. Surfaces are scikit-image's pictures of 512x512 pixels
of brick, grass and gravel, where that is installed; they are large enough for narrow strips of training, held-out and test
images in turn. Of Fashion-MNIST, one class is normal. Defects are made, always the same ones: pasted (a patch of another
texture or class), smooth (a blurred patch), scratch (a line that is bright where the image is dark, or dark), missing (a
patch of one level).
"""
import argparse
import importlib.util
import pathlib
import sys

import numpy
from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import BSDS500, FASHION_MNIST
from judge import RealImages

KINDS = ["pasted", "smooth", "scratch", "missing"]
TRAINING, HELD_OUT, GOOD, DEFECTIVE = 600, 200, 100, 60
#: photograph, and the part of it that is one texture: left, top, right, bottom
TEXTURES = {
    "sand": ("val/196073.jpg", (5, 5, 476, 110)),
    "earth": ("train/130034.jpg", (5, 5, 476, 130)),
    "grass": ("train/28096.jpg", (10, 130, 470, 321)),
}
#: picture of scikit-image
SURFACES = {"brick": "brick", "lawn": "grass", "gravel": "gravel"}
CLOTHES = {"t-shirt": 0, "trouser": 1, "bag": 8}


def patch(random, side):
    """A random ellipse of 3 to 12 % of the image."""
    area, aspect = random.uniform(0.03, 0.12) * side * side, random.uniform(0.5, 2)
    height, width = (int(numpy.clip(numpy.sqrt(area * ratio), 4, side // 2)) for ratio in (aspect, 1 / aspect))
    top, left = random.integers(0, side - height), random.integers(0, side - width)
    y, x = numpy.mgrid[:side, :side]
    return ((y + 0.5 - top - height / 2) / (height / 2)) ** 2 + ((x + 0.5 - left - width / 2) / (width / 2)) ** 2 <= 1


def line(random, side):
    canvas = Image.new("L", (side, side))
    start, angle, length = random.integers(side // 16, side - side // 16, 2), random.uniform(0, numpy.pi), random.uniform(0.3, 0.8) * side
    end = start + length * numpy.array([numpy.cos(angle), numpy.sin(angle)])
    ImageDraw.Draw(canvas).line([tuple(start), tuple(end)], fill=255, width=int(random.integers(2, 4)) if side > 32 else 1)
    return numpy.asarray(canvas) > 0


def damaged(image, kind, other, random, on_object):
    """The image [H, W, C] with a defect, and where that is. Patches lie on the object, where there is a background."""
    side, result = image.shape[0], image.copy()
    for _ in range(100):
        mask = line(random, side) if kind == "scratch" else patch(random, side)
        if kind == "scratch":
            level = 230 if image[mask].mean() < 140 else 25
            result[mask] = (0.3 * image[mask] + 0.7 * level).astype(numpy.uint8)
        elif kind == "smooth":
            shape = image[:, :, 0] if image.shape[2] == 1 else image
            blurred = numpy.asarray(Image.fromarray(shape).filter(ImageFilter.GaussianBlur(side / 16))).reshape(image.shape)
            result[mask] = blurred[mask]
        elif kind == "missing":
            result[mask] = 0 if on_object or random.random() < 0.5 else 255
        else:
            result[mask] = other[mask]
        # What looks as before is no defect: a hole in the background, a blurred patch of one level.
        changed = numpy.abs(result.astype(int) - image).max(2)[mask].mean()
        if changed > (12 if on_object else 4) and (not on_object or (image[mask] > 20).mean() > 0.7):
            return result, mask
        result = image.copy()
    return None, None


def save(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image).save(path)


def write(folder, normal, broken, others, random, on_object=False):
    for part, images in normal.items():
        for i, image in enumerate(images):
            save(folder / f"{part}/good/{i:04}.png", image)
    for kind in KINDS:
        for i, image in enumerate(broken):
            result, mask = damaged(image, kind, others[random.integers(len(others))], random, on_object)
            if result is None:
                continue
            save(folder / f"test/{kind}/{i:04}.png", result)
            save(folder / f"ground_truth/{kind}/{i:04}_mask.png", mask.astype(numpy.uint8) * 255)


class Strips:
    """A texture `[H, W, C]` cut into vertical strips, and which of them are for what."""

    def __init__(self, texture, tile, count, training, held_out, test):
        self.texture, self.tile, self.width = texture, tile, texture.shape[1] / count
        self.training, self.held_out, self.test = training, held_out, test

    def crops(self, strips, count, random):
        """Squares of `tile` pixels, each inside one of the strips."""
        found = []
        for i in range(count):
            begin = round(strips[i % len(strips)] * self.width)
            x = random.integers(begin, begin + int(self.width) - self.tile + 1)
            y = random.integers(0, self.texture.shape[0] - self.tile + 1)
            found.append(self.texture[y:y + self.tile, x:x + self.tile])
        return found


def write_all(out, textures):
    for number, (name, strips) in enumerate(textures.items()):
        random = numpy.random.default_rng(number)
        others = [crop for other, its in textures.items() if other != name for crop in its.crops(its.test, 30, random)]
        normal = {"train": strips.crops(strips.training, TRAINING, random),
                  "validation": strips.crops(strips.held_out, HELD_OUT, random),
                  "test": strips.crops(strips.test, GOOD, random)}
        write(out / name, normal, strips.crops(strips.test, DEFECTIVE, random), others, random)


def make_textures(out):
    textures = {}
    for name, (file, (left, top, right, bottom)) in TEXTURES.items():
        photograph = numpy.asarray(Image.open(BSDS500 / file).convert("RGB"))
        textures[name] = Strips(photograph[top:bottom, left:right], 64, 5, training=(0, 4), held_out=(2,), test=(1, 3))
    write_all(out, textures)


def make_surfaces(out):
    from skimage import data
    textures = {name: Strips(getattr(data, picture)()[:, :, None], 32, 16, training=range(0, 16, 2),
                             held_out=range(1, 16, 4), test=range(3, 16, 4)) for name, picture in SURFACES.items()}
    write_all(out, textures)


def make_clothes(out):
    real = RealImages(FASHION_MNIST)
    for name, number in CLOTHES.items():
        random = numpy.random.default_rng(100 + number)
        training, test = (images[labels == number] for images, labels in (real.train, real.test))
        others = [image for image, label in zip(*real.test) if label != number][:500]
        write(out / name, {"train": training[:3000], "test": test[:GOOD]}, test[GOOD:GOOD + DEFECTIVE], others, random,
              on_object=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    out = parser.parse_args().out
    make_clothes(out)
    if BSDS500.exists():
        make_textures(out)
    if importlib.util.find_spec("skimage"):
        make_surfaces(out)
