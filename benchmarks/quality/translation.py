#!/usr/bin/env python3
"""Unpaired translation with a truth that is never shown, on CIFAR-10 (32x32): one kind are photographs, the other photographs
in other tones (`pairs.source=tone`, one fixed map of colours), other images on each side. Each recipe trains for --minutes;
then it translates test images, and its PSNR against what the map makes of them stands beside that of the images
themselves. The bar: 22 dB, and 6 dB more than the images. A sheet for the eye: build/bench/translation/sheet.png, with
the image, what each recipe makes of it, and the truth.
"""
import argparse
import io
import pathlib
import shutil
import sys
import tarfile

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import CIFAR10, WORK, evaluate, forger, report

SHOWN = 12

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--minutes", type=float, default=20)
parser.add_argument("--steps", type=int, default=0, help="train each so long instead")
parser.add_argument("--recipes", default="cyclegan,cut")
parser.add_argument("--images", type=int, default=1000, help="test images that are measured")
parser.add_argument("--settings", default="", help="of every training, as key=value, parted by spaces")
options = parser.parse_args()

TEST = CIFAR10.parent / "test.tar"


def trained(recipe):
    budget = ("--steps", options.steps) if options.steps else ("--minutes", options.minutes)
    folder = WORK / f"translation/{recipe}-{'steps' if options.steps else 'minutes'}-{budget[1]:g}"
    if not (folder / "model.safetensors").exists():
        shutil.rmtree(folder, ignore_errors=True)
        settings = ["pairs.source=tone", "pairs.direction=b2a", *options.settings.split()]
        forger("train", CIFAR10, "--recipe", recipe, *budget, "--out", folder, "--quiet",
               *(argument for setting in settings for argument in ("--set", setting)))
    return folder


def toned(image):
    """What `pairs.source=tone` makes of an image (src/data/derivation.cpp), for the sheet."""
    mix = numpy.array([[0.75, 0.25, 0], [0, 0.75, 0.25], [0.25, 0, 0.75]])
    black, white = numpy.array([0.20, 0.10, 0.05]), numpy.array([1.00, 0.90, 0.75])
    levels = black + (white - black) * (numpy.asarray(image) / 255 @ mix.T) ** 0.6
    return Image.fromarray((255 * levels).round().astype(numpy.uint8))


def shown_images():
    folder = WORK / "translation/images"
    if not folder.exists():
        folder.mkdir(parents=True)
        with tarfile.open(TEST) as archive:
            members = [member for member in archive.getmembers() if member.name.endswith(".jpg")]
            for i in range(SHOWN):
                member = members[i * len(members) // SHOWN]
                Image.open(io.BytesIO(archive.extractfile(member).read())).save(folder / f"{i:02}.png")
    return folder


images = shown_images()
names = sorted(file.name for file in images.glob("*.png"))
columns = [[Image.open(images / name) for name in names]]
rows = []
for recipe in options.recipes.split(","):
    run = trained(recipe)
    measured = evaluate(run, TEST, "--metrics", "psnr", "--count", options.images, "--direction", "b2a")
    rows.append({"": recipe, "PSNR": f"{measured['psnr']:.2f}", "of the images themselves": f"{measured['psnr of the sources']:.2f}",
                 "gain": f"{measured['psnr'] - measured['psnr of the sources']:.2f}"})
    made = WORK / f"translation/made-{recipe}"
    shutil.rmtree(made, ignore_errors=True)
    forger("translate", run, images, "--out", made)
    columns.append([Image.open(made / name) for name in names])
budget = f"{options.steps} steps" if options.steps else f"{options.minutes:g} minutes"
report(f"Photographs to photographs in other tones, CIFAR-10, without pairs, {budget}", rows)

columns.append([toned(image) for image in columns[0]])
sheet = Image.new("RGB", (len(columns) * 34, len(names) * 34), "white")
for x, column in enumerate(columns):
    for y, image in enumerate(column):
        sheet.paste(image, (34 * x, 34 * y))
sheet.resize((4 * sheet.width, 4 * sheet.height), Image.NEAREST).save(WORK / "translation/sheet.png")
print("sheet:", WORK / "translation/sheet.png", "of the image,", ", ".join(options.recipes.split(",")) + ", the truth")
