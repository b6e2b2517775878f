#!/usr/bin/env python3
"""Images with defects whose place is known, in the layouts of MVTec AD and LOCO: train/good, validation/good, test/good,
test/KIND, ground_truth/KIND.

    defects.py OUT

Textures are parts of BSDS500 photographs, cut into strips: normal images for training come from the outer ones, those to
hold out from the middle, those for the test from the strips between. Of Fashion-MNIST, one class is normal. Defects are made, always the same ones:
pasted (a patch of another texture or class), smooth (a blurred patch), scratch (a bright or dark line), missing (a patch
of one level).
"""
import argparse
import pathlib
import sys

import numpy
from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import BSDS500, FASHION_MNIST
from judge import RealImages

KINDS = ["pasted", "smooth", "scratch", "missing"]
TILE = 64
TRAINING, HELD_OUT, GOOD, DEFECTIVE = 600, 200, 100, 60
STRIPS = 5
#: photograph, and the part of it that is one texture: left, top, right, bottom
TEXTURES = {
    "sand": ("val/196073.jpg", (5, 5, 476, 110)),
    "earth": ("train/130034.jpg", (5, 5, 476, 130)),
    "grass": ("train/28096.jpg", (10, 130, 470, 321)),
}
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
            level = 230 if image.mean() < 140 else 25
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


def crops(photograph, box, strips, count, random):
    """Squares of TILE pixels, each inside one of the strips (of STRIPS, side by side)."""
    left, top, right, bottom = box
    width, found = (right - left) / STRIPS, []
    for i in range(count):
        begin = left + round(strips[i % len(strips)] * width)
        x, y = random.integers(begin, begin + int(width) - TILE + 1), random.integers(top, bottom - TILE + 1)
        found.append(photograph[y:y + TILE, x:x + TILE])
    return found


def make_textures(out):
    photographs = {name: numpy.asarray(Image.open(BSDS500 / file).convert("RGB")) for name, (file, _) in TEXTURES.items()}
    training, held_out, test = (0, 4), (2,), (1, 3)
    for number, (name, (_, box)) in enumerate(TEXTURES.items()):
        random = numpy.random.default_rng(number)
        others = [crop for other, (_, part) in TEXTURES.items() if other != name
                  for crop in crops(photographs[other], part, test, 30, random)]
        cut = lambda strips, count: crops(photographs[name], box, strips, count, random)
        normal = {"train": cut(training, TRAINING), "validation": cut(held_out, HELD_OUT), "test": cut(test, GOOD)}
        write(out / name, normal, cut(test, DEFECTIVE), others, random)


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
